//! What a server says of a repository before a push, and what became of it after it.
//!
//! The first version of git's protocol, in which alone pushes are spoken of: <https://git-scm.com/docs/pack-protocol>, "Reference
//! Discovery" and "Report Status".

use std::collections::BTreeMap;

use git2::Oid;

use super::packet_lines::{Packet, first_packet, packets};
use super::web::{Failure, remote_lines, said};

/// What a server has.
#[derive(Debug, Default)]
pub(super) struct Advertised {
    /// Its references by full name, annotated tags at their own object.
    pub(super) references: BTreeMap<String, Oid>,
    /// Whatever it says that it has.
    pub(super) known: Vec<Oid>,
    abilities: Vec<String>,
}

/// What became of a push.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// By full name; of what was refused the reason.
    pub(super) fates: BTreeMap<String, Result<(), String>>,
    /// What git would have written to standard error.
    pub(super) stderr: String,
}

impl Advertised {
    /// Reads the answer of a server.
    pub(super) fn read(message: &[u8]) -> Result<Advertised, Failure> {
        let cut = || said("fatal: expected flush after ref listing");
        let (first, rest) = first_packet(message).ok_or_else(cut)?;
        let Packet::Line(service) = first else { return Err(said("fatal: invalid server response")) };
        if !service.starts_with(b"# service=") {
            return Err(said("fatal: invalid server response"));
        }
        let Some((Packet::Flush, mut rest)) = first_packet(rest) else { return Err(cut()) };
        let mut there = Advertised::default();
        loop {
            let (piece, behind) = first_packet(rest).ok_or_else(cut)?;
            match piece {
                Packet::Line(line) => there.take(line.strip_suffix(b"\n").unwrap_or(line))?,
                Packet::Flush => return Ok(there),
                Packet::Delimiter => return Err(cut()),
            }
            rest = behind;
        }
    }

    fn take(&mut self, line: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(line);
        if let Some(words) = text.strip_prefix("ERR ") {
            return Err(said(&format!("fatal: remote error: {words}")));
        }
        if text == "version 1" || text.starts_with("shallow ") {
            return Ok(());
        }
        let (told, abilities) = text.split_once('\0').unwrap_or((&text, ""));
        self.abilities.extend(abilities.split(' ').map(str::to_owned));
        let (id, name) = told.split_once(' ').unwrap_or((told, ""));
        // Names of objects of another kind are left to git.
        if id.len() == 64 || self.says_of("object-format").is_some_and(|format| format != "sha1") {
            return Err(Failure::NotPlain);
        }
        let id = Oid::from_str(id).ok().filter(|_| id.len() == 40 && !name.is_empty());
        let id = id.ok_or_else(|| said(&format!("fatal: protocol error: expected sha/ref, got '{told}'")))?;
        if !id.is_zero() {
            self.known.push(id);
            self.references.insert(name.to_owned(), id);
        }
        Ok(())
    }

    /// Whether the server can do this.
    pub(super) fn can(&self, ability: &str) -> bool {
        self.abilities.iter().any(|there| there == ability)
    }

    fn says_of(&self, ability: &str) -> Option<&str> {
        self.abilities.iter().find_map(|there| there.strip_prefix(ability)?.strip_prefix('='))
    }
}

impl Report {
    /// Reads the answer to a push; `on_bands` where it comes together with words for people.
    pub(super) fn read(message: &[u8], on_bands: bool) -> Result<Report, Failure> {
        let (told, mut stderr) = if on_bands { apart(message) } else { (message.to_vec(), String::new()) };
        let Some(fates) = fates(&told, &mut stderr) else {
            stderr.push_str(
                "send-pack: unexpected disconnect while reading sideband packet\n\
                 fatal: the remote end hung up unexpectedly",
            );
            return Err(said(&stderr));
        };
        Ok(Report { fates, stderr })
    }
}

/// What is for git, and what is for people.
fn apart(message: &[u8]) -> (Vec<u8>, String) {
    let (mut told, mut words, mut rest) = (Vec::new(), Vec::new(), message);
    while let Some((Packet::Line(line), behind)) = first_packet(rest) {
        match line {
            [1, data @ ..] => told.extend_from_slice(data),
            [2 | 3, text @ ..] => words.extend_from_slice(text),
            _ => break,
        }
        rest = behind;
    }
    (told, remote_lines(&String::from_utf8_lossy(&words)))
}

