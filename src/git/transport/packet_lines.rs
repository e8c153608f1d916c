//! What git's protocol is written in: lines that say how long they are.
//!
//! <https://git-scm.com/docs/protocol-common>, "pkt-line Format".

/// One piece of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// A line, without the end of a line.
    Line(&'a str),
    /// Something ends; after the last part of it nothing follows.
    Flush,
    /// Between two parts.
    Delimiter,
}

/// A line as it is sent.
pub(super) fn packet(line: &str) -> String {
    // The length counts itself and the end of the line.
    format!("{:04x}{line}\n", line.len() + 5)
}

/// The pieces of a message, or `None` if it is anything else, cut, or not text.
pub(super) fn packets(message: &[u8]) -> Option<Vec<Packet<'_>>> {
    let mut rest = std::str::from_utf8(message).ok()?;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let digits = rest.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        let length = usize::from_str_radix(digits, 16).ok()?;
        let (piece, whole) = match length {
            0 => (Packet::Flush, 4),
            1 => (Packet::Delimiter, 4),
            5.. => {
                let line = rest.get(4..length)?;
                (Packet::Line(line.strip_suffix('\n').unwrap_or(line)), length)
            }
            _ => return None,
        };
        found.push(piece);
        rest = rest.get(whole..)?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_apart_and_none_that_is_cut() {
        let message = format!("{}0001{}0000", packet("command=ls-refs"), packet("peel"));
        assert_eq!(message, "0014command=ls-refs\n00010009peel\n0000");
        let found = packets(message.as_bytes()).unwrap();
        assert_eq!(
            found,
            [Packet::Line("command=ls-refs"), Packet::Delimiter, Packet::Line("peel"), Packet::Flush]
        );
        assert_eq!(packets(b""), Some(Vec::new()));
        for (bad, why) in [
            (&message.as_bytes()[..message.len() - 1], "cut"),
            (b"0014short\n", "shorter than it says"),
            (b"<!DOCTYPE html>", "no length"),
            (b"+005a", "no digits"),
            (b"0003", "a length that means nothing here"),
            (b"0006\xff\n", "no text"),
        ] {
            assert_eq!(packets(bad), None, "{why}");
        }
    }
}
