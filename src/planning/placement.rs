//! Every version that the tags of a repository name, and where each was released from.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::tag_answers::{AnsweredLines, Answers, TagError, TagFault, TaggedCommits};
use super::unread::{Unread, form};
use crate::backport::{TagPlace, place_tags};
use crate::catalog::Repo;
use crate::git::{Reference, Store};
use crate::ids::{BranchName, CommitId};
use crate::numbering::{Version, version_at_end};
use crate::plan::Inputs;
use crate::snapshot::{Origin, TaggedVersion, UnreadTags};

/// A branch whose releases are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineHead {
    pub(super) branch: BranchName,
    pub(super) head: CommitId,
    pub(super) support: Support,
}

impl LineHead {
    /// A supported line that begins at this commit.
    pub(super) fn begun((branch, head): (&BranchName, &CommitId)) -> LineHead {
        LineHead { branch: branch.clone(), head: head.clone(), support: Support::Supported }
    }
}

/// Whether a line is still supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Support {
    /// It is the default branch, or among the catalog's `lines`.
    Supported,
    /// It is among the catalog's `old-lines`, or looks like a line and is in no list.
    Old,
}

/// What the tags of a repository tell.
#[derive(Debug, Default)]
pub(super) struct Tagged {
    /// The versions, oldest first.
    pub(super) versions: Vec<TaggedVersion>,
    /// What was not read.
    pub(super) unread: Vec<UnreadTags>,
}

/// The heads of a repository by name: those that the catalog supports, its old lines, and branches that are called like
/// the lines and are in no list.
pub(super) fn line_heads(repo: &Repo, refs: &BTreeMap<String, CommitId>) -> Vec<LineHead> {
    let forms: BTreeSet<String> = repo.lines.iter().map(|line| form(line.as_str())).collect();
    let is_like_a_line =
        |name: &str| name.contains(|c: char| c.is_ascii_digit()) && forms.contains(&form(name));
    let heads = refs.iter().filter_map(|(name, head)| Some((name.strip_prefix("refs/heads/")?, head)));
    let lines = heads.filter_map(|(name, head)| {
        let branch: BranchName = name.parse().ok()?;
        let support = if repo.branches().any(|known| *known == branch) {
            Support::Supported
        } else if repo.old_lines.contains(&branch) || is_like_a_line(name) {
            Support::Old
        } else {
            return None;
        };
        Some(LineHead { branch, head: head.clone(), support })
    });
    lines.collect()
}

/// Reads every tag of a repository and says where each version was released from. What the release file answers for a tag
/// counts.
///
/// # Errors
/// When an answer does not hold, or the store cannot be read.
pub(super) fn tagged(
    store: &Store,
    inputs: &Inputs,
    repo: &Repo,
    (heads, stated): (&[LineHead], BTreeMap<BranchName, Version>),
    tags: &BTreeMap<String, CommitId>,
) -> Result<Tagged, TagError> {
    let mut unread = Unread::default();
    let mut versions = TaggedCommits::new();
    for (tag, commit) in by_rule_first(inputs, repo, tags) {
        let Some(version) = inputs.version_of_tag(repo, tag) else {
            if !inputs.is_of_a_package(repo, tag) {
                unread.add(tag, why_unread(tag));
            }
            continue;
        };
        if !store.has_commit(commit) {
            unread.add(tag, "names no commit".to_owned());
        } else if let Some((first, other)) = versions.get(&version) {
            if other != commit {
                unread.add(tag, format!("is at another commit than `{first}`, which names the same version"));
            }
        } else {
            versions.insert(version, (tag.clone(), commit.clone()));
        }
    }
    let further = further_tags(inputs, repo, versions.keys());
    unread.retain(|tag| !further.contains(tag));
    for (tag, because) in moving_names(&mut versions) {
        unread.add(&tag, because);
    }
    let answered = Answers { store, inputs, repo, tags }.take(&mut versions, &mut unread)?;
    let placed = Placement { repo, heads, stated, answered }.place(store, versions)?;
    Ok(Tagged { versions: placed, unread: unread.forms() })
}

