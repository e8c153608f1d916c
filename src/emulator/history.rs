//! Told histories: a directory of readable text from which a bare git repository is built.
//!
//! `history.toml` lists commits in order; each lays a directory of files over its branch or applies a patch.
//! Authors and dates are given, so the same text always gives the same commit ids, on every machine.

use std::path::{Path, PathBuf};

use git2::{
    Commit, Diff, ErrorCode, Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature,
    Time,
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::ids::BranchName;

/// The file that makes a directory a told history.
const FILE: &str = "history.toml";
/// Git's mode of an ordinary file.
const ORDINARY: u32 = 0o100_644;
/// Git's mode of an executable file. Modes are told, not read: a checkout on another system may have lost them.
const EXECUTABLE: u32 = 0o100_755;

/// Everything that stands in `history.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Told {
    /// Another told history that comes first, relative to this one: what a fork or a private copy begins with.
    #[serde(default)]
    begins_with: Option<PathBuf>,
    /// The commits, oldest first.
    #[serde(rename = "commit", default)]
    commits: Vec<ToldCommit>,
}

/// One commit on top of a branch.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ToldCommit {
    /// The branch that it is made on.
    branch: BranchName,
    /// The branch or tag from which a new branch starts.
    #[serde(default)]
    from: Option<BranchName>,
    /// Author and committer.
    author: Person,
    /// When, for author and committer alike.
    date: Timestamp,
    /// The message; it ends with one line break.
    message: String,
    /// A directory, relative to the history, whose files are laid over the tree.
    #[serde(default)]
    files: Option<PathBuf>,
    /// A diff as `git diff` prints it (libgit2 wants the `diff --git` lines), relative to the history, that is
    /// applied to the tree.
    #[serde(default)]
    patch: Option<PathBuf>,
    /// Paths that are removed.
    #[serde(default)]
    delete: Vec<String>,
    /// Paths that become executable; those that are stay so.
    #[serde(default)]
    executable: Vec<String>,
    /// A lightweight tag on this commit.
    #[serde(default)]
    tag: Option<String>,
}

/// A name and an address, told as `Name <address>`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Person {
    name: String,
    address: String,
}

impl TryFrom<String> for Person {
    type Error = String;

    fn try_from(text: String) -> Result<Person, String> {
        let parts = text.strip_suffix('>').and_then(|rest| rest.split_once(" <"));
        let (name, address) = parts.ok_or_else(|| format!("`{text}` is not `Name <address>`"))?;
        Ok(Person { name: name.to_owned(), address: address.to_owned() })
    }
}

/// Why a told history did not become a repository.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file could not be read.
    #[error("failed to read the told history `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not a told history.
    #[error("`{}` is not a told history: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        source: Box<toml::de::Error>,
    },
    /// It begins with a history that begins with it.
    #[error("`{}` begins with itself", path.display())]
    Circular {
        /// The file.
        path: PathBuf,
    },
    /// One entry cannot be carried out.
    #[error("`{}`, commit {number} (`{subject}`): {source}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The position of the entry, from 1.
        number: usize,
        /// The first line of its message.
        subject: String,
        /// What is wrong with it.
        source: Box<EntryError>,
    },
    /// The finished repository could not be put in its place.
    #[error("failed to put a repository at `{}`", path.display())]
    Place {
        /// Where.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The repository could not be made, or is there already.
    #[error("failed to make the repository `{}`", path.display())]
    Make {
        /// Where.
        path: PathBuf,
        /// The cause.
        source: git2::Error,
    },
}

