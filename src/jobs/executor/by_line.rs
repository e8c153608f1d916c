//! What a command says, line by line on its way into the log.

use std::io::{self, BufRead, BufReader, Read};

/// A longer line is looked at in pieces of this many bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// A pipe whose lines are made into others.
pub struct ByLine<R, F> {
    from: BufReader<R>,
    made: F,
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read, F: FnMut(Vec<u8>) -> Vec<u8>> ByLine<R, F> {
    /// What `from` says, each line as `made` has it, which may be nothing.
    pub fn new(from: R, made: F) -> ByLine<R, F> {
        ByLine { from: BufReader::new(from), made, ready: Vec::new(), given: 0 }
    }
}

impl<R: Read, F: FnMut(Vec<u8>) -> Vec<u8>> Read for ByLine<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            let mut line = Vec::new();
            if (&mut self.from).take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(0);
            }
            (self.ready, self.given) = ((self.made)(line), 0);
        }
        let rest = &self.ready[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_becomes_nothing_is_not_the_end() {
        let mut told = String::new();
        let made = |line: Vec<u8>| if line == b"quiet\n" { Vec::new() } else { line };
        ByLine::new("one\nquiet\nquiet\ntwo".as_bytes(), made).read_to_string(&mut told).unwrap();
        assert_eq!(told, "one\ntwo");
    }
}