/// The tags that the catalog's rule gives these versions beside their own.
fn further_tags<'v>(
    inputs: &Inputs,
    repo: &Repo,
    versions: impl Iterator<Item = &'v Version>,
) -> BTreeSet<String> {
    let forms = inputs.release_rule(repo).map(|rule| rule.tags.as_slice()).unwrap_or_default();
    versions.flat_map(|version| forms.iter().map(|form| form.of(version))).collect()
}

/// Takes out the tags that are another name of a version with more numbers: `v1.2`, which is moved to each `v1.2.3`.
fn moving_names(versions: &mut TaggedCommits) -> Vec<(String, String)> {
    let longer_at_the_same = |version: &Version, commit: &CommitId| {
        let begins = format!("{version}.");
        let mut others = versions.iter();
        let found = others.find(|(other, (_, at))| at == commit && other.as_str().starts_with(&begins));
        found.map(|(_, (tag, _))| tag.clone())
    };
    let moving: Vec<(Version, String, String)> = versions
        .iter()
        .filter_map(|(version, (tag, commit))| {
            let other = longer_at_the_same(version, commit)?;
            Some((version.clone(), tag.clone(), format!("is another name of `{other}`")))
        })
        .collect();
    moving
        .into_iter()
        .map(|(version, tag, because)| {
            versions.remove(&version);
            (tag, because)
        })
        .collect()
}

/// Where two tags name one version, the one of today's form counts, and of these the one that says all its numbers: `v1.1` may
/// be moved to each new `v1.1.5`, and is not where 1.1.0 was released.
fn by_rule_first<'a>(
    inputs: &Inputs,
    repo: &Repo,
    tags: &'a BTreeMap<String, CommitId>,
) -> Vec<(&'a String, &'a CommitId)> {
    let scheme = inputs.scheme(repo);
    let rule = inputs.release_rule(repo);
    let mut ordered: Vec<_> = tags.iter().collect();
    ordered.sort_by_key(|(tag, _)| {
        let is_of_rule = rule.and_then(|rule| rule.version_of(tag, scheme)).is_some();
        let numbers = tag.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
        (!is_of_rule, Reverse(numbers.count()))
    });
    ordered
}

fn why_unread(tag: &str) -> String {
    match version_at_end(tag) {
        Some((before, _)) => {
            format!("begins with `{before}`, which is no form of this repository's tags that is known")
        }
        None => "names no version".to_owned(),
    }
}

/// Where versions were released from.
pub(super) struct Placement<'a> {
    pub(super) repo: &'a Repo,
    pub(super) heads: &'a [LineHead],
    /// What the branches state from which releases are made.
    pub(super) stated: BTreeMap<BranchName, Version>,
    /// What people say where no history tells.
    pub(super) answered: AnsweredLines,
}

/// What each branch states where no file does: its highest version.
fn highest(known: &[KnownOrigin<'_>]) -> BTreeMap<BranchName, Version> {
    let mut highest = BTreeMap::new();
    // Oldest first: the last one stays.
    for (version, origin) in known {
        if let Some(branch) = origin.as_ref().and_then(Origin::branch) {
            highest.insert(branch.clone(), (*version).clone());
        }
    }
    highest
}

/// A version, and what the history says of its origin.
type KnownOrigin<'a> = (&'a Version, Option<Origin>);