/// Why one entry of a told history cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// `from` names what is not there yet.
    #[error("there is no branch or tag `{0}` to start from yet")]
    NoSuchStart(BranchName),
    /// The branch has no commit, and nothing says where it starts.
    #[error("the branch `{0}` has no commit yet; `from` must say which branch it starts from")]
    NoStart(BranchName),
    /// `from` is given for a branch that exists.
    #[error("the branch `{0}` exists already; `from` is only for its first commit")]
    Started(BranchName),
    /// The tree is the same as before.
    #[error("nothing changes")]
    NothingChanges,
    /// A path of `delete` or `executable` is not in the tree.
    #[error("`{0}` is not in the tree")]
    NoSuchPath(String),
    /// A file of the telling could not be read.
    #[error("failed to read `{}`: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A directory of files holds something that is neither a file nor a directory, or has no name in UTF-8.
    #[error("`{}` is not a plain file with a readable name", .0.display())]
    NotPlain(PathBuf),
    /// The patch does not apply.
    #[error("`{}` does not apply: {source}", path.display())]
    Patch {
        /// The patch.
        path: PathBuf,
        /// The cause.
        source: git2::Error,
    },
    /// Git refused the commit, the branch or the tag.
    #[error("git refused: {0}")]
    Git(#[from] git2::Error),
}

/// Whether the directory holds a told history (and not, say, a repository).
#[must_use]
pub fn is_told(directory: &Path) -> bool {
    directory.join(FILE).is_file()
}

/// Builds the bare repository `into` from the history told in the directory `told`. Its `HEAD` is the branch of
/// the first commit.
///
/// # Errors
/// With the file and the entry: something is missing, does not apply or changes nothing; or `into` exists.
pub fn build(told: &Path, into: &Path) -> Result<(), HistoryError> {
    let chapters = chapters(told)?;
    let make = |source| HistoryError::Make { path: into.to_owned(), source };
    let mut options = RepositoryInitOptions::new();
    options.bare(true).no_reinit(true).external_template(false);
    if let Some(first) = chapters.iter().find_map(|(_, told)| told.commits.first()) {
        options.initial_head(first.branch.as_str());
    }
    let repository = Repository::init_opts(into, &options).map_err(make)?;
    for (directory, told) in &chapters {
        for (index, commit) in told.commits.iter().enumerate() {
            add(&repository, directory, commit).map_err(|source| HistoryError::Entry {
                path: directory.join(FILE),
                number: index + 1,
                subject: commit.message.lines().next().unwrap_or_default().to_owned(),
                source: Box::new(source),
            })?;
        }
    }
    Ok(())
}

/// The repository that a source stands for: one built at `into` if the source is a told history, else the source
/// itself. A repository that is at `into` already is taken as it is, so that a killed rehearsal finds its world again.
///
/// # Errors
/// As [`build`].
pub fn settle(source: &Path, into: &Path) -> Result<PathBuf, HistoryError> {
    if !is_told(source) {
        return Ok(source.to_owned());
    }
    if !into.exists() {
        // Under another name until it is whole: half a history must never be taken for all of it.
        let mut half = into.as_os_str().to_owned();
        half.push(".half");
        let half = PathBuf::from(half);
        let place = |source| HistoryError::Place { path: into.to_owned(), source };
        match std::fs::remove_dir_all(&half) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(place(error)),
            _ => build(source, &half)?,
        }
        std::fs::rename(&half, into).map_err(place)?;
    }
    Ok(into.to_owned())
}

/// The histories to be told one after the other, each with its directory.
fn chapters(last: &Path) -> Result<Vec<(PathBuf, Told)>, HistoryError> {
    let mut chapters: Vec<(PathBuf, Told)> = Vec::new();
    let mut next = Some(last.to_owned());
    while let Some(directory) = next {
        let path = directory.join(FILE);
        let read = |source| HistoryError::Read { path: path.clone(), source };
        let directory = directory.canonicalize().map_err(read)?;
        if chapters.iter().any(|(seen, _)| *seen == directory) {
            return Err(HistoryError::Circular { path });
        }
        let text = std::fs::read_to_string(&path).map_err(read)?;
        let told: Told = toml::from_str(&text)
            .map_err(|source| HistoryError::Malformed { path: path.clone(), source: Box::new(source) })?;
        next = told.begins_with.as_ref().map(|earlier| directory.join(earlier));
        chapters.push((directory, told));
    }
    chapters.reverse();
    Ok(chapters)
}

