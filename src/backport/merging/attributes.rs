//! What `.gitattributes` say of merging: files that are never merged line by line although they are text, those whose lines
//! are joined, and whose line endings are git's business.
//!
//! Git reads the attributes of the branch that takes a fix, and so do we, with its macros. What `merge=union` joins is told,
//! since nobody has looked at it (BP-30). Drivers that a configuration defines are not followed.

use std::collections::BTreeMap;
use std::sync::Arc;

use git2::{Oid, Repository};

use super::attribute_lines::{AttributeLine, State, Subject, lines};
use super::endings::Endings;
use crate::git::GitError;
use crate::git::plumbing::{ById, Lookup};

/// How attributes have two versions of a file merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MergeAttribute {
    /// Line by line, as any text.
    Text,
    /// Not at all: `-merge`, `binary` or `merge=binary`.
    Never,
    /// With the lines of both sides where these disagree: `merge=union`.
    Union,
}

type Lines = Arc<Vec<AttributeLine>>;

/// Files of attributes, each read once: they are the same on most branches.
#[derive(Default)]
pub(super) struct AttributeFiles {
    /// Git's own file, which is in no tree.
    own: Option<Lines>,
    /// `None` for one that is not in this clone.
    known: ById<Option<Lines>>,
}

impl AttributeFiles {
    fn own(&mut self, repository: &Repository) -> Lines {
        let read = || std::fs::read_to_string(repository.path().join("info/attributes")).unwrap_or_default();
        Arc::clone(self.own.get_or_insert_with(|| Arc::new(lines(&read()))))
    }

    fn of(&mut self, repository: &Repository, id: Oid) -> Option<Lines> {
        let read = || {
            let blob = repository.find_blob(id).ok()?;
            Some(Arc::new(lines(&String::from_utf8_lossy(blob.content()))))
        };
        self.known.entry(id).or_insert_with(read).clone()
    }
}

/// What attributes say of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attributed {
    pub(super) merge: MergeAttribute,
    pub(super) endings: Endings,
}

impl Default for Attributed {
    fn default() -> Self {
        Attributed { merge: MergeAttribute::Text, endings: Endings::AsTheyAre }
    }
}

/// What the attributes of the branch say of merging this file.
pub(super) fn attributes_of(
    repository: &Repository,
    files: &mut AttributeFiles,
    branch: &mut Lookup<'_>,
    path: &[u8],
) -> Result<Attributed, GitError> {
    let Ok(path) = std::str::from_utf8(path) else { return Ok(Attributed::default()) };
    // The most important first: git's own file, then the directories from the file upwards.
    let mut sources = vec![Attributes { lines: files.own(repository), below: path, macros: true }];
    let slashes = path.rmatch_indices('/').map(|(at, _)| at + 1);
    for start in slashes.chain([0]) {
        let (directory, below) = path.split_at(start);
        let file = format!("{directory}.gitattributes");
        let Some(entry) = branch.file(file.as_bytes())? else { continue };
        let Some(lines) = files.of(repository, entry.id) else { continue };
        sources.push(Attributes { lines, below, macros: start == 0 });
    }
    Ok(said_of(&sources))
}

/// The attributes that are followed.
const NAMES: [&str; 4] = ["merge", "text", "crlf", "eol"];

/// One file of attributes, and the path as seen from it.
struct Attributes<'p> {
    lines: Lines,
    below: &'p str,
    /// Whether it may define macros: git takes them from the top and from its own file alone.
    macros: bool,
}

