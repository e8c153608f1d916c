//! Notes: their files are inside the repository, and what they begin and end with has a place.

use super::repo::Repo;
use crate::input::{InputError, KeyPart, Source};
use crate::version::NotesRule;

/// Refuses a file outside the repository, and what can stand nowhere.
pub(super) fn check(source: &Source, path: &[KeyPart<'_>], notes: &NotesRule) -> Result<(), InputError> {
    check_paths(source, path, notes)?;
    check_collection(source, path, notes)
}

/// Notes are inside the repository.
fn check_paths(source: &Source, path: &[KeyPart<'_>], notes: &NotesRule) -> Result<(), InputError> {
    let Some((keys, file)) = notes.paths().into_iter().find(|(_, file)| !is_inside(file)) else {
        return Ok(());
    };
    let mut at = path.to_vec();
    at.extend(keys.iter().map(|key| KeyPart::Key(key)));
    let message = format!("`{file}` is no file as seen from the root of the repository");
    Err(source.error_at(
        &at,
        message,
        "write it as in `docs/CHANGELOG.md`, without `..` and without a slash at its start",
    ))
}

/// The heading of the next version comes with the bump after a release, and nothing makes that by itself.
pub(super) fn check_coming(source: &Source, path: &[KeyPart<'_>], repo: &Repo) -> Result<(), InputError> {
    let is_asked_for = repo.notes.as_ref().is_some_and(|notes| notes.coming.is_some());
    let of_lines = repo.line_rules.iter().filter_map(|line| line.version.as_ref());
    let mut versions = repo.version.iter().chain(of_lines);
    if !is_asked_for || versions.any(|version| version.after_release.is_some()) {
        return Ok(());
    }
    Err(source.error_at(
        &[path, &[KeyPart::Key("coming")]].concat(),
        "the heading of the next version comes with the bump after a release, and there is none".to_owned(),
        "write what the project states after a release in `[repo.version]`: `after-release = \"{next}-dev\"`",
    ))
}

/// Whether a path stays below the root of a repository.
fn is_inside(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// What a file ends with needs a file of its own. A collection takes up the fragments of advisories, too: their type must have a section, and the release a heading.
fn check_collection(source: &Source, path: &[KeyPart<'_>], notes: &NotesRule) -> Result<(), InputError> {
    if let Some(wrong) = notes.wrong_postamble() {
        let at = [path, &[KeyPart::Key("postamble")]].concat();
        return Err(source.error_at(
            &at,
            wrong,
            "give each release a file, as with `file = \"releases/v{version}.md\"`, or leave it out",
        ));
    }
    let Some(wrong) = notes.wrong_collection() else { return Ok(()) };
    Err(source.error_at(
        &[path, &[KeyPart::Key("collect")]].concat(),
        wrong,
        "with `file = \"changes/{ghsa}.security.rst\"`, `collect` needs a type of the name `security`, and the notes a \
         `heading`",
    ))
}
