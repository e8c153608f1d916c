//! Which branches and released versions a vulnerability is in, with the evidence and the ranges that follow from it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::backport::affected::assess::{AssessRequest, Assessment, Assessor, Evidence, Verdict};
use crate::backport::affected::carried::{TagVerdict, tags_by_line};
use crate::git::{GitError, Reference, Store};
use crate::ids::CommitId;
use crate::numbering::{Version, VersionRange, ranges, version_at_end};

/// What was found about one branch.
#[derive(Debug, Serialize)]
pub struct AssessedBranch {
    /// Its name.
    pub branch: String,
    /// Its head.
    pub head: CommitId,
    /// What the evidence comes to. A person confirms it before it is acted on.
    pub verdict: Verdict,
    /// The evidence in words.
    pub because: Vec<String>,
    /// The evidence.
    pub evidence: Vec<Evidence>,
    /// The ranges of this line's released versions that carry it, as an advisory states them.
    pub ranges: Vec<String>,
    /// Every released tag of the line.
    pub tags: Vec<TagVerdict>,
}

/// Assesses branches and what was released from them. `began` hears of each as it is begun.
///
/// # Errors
/// When a commit is not in this repository, or it cannot be read.
pub fn assess_branches(
    store: &Store,
    (fix, introduced): (&[CommitId], &[CommitId]),
    branches: Vec<Reference>,
    began: impl Fn(&str),
) -> Result<Vec<AssessedBranch>, GitError> {
    let heads: Vec<CommitId> = branches.iter().map(|branch| branch.commit.clone()).collect();
    let default = store.resolve("HEAD").ok();
    let default = heads.iter().position(|head| Some(head) == default.as_ref());
    let tags = between_their_own(tags_by_line(store, &heads)?, default);
    let mut assessor = Assessor::new(store)?;
    let mut assessed = Vec::new();
    for (branch, tags) in branches.into_iter().zip(tags) {
        began(&branch.name);
        let (fix, introduced) = (fix.to_vec(), introduced.to_vec());
        let request = AssessRequest { fix, introduced, head: branch.commit, beneath: Vec::new() };
        let assessment = assessor.assess(&request)?;
        let tags = assessor.assess_tags(&request, &tags)?;
        assessed.push(AssessedBranch::of(branch.name, assessment, tags));
    }
    Ok(assessed)
}

impl AssessedBranch {
    fn of(branch: String, assessment: Assessment, tags: Vec<TagVerdict>) -> AssessedBranch {
        AssessedBranch {
            branch,
            head: assessment.head,
            verdict: assessment.verdict,
            because: assessment.evidence.iter().map(ToString::to_string).collect(),
            evidence: assessment.evidence,
            ranges: ranges_of(&tags),
            tags,
        }
    }

    /// The tags that carry the vulnerability, by all that is known.
    pub fn carrying(&self) -> impl Iterator<Item = &str> {
        self.tags_with(|verdict| matches!(verdict, Verdict::Affected | Verdict::Likely))
    }

    /// The tags about which the evidence says no more than "possibly".
    pub fn possibly_carrying(&self) -> impl Iterator<Item = &str> {
        self.tags_with(|verdict| verdict == Verdict::Possibly)
    }

    fn tags_with(&self, wanted: impl Fn(Verdict) -> bool) -> impl Iterator<Item = &str> {
        self.tags.iter().filter(move |tag| wanted(tag.verdict)).map(|tag| tag.tag.as_str())
    }
}

/// The tags of each line; those of the default branch of which a version stands between two of another line are given to that: it was
/// released there before the line had its branch, say.
fn between_their_own(mut lines: Vec<Vec<Reference>>, default: Option<usize>) -> Vec<Vec<Reference>> {
    let Some(default) = default else { return lines };
    let mut all: Vec<(String, Version, usize, Reference)> = Vec::new();
    for (line, tags) in lines.iter().enumerate() {
        let read = tags.iter().filter_map(|tag| {
            let (before, version) = version_at_end(&tag.name)?;
            Some((before.trim_end_matches(['v', 'V']).to_owned(), version, line, tag.clone()))
        });
        all.extend(read);
    }
    all.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    for three in all.windows(3) {
        let [below, (prefix, _, line, tag), above] = three else { continue };
        let of_one_line = below.2 == above.2 && below.2 != default;
        if *line == default && of_one_line && below.0 == *prefix && above.0 == *prefix {
            lines[default].retain(|other| other.name != tag.name);
            lines[below.2].push(tag.clone());
        }
    }
    lines
}

/// The ranges of what is released under each prefix of a tag; the prefix is named only where there are several, and a `v` is
/// none: many projects began or ceased to write it. What is possibly affected is in them: an advisory had better name a version
/// too many than one too few.
fn ranges_of(tags: &[TagVerdict]) -> Vec<String> {
    let mut releases: BTreeMap<&str, Vec<(Version, bool)>> = BTreeMap::new();
    for tag in tags {
        if let Some((prefix, version)) = version_at_end(&tag.tag) {
            let prefix = if prefix.eq_ignore_ascii_case("v") { "" } else { prefix };
            releases.entry(prefix).or_default().push((version, tag.verdict.may_carry()));
        }
    }
    let several = releases.len() > 1;
    let named = |prefix: &str, range: &VersionRange| {
        if several && !prefix.is_empty() { format!("{prefix}: {range}") } else { range.to_string() }
    };
    let of_one =
        |(prefix, versions)| ranges(versions).iter().map(|range| named(prefix, range)).collect::<Vec<_>>();
    releases.into_iter().flat_map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_between_two_of_another_line_is_of_that_line() {
        let tag =
            |name: &&str| Reference { name: (*name).to_owned(), commit: "a".repeat(40).parse().unwrap() };
        let lines = |lines: [&[&str]; 2]| lines.map(|tags| tags.iter().map(tag).collect::<Vec<_>>()).to_vec();
        let names = |lines: Vec<Vec<Reference>>| -> Vec<Vec<String>> {
            lines.into_iter().map(|tags| tags.into_iter().map(|tag| tag.name).collect()).collect()
        };
        let given =
            between_their_own(lines([&["v1.1.0", "v2.0.0", "api/v1.1.1"], &["v1.0.0", "1.2.0"]]), Some(0));
        assert_eq!(names(given), [&["v2.0.0", "api/v1.1.1"][..], &["v1.0.0", "1.2.0", "v1.1.0"]]);
        for apart in [
            lines([&["v1.3.0", "v2.0.0"], &["v1.0.0", "v1.2.0"]]),
            lines([&["v1.0.0", "v1.1.0"], &["v1.0.1"]]),
        ] {
            assert_eq!(between_their_own(apart.clone(), Some(0)), apart);
        }
    }

    #[test]
    fn tags_with_and_without_a_v_are_of_one_project_and_others_are_named() {
        let tag = |(tag, verdict): (&str, Verdict)| TagVerdict {
            tag: tag.to_owned(),
            commit: "a".repeat(40).parse().unwrap(),
            verdict,
        };
        let told = |tags: &[(&str, Verdict)]| ranges_of(&tags.iter().copied().map(tag).collect::<Vec<_>>());
        let (affected, fixed) = (Verdict::Affected, Verdict::AlreadyFixed);
        assert_eq!(
            told(&[("1.3.6", affected), ("v1.3.7", affected), ("1.4.0", fixed)]),
            [">= 1.3.6, < 1.4.0"]
        );
        let two = told(&[("v1.0.0", affected), ("api/v2.0.0", affected)]);
        assert_eq!(two, [">= 1.0.0, <= 1.0.0", "api/v: >= 2.0.0, <= 2.0.0"]);
    }
}