/// The fate of each reference, or `None` where the report is not whole.
fn fates(told: &[u8], stderr: &mut String) -> Option<BTreeMap<String, Result<(), String>>> {
    let packets = packets(told)?;
    let [Packet::Line(unpacked), references @ .., Packet::Flush] = packets.as_slice() else { return None };
    let unpacked = unpacked.strip_prefix("unpack ")?;
    if unpacked != "ok" {
        stderr.push_str(&format!("error: remote unpack failed: {unpacked}\n"));
    }
    let mut fates = BTreeMap::new();
    for reference in references {
        let Packet::Line(line) = reference else { return None };
        if let Some(name) = line.strip_prefix("ok ") {
            fates.insert(name.to_owned(), Ok(()));
        } else if let Some((name, reason)) = line.strip_prefix("ng ")?.split_once(' ') {
            fates.insert(name.to_owned(), Err(reason.to_owned()));
        }
    }
    Some(fates)
}

#[cfg(test)]
mod tests {
    use super::super::packet_lines::packet;
    use super::*;

    fn words(failure: Failure) -> String {
        match failure {
            Failure::Ended(ended) => ended.stderr,
            Failure::NotPlain => "git is asked".to_owned(),
            Failure::Silent => "silent".to_owned(),
        }
    }

    fn advertised(lines: &[&str]) -> Vec<u8> {
        let lines: String = lines.iter().map(|line| packet(line)).collect();
        format!("{}0000{lines}0000", packet("# service=git-receive-pack")).into_bytes()
    }

    #[test]
    fn what_a_server_has_and_can_is_read_from_its_list() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let first = format!("{one} refs/heads/main\0 report-status atomic object-format=sha1 agent=git/2.50");
        let there =
            advertised(&["version 1", &first, &format!("{two} refs/tags/v1"), &format!("{two} .have")]);
        let there = Advertised::read(&there).ok().unwrap();
        assert_eq!(there.references["refs/heads/main"].to_string(), one);
        assert_eq!(there.known.len(), 3);
        assert!(there.can("atomic") && !there.can("delete-refs"));
        let none = advertised(&[&format!("{} capabilities^{{}}\0report-status", "0".repeat(40))]);
        let none = Advertised::read(&none).ok().unwrap();
        assert!(none.references.is_empty() && none.known.is_empty() && none.can("report-status"));
    }

    #[test]
    fn a_list_that_is_none_is_told_in_gits_words() {
        let one = "1".repeat(40);
        let whole = advertised(&[&format!("{one} refs/heads/main\0report-status")]);
        for (bad, expected) in [
            (whole[..whole.len() - 4].to_vec(), "expected flush after ref listing"),
            (Vec::new(), "expected flush after ref listing"),
            (advertised(&["ERR Repository not found."]), "remote error: Repository not found."),
            (advertised(&["<html>"]), "protocol error"),
            (packet("nothing of the kind").into_bytes(), "invalid server response"),
            (advertised(&[&format!("{one}{} refs/heads/main", &one[..24])]), "git is asked"),
            (advertised(&[&format!("{one} refs/heads/main\0object-format=sha256")]), "git is asked"),
        ] {
            let told = words(Advertised::read(&bad).unwrap_err());
            assert!(told.contains(expected), "{told}");
        }
    }

    fn on_band(band: char, text: &str) -> String {
        format!("{:04x}{band}{text}", text.len() + 5)
    }

    #[test]
    fn a_report_is_read_with_what_the_remote_says_to_people() {
        let report =
            [packet("unpack ok"), packet("ok refs/heads/a"), packet("ng refs/heads/b hook declined")]
                .concat()
                + "0000";
        let (first, second) = report.split_at(20);
        let people = on_band('\u{2}', "GH006: no\nand no");
        let message = [on_band('\u{1}', first), people, on_band('\u{1}', second)].concat() + "0000";
        let read = Report::read(message.as_bytes(), true).ok().unwrap();
        let plain = Report::read(report.as_bytes(), false).ok().unwrap();
        assert_eq!(read.fates, plain.fates);
        assert_eq!(read.fates["refs/heads/a"], Ok(()));
        assert_eq!(read.fates["refs/heads/b"], Err("hook declined".to_owned()));
        assert_eq!(read.stderr, "remote: GH006: no\nremote: and no\n");
        for cut in ["", &message[..30], &message[..message.len() / 2]] {
            let told = words(Report::read(cut.as_bytes(), true).unwrap_err());
            assert!(told.contains("hung up unexpectedly"), "{told}");
        }
        let failed = packet("unpack index-pack failed") + &packet("ng refs/heads/a unpacker error") + "0000";
        let failed = Report::read(failed.as_bytes(), false).ok().unwrap();
        assert!(failed.stderr.contains("remote unpack failed: index-pack failed"));
    }
}
