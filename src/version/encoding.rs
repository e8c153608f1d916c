//! The bytes of a file as text, and back without a loss.

/// How the bytes of a file are read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark, which is no part of the text.
    Utf8WithMark,
    /// UTF-16 with a byte order mark, little end first, as Visual Studio writes it.
    Utf16Little,
    /// UTF-16 with a byte order mark, big end first.
    Utf16Big,
    /// ISO 8859-1: no UTF-8, and no byte between 0x80 and 0x9F.
    Latin1,
    /// Something else of one byte a character, or a mixture. Its bytes are kept, and only ASCII can be added.
    Bytes,
}

/// A character that the encoding of a file cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{character}` cannot be written in {}", encoding.name())]
pub struct NotEncodable {
    /// The character.
    pub character: char,
    /// The encoding.
    pub encoding: Encoding,
}

impl Encoding {
    /// Reads bytes as text. Every sequence of bytes is one: what is not Unicode is taken byte by byte.
    #[must_use]
    pub fn read(bytes: Vec<u8>) -> (String, Encoding) {
        match bytes.as_slice() {
            [0xEF, 0xBB, 0xBF, rest @ ..] if std::str::from_utf8(rest).is_ok() => {
                (String::from_utf8_lossy(rest).into_owned(), Encoding::Utf8WithMark)
            }
            [0xFF, 0xFE, rest @ ..] if let Some(text) = wide(rest, u16::from_le_bytes) => {
                (text, Encoding::Utf16Little)
            }
            [0xFE, 0xFF, rest @ ..] if let Some(text) = wide(rest, u16::from_be_bytes) => {
                (text, Encoding::Utf16Big)
            }
            _ => match String::from_utf8(bytes) {
                Ok(text) => (text, Encoding::Utf8),
                Err(error) => by_byte(error.as_bytes()),
            },
        }
    }

    /// The bytes of a text in this encoding. `before` is the text that was read: what stands in it already may stay.
    ///
    /// # Errors
    /// When the text holds a character that this encoding has not.
    pub fn write(self, text: &str, before: &str) -> Result<Vec<u8>, NotEncodable> {
        match self {
            Encoding::Utf8 => Ok(text.as_bytes().to_vec()),
            Encoding::Utf8WithMark => Ok([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
            Encoding::Utf16Little => Ok(marked(text, u16::to_le_bytes)),
            Encoding::Utf16Big => Ok(marked(text, u16::to_be_bytes)),
            Encoding::Latin1 => self.narrow(text, text),
            Encoding::Bytes => self.narrow(text, before),
        }
    }

    /// A byte for each character. Those above ASCII have to be in `known`.
    fn narrow(self, text: &str, known: &str) -> Result<Vec<u8>, NotEncodable> {
        let known = |character: char| character.is_ascii() || known.contains(character);
        let byte = |character: char| {
            let byte = u8::try_from(u32::from(character)).ok().filter(|_| known(character));
            byte.ok_or(NotEncodable { character, encoding: self })
        };
        text.chars().map(byte).collect()
    }

    /// Its name, for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 | Encoding::Utf8WithMark => "UTF-8",
            Encoding::Utf16Little | Encoding::Utf16Big => "UTF-16",
            Encoding::Latin1 => "ISO 8859-1",
            Encoding::Bytes => "the encoding of this file, which is neither Unicode nor ISO 8859-1",
        }
    }
}

fn by_byte(bytes: &[u8]) -> (String, Encoding) {
    let controls = bytes.iter().any(|byte| (0x80..0xA0).contains(byte));
    let text = bytes.iter().copied().map(char::from).collect();
    (text, if controls { Encoding::Bytes } else { Encoding::Latin1 })
}

fn wide(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| read(*pair)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
}

fn marked(text: &str, write: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(write).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"J\xC3\xB6rg", Encoding::Utf8)]
    #[case(b"\xEF\xBB\xBFJ\xC3\xB6rg", Encoding::Utf8WithMark)]
    #[case(b"J\xF6rg", Encoding::Latin1)]
    #[case(b"\xFF\xFEJ\0\xF6\0r\0g\0", Encoding::Utf16Little)]
    #[case(b"\xFE\xFF\0J\0\xF6\0r\0g", Encoding::Utf16Big)]
    fn name_is_read_in_each_encoding_and_written_back(#[case] bytes: &[u8], #[case] encoding: Encoding) {
        let (text, found) = Encoding::read(bytes.to_vec());
        assert_eq!((text.as_str(), found), ("Jörg", encoding));
        let longer = encoding.write("Jörg ö", &text).unwrap();
        assert_eq!(Encoding::read(longer), ("Jörg ö".to_owned(), encoding));
    }

    #[test]
    fn what_the_encoding_lacks_is_named() {
        let (text, encoding) = Encoding::read(b"J\xF6rg".to_vec());
        let error = encoding.write("Jörg ł", &text).unwrap_err();
        assert_eq!(error.to_string(), "`ł` cannot be written in ISO 8859-1");
        let (text, encoding) = Encoding::read(b"\x80 5 \xF6".to_vec());
        assert_eq!(encoding, Encoding::Bytes, "a euro sign of Windows, or anything else");
        assert!(encoding.write("ä", &text).is_err());
        assert_eq!(encoding.write(&format!("{text}!"), &text).unwrap(), b"\x80 5 \xF6!");
    }

    proptest! {
        #[test]
        fn no_byte_is_lost(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let (text, encoding) = Encoding::read(bytes.clone());
            prop_assert_eq!(encoding.write(&text, &text).unwrap(), bytes);
        }
    }
}
