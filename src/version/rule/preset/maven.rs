//! Maven: the version of a parent, of its modules, what they name of each other, and the tag under which a release is found.

use std::collections::BTreeSet;
use std::ops::Range;

use super::AtFile;
use super::xml::{Leaf, leaves};
use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader, join, need, open};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, agreeing};

/// `project/version`, or the property that it names, in a `pom.xml` and those of its modules.
pub(in crate::version::rule) struct Maven<'a>(pub(in crate::version::rule) &'a AtFile);

/// One `pom.xml`.
struct Pom {
    file: TextFile,
    leaves: Vec<Leaf>,
}

impl Pom {
    fn read(file: TextFile) -> Result<Pom, VersionError> {
        Ok(Pom { leaves: leaves(&file)?, file })
    }

    fn text(&self, leaf: &Leaf) -> &str {
        &self.file.text[leaf.range.clone()]
    }

    fn at<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Leaf> {
        self.leaves.iter().filter(move |leaf| leaf.path == path)
    }

    fn value(&self, path: &str) -> Option<&str> {
        Some(self.text(self.leaves.iter().find(|leaf| leaf.path == path)?))
    }

    /// The leaf of this name beside another.
    fn beside(&self, leaf: &Leaf, name: &str) -> Option<&str> {
        let own = |other: &&Leaf| other.parent == leaf.parent && other.path.rsplit('/').next() == Some(name);
        Some(self.text(self.leaves.iter().find(own)?))
    }

    fn artifact(&self) -> Option<&str> {
        self.value("project/artifactId")
    }

    fn modules(&self) -> impl Iterator<Item = &str> {
        let is_module = |leaf: &&Leaf| {
            leaf.path == "project/modules/module" || leaf.path.ends_with("profile/modules/module")
        };
        self.leaves.iter().filter(is_module).map(|leaf| self.text(leaf))
    }
}

impl VersionFormat for Maven<'_> {
    fn places(&self, files: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        let path = self.0.file.as_deref().unwrap_or("pom.xml");
        let root = Pom::read(need(files, path, "a Maven project")?)?;
        let scheme = self.scheme().unwrap_or(Scheme::Maven);
        let leading = leading(&root)
            .ok_or_else(|| VersionError::Absent { path: path.to_owned(), expected: unreadable(&root) })?;
        let Some(found) = agreeing(&[(&root.file, leading)], scheme) else {
            return Err(VersionError::Absent { path: path.to_owned(), expected: "`version`".to_owned() });
        };
        let mut found = found?;
        let current = found.current.to_string();
        let poms = modules(files, root)?;
        let names: BTreeSet<&str> = poms.iter().filter_map(Pom::artifact).collect();
        for pom in &poms {
            for range in own(pom, &current, &names) {
                found.add(&pom.file, range, Holds::Whole);
            }
            for range in released_tags(pom, &found.current.clone()) {
                let text = pom.file.text[range.clone()].to_owned();
                found.add(&pom.file, range, Holds::Released(text));
            }
        }
        Ok(found)
    }

    fn scheme(&self) -> Option<Scheme> {
        Some(self.0.scheme.unwrap_or(Scheme::Maven))
    }

    /// The property that stands for the version, else the first version behind the parent's.
    fn outline(&self) -> Option<Outline> {
        const PATTERN: &str =
            r"(?s)\A.*?<revision>([^<]+)</revision>|\A(?:.*</parent>)?.*?<version>([^<$]+)</version>";
        let file = self.0.file.as_deref().unwrap_or("pom.xml").to_owned();
        Some(Outline { file, patterns: vec![PATTERN.to_owned()] })
    }
}

/// The bytes of the project's version: where it stands, or in the property that stands there (`${revision}`).
fn leading(pom: &Pom) -> Option<Range<usize>> {
    let leaf = pom.at("project/version").next().or_else(|| pom.at("project/parent/version").next())?;
    let text = pom.text(leaf);
    let Some(property) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
        return Some(leaf.range.clone());
    };
    let path = format!("project/properties/{property}");
    pom.leaves.iter().find(|leaf| leaf.path == path).map(|leaf| leaf.range.clone())
}

/// What is looked for in vain, and the rule that finds what is put together (`${revision}${changelist}`).
fn unreadable(pom: &Pom) -> String {
    let leaf = pom.at("project/version").next().or_else(|| pom.at("project/parent/version").next());
    let text = leaf.map_or("", |leaf| pom.text(leaf));
    let first = text.split_once("${").and_then(|(_, rest)| rest.split_once('}')).map(|(name, _)| name);
    match first.filter(|_| text.matches("${").count() > 1) {
        Some(property) => format!(
            "single property that is the version, which is put together as `{text}`; the property with the number is raised \
             by `kind = \"regex\"`, `file = \"{}\"`, `pattern = '<{property}>(?<version>[^<]+)</{property}>'`",
            pom.file.path
        ),
        None => "`version` of the project, nor a property that it names".to_owned(),
    }
}

/// The version within the tag of `scm`, where that is the tag of a release: of the version that the project states, or, where that is
/// one in development, of an earlier release of the same major version. `HEAD` and properties stay.
fn released_tags(pom: &Pom, current: &Version) -> Vec<Range<usize>> {
    let Ok(number) = regex::Regex::new(r"[0-9]+(?:\.[0-9]+)+(?:[.-][0-9A-Za-z]+)*") else {
        return Vec::new();
    };
    let is_released = |text: &str| {
        current.scheme().parse(text).is_ok_and(|tagged| {
            let is_earlier = || tagged < *current && tagged.numbers().next() == current.numbers().next();
            tagged.as_str() == current.as_str() || current.is_prerelease() && is_earlier()
        })
    };
    let of = |leaf: &Leaf| {
        let found = number.find_iter(pom.text(leaf)).last().filter(|found| is_released(found.as_str()))?;
        Some(leaf.range.start + found.start()..leaf.range.start + found.end())
    };
    pom.at("project/scm/tag").filter_map(of).collect()
}

/// Where else this version is the project's: of a module, of its parent, and of a module that another one names.
fn own(pom: &Pom, current: &str, names: &BTreeSet<&str>) -> Vec<Range<usize>> {
    let is_ours = |leaf: &&Leaf| {
        let named = || pom.beside(leaf, "artifactId").is_some_and(|name| names.contains(name));
        let is_version = leaf.path.ends_with("/version");
        pom.text(leaf) == current
            && (leaf.path == "project/version"
                || (leaf.path == "project/parent/version" && named())
                || (is_version && leaf.path.ends_with("dependency/version") && named())
                || (is_version && leaf.path.ends_with("plugin/version") && named()))
    };
    pom.leaves.iter().filter(is_ours).map(|leaf| leaf.range.clone()).collect()
}

/// A project and all of its modules.
fn modules(files: &dyn TreeReader, root: Pom) -> Result<Vec<Pom>, VersionError> {
    let mut found = vec![root];
    let mut next = 0;
    while next < found.len() {
        let at = found[next].file.folder().to_owned();
        let names: Vec<String> = found[next].modules().map(str::to_owned).collect();
        for name in names {
            let is_file = name.ends_with(".xml");
            let path = join(&at, &if is_file { name.clone() } else { format!("{name}/pom.xml") });
            // A module that another checkout brings.
            let Some(file) = path.map(|path| open(files, &path)).transpose()?.flatten() else { continue };
            if found.iter().all(|pom| pom.file.path != file.path) {
                found.push(Pom::read(file)?);
            }
        }
        next += 1;
    }
    Ok(found)
}
