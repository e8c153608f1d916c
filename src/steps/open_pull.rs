//! `open-pull`: open the public pull request of a target's fixes.

use super::answer::{mend, soon};
use super::error::StepError;
use super::left_out::taken;
use super::output::{OpenedPull, Output};
use super::public::{after_the_gate, home, patch_branch};
use super::site::{Made, Seen, Site};
use super::stacked;
use crate::github::{Class, NewPull, Pull, PullCreation, PullState};
use crate::release::Advisory;

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let patch = stacked::patch(site)?;
    if patch.commits.is_empty() {
        return Ok(Seen::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    }
    let (repo, target) = (site.repo()?, site.target()?);
    let branch = patch_branch(site, target)?;
    match site.world.github.find_pull(&repo.name, home(repo), &branch, &target.branch).await? {
        None => Ok(Seen::Todo),
        Some(pull) if pull.state == PullState::Closed => {
            Ok(Seen::Ask(mend(format!("{} was closed without merging; open it again", pull.url))))
        }
        // GitHub learns of a push a moment later; what it will show is the branch, which was pushed as proven.
        Some(pull) => Ok(Seen::Done(opened(site, pull)?)),
    }
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let (repo, target) = (site.repo()?, site.target()?);
    let advisories: Vec<&Advisory> =
        taken(&site.plan, &site.facts, target).filter_map(|id| site.inputs().release.advisory(id)).collect();
    let default = target.branch == repo.default_branch;
    let wanted = NewPull {
        head_repo: home(repo).clone(),
        head: patch_branch(site, target)?,
        base: target.branch.clone(),
        title: title(&advisories, (!default).then_some(target.branch.as_str())),
        body: body(&advisories),
    };
    match site.world.github.create_pull(&repo.name, &wanted, &after_the_gate(site)?).await {
        Ok(PullCreation::Created(pull) | PullCreation::AlreadyExists(pull)) => {
            Ok(Made::Done(opened(site, pull)?))
        }
        Ok(PullCreation::NothingBetween) => Ok(Made::Done(Output::Skipped(stacked::NOTHING.to_owned()))),
        // GitHub sees a pushed branch a moment later.
        Err(error) if matches!(error.class, Class::PullRefInvalid { .. }) => {
            Ok(Made::Wait(soon(site, format!("GitHub to see the branch `{}`", wanted.head))))
        }
        Err(error) => Err(error.into()),
    }
}

fn opened(site: &Site, pull: Pull) -> Result<Output, StepError> {
    Ok(Output::Pull(OpenedPull {
        repo: site.repo()?.name.clone(),
        number: pull.number,
        url: pull.url,
        branch: pull.head.branch,
        head: stacked::patch(site)?.head.clone(),
    }))
}

/// One advisory gives its title, several share one; a line is named in front.
fn title(advisories: &[&Advisory], line: Option<&str>) -> String {
    let what = match advisories {
        [only] => only.summary.trim().to_owned(),
        several => format!("Fix {} security advisories", several.len()),
    };
    line.map_or(what.clone(), |line| format!("[{line}] {what}"))
}

fn body(advisories: &[&Advisory]) -> String {
    let entries = advisories.iter().map(|advisory| {
        format!(
            "* {}: https://github.com/{}/security/advisories/{}",
            advisory.summary.trim(),
            advisory.repo,
            advisory.id
        )
    });
    format!("This brings the fixes of:\n\n{}\n", entries.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advisory(summary: &str) -> Advisory {
        Advisory {
            id: "GHSA-23cf-ghjm-pqrv".parse().unwrap(),
            repo: "brightwater/sluice".parse().unwrap(),
            summary: summary.into(),
            description: String::new(),
            severity: None,
            cvss: None,
            cwes: Vec::new(),
            cve: crate::release::CveWish::None,
            reporter: None,
            credits: Vec::new(),
            collaborators: Vec::new(),
            fixes: Vec::new(),
        }
    }

    #[test]
    fn title_tells_the_line_and_the_advisory() {
        let (one, two) = (advisory("Depth is not bounded"), advisory("Other"));
        assert_eq!(title(&[&one], None), "Depth is not bounded");
        assert_eq!(title(&[&one], Some("release/2.4.x")), "[release/2.4.x] Depth is not bounded");
        assert_eq!(title(&[&one, &two], None), "Fix 2 security advisories");
        assert!(body(&[&one]).contains("sluice/security/advisories/GHSA-23cf-ghjm-pqrv"));
    }
}