fn add(repository: &Repository, directory: &Path, told: &ToldCommit) -> Result<Oid, EntryError> {
    let parent = parent(repository, told)?;
    let before = parent.as_ref().map(Commit::tree).transpose()?;
    let after = tree_after(repository, before.as_ref(), directory, told)?;
    if before.is_some_and(|before| before.id() == after) {
        return Err(EntryError::NothingChanges);
    }
    let hour = Time::new(told.date.as_second(), 0);
    let person = Signature::new(&told.author.name, &told.author.address, &hour)?;
    let message = format!("{}\n", told.message.trim_end());
    let after = repository.find_tree(after)?;
    let parents: Vec<&Commit<'_>> = parent.iter().collect();
    let made = repository.commit(None, &person, &person, &message, &after, &parents)?;
    repository.reference(&told.branch.full(), made, true, "told")?;
    if let Some(tag) = &told.tag {
        repository.reference(&format!("refs/tags/{tag}"), made, false, "told")?;
    }
    Ok(made)
}

/// The commit that the entry stands on; `None` for the very first one.
fn parent<'repo>(
    repository: &'repo Repository,
    told: &ToldCommit,
) -> Result<Option<Commit<'repo>>, EntryError> {
    match (tip(repository, &told.branch.full())?, &told.from) {
        (Some(tip), None) => Ok(Some(tip)),
        (Some(_), Some(_)) => Err(EntryError::Started(told.branch.clone())),
        (None, Some(from)) => {
            let start = match tip(repository, &from.full())? {
                Some(start) => Some(start),
                None => tip(repository, &format!("refs/tags/{from}"))?,
            };
            start.map(Some).ok_or_else(|| EntryError::NoSuchStart(from.clone()))
        }
        (None, None) if repository.references()?.next().is_none() => Ok(None),
        (None, None) => Err(EntryError::NoStart(told.branch.clone())),
    }
}

