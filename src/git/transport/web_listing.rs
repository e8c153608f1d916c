//! Lists of references that are asked for over HTTP by ourselves: for each, git starts three processes.
//!
//! The second version of the protocol alone, with the two requests that `git ls-remote` makes for it:
//! <https://git-scm.com/docs/protocol-v2>. Only a whole list is taken. A server that speaks otherwise is left to git.

use axum::body::Body;

use super::command::GitExit;
use super::headers::Headers;
use super::listings::Patterns;
use super::packet_lines::{Packet, packet, packets};
use super::web::{Failure, Service, Talk};

/// What `git ls-remote` would have printed for these patterns, of a server that knows these commands.
pub(super) async fn list(
    talk: &Talk<'_>,
    patterns: &Patterns,
    commands: &[&str],
) -> Result<GitExit, Failure> {
    let abilities = talk.abilities(Service::UploadPack).await?;
    if !commands.iter().all(|command| can(&abilities, command)) {
        return Err(Failure::NotPlain);
    }
    let answer = talk.answer(Service::UploadPack, Body::from(question_for(patterns))).await?;
    let listed = talk.whole(answer).await?;
    let stdout = as_git_prints(&listed).ok_or(Failure::NotPlain)?;
    let of_git = Service::UploadPack.content("advertisement");
    let headers = Headers::of([("content-type", of_git.as_str())].into_iter());
    Ok(GitExit { code: Some(0), stdout, stderr: String::new(), headers })
}

/// Whether the server knows a command of the second version of the protocol, with the names of objects that we know.
fn can(abilities: &[u8], command: &str) -> bool {
    let Some(packets) = packets(abilities) else { return false };
    // GitHub names the service first, as in the first version.
    let told = match packets.as_slice() {
        [Packet::Line(service), Packet::Flush, told @ ..] if service.starts_with("# service=") => told,
        told => told,
    };
    let [Packet::Line("version 2"), able @ .., Packet::Flush] = told else { return false };
    let knows = |packet: &Packet<&str>| matches!(packet, Packet::Line(able) if ability(able) == command);
    let is_other = |packet: &Packet<&str>| match packet {
        Packet::Line(able) => ability(able) == "object-format" && *able != "object-format=sha1",
        Packet::Flush | Packet::Delimiter => true,
    };
    able.iter().any(knows) && !able.iter().any(is_other)
}

fn ability(line: &str) -> &str {
    line.split_once('=').map_or(line, |(name, _)| name)
}

/// The head is asked for as `git ls-remote` is asked for it; a pattern is a name, or the beginning of names.
fn question_for(patterns: &Patterns) -> String {
    let head = (!patterns.is_empty()).then_some("HEAD");
    let beginnings = head.into_iter().chain(patterns.iter().map(|pattern| pattern.trim_end_matches('*')));
    let beginnings: String = beginnings.map(|beginning| packet(&format!("ref-prefix {beginning}"))).collect();
    format!("{}0001{}{beginnings}0000", packet("command=ls-refs"), packet("peel"))
}

/// The lines of `git ls-remote`: of an annotated tag one for the tag, and one for what it stands for.
fn as_git_prints(listed: &[u8]) -> Option<String> {
    let packets = packets(listed)?;
    let [lines @ .., Packet::Flush] = packets.as_slice() else { return None };
    let mut printed = String::new();
    for packet in lines {
        let Packet::Line(line) = packet else { return None };
        let mut words = line.split(' ');
        let (id, name) = (words.next()?, words.next()?);
        printed.push_str(&format!("{id}\t{name}\n"));
        if let Some(peeled) = words.find_map(|word| word.strip_prefix("peeled:")) {
            printed.push_str(&format!("{peeled}\t{name}^{{}}\n"));
        }
    }
    Some(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(lines: &[&str]) -> Vec<u8> {
        format!("{}0000", lines.iter().map(|line| packet(line)).collect::<String>()).into_bytes()
    }

    #[test]
    fn only_servers_of_the_second_version_with_our_ids_are_listed_without_git() {
        let able = ["version 2", "agent=git/2.50.0", "ls-refs=unborn", "object-format=sha1"];
        assert!(can(&message(&able), "ls-refs"));
        let service = [message(&["# service=git-upload-pack"]), message(&able)].concat();
        assert!(can(&service, "ls-refs"), "GitHub");
        assert!(can(&message(&["version 2", "ls-refs"]), "ls-refs"), "a server of before other ids");
        let first = ["# service=git-upload-pack", "1234 HEAD\0symref=HEAD:refs/heads/main"];
        for other in [
            message(&first),
            message(&["version 2", "fetch=shallow"]),
            message(&["version 2", "ls-refs", "object-format=sha256"]),
            message(&able)[..30].to_vec(),
            Vec::new(),
        ] {
            assert!(!can(&other, "ls-refs"), "{}", String::from_utf8_lossy(&other));
        }
    }

    #[test]
    fn lists_are_written_as_git_prints_them_and_only_whole_ones() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let (head, tag) =
            (format!("{one} HEAD symref-target:refs/heads/main"), format!("{two} refs/tags/v1 peeled:{one}"));
        let whole = message(&[&head, &tag]);
        let printed = format!("{one}\tHEAD\n{two}\trefs/tags/v1\n{one}\trefs/tags/v1^{{}}\n");
        assert_eq!(as_git_prints(&whole), Some(printed));
        assert_eq!(as_git_prints(b"0000").as_deref(), Some(""), "an empty repository");
        for cut in [&whole[..whole.len() - 4], &whole[..60], b""] {
            assert_eq!(as_git_prints(cut), None, "{}", String::from_utf8_lossy(cut));
        }
    }

    #[test]
    fn names_and_beginnings_of_names_are_asked_for_and_everything_without_any() {
        let patterns = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let some = question_for(&patterns(&["refs/heads/main", "refs/tags/*"]));
        let lines =
            ["ref-prefix HEAD", "ref-prefix refs/heads/main", "ref-prefix refs/tags/"].map(packet).concat();
        assert_eq!(some, format!("0014command=ls-refs\n00010009peel\n{lines}0000"));
        assert_eq!(question_for(&patterns(&[])), "0014command=ls-refs\n00010009peel\n0000");
    }
}
