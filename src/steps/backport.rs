//! `backport`: carry the fix of one advisory to one branch, in memory; a conflict stops this target and no other.

use jiff::SignedDuration;

use super::assess::{fix_commits, is_left_out};
use super::error::StepError;
use super::facts::Decision;
use super::help::{self, Newer, Settled};
use super::local::{bring_branch, committer, in_store, made_ref};
use super::output::{Output, Patch, PatchCommit};
use super::resolution;
use super::review;
use super::site::{Made, Question, QuestionKind, Seen, Site, Wait};
use crate::git::{
    Expected, Help, Item, Merges, NewerLine, NoiseRules, Outcome, Pick, Picker, Signature, Stack,
    StackedState, Store, Touched, stack_with_help,
};
use crate::ids::{CommitId, GhsaId, Login};

/// What a conflicting backport waits for.
const NEWER_LINES: &str = "the newer lines' backports, which may settle the conflict here";
/// How long until it looks again: they are made on this machine.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);

pub(super) async fn observe(site: &Site) -> Result<Seen, StepError> {
    let waits = site.facts.waiting_since.contains_key(&site.step.name);
    if waits && help::newer(site)? == Newer::UnderWay {
        return Ok(Seen::Wait(a_moment(site)));
    }
    // Local and repeatable: the same fix on the same head gives the same commits.
    Ok(Seen::Todo)
}

pub(super) async fn apply(site: &Site) -> Result<Made, StepError> {
    let target = site.target()?;
    let advisory = site.advisory_id()?.clone();
    let base = site.facts.base(target).clone();
    bring_branch(site, &target.repo, &target.branch, &base).await?;
    if is_left_out(site, target, &advisory) {
        return Ok(Made::Done(Output::Patch(nothing(site, base).await?)));
    }
    let commits = fix_commits(site)?;
    let resolved = match site.facts.decisions.get(&site.step.name) {
        Some(Decision::Resolved { commit }) => Some(commit.clone()),
        _ => resolution::pushed(site).await?,
    };
    let newer = help::newer(site)?;
    let helpers = match newer {
        Newer::UnderWay => Helpers::default(),
        Newer::Settled => Helpers {
            newer: help::made_by_newer(site)?,
            settled: help::settled_elsewhere(site)?,
            afresh: help::written_afresh(site)?,
        },
    };
    let noise = help::noise(site)?;
    let by = site.facts.decided_by.get(&site.step.name).map_or("a person", Login::as_str).to_owned();
    let committer = committer(&site.plan);
    let kept = made_ref(site);
    let made = in_store(site, &target.repo, move |store| {
        let work = Work {
            store,
            advisory: &advisory,
            commits: &commits,
            committer: &committer,
            by: &by,
            helpers,
            noise,
        };
        let carried = work.carry(&base, resolved.as_ref())?;
        if let Carried::All(patch) = &carried {
            store.set_ref(&kept, &patch.head, &Expected::Anything, "backport")?;
        }
        Ok(carried)
    })
    .await?;
    Ok(match (made, newer) {
        (Carried::All(patch), _) => Made::Done(Output::Patch(patch)),
        // Half of the help would make the result a matter of luck.
        (Carried::Conflict(_), Newer::UnderWay) => Made::Wait(a_moment(site)),
        (Carried::Conflict(conflict), Newer::Settled) => Made::Ask(question(site, &conflict)),
    })
}

/// The patch of a branch that people left out.
async fn nothing(site: &Site, base: CommitId) -> Result<Patch, StepError> {
    let review = vec![format!("{} was left out of it as not affected", site.target_subject())];
    let head = base.clone();
    let tree = in_store(site, &site.repo()?.name, move |store| Ok(store.tree_of(&head)?)).await?;
    Ok(Patch { head: base.clone(), base, tree, commits: Vec::new(), review, resolved: None })
}

fn a_moment(site: &Site) -> Wait {
    let now = site.world.clock.now();
    Wait { until: now.checked_add(MOMENT).unwrap_or(now), what: NEWER_LINES.to_owned() }
}

/// What may help where the fix conflicts.
#[derive(Default)]
struct Helpers {
    newer: Vec<NewerLine>,
    settled: Vec<Settled>,
    afresh: Vec<String>,
}

/// What carrying a fix to a branch came to.
enum Carried {
    All(Patch),
    Conflict(Conflict),
}

/// A conflict, in the words of a question.
struct Conflict {
    fix: CommitId,
    what: &'static str,
    paths: Vec<String>,
    progress: String,
    touched: Vec<Touched>,
}

/// The fix of one advisory, about to be carried to one branch.
struct Work<'a> {
    store: &'a Store,
    advisory: &'a GhsaId,
    commits: &'a [CommitId],
    committer: &'a Signature,
    by: &'a str,
    helpers: Helpers,
    noise: NoiseRules,
}

