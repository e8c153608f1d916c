//! The version that the files of a commit state, as a script of CI finds it: links are followed, the first file of a glob
//! counts, and texts may be in UTF-16.

use std::path::{Component, Path};

use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};
use regex::Regex;

use crate::emulator::git::{object, tree_entry};
use crate::emulator::model::StoredRun;
use crate::emulator::pattern::covers;
use crate::emulator::spec::VersionSpec;
use crate::emulator::world::{EmulatedWorld, EmulatorError};

/// How many links are followed before they count as a circle.
const LINKS: usize = 8;
/// The mode of a symbolic link in a tree.
const LINK: i32 = 0o120_000;

/// The version at these places; `None` where it is not there.
pub(super) fn version_in_files(
    world: &EmulatedWorld,
    run: &StoredRun,
    spec: &VersionSpec,
) -> Result<Option<String>, EmulatorError> {
    let (git, commit) = (world.git(&run.repo)?, object(&run.head)?);
    let Some(text) = file_of(&git, commit, &spec.file).and_then(|file| read(&git, commit, file)) else {
        return Ok(None);
    };
    let parts: Option<Vec<String>> = spec.patterns.iter().map(|pattern| found(pattern, &text)).collect();
    Ok(parts.map(|parts| parts.join(&spec.joined_by)))
}

fn found(pattern: &str, text: &str) -> Option<String> {
    let pattern = Regex::new(&format!("(?mR){pattern}")).ok()?;
    let found = pattern.captures(text)?;
    Some(found.iter().skip(1).flatten().next()?.as_str().to_owned())
}

/// The file that is meant, the first in order where a glob means several.
fn file_of(git: &Repository, commit: Oid, file: &str) -> Option<String> {
    if !file.contains('*') {
        return Some(file.to_owned());
    }
    // Where `**/` stands, there may be no folder at all.
    let globs = [file.to_owned(), file.replace("**/", "")];
    let tree = git.find_commit(commit).ok()?.tree().ok()?;
    let mut files = Vec::new();
    let walked = tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        let path = format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
        if entry.kind() == Some(ObjectType::Blob) && globs.iter().any(|glob| covers(glob, &path)) {
            files.push(path);
        }
        TreeWalkResult::Ok
    });
    walked.ok()?;
    files.into_iter().min()
}

/// The text of a file, or of what a link leads to.
fn read(git: &Repository, commit: Oid, mut path: String) -> Option<String> {
    for _ in 0..LINKS {
        let (entry, mode) = tree_entry(git, commit, &path)?;
        let bytes = entry.as_blob()?.content();
        if mode != LINK {
            return Some(decoded(bytes));
        }
        path = beside(&path, std::str::from_utf8(bytes).ok()?)?;
    }
    None
}

/// Where a link leads, from the root of the repository; nowhere outside of it.
fn beside(link: &str, target: &str) -> Option<String> {
    let mut parts: Vec<String> = link.split('/').map(str::to_owned).collect();
    parts.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(parts.pop()?),
            Component::Normal(name) => parts.push(name.to_str()?.to_owned()),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// A byte order mark says which form of Unicode it is.
fn decoded(bytes: &[u8]) -> String {
    let units = |bytes: &[u8], of: fn([u8; 2]) -> u16| -> String {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_leads_to_a_file_of_the_repository_or_nowhere() {
        assert_eq!(beside("VERSION", "build/VERSION").as_deref(), Some("build/VERSION"));
        assert_eq!(beside("a/b/link", "../../c").as_deref(), Some("c"));
        assert_eq!(beside("a/link", "./b").as_deref(), Some("a/b"));
        assert_eq!((beside("link", "../c"), beside("link", "/etc/passwd")), (None, None));
    }

    #[test]
    fn text_is_read_by_its_byte_order_mark() {
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("1.2.3".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let other: Vec<u8> =
            [0xfe, 0xff].into_iter().chain("1.2.3".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [&utf16[..], &other, b"\xef\xbb\xbf1.2.3", b"1.2.3"] {
            assert_eq!(decoded(bytes), "1.2.3");
        }
    }

    #[test]
    fn first_file_of_a_glob_is_read_through_its_links() {
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init_bare(folder.path()).unwrap();
        let version = git.blob(b"VERSION = '1.2.3'\n").unwrap();
        let link = git.blob(b"../real.rb").unwrap();
        let tree_of = |entries: &[(&str, Oid, i32)]| {
            let mut builder = git.treebuilder(None).unwrap();
            for (name, id, mode) in entries {
                builder.insert(name, *id, *mode).unwrap();
            }
            builder.write().unwrap()
        };
        let pump = tree_of(&[("version.rb", link, LINK)]);
        let lib = tree_of(&[("pump", pump, 0o040_000), ("real.rb", version, 0o100_644)]);
        let root = git.find_tree(tree_of(&[("lib", lib, 0o040_000)])).unwrap();
        let who = git2::Signature::now("A", "a@example.org").unwrap();
        let commit = git.commit(None, &who, &who, "x", &root, &[]).unwrap();
        let file = file_of(&git, commit, "lib/**/version.rb").unwrap();
        assert_eq!(file, "lib/pump/version.rb");
        assert_eq!(read(&git, commit, file).as_deref(), Some("VERSION = '1.2.3'\n"));
        assert_eq!(file_of(&git, commit, "lib/**/real.rb").as_deref(), Some("lib/real.rb"));
        assert_eq!(file_of(&git, commit, "*.gemspec"), None);
    }
}
