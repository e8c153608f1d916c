//! Places that moved with the newest release and of which no manifest tells: `const VERSION = '5.12.1'` beside a `package.json`.

use std::collections::BTreeMap;

use super::history::History;
use super::stated_rule::{StatedRule, versioning_of};
use super::tags::{ReleasedVersion, TagHabits};
use super::written::string;
use crate::git::GitError;
use crate::numbering::{Scheme, Version};
use crate::steps::TreeFiles;
use crate::version::{FileChange, Place, TreeFile, TreeReader, glob_matches, open, remaining};

/// No more rules than people read.
const MOST: usize = 6;

/// What the newest release states differently from the one before, beside the places that are known.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// What the default branch states.
    pub(super) stated: Option<Version>,
    /// Rules for the places that state it, too.
    pub(super) rules: Vec<StatedRule>,
    /// Other places, with their lines in the newest release.
    pub(super) others: Vec<String>,
}

/// A release and the one before it.
struct Releases<'a> {
    newest: &'a ReleasedVersion,
    before: &'a ReleasedVersion,
}

impl Moved {
    /// Compares the trees of the two newest releases, for a default branch that has `files` and states `stated` by these rules.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn of(
        history: &History<'_>,
        tags: &TagHabits,
        scheme: Scheme,
        (files, known, stated): (&dyn TreeReader, &[StatedRule], Option<&Version>),
    ) -> Result<Moved, GitError> {
        let Some(releases) = Releases::of(tags) else { return Ok(Moved::default()) };
        let mut moved = Moved { stated: stated.cloned(), ..Moved::default() };
        for place in releases.places(history, known, scheme)? {
            let rule = rule_of(&place, &releases.newest.version).filter(|_| moved.rules.len() < MOST);
            let read = rule.and_then(|rule| Some((rule.read(files, scheme)?, rule)));
            // Where no rule was known before, the first place that states a version of the repository leads.
            let counts = |version: &Version| match &moved.stated {
                Some(stated) => stated == version,
                None => tags.closeness(version) > 1,
            };
            match read.filter(|(version, _)| counts(version)) {
                Some((_, rule)) if moved.rules.contains(&rule) => {}
                Some((version, rule)) => {
                    moved.stated = Some(version);
                    moved.rules.push(rule);
                }
                None => moved.others.push(place.to_string()),
            }
        }
        Ok(moved)
    }
}

impl<'a> Releases<'a> {
    fn of(tags: &'a TagHabits) -> Option<Releases<'a>> {
        let newest = tags.newest().filter(|newest| !newest.version.is_prerelease())?;
        let is_earlier = |released: &&ReleasedVersion| {
            released.version.scheme() == newest.version.scheme() && !released.version.is_prerelease()
        };
        let earlier = tags.versions.iter().filter(is_earlier);
        let before = earlier.rev().find(|released| released.version < newest.version)?;
        Some(Releases { newest, before })
    }

    /// The lines that state the newest release and no rule writes, and that stated the one before in the same words.
    fn places(
        &self,
        history: &History<'_>,
        known: &[StatedRule],
        scheme: Scheme,
    ) -> Result<Vec<Place>, GitError> {
        let store = history.store;
        let [old, new] = [self.before, self.newest].map(|released| store.tree_of(&released.tag.commit));
        let (old, new) = (old?, new?);
        let paths = store.changed_paths(&old, &new)?;
        let [old, new] = [old, new].map(|tree| TreeFiles::in_tree(store, tree));
        let written = written(&new, known, (&self.newest.version, &self.before.version), scheme);
        let raised = Changed { files: &new, paths, written };
        let mut places = remaining(&raised, &self.newest.version);
        places.retain(|place| self.stood_before(&old, place));
        Ok(places)
    }

    fn stood_before(&self, old: &TreeFiles<'_>, place: &Place) -> bool {
        let line = place.line.replace(self.newest.version.as_str(), self.before.version.as_str());
        let file = open(old, &place.path).ok().flatten();
        file.is_some_and(|file| file.text.lines().any(|old| old == line))
    }
}

/// What these rules write into the tree of a release when its version becomes the one before: so all that they know is told apart.
fn written(
    files: &dyn TreeReader,
    known: &[StatedRule],
    (newest, before): (&Version, &Version),
    scheme: Scheme,
) -> BTreeMap<String, FileChange> {
    let states = |rule: &&StatedRule| rule.read(files, scheme).as_ref() == Some(newest);
    let stating: Vec<StatedRule> = known.iter().filter(states).cloned().collect();
    let changes = versioning_of(&stating, scheme).and_then(|rules| rules.write(files, before).ok());
    changes.into_iter().flatten().map(|change| (change.path.clone(), change)).collect()
}

/// The files that a release changed, with what the known rules write into them.
struct Changed<'a> {
    files: &'a TreeFiles<'a>,
    paths: Vec<String>,
    written: BTreeMap<String, FileChange>,
}

impl TreeReader for Changed<'_> {
    fn entry(&self, path: &str) -> Option<TreeFile> {
        match self.written.get(path) {
            Some(change) => Some(TreeFile::File(change.bytes.clone())),
            None => self.files.entry(path),
        }
    }

    fn list(&self, glob: &str) -> Vec<String> {
        self.paths.iter().filter(|path| glob_matches(glob, path)).cloned().collect()
    }
}

/// A rule for the text that states the version at this place, up to what closes it.
fn rule_of(place: &Place, version: &Version) -> Option<StatedRule> {
    let (before, after) = place.line.trim_start().split_once(version.as_str())?;
    let closing = after.chars().next().filter(|letter| matches!(letter, '"' | '\'' | '`' | ')' | ']'));
    let is_plain = !before.contains('{') && !after.contains(version.as_str());
    let text = format!("{before}{{version}}{}", closing.map(String::from).unwrap_or_default());
    is_plain.then(|| StatedRule::at("text", "file", &place.path).with("text", string(&text)))
}