impl Work<'_> {
    fn carry(&self, base: &CommitId, resolved: Option<&CommitId>) -> Result<Carried, StepError> {
        let mut made = Vec::new();
        let mut review = Vec::new();
        let mut start = base.clone();
        if let Some(resolved) = resolved {
            made = resolution::accepted(self.store, base, resolved, self.commits, self.advisory)?;
            review.push(format!("{} resolved a conflict here, up to {}", self.by, resolved.short()));
            start = resolved.clone();
        }
        let rest: Vec<CommitId> = self
            .commits
            .iter()
            .filter(|fix| !made.iter().any(|commit: &PatchCommit| commit.from.as_ref() == Some(fix)))
            .cloned()
            .collect();
        let mut picker = Picker::new(self.store)?.with_noise(self.noise.clone());
        let items = [Item { key: self.advisory.to_string(), commits: rest }];
        let memory = help::learnt(self.store, &mut picker, &self.helpers.settled)?;
        let (newer, afresh) = (&self.helpers.newer, &self.helpers.afresh);
        let help = Help { newer, memory: Some(&memory), afresh };
        let stacked = stack_with_help(&mut picker, &start, &items, self.committer, Merges::Fail, &help)?;
        if let Some((open, pick)) = stacked.open() {
            let touched = picker.draft().touched(pick, &open.fix, &stacked.head)?;
            return Ok(Carried::Conflict(conflict(&stacked, &open.fix, pick, touched)));
        }
        self.store.keep(picker.draft(), &stacked.head)?;
        made.extend(self.commits_of(&stacked)?);
        for entry in &stacked.commits {
            if let StackedState::Picked { pick, .. } = &entry.state {
                review.extend(review::reasons(&entry.fix, pick));
            }
        }
        if !review.is_empty() {
            let from = self.store.tree_of(base)?;
            review.push(review::against_fix(self.store, self.commits, &from, &stacked.tree)?);
        }
        Ok(Carried::All(Patch {
            base: base.clone(),
            commits: made,
            head: stacked.head,
            tree: stacked.tree,
            review,
            resolved: resolved.cloned(),
        }))
    }

    fn commits_of(&self, stacked: &Stack) -> Result<Vec<PatchCommit>, StepError> {
        let mut commits = Vec::new();
        for entry in &stacked.commits {
            let StackedState::Picked { commit, .. } = &entry.state else { continue };
            commits.push(PatchCommit {
                commit: commit.clone(),
                from: Some(entry.fix.clone()),
                advisory: Some(self.advisory.clone()),
                subject: self.store.commit_info(commit)?.subject().to_owned(),
            });
        }
        Ok(commits)
    }
}

/// The conflict at which a stack stopped.
fn conflict(stacked: &Stack, fix: &CommitId, pick: &Pick, touched: Vec<Touched>) -> Conflict {
    let progress = stacked.progress();
    Conflict {
        fix: fix.clone(),
        what: match pick.outcome {
            Outcome::ConflictInNoise => {
                "conflicts only in files that decide nothing (tests, lock files, notes, what the catalog names)"
            }
            Outcome::Structural => "meets files that were moved, renamed or deleted",
            Outcome::NotApplicable => "finds none of the files that it changes",
            _ => "conflicts",
        },
        paths: pick.conflicting_paths(),
        progress: format!(
            "{} commit(s) of the fix done, {} open, {} waiting",
            progress.done, progress.open, progress.waiting
        ),
        touched,
    }
}

/// Whom to ask about the conflicting lines, and what the fix builds on that the branch lacks.
fn touched(places: &[Touched]) -> String {
    let mut text = String::new();
    for place in places {
        for toucher in &place.on_branch {
            text += &format!(" {} line {} was last touched here by {toucher}.", place.path, place.line);
        }
        for toucher in &place.before_fix {
            text += &format!(" The fix builds on {toucher}, which the branch lacks.");
        }
    }
    text
}

fn question(site: &Site, conflict: &Conflict) -> Question {
    let step = &site.step.name;
    let subject = site.subject();
    Question {
        kind: QuestionKind::Conflict { paths: conflict.paths.clone() },
        text: format!(
            "commit {} of {} {} on {}: {} ({}).{} Every other target goes on; nothing was pushed for this one.",
            conflict.fix.short(),
            subject.advisory.as_ref().map_or("the fix", GhsaId::as_str),
            conflict.what,
            site.target_subject(),
            conflict.paths.join(", "),
            conflict.progress,
            touched(&conflict.touched)
        ),
        next: vec![
            format!("lockgate resolve {step}"),
            format!(
                "or push the resolved branch as `{}` to the private side, then `lockgate resume`",
                resolution::branch_name(site)
            ),
        ],
    }
}
