//! `open-pull`: open the public pull request of a target's fixes.

use super::answer::{not_seen_yet, then_resume, wait_or_ask};
use super::public::{after_the_gate, home, patch_branch};
use super::reviews;
use crate::by_hand;
use crate::egress::Permit;
use crate::github::{NewPullRequest, PullCreation, PullRequest, PullState};
use crate::plan::{Plan, Target};
use crate::release::Advisory;
use crate::steps::context::{Applied, Observed, StepContext};
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::local::in_store;
use crate::steps::output::{OpenedPull, Output};
use crate::steps::patch::left_out::taken;
use crate::steps::patch::remote_head::public_head;
use crate::steps::patch::stacked;

pub(in crate::steps) async fn observe(context: &StepContext) -> Result<Observed, StepError> {
    if stacked::brings_nothing(context)? {
        return Ok(Observed::Done(Output::Skipped(stacked::NOTHING.to_owned())));
    }
    let (repo, target) = (context.repo()?, context.target()?);
    let branch = patch_branch(context, target)?;
    let (title, body) = said(&context.plan, &context.facts, target);
    match context.world.github.find_pull(&repo.name, home(repo), &branch, &target.branch).await? {
        None => Ok(Observed::Todo),
        // GitHub reopens none whose branch was deleted or moved meanwhile, and the branch is published anew.
        Some(pull) if pull.state == PullState::Closed && opened_before(context, &pull) => Ok(Observed::Todo),
        Some(pull) if pull.state == PullState::Closed => Ok(Observed::Ask(then_resume(format!(
            "{} was closed without merging; reopen it: `{}`, or open another one from `{branch}` into `{}`",
            pull.url,
            by_hand::reopen(&repo.name, pull.number),
            target.branch
        )))),
        Some(pull) if is_outdated(context, &pull, (&title, &body)) => Ok(Observed::Todo),
        Some(pull) if reviews::are_unasked(context, &pull).await? => Ok(Observed::Todo),
        // GitHub notices a push a moment later: the head to expect is the proven one that was pushed.
        Some(pull) => Ok(Observed::Done(opened(context, pull)?)),
    }
}

pub(in crate::steps) async fn apply(context: &StepContext) -> Result<Applied, StepError> {
    let (repo, target) = (context.repo()?, context.target()?);
    let (title, body) = said(&context.plan, &context.facts, target);
    let wanted = NewPullRequest {
        head_repo: home(repo).clone(),
        head: patch_branch(context, target)?,
        base: target.branch.clone(),
        title,
        body,
    };
    let permit = after_the_gate(context)?;
    match context.world.github.create_pull(&repo.name, &wanted, &permit).await {
        Ok(PullCreation::Created(pull) | PullCreation::AlreadyExists(pull)) => {
            let pull = brought_up_to_date(context, pull, &wanted, &permit).await?;
            reviews::request(context, &pull, &permit).await?;
            Ok(Applied::Done(opened(context, pull)?))
        }
        Ok(PullCreation::NothingBetween) => nothing_between(context, &wanted).await,
        Err(error) => not_seen_yet(context, error, &wanted.head),
    }
}

fn opened_before(context: &StepContext, pull: &PullRequest) -> bool {
    context.repo().is_ok_and(|repo| context.facts.opened_before(&repo.name, pull.number))
}

/// Whether it is ours of earlier, still open, and says something else. What people wrote into theirs stays.
fn is_outdated(context: &StepContext, pull: &PullRequest, (title, body): (&str, &str)) -> bool {
    pull.state == PullState::Open
        && opened_before(context, pull)
        && (pull.title.trim() != title.trim() || pull.body.trim() != body.trim())
}

async fn brought_up_to_date(
    context: &StepContext,
    pull: PullRequest,
    wanted: &NewPullRequest,
    permit: &Permit,
) -> Result<PullRequest, StepError> {
    let said = (wanted.title.as_str(), wanted.body.as_str());
    if !is_outdated(context, &pull, said) {
        return Ok(pull);
    }
    let repo = &context.repo()?.name;
    Ok(context.world.github.rewrite_pull(repo, pull.number, said, permit).await?)
}

/// The title and the text of the pull request of a target's fixes.
pub(in crate::steps) fn said(plan: &Plan, facts: &Facts, target: &Target) -> (String, String) {
    let advisories: Vec<&Advisory> =
        taken(plan, facts, target).filter_map(|id| plan.inputs.release.advisory(id)).collect();
    let repo = plan.inputs.catalog.repo(&target.repo);
    let default = repo.is_some_and(|repo| repo.default_branch == target.branch);
    (title(&advisories, (!default).then_some(target.branch.as_str())), body(plan, &advisories))
}

/// GitHub finds no commit between the branches. It says so of a head that it has not seen yet, too, and the stack has
/// commits: only git can tell that there is nothing to do. Taken at its word, GitHub once had a version released without
/// its fix.
async fn nothing_between(context: &StepContext, wanted: &NewPullRequest) -> Result<Applied, StepError> {
    let (target, stack) = (context.target()?, stacked::patch(context)?.head.clone());
    let head = public_head(context, &target.repo, &target.branch).await?;
    let is_there =
        in_store(context, &target.repo, move |store| Ok(stack == head || store.is_ancestor(&stack, &head)?))
            .await?;
    if is_there {
        let why = format!("{} holds the proven commits already", target.label());
        return Ok(Applied::Done(Output::Skipped(why)));
    }
    Ok(wait_or_ask(
        context,
        format!(
            "GitHub to see the commits of `{}` that {} lacks (it says that there are none)",
            wanted.head,
            target.label()
        ),
    ))
}

fn opened(context: &StepContext, pull: PullRequest) -> Result<Output, StepError> {
    let head = stacked::published(context)?.clone();
    Ok(Output::Pull(OpenedPull::bringing(head, &context.repo()?.name, pull)))
}

/// The title of a single advisory, or a common one; with the line in front.
fn title(advisories: &[&Advisory], line: Option<&str>) -> String {
    let what = match advisories {
        [only] => only.summary.trim().to_owned(),
        several => format!("Fix {} security advisories", several.len()),
    };
    line.map_or(what.clone(), |line| format!("[{line}] {what}"))
}

fn body(plan: &Plan, advisories: &[&Advisory]) -> String {
    let entries = advisories.iter().map(|advisory| {
        let title = advisory.summary.trim().trim_end_matches('.');
        format!("* {title}: {}", plan.inputs.advisory_page(advisory))
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
            packages: Vec::new(),
            reporter: None,
            credits: Vec::new(),
            collaborators: Vec::new(),
            fixes: Vec::new(),
        }
    }

    #[test]
    fn title_names_the_line_and_the_advisory() {
        let (one, two) = (advisory("Depth is not bounded"), advisory("Other"));
        assert_eq!(title(&[&one], None), "Depth is not bounded");
        assert_eq!(title(&[&one], Some("release/2.4.x")), "[release/2.4.x] Depth is not bounded");
        assert_eq!(title(&[&one, &two], None), "Fix 2 security advisories");
        let mut plan = crate::plan::demo_plan("github");
        let page = "brightwater/sluice/security/advisories/GHSA-23cf-ghjm-pqrv";
        assert!(
            body(&plan, &[&one]).contains(&format!("* Depth is not bounded: https://github.com/{page}\n"))
        );
        plan.inputs.catalog.endpoints.git = "https://git.acme.example/".into();
        assert!(
            body(&plan, &[&one])
                .contains(&format!("* Depth is not bounded: https://git.acme.example/{page}\n"))
        );
    }
}
