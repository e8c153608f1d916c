//! What git's protocol is written in: lines that say how long they are.
//!
//! <https://git-scm.com/docs/protocol-common>, "pkt-line Format".

/// One piece of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packet<L> {
    /// A line, without the end of a line.
    Line(L),
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

/// The first piece of a message, whose line is any bytes with their end of a line, and what is behind it; `None` if it is
/// anything else, or cut.
pub(super) fn first_packet(message: &[u8]) -> Option<(Packet<&[u8]>, &[u8])> {
    let digits = message.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    let length = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    let (piece, whole) = match length {
        0 => (Packet::Flush, 4),
        1 => (Packet::Delimiter, 4),
        4.. => (Packet::Line(message.get(4..length)?), length),
        _ => return None,
    };
    Some((piece, message.get(whole..)?))
}

/// The pieces of a message, or `None` if it is anything else, cut, or not text.
pub(super) fn packets(message: &[u8]) -> Option<Vec<Packet<&str>>> {
    let mut rest = message;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (piece, behind) = first_packet(rest)?;
        found.push(match piece {
            Packet::Line(line) => {
                let line = std::str::from_utf8(line).ok()?;
                Packet::Line(line.strip_suffix('\n').unwrap_or(line))
            }
            Packet::Flush => Packet::Flush,
            Packet::Delimiter => Packet::Delimiter,
        });
        rest = behind;
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