fn said_of(sources: &[Attributes<'_>]) -> Attributed {
    let mut found = Found { macros: macros(sources), states: BTreeMap::new() };
    for source in sources {
        for line in source.lines.iter().rev() {
            if found.may_learn_from(line)
                && matches!(&line.subject, Subject::Files(pattern) if pattern.matches(source.below))
            {
                found.take(&line.words);
            }
        }
    }
    Attributed { merge: found.merge(), endings: found.endings() }
}

/// The macros, with git's own; where two have one name, the more important file's, and in a file the last.
fn macros(sources: &[Attributes<'_>]) -> BTreeMap<String, Vec<(String, State)>> {
    let unset = |name: &str| (name.to_owned(), State::Unset);
    let mut macros = BTreeMap::from([("binary".to_owned(), ["diff", "merge", "text"].map(unset).to_vec())]);
    for line in sources.iter().rev().filter(|source| source.macros).flat_map(|source| source.lines.iter()) {
        if let Subject::Macro(name) = &line.subject {
            macros.insert(name.clone(), line.words.clone());
        }
    }
    macros
}

/// What is known of a path so far. What a more important line says stays.
struct Found {
    macros: BTreeMap<String, Vec<(String, State)>>,
    states: BTreeMap<String, State>,
}

impl Found {
    /// Whether a line can say anything of merging: by its name, or by a macro. The patterns of others need not be read.
    fn may_learn_from(&self, line: &AttributeLine) -> bool {
        let says = |name: &String| NAMES.contains(&name.as_str()) || self.macros.contains_key(name);
        line.words.iter().any(|(name, _)| says(name))
    }

    fn merge(&self) -> MergeAttribute {
        match self.states.get("merge") {
            Some(State::Unset) => MergeAttribute::Never,
            Some(State::Value(driver)) if driver == "binary" => MergeAttribute::Never,
            Some(State::Value(driver)) if driver == "union" => MergeAttribute::Union,
            Some(State::Value(_) | State::Set | State::Unspecified) | None => MergeAttribute::Text,
        }
    }

    /// As git's `convert_attrs` reads it: `text` before its old name `crlf`, and an `eol` makes text of what says nothing.
    fn endings(&self) -> Endings {
        let said = |name: &str| match self.states.get(name)? {
            State::Set => Some(Endings::Text),
            State::Unset => Some(Endings::AsTheyAre),
            State::Value(value) if value == "input" => Some(Endings::Text),
            State::Value(value) if value == "auto" => Some(Endings::Guessed),
            State::Value(_) | State::Unspecified => None,
        };
        let eol = || match self.states.get("eol")? {
            State::Value(value) if value == "lf" || value == "crlf" => Some(Endings::Text),
            _ => None,
        };
        said("text").or_else(|| said("crlf")).or_else(eol).unwrap_or(Endings::AsTheyAre)
    }

    /// The last word of a line counts. A macro says what it stands for where it is set.
    fn take(&mut self, words: &[(String, State)]) {
        for (name, state) in words.iter().rev() {
            if self.states.contains_key(name) {
                continue;
            }
            self.states.insert(name.clone(), state.clone());
            if let (State::Set, Some(expanded)) = (state, self.macros.get(name).cloned()) {
                self.take(&expanded);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::git::{Signature, Store};

    fn says(files: &[(&str, &str)], path: &str) -> bool {
        let sources = files.iter().rev().filter_map(|(directory, text)| {
            let below = path.strip_prefix(directory)?;
            Some(Attributes { lines: Arc::new(lines(text)), below, macros: directory.is_empty() })
        });
        said_of(&sources.collect::<Vec<_>>()).merge == MergeAttribute::Never
    }

    #[test]
    fn the_last_line_that_speaks_of_merging_counts() {
        let attributes =
            "# *.js binary\n*.min.js binary\n*.js text eol=lf\n/lib/*.js -merge\nlib/own.js merge=union\n";
        let said = |path: &str| says(&[("", attributes)], path);
        assert!(said("web/app.min.js") && said("lib/x.js"));
        assert!(!said("web/app.js"), "`text` says nothing of merging");
        assert!(!said("lib/own.js"));
        assert!(!says(&[("", "lib/ -merge\n")], "lib/x.js"), "a directory is no file");
    }

    /// Attributes of projects, and of people who know all of gitattributes(5).
    const TOP: &str = "[attr]made -diff -merge\n[attr]twice made text\n# comment\n*.lock -merge\n*.min.js binary\n\
        gen/** made\n/top.txt -merge\ndocs/*.svg binary\n**/snap/*.txt twice\na?c.bin -merge\n[a-c]x.dat -merge\n\
        [!a]y.dat -merge\n[^a]z.dat -merge\n\"with space.txt\" -merge\n\"tab\\there.txt\" -merge\n\\#hash.txt -merge\n\
        yes.lock merge\nno.lock !merge\nunbin.min.js -binary\nkept.min.js merge=union\nown.txt merge=ours\n\
        by.txt merge=binary\nlast.txt merge -merge\nlast2.txt -merge merge\ndir/ -merge\nfoo**.txt -merge\n\
        deep/**/end.txt -merge\n[[:upper:]]u.dat -merge\n   indented.txt -merge\nstill.lock -text\r\n!neg.txt -merge\n";
    const INNER: &str = "again.lock merge\n*.rs -merge\n[attr]inner -merge\nm.txt inner\n/only.txt -merge\nsub/x.txt -merge\n";
    const PATHS: [&str; 52] = [
        "Cargo.lock",
        "lib/Cargo.lock",
        "yes.lock",
        "no.lock",
        "still.lock",
        "app.min.js",
        "web/app.min.js",
        "unbin.min.js",
        "kept.min.js",
        "own.txt",
        "by.txt",
        "last.txt",
        "last2.txt",
        "gen/a.c",
        "gen/b/c.c",
        "lib/gen/a.c",
        "top.txt",
        "lib/top.txt",
        "docs/a.svg",
        "docs/b/a.svg",
        "x/docs/a.svg",
        "snap/a.txt",
        "a/b/snap/a.txt",
        "snap/b/a.txt",
        "abc.bin",
        "lib/azc.bin",
        "ac.bin",
        "ax.dat",
        "dx.dat",
        "ay.dat",
        "by.dat",
        "az.dat",
        "bz.dat",
        "with space.txt",
        "lib/with space.txt",
        "tab\there.txt",
        "#hash.txt",
        "dir/a.txt",
        "fooled.txt",
        "foo/a.txt",
        "deep/end.txt",
        "deep/a/end.txt",
        "deep/a/b/end.txt",
        "Uu.dat",
        "uu.dat",
        "indented.txt",
        "inner/again.lock",
        "inner/a.rs",
        "inner/b/a.rs",
        "inner/m.txt",
        "inner/only.txt",
        "inner/b/only.txt",
    ];

    #[test]
    fn attributes_say_what_git_says() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
        let files =
            [(".gitattributes", Some(TOP.as_bytes())), ("inner/.gitattributes", Some(INNER.as_bytes()))];
        let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
        let commit = store.commit(&tree, &[], "attributes", &who, &who).unwrap();
        let output = Command::new("git")
            .arg("--git-dir")
            .arg(store.git_dir())
            .args(["check-attr", "-z", "--source", commit.as_str(), "merge", "--"])
            .args(PATHS)
            .envs([
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("GIT_CONFIG_GLOBAL", "/dev/null"),
                ("GIT_ATTR_NOSYSTEM", "1"),
            ])
            .env("HOME", folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        let words: Vec<&str> = said.split_terminator('\0').collect();
        let gits: Vec<(&str, bool)> =
            words.chunks(3).map(|one| (one[0], matches!(one[2], "unset" | "binary"))).collect();
        assert_eq!(gits.len(), PATHS.len());
        let ours: Vec<(&str, bool)> =
            PATHS.iter().map(|path| (*path, says(&[("", TOP), ("inner/", INNER)], path))).collect();
        assert_eq!(ours, gits);
        assert!(gits.iter().filter(|(_, never)| *never).count() > 20, "the test sees both answers");
    }
}