fn tip<'repo>(repository: &'repo Repository, reference: &str) -> Result<Option<Commit<'repo>>, EntryError> {
    match repository.find_reference(reference) {
        Ok(reference) => Ok(Some(reference.peel_to_commit()?)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The tree of the entry: the one before, patched, overlaid, thinned out, in this order.
fn tree_after(
    repository: &Repository,
    before: Option<&git2::Tree<'_>>,
    directory: &Path,
    told: &ToldCommit,
) -> Result<Oid, EntryError> {
    let mut index = Index::new()?;
    if let Some(before) = before {
        index.read_tree(before)?;
    }
    if let Some(patch) = &told.patch {
        index = patched(repository, &index.write_tree_to(repository)?, &directory.join(patch))?;
    }
    if let Some(files) = &told.files {
        overlay(repository, &mut index, &directory.join(files), "")?;
    }
    for path in &told.delete {
        index.get_path(Path::new(path), 0).ok_or_else(|| EntryError::NoSuchPath(path.clone()))?;
        index.remove_path(Path::new(path))?;
    }
    for path in &told.executable {
        let there = index.get_path(Path::new(path), 0);
        let entry = there.ok_or_else(|| EntryError::NoSuchPath(path.clone()))?;
        index.add(&IndexEntry { mode: EXECUTABLE, ..entry })?;
    }
    Ok(index.write_tree_to(repository)?)
}

fn patched(repository: &Repository, tree: &Oid, path: &Path) -> Result<Index, EntryError> {
    let text = std::fs::read(path).map_err(|source| EntryError::Read { path: path.to_owned(), source })?;
    let refused = |source| EntryError::Patch { path: path.to_owned(), source };
    let diff = Diff::from_buffer(&text).map_err(refused)?;
    repository.apply_to_tree(&repository.find_tree(*tree)?, &diff, None).map_err(refused)
}

/// Puts every file below `directory` into the index, at `prefix` (empty, or ending in a slash).
fn overlay(
    repository: &Repository,
    index: &mut Index,
    directory: &Path,
    prefix: &str,
) -> Result<(), EntryError> {
    let read = |path: &Path, source| EntryError::Read { path: path.to_owned(), source };
    for entry in std::fs::read_dir(directory).map_err(|source| read(directory, source))? {
        let entry = entry.map_err(|source| read(directory, source))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|source| read(&path, source))?;
        let name = entry.file_name().into_string().map_err(|_| EntryError::NotPlain(path.clone()))?;
        if kind.is_dir() {
            overlay(repository, index, &path, &format!("{prefix}{name}/"))?;
        } else if kind.is_file() {
            let content = std::fs::read(&path).map_err(|source| read(&path, source))?;
            lay(repository, index, &format!("{prefix}{name}"), &content)?;
        } else {
            return Err(EntryError::NotPlain(path));
        }
    }
    Ok(())
}

/// Writes one file; one that is there keeps its mode.
fn lay(repository: &Repository, index: &mut Index, path: &str, content: &[u8]) -> Result<(), EntryError> {
    let mode = index.get_path(Path::new(path), 0).map_or(ORDINARY, |there| there.mode);
    let never = IndexTime::new(0, 0);
    let id = repository.blob(content)?;
    index.add(&IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a told history with these files and gives its directory.
    fn tell(root: &Path, files: &[(&str, &str)]) -> PathBuf {
        for (path, text) in files {
            let path = root.join("told").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root.join("told")
    }

    fn entry(branch: &str, rest: &str) -> String {
        format!(
            "[[commit]]\nbranch = '{branch}'\nauthor = 'Ines Falk <ines@brightwater.example>'\n\
             date = '2026-03-02T09:00:00Z'\nmessage = 'a step'\n{rest}\n"
        )
    }

    const PATCH: &str = "diff --git a/run.sh b/run.sh\nindex 814f4a4..9a7456b 100755\n--- a/run.sh\n+++ b/run.sh\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n";

    #[test]
    fn same_telling_gives_the_same_commits_everywhere() {
        let root = tempfile::tempdir().unwrap();
        let text = entry("main", "files = 'start'\nexecutable = ['run.sh']\ntag = 'v1'")
            + &entry("release/1.x", "from = 'main'\npatch = 'two.patch'")
            + &entry("main", "delete = ['docs/a.md']");
        let files = [
            ("history.toml", text.as_str()),
            ("start/run.sh", "one\ntwo\n"),
            ("start/docs/a.md", "a\n"),
            ("two.patch", PATCH),
        ];
        let told = tell(root.path(), &files);
        assert!(is_told(&told));
        build(&told, &root.path().join("a.git")).unwrap();
        build(&told, &root.path().join("b.git")).unwrap();

        let made = Repository::open_bare(root.path().join("a.git")).unwrap();
        let twin = Repository::open_bare(root.path().join("b.git")).unwrap();
        for name in ["refs/heads/main", "refs/heads/release/1.x", "refs/tags/v1"] {
            let id = made.refname_to_id(name).unwrap();
            assert_eq!(id, twin.refname_to_id(name).unwrap(), "{name}");
        }
        let line = tip(&made, "refs/heads/release/1.x").unwrap().unwrap();
        let script = line.tree().unwrap().get_path(Path::new("run.sh")).unwrap();
        assert_eq!(script.filemode(), 0o100_755);
        assert_eq!(made.find_blob(script.id()).unwrap().content(), b"one\nthree\n");
        assert_eq!(line.parent_id(0).unwrap(), made.refname_to_id("refs/tags/v1").unwrap());
        let main = tip(&made, "refs/heads/main").unwrap().unwrap();
        assert!(main.tree().unwrap().get_name("docs").is_none());
        assert_eq!(made.head().unwrap().name().unwrap(), "refs/heads/main");
    }

    #[test]
    fn private_copy_begins_with_the_public_history() {
        let root = tempfile::tempdir().unwrap();
        let public = entry("main", "files = 'start'");
        let private =
            format!("begins-with = '..'\n{}", entry("fix", "from = 'main'\npatch = '../two.patch'"));
        let files = [
            ("history.toml", public.as_str()),
            ("start/run.sh", "one\ntwo\n"),
            ("two.patch", PATCH),
            ("private/history.toml", private.as_str()),
        ];
        let told = tell(root.path(), &files);
        build(&told, &root.path().join("public.git")).unwrap();
        build(&told.join("private"), &root.path().join("private.git")).unwrap();
        let public = Repository::open_bare(root.path().join("public.git")).unwrap();
        let private = Repository::open_bare(root.path().join("private.git")).unwrap();
        let fix = tip(&private, "refs/heads/fix").unwrap().unwrap();
        assert_eq!(fix.parent_id(0).unwrap(), public.refname_to_id("refs/heads/main").unwrap());
    }

    #[test]
    fn half_a_history_is_never_taken_for_all_of_it() {
        let root = tempfile::tempdir().unwrap();
        let text = entry("main", "files = 'start'");
        let told = tell(root.path(), &[("history.toml", text.as_str()), ("start/run.sh", "one\n")]);
        let into = root.path().join("a.git");
        std::fs::create_dir(root.path().join("a.git.half")).unwrap();
        assert_eq!(settle(&told, &into).unwrap(), into);
        assert_eq!(settle(&told, &into).unwrap(), into, "a second time it is only found");
        assert!(!root.path().join("a.git.half").exists());
        assert_eq!(
            settle(&into, &root.path().join("b.git")).unwrap(),
            into,
            "a repository is taken as it stands"
        );
    }

    #[test]
    fn mistakes_are_named_with_their_entry() {
        let cases = [
            (entry("line", "from = 'nowhere'\nfiles = 'start'"), "no branch or tag `nowhere`"),
            (entry("line", "files = 'start'"), "`from` must say"),
            (entry("main", "from = 'main'\nfiles = 'start'"), "exists already"),
            (entry("main", "files = 'start'"), "nothing changes"),
            (entry("main", "delete = ['gone']"), "`gone` is not in the tree"),
            (entry("main", "patch = 'wrong.patch'"), "does not apply"),
            (entry("main", "files = 'missing'"), "failed to read"),
        ];
        for (second, expected) in cases {
            let root = tempfile::tempdir().unwrap();
            let text = entry("main", "files = 'start'") + &second;
            let wrong = PATCH.replace("two", "eleven");
            let files =
                [("history.toml", text.as_str()), ("start/run.sh", "one\ntwo\n"), ("wrong.patch", &wrong)];
            let error =
                build(&tell(root.path(), &files), &root.path().join("a.git")).unwrap_err().to_string();
            assert!(error.contains("commit 2 (`a step`)") && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn history_that_begins_with_itself_or_has_unknown_keys_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let told = tell(root.path(), &[("history.toml", "begins-with = '.'\n")]);
        let error = build(&told, &root.path().join("a.git")).unwrap_err();
        assert!(matches!(error, HistoryError::Circular { .. }));
        let told = tell(root.path(), &[("history.toml", &entry("main", "fils = 'start'"))]);
        let error = build(&told, &root.path().join("a.git")).unwrap_err().to_string();
        assert!(error.contains("unknown field `fils`") && error.contains("history.toml"), "{error}");
    }

    #[rstest::rstest]
    #[case("demo", "sluice", &["fixes/sluice-nesting.patch", "fixes/sluice-names.patch"])]
    #[case("demo", "weir", &[])]
    #[case("demo", "weir-private", &[])]
    #[case("conflict", "gauge", &["fixes/gauge-numbers.patch", "resolution.patch"])]
    fn fixtures_are_told_so_that_their_fixes_stand_on_commits_that_exist(
        #[case] fixture: &str,
        #[case] name: &str,
        #[case] patches: &[&str],
    ) {
        let root = tempfile::tempdir().unwrap();
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
        build(&fixture.join("world").join(name), &root.path().join("a.git")).unwrap();
        let repository = Repository::open_bare(root.path().join("a.git")).unwrap();
        for patch in patches {
            let text = std::fs::read_to_string(fixture.join(patch)).unwrap();
            let base = text.lines().find_map(|line| line.strip_prefix("base-commit: ")).unwrap();
            assert!(repository.find_commit(Oid::from_str(base).unwrap()).is_ok(), "{patch} stands on {base}");
        }
    }
}