impl Placement<'_> {
    /// Gives each version its place, oldest first.
    ///
    /// # Errors
    /// When people say of a version what its history tells, or the store cannot be read.
    pub(super) fn place(
        mut self,
        store: &Store,
        versions: TaggedCommits,
    ) -> Result<Vec<TaggedVersion>, TagError> {
        let heads: Vec<CommitId> = self.heads.iter().map(|line| line.head.clone()).collect();
        let default = self.heads.iter().position(|line| line.branch == self.repo.default_branch);
        let tags: Vec<Reference> = versions
            .values()
            .map(|(tag, commit)| Reference { name: tag.clone(), commit: commit.clone() })
            .collect();
        let places = place_tags(store, &heads, default, &tags)?;
        let known = versions.keys().zip(&places);
        let known: Result<Vec<KnownOrigin<'_>>, TagFault> =
            known.map(|(version, place)| Ok((version, self.known(version, *place)?))).collect();
        let known = known?;
        if self.stated.is_empty() {
            self.stated = highest(&known);
        }
        let origins: Vec<Origin> =
            known.iter().map(|(version, origin)| self.origin(version, origin.as_ref(), &known)).collect();
        let placed = versions.into_iter().zip(origins);
        Ok(placed
            .map(|((version, (tag, commit)), origin)| TaggedVersion { version, tag, commit, origin })
            .collect())
    }

    /// What history says, or people where it says nothing.
    fn known(&self, version: &Version, place: TagPlace) -> Result<Option<Origin>, TagFault> {
        let by_history = self.by_history(place);
        let Some((answer, line)) = self.answered.get(version) else { return Ok(by_history) };
        if let Some(origin) = by_history {
            return Err(TagFault {
                answer: *answer,
                key: "line",
                message: format!("where {version} was released from is told by its history: {origin}"),
                hint: "remove `line`".to_owned(),
            });
        }
        let is_old = self.repo.old_lines.contains(line);
        Ok(Some(if is_old { Origin::OldLine(line.to_string()) } else { Origin::Beside(line.clone()) }))
    }

    fn by_history(&self, place: TagPlace) -> Option<Origin> {
        let (TagPlace::On(head) | TagPlace::Beside(head)) = place else { return None };
        let line = self.heads.get(head)?;
        Some(match (line.support, place) {
            (Support::Old, _) => Origin::OldLine(line.branch.to_string()),
            (Support::Supported, TagPlace::On(_)) => Origin::Branch(line.branch.clone()),
            (Support::Supported, _) => Origin::Beside(line.branch.clone()),
        })
    }

    /// Where the history says nothing, the numbers do. Where it says that the beginning of an old line is also the
    /// beginning of a newer one, the old line keeps all its versions.
    fn origin(&self, version: &Version, by_history: Option<&Origin>, all: &[KnownOrigin<'_>]) -> Origin {
        if let Some(answered) = by_history.filter(|_| self.answered.contains_key(version)) {
            return answered.clone();
        }
        if let Some(branch) = self.stating(version) {
            let states = |own: &BranchName| {
                self.stated.get(own).is_some_and(|stated| stated.is_of_the_line_of(version))
            };
            return match by_history {
                Some(origin) if origin.branch().is_some_and(states) => origin.clone(),
                // Older lines hold what was released before they parted; the numbers tell whose it is.
                Some(Origin::Branch(_)) => Origin::Branch(branch.clone()),
                _ => Origin::Beside(branch.clone()),
            };
        }
        let same_line = all.iter().filter(|(other, _)| other.is_of_the_line_of(version));
        let newest = same_line.max_by(|(one, _), (other, _)| one.cmp(other));
        match (by_history, newest, self.only_branch()) {
            (Some(Origin::OldLine(line)), ..) | (_, Some((_, Some(Origin::OldLine(line)))), _) => {
                Origin::OldLine(line.clone())
            }
            (None, _, Some(branch)) => Origin::Beside(branch.clone()),
            (Some(origin), _, Some(_)) | (Some(origin), Some((_, Some(_))), _) => origin.clone(),
            _ => Origin::OldLine(version.line()),
        }
    }

    /// The branch that states a version of the same line.
    fn stating(&self, version: &Version) -> Option<&BranchName> {
        let mut stated = self.stated.iter();
        stated.find(|(_, stated)| stated.is_of_the_line_of(version)).map(|(branch, _)| branch)
    }

    /// The one branch of a project that releases from no other.
    fn only_branch(&self) -> Option<&BranchName> {
        let mut branches = self.repo.branches();
        branches.next().filter(|_| branches.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::git::Signature;
    use crate::planning::InputFiles;

    /// A repository with a default branch, a supported line and an old one, and a release beside each.
    struct River {
        _folder: tempfile::TempDir,
        store: Store,
        tags: BTreeMap<String, CommitId>,
        heads: BTreeMap<&'static str, CommitId>,
    }

    impl River {
        fn new() -> River {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::create(&folder.path().join("r.git")).unwrap();
            River { _folder: folder, store, tags: BTreeMap::new(), heads: BTreeMap::new() }
        }

        fn commit(&mut self, on: &'static str, from: &str) -> CommitId {
            let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
            let parents: Vec<CommitId> = self.heads.get(from).cloned().into_iter().collect();
            let tree = self.store.empty_tree().unwrap();
            let message = format!("{} {}", on, self.tags.len() + self.heads.len());
            let commit = self.store.commit(&tree, &parents, &message, &who, &who).unwrap();
            self.heads.insert(on, commit.clone());
            commit
        }

        fn release(&mut self, tag: &str, on: &'static str, from: &str) {
            let commit = self.commit(on, from);
            self.tags.insert(tag.to_owned(), commit);
        }

        /// Each version with its origin, under the demo's rules for `brightwater/sluice`.
        fn placed(&self, stated: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
            self.answered(stated, "").unwrap_or_else(|error| panic!("{error}"))
        }

        /// The same, with answers of the release file; each but its `repo`.
        fn answered(
            &self,
            stated: &[(&str, &str)],
            answers: &str,
        ) -> Result<(Vec<String>, Vec<String>), TagError> {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
            let files = InputFiles::load(&folder).unwrap_or_else(|error| panic!("{error}"));
            let mut inputs = files.inputs().clone();
            let answers = answers.split_terminator('\n');
            let answers = answers.map(|answer| {
                toml::from_str(&format!("repo = 'brightwater/sluice'\n{}", answer.replace("; ", "\n")))
            });
            inputs.release.tags = answers.collect::<Result<_, _>>().unwrap();
            let inputs = &inputs;
            let repo = &inputs.catalog.repos[0];
            let refs =
                self.heads.iter().map(|(name, head)| (format!("refs/heads/{name}"), head.clone())).collect();
            let lines = line_heads(repo, &refs);
            let scheme = inputs.scheme(repo);
            let stated = stated
                .iter()
                .map(|(branch, version)| (branch.parse().unwrap(), scheme.parse(version).unwrap()))
                .collect();
            let found = tagged(&self.store, inputs, repo, (&lines, stated), &self.tags)?;
            let versions =
                found.versions.iter().map(|one| format!("{} {}", one.version, one.origin)).collect();
            Ok((versions, found.unread.iter().map(ToString::to_string).collect()))
        }
    }

    #[test]
    fn every_version_has_a_place_and_what_is_no_version_is_named() {
        let mut river = River::new();
        river.release("SLUICE-0.9.0", "main", "");
        river.commit("release/0.x", "main");
        river.release("SLUICE-0.9.1", "release/0.x", "release/0.x");
        river.release("SLUICE-2.4.0", "main", "main");
        river.commit("release/2.x", "main");
        river.release("v2.4.1", "release/2.x", "release/2.x");
        // Built files are added beside the branch.
        river.commit("release/2.x", "release/2.x");
        river.release("SLUICE-2.4.2", "built", "release/2.x");
        river.release("SLUICE-3.0.0-rc.1", "main", "main");
        river.release("nightly-2026-01-07", "main", "main");
        river.release("gate-1.2.3", "main", "main");
        // A line whose branch is gone.
        river.commit("gone", "main");
        river.release("SLUICE-2.9.1", "gone", "gone");
        river.heads.remove("gone");
        river.heads.remove("built");
        let (versions, unread) = river.placed(&[("release/2.x", "2.4.2")]);
        assert_eq!(
            versions,
            [
                "0.9.0 release/0.x, not supported",
                "0.9.1 release/0.x, not supported",
                "2.4.0 release/2.x",
                "2.4.1 release/2.x",
                "2.4.2 beside release/2.x",
                "2.9.1 2.9.x, not supported",
                "3.0.0-rc.1 main",
            ]
        );
        assert_eq!(
            unread,
            [
                "`gate-1.2.3` begins with `gate-`, which is no form of this repository's tags that is known",
                "`nightly-2026-01-07` names no version"
            ]
        );
    }

    #[test]
    fn numbers_tell_whose_a_version_is_that_several_lines_hold() {
        let mut river = River::new();
        river.release("SLUICE-1.2.0", "main", "");
        river.commit("release/1.x", "main");
        river.commit("release/2.x", "main");
        let (versions, _) = river.placed(&[("release/1.x", "1.1.7"), ("release/2.x", "1.2.0")]);
        assert_eq!(versions, ["1.2.0 release/2.x"]);
    }

    #[test]
    fn name_that_moves_with_each_release_is_no_release_of_its_own() {
        let mut river = River::new();
        river.release("SLUICE-2.4.0", "main", "");
        river.commit("release/2.x", "main");
        river.release("v2.4.1", "release/2.x", "release/2.x");
        let at = river.tags["v2.4.1"].clone();
        river.tags.insert("v2.4".to_owned(), river.tags["SLUICE-2.4.0"].clone());
        let (versions, unread) = river.placed(&[("release/2.x", "2.4.1")]);
        assert_eq!(versions, ["2.4.0 release/2.x", "2.4.1 release/2.x"]);
        assert_eq!(unread, Vec::<String>::new(), "two names of one commit are one version");
        river.tags.insert("v2.4".to_owned(), at);
        let (versions, unread) = river.placed(&[("release/2.x", "2.4.1")]);
        assert_eq!(versions, ["2.4.0 release/2.x", "2.4.1 release/2.x"]);
        assert_eq!(unread, ["`v2.4` is at another commit than `SLUICE-2.4.0`, which names the same version"]);
    }

    /// A river with one tag of an unknown form, nightly builds, and a release of a branch that is gone.
    fn odd_river() -> River {
        let mut river = River::new();
        river.release("SLUICE-2.4.0", "main", "");
        river.release("sluice_two_point_three", "main", "main");
        river.release("nightly-2026-01-07", "main", "main");
        river.release("nightly-2026-01-08", "main", "main");
        river.commit("release/2.x", "main");
        river.commit("gone", "main");
        river.release("SLUICE-2.9.1", "gone", "gone");
        river.heads.remove("gone");
        river
    }

    #[test]
    fn tag_is_what_the_release_file_answers() {
        let (versions, unread) = odd_river()
            .answered(
                &[("release/2.x", "2.4.2")],
                "name = 'sluice_two_point_three'; version = '2.3.0'\nname = 'nightly-*'; ignore = 'built each night'\n\
                 name = 'SLUICE-2.9.1'; line = 'release/2.x'",
            )
            .unwrap();
        assert_eq!(versions, ["2.3.0 release/2.x", "2.4.0 release/2.x", "2.9.1 beside release/2.x"]);
        assert_eq!(unread, Vec::<String>::new());
    }

    #[rstest::rstest]
    #[case(
        "name = 'sluice_two'; version = '2.3.0'",
        "name: `brightwater/sluice` has no tag `sluice_two`; remove the entry"
    )]
    #[case(
        "name = 'SLUICE-2.4.1'; ignore = 'x'",
        "name: `brightwater/sluice` has no tag `SLUICE-2.4.1`; did you mean `SLUICE-2.4.0`?"
    )]
    #[case(
        "name = 'SLUICE-2.4.0'; ignore = 'x'",
        "name: the tag `SLUICE-2.4.0` of `brightwater/sluice` needs no answer: it is read as 2.4.0; remove the entry, or let \
         it name fewer tags"
    )]
    #[case(
        "name = 'sluice_two_point_three'; version = '2.4.0'",
        "version: `SLUICE-2.4.0`, at another commit, names 2.4.0, too; correct the version, or let the tag be ignored with \
         `ignore` and the reason"
    )]
    #[case(
        "name = 'sluice_two_point_three'; version = 'two'",
        "version: what `sluice_two_point_three` names: `two` is not a version in dotted numbers (`scheme` in the version rule \
         names other schemes); write it as the repository's versions are written"
    )]
    #[case(
        "name = 'SLUICE-2.4.0'; line = 'release/2.x'",
        "line: where 2.4.0 was released from is told by its history: release/2.x; remove `line`"
    )]
    #[case(
        "name = 'nightly-2026-01-07'; line = 'release/2.x'",
        "line: the tag `nightly-2026-01-07` names no version that was released from a line: it names no version; write its \
         `version`, too; or let it be ignored, with `ignore` and the reason"
    )]
    fn answer_that_does_not_hold_is_refused(#[case] answer: &str, #[case] expected: &str) {
        let refused = odd_river().answered(&[("release/2.x", "2.4.2")], answer).unwrap_err();
        let TagError::Fault(fault) = refused else { panic!("{refused}") };
        assert_eq!(format!("{}: {}; {}", fault.key, fault.message, fault.hint), expected);
        assert_eq!(fault.answer, 0);
    }
}
