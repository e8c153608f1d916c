//! `verify-advisory`: look from outside whether the advisory is public and names exactly the released versions.

use std::collections::BTreeSet;

use super::describe_advisory::{unlike, words};
use super::private_side::{ForkPresence, fork, stand};
use crate::github::{RepositoryAdvisoryState, RepositoryVulnerability};
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::mail::announcement::cve;
use crate::steps::output::Output;
use crate::steps::patch::lines::{known_versions, ranges, wrongly_covered};
use crate::steps::publish::answer::{then_resume_or_waive, waived};
use crate::wording::counted;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    let advisory = context.advisory()?;
    // The list of what is public, not the advisory itself, which its owners see in any state.
    let public =
        context.world.github.advisories(&advisory.repo, Some(RepositoryAdvisoryState::Published)).await?;
    let Some(found) = public.into_iter().find(|found| found.id == advisory.id) else {
        return Ok(context
            .wait_for(format!("{} among the published advisories of `{}`", advisory.id, advisory.repo)));
    };
    let mut good = vec![format!("{} is public: {}", found.id, found.url)];
    let mut bad = Vec::new();
    let wanted = ranges(context, advisory);
    match difference(&found.vulnerabilities, &wanted) {
        None => good.push(format!(
            "the ends of {} are exactly the released versions",
            counted(wanted.len(), "range")
        )),
        Some(difference) => bad.push(difference),
    }
    let known = known_versions(context, advisory);
    let wrong = wrongly_covered(&found.vulnerabilities, &known);
    if wrong.is_empty() {
        good.push(format!(
            "of {} its ranges cover exactly those that have the flaw",
            counted(known.len(), "known version")
        ));
    }
    bad.extend(wrong);
    match unlike(&found, &words(context.advisory()?)) {
        parts if parts.is_empty() => {
            good.push("its words and severity are those that were approved".to_owned())
        }
        parts => bad.push(format!("{} differ from what was approved", parts.join(", "))),
    }
    match cve(context, advisory) {
        Some(cve) if found.cve.as_ref() == Some(&cve) => good.push(format!("it is {cve}")),
        Some(cve) => bad.push(format!("it does not show {cve}")),
        None => good.push("people continued without a CVE".to_owned()),
    }
    if let Some(fork) = fork(context)? {
        match stand(context, &fork).await? {
            ForkPresence::Gone => good.push(format!("`{fork}` is deleted")),
            ForkPresence::Present | ForkPresence::Unseen => bad.push(format!("`{fork}` still exists")),
        }
    }
    Ok(verdict(context, &format!("{}", advisory.id), good, bad))
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    Err(context.only_looks())
}

/// All is well, or people fix or accept what is not.
pub(in crate::steps) fn verdict(
    context: &StepContext,
    what: &str,
    mut good: Vec<String>,
    bad: Vec<String>,
) -> Observed {
    if bad.is_empty() {
        return Observed::Done(Output::Verified(good));
    }
    if let Some(reason) = waived(context) {
        good.extend(bad.into_iter().map(|problem| format!("accepted ({reason}): {problem}")));
        return Observed::Done(Output::Verified(good));
    }
    let text = format!(
        "{what}: {}; everything that is released stays released; put it right by hand",
        bad.join("; ")
    );
    Observed::Ask(then_resume_or_waive(context, text))
}

/// What the stated ranges lack of the released versions, or state beside them.
fn difference(stated: &[RepositoryVulnerability], wanted: &[RepositoryVulnerability]) -> Option<String> {
    let ends = |all: &[RepositoryVulnerability]| -> BTreeSet<(Option<String>, String)> {
        all.iter().filter_map(|one| Some((one.package.clone(), one.patched_versions.clone()?))).collect()
    };
    let (stated, wanted) = (ends(stated), ends(wanted));
    let named = |versions: Vec<&(Option<String>, String)>| {
        versions
            .into_iter()
            .map(|(package, version)| format!("{} {version}", package.as_deref().unwrap_or("?")))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let missing = named(wanted.difference(&stated).collect());
    let extra = named(stated.difference(&wanted).collect());
    match (missing.is_empty(), extra.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("its ranges lack {missing}")),
        (true, false) => Some(format!("its ranges name {extra}, which this release did not make")),
        (false, false) => Some(format!("its ranges lack {missing} and name {extra} in place")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(patched: &str) -> RepositoryVulnerability {
        RepositoryVulnerability {
            ecosystem: "other".into(),
            package: Some("sluice".into()),
            vulnerable_version_range: None,
            patched_versions: Some(patched.into()),
        }
    }

    #[test]
    fn ranges_that_lack_a_release_or_promise_one_are_told_apart() {
        let wanted = [line("2.4.3"), line("2.3.9")];
        assert_eq!(difference(&wanted, &wanted), None);
        assert_eq!(difference(&wanted[..1], &wanted).unwrap(), "its ranges lack sluice 2.3.9");
        let more = [line("2.4.3"), line("2.3.9"), line("2.2.8")];
        assert!(difference(&more, &wanted).unwrap().contains("sluice 2.2.8"));
    }
}
