//! The files of a tree, as the caller sees them.

use std::collections::BTreeMap;

use super::encoding::Encoding;
use super::error::VersionError;

/// Read access to the files of one tree: a commit, a checkout, a map in a test.
///
/// Paths are relative to the root of the repository and separated by `/`.
pub trait TreeReader {
    /// What the tree holds at this path; `None` if it has nothing there, or a folder.
    fn entry(&self, path: &str) -> Option<TreeFile>;

    /// The paths of the files that this glob matches, in any order. `*` does not cross a `/`;
    /// [`glob_matches`] decides it for implementations that only have a list.
    fn list(&self, glob: &str) -> Vec<String>;
}

/// What a tree holds at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeFile {
    /// The bytes of a file.
    File(Vec<u8>),
    /// Where a symbolic link leads, as written in it.
    Link(String),
}

/// A file of a tree as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Where it was asked for. What it says of other files counts from there, as its tools read it, wherever links lead.
    pub asked: String,
    /// Where it is, after symbolic links were followed.
    pub path: String,
    /// Its text, without a byte order mark.
    pub text: String,
    /// How its bytes are read.
    pub encoding: Encoding,
}

/// One file with its whole new content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Where, from the root of the repository. Never a symbolic link.
    pub path: String,
    /// All of its new text.
    pub content: String,
    /// The same as bytes, in the encoding that the file has.
    pub bytes: Vec<u8>,
}

impl TextFile {
    /// An empty file that is not there yet.
    #[must_use]
    pub fn new(path: &str) -> TextFile {
        TextFile {
            asked: path.to_owned(),
            path: path.to_owned(),
            text: String::new(),
            encoding: Encoding::Utf8,
        }
    }

    /// The folder that it is read in.
    #[must_use]
    pub fn folder(&self) -> &str {
        folder(&self.asked)
    }

    /// The file with another text.
    ///
    /// # Errors
    /// When the encoding of the file cannot hold it.
    pub fn with(&self, content: String) -> Result<FileChange, VersionError> {
        match self.encoding.write(&content, &self.text) {
            Ok(bytes) => Ok(FileChange { path: self.path.clone(), content, bytes }),
            Err(cause) => Err(VersionError::Encoding { path: self.path.clone(), cause }),
        }
    }
}

impl FileChange {
    /// The same change as seen from above this folder.
    pub(super) fn below(self, folder: &str) -> FileChange {
        FileChange { path: format!("{folder}/{}", self.path), ..self }
    }
}

/// The files of one folder, by their paths from there.
pub(super) struct FolderFiles<'a> {
    pub(super) files: &'a dyn TreeReader,
    pub(super) folder: &'a str,
}

impl TreeReader for FolderFiles<'_> {
    fn entry(&self, path: &str) -> Option<TreeFile> {
        self.files.entry(&format!("{}/{path}", self.folder))
    }

    fn list(&self, glob: &str) -> Vec<String> {
        let own = glob::Pattern::escape(self.folder);
        let begins = format!("{}/", self.folder);
        let found = self.files.list(&format!("{own}/{glob}"));
        found.iter().filter_map(|path| path.strip_prefix(&begins)).map(ToOwned::to_owned).collect()
    }
}

/// How many links may lead from one to another, as Linux allows.
const MOST_LINKS: usize = 40;

/// The file at this path, or where a symbolic link at it leads; `None` if there is none.
///
/// # Errors
/// A link that leads to nothing, out of the repository, or in a circle.
pub fn open(files: &dyn TreeReader, path: &str) -> Result<Option<TextFile>, VersionError> {
    let lost = |target: &str| VersionError::Link { path: path.to_owned(), target: target.to_owned() };
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        let (link, target, rest) = match files.entry(&at) {
            Some(TreeFile::File(bytes)) => {
                let (text, encoding) = Encoding::read(bytes);
                return Ok(Some(TextFile { asked: path.to_owned(), path: at, text, encoding }));
            }
            Some(TreeFile::Link(target)) => (at.clone(), target, String::new()),
            None => match linked_folder(files, &at) {
                Some(found) => found,
                None if at == path => return Ok(None),
                None => return Err(lost(&at)),
            },
        };
        at = join(folder(&link), &format!("{target}/{rest}")).ok_or_else(|| lost(&target))?;
    }
    Err(lost(&at))
}

/// The outermost folder of a path that is a symbolic link, where it leads, and the rest of the path.
fn linked_folder(files: &dyn TreeReader, path: &str) -> Option<(String, String, String)> {
    path.match_indices('/').find_map(|(slash, _)| match files.entry(&path[..slash])? {
        TreeFile::Link(target) => Some((path[..slash].to_owned(), target, path[slash + 1..].to_owned())),
        TreeFile::File(_) => None,
    })
}

