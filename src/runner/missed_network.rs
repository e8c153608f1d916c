//! What failed for want of the network: told from what it printed, since its last lines are seldom those that say so.

use std::io::{BufRead, BufReader};
use std::path::Path;

/// How the usual programs and libraries say that a name cannot be looked up.
const SAYINGS: [&str; 7] = [
    "Could not resolve host",
    "Couldn't resolve host",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Temporary failure resolving",
    "getaddrinfo E",
    "failed to lookup address information",
];
const LONGEST: usize = 80;

/// What a log says of the first host that was looked for in vain; `None` if it says nothing of it, or cannot be read.
pub(super) fn missed_network(log: &Path) -> Option<String> {
    let lines = BufReader::new(std::fs::File::open(log).ok()?).split(b'\n');
    lines.map_while(Result::ok).find_map(|line| in_line(&String::from_utf8_lossy(&line)))
}

fn in_line(line: &str) -> Option<String> {
    let begin = SAYINGS.iter().filter_map(|saying| line.find(saying)).min()?;
    let said: String = line[begin..].trim_end().chars().take(LONGEST).collect();
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_speaks_of_a_host_is_told_without_what_stands_before() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let text = "-- Build\nfatal: unable to access 'https://a.example/': Could not resolve host: a.example\r\n\
                    \u{1b}[31m\nnpm ERR! getaddrinfo ENOTFOUND b.example\nCMake Error at x.cmake:39\n";
        std::fs::write(&log, text).unwrap();
        assert_eq!(missed_network(&log).as_deref(), Some("Could not resolve host: a.example"));
        std::fs::write(&log, b"\xff\xfe\nerror: 3 tests failed\n").unwrap();
        assert_eq!(missed_network(&log), None);
        assert_eq!(missed_network(&folder.path().join("gone")), None);
    }

    #[test]
    fn each_client_is_understood_and_no_more_is_told_than_it_takes() {
        let long = format!("x: Name or service not known {}", "y".repeat(200));
        for (line, said) in [
            (
                "npm error getaddrinfo EAI_AGAIN registry.example",
                Some("getaddrinfo EAI_AGAIN registry.example".len()),
            ),
            ("socket.gaierror: [Errno -3] Temporary failure in name resolution", Some(36)),
            ("  failed to lookup address information: Temporary failure in name resolution", Some(74)),
            (&long, Some(LONGEST)),
            ("the resolver could not resolve the host", None),
        ] {
            assert_eq!(in_line(line).map(|said| said.len()), said, "{line}");
        }
    }
}
