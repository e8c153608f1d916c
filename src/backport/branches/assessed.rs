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
    let tags = tags_by_line(store, &heads)?;
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