/// Whether `path` matches `glob` as Cargo matches workspace members: `*` and `?` stay inside one folder,
/// `**` crosses folders. A glob that cannot be parsed matches only itself.
#[must_use]
pub fn glob_matches(glob: &str, path: &str) -> bool {
    matching(glob)(path)
}

/// The same for many paths: the glob is read once.
pub fn matching(glob: &str) -> impl Fn(&str) -> bool {
    let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
    let pattern = glob::Pattern::new(glob);
    move |path| pattern.as_ref().map_or(glob == path, |pattern| pattern.matches_with(path, options))
}

/// The folder that everything which matches a glob is in, as far as the glob names it: `crates` of `crates/*/Cargo.toml`; nothing
/// for the whole tree.
#[must_use]
pub fn folder_of(glob: &str) -> &str {
    let folder = glob.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_named = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['*', '?', '[', ']']);
    let named: usize = folder.split('/').take_while(|part| is_named(part)).map(|part| part.len() + 1).sum();
    &folder[..named.saturating_sub(1)]
}

impl TreeReader for BTreeMap<String, String> {
    fn entry(&self, path: &str) -> Option<TreeFile> {
        Some(TreeFile::File(self.get(path)?.clone().into_bytes()))
    }

    fn list(&self, glob: &str) -> Vec<String> {
        let fits = matching(glob);
        self.keys().filter(|path| fits(path)).cloned().collect()
    }
}

/// The path `relative` as seen from folder `dir`; `None` if it leaves the repository.
pub(super) fn join(dir: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a file; empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A file that has to be there.
pub(super) fn need(files: &dyn TreeReader, path: &str, expected: &str) -> Result<TextFile, VersionError> {
    open(files, path)?
        .ok_or_else(|| VersionError::Missing { path: path.to_owned(), expected: expected.to_owned() })
}

#[cfg(test)]
impl TreeReader for BTreeMap<String, TreeFile> {
    fn entry(&self, path: &str) -> Option<TreeFile> {
        self.get(path).cloned()
    }

    fn list(&self, glob: &str) -> Vec<String> {
        let fits = matching(glob);
        self.keys().filter(|path| fits(path)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linked(links: &[(&str, &str)]) -> BTreeMap<String, TreeFile> {
        let link = |(path, target): &(&str, &str)| ((*path).to_owned(), TreeFile::Link((*target).to_owned()));
        let file = ("docs/en/news.md".to_owned(), TreeFile::File(b"# News".to_vec()));
        links.iter().map(link).chain([file]).collect()
    }

    #[test]
    fn links_to_files_and_through_folders_are_followed() {
        let files = linked(&[("NEWS", "docs/latest/news.md"), ("docs/latest", "en"), ("a/b", "../NEWS")]);
        for path in ["NEWS", "docs/latest/news.md", "a/b", "docs/en/news.md"] {
            let found = open(&files, path).unwrap().unwrap();
            assert_eq!((found.path.as_str(), found.text.as_str()), ("docs/en/news.md", "# News"));
        }
        assert_eq!(open(&files, "docs/en"), Ok(None));
    }

    #[test]
    fn link_that_leads_nowhere_is_named() {
        let message = |target| open(&linked(&[("NEWS", target)]), "NEWS").unwrap_err().to_string();
        assert_eq!(message("old.md"), "`NEWS` is a symbolic link to `old.md`, which is not in the tree");
        assert!(message("../../etc/passwd").contains("`../../etc/passwd`"));
        assert!(message("NEWS").contains("symbolic link to `NEWS`"), "a link to itself");
    }

    #[test]
    fn folder_of_a_glob_ends_where_it_is_open() {
        for (glob, folder) in [
            (".github/workflows/*.yml", ".github/workflows"),
            ("crates/*/Cargo.toml", "crates"),
            ("crates/core/Cargo.toml", "crates/core"),
            ("docs/**/x-[ab]/*.md", "docs"),
            ("*.toml", ""),
            ("Cargo.toml", ""),
            ("**/Cargo.toml", ""),
            ("./crates/*", ""),
            ("/crates/*", ""),
            ("crates/../x/*", "crates"),
        ] {
            assert_eq!(folder_of(glob), folder, "{glob}");
        }
    }

    #[test]
    fn star_stays_inside_one_folder() {
        assert!(glob_matches("crates/*/Cargo.toml", "crates/a/Cargo.toml"));
        assert!(!glob_matches("crates/*/Cargo.toml", "crates/a/b/Cargo.toml"));
        assert!(glob_matches("crates/**/Cargo.toml", "crates/a/b/Cargo.toml"));
    }

    #[test]
    fn path_that_leaves_the_repository_is_none() {
        assert_eq!(join("crates/a", "../b").as_deref(), Some("crates/b"));
        assert_eq!(join("", "./crates//a/").as_deref(), Some("crates/a"));
        assert_eq!(join("crates", "../../other"), None);
        assert_eq!(join("crates", "/etc"), None);
    }
}
