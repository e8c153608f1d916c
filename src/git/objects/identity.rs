//! Who commits, as git knows the person: by `GIT_COMMITTER_*` and by the configuration of repository, user and system.

use std::path::Path;
use std::process::Stdio;

use jiff::Timestamp;

use super::signature::Signature;
use crate::programs::local_git;

/// Whom git would name as the committer of a commit that is made now in this directory; `None` where git knows nobody.
#[must_use]
pub fn committer_in(directory: &Path) -> Option<Signature> {
    ask(directory, &[])
}

/// The same person, unless git would have guessed from the names of account and machine.
#[must_use]
pub fn configured_committer_in(directory: &Path) -> Option<Signature> {
    ask(directory, &["-c", "user.useConfigOnly=true"])
}

fn ask(directory: &Path, settings: &[&str]) -> Option<Signature> {
    let output = local_git()
        .args(settings)
        .args(["var", "GIT_COMMITTER_IDENT"])
        .current_dir(directory)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    read(&String::from_utf8_lossy(&output.stdout))
}

/// Reads `Name <address> SECONDS +HHMM`.
fn read(line: &str) -> Option<Signature> {
    let (person, time) = line.trim_end().rsplit_once("> ")?;
    let (name, email) = person.split_once(" <")?;
    let (seconds, offset) = time.split_once(' ')?;
    let offset: i32 = offset.parse().ok()?;
    Some(Signature {
        name: name.to_owned(),
        email: email.to_owned(),
        time: Timestamp::from_second(seconds.parse().ok()?).ok()?,
        offset_minutes: offset / 100 * 60 + offset % 100,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_read_with_the_time_as_git_writes_it() {
        let read = read("Žofie van Řeháková <z@example.org> 1767261600 -0330\n").unwrap();
        assert_eq!((read.name.as_str(), read.email.as_str()), ("Žofie van Řeháková", "z@example.org"));
        assert_eq!((read.time.as_second(), read.offset_minutes), (1_767_261_600, -210));
        assert_eq!(super::read("nobody"), None);
    }

    #[test]
    fn git_knows_the_committer_of_a_repository_by_its_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init(folder.path()).unwrap();
        let mut config = repository.config().unwrap();
        config.set_str("user.name", "Grace").unwrap();
        config.set_str("user.email", "grace@acme.example").unwrap();
        // Somebody's environment may name another committer, and git goes by it first.
        let by_environment =
            |name: &str, otherwise: &str| std::env::var(name).unwrap_or(otherwise.to_owned());
        let expected = (
            by_environment("GIT_COMMITTER_NAME", "Grace"),
            by_environment("GIT_COMMITTER_EMAIL", "grace@acme.example"),
        );
        for known in [committer_in(folder.path()), configured_committer_in(folder.path())] {
            let known = known.unwrap();
            assert_eq!((known.name, known.email), expected);
        }
    }
}
