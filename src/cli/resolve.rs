//! `lockgate resolve`: a work tree in which a person resolves a conflict, and the way of the result into the run.

use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::completing;
use super::drive::{decide_as_oneself, followed, told_how_to_take_back};
use super::exit::Exit;
use super::place::PlaceOption;
use super::problem::Problem;
use super::written;
use crate::backport::{Proposer, UnusableResolution, check_resolution};
use crate::by_hand;
use crate::control::{DecisionRequest, Home, OpenConflict, Opened};
use crate::git::Store;
use crate::ids::{Login, StepName};
use crate::next_action::{Advice, NextAction, ResolveFrom};
use crate::resolution::WorkTree;
use crate::steps::Incoming;

/// Opens a work tree with the conflict of a backport, and takes in what you made of it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate resolve backport/brightwater/gauge/release/1.x/GHSA-3g8f-wv5j-m2cx\n  \
    (edit the files that it names, then in that directory: git add FILES)\n  \
    lockgate resolve backport/brightwater/gauge/release/1.x/GHSA-3g8f-wv5j-m2cx --done --as mara\n\n\
    Where `mergiraf` is on PATH, --proposal begins from what it proposes; you still check it and add the files. \
    Your own clones are not touched. A result that still holds a conflict marker is refused."
)]
pub(super) struct ResolveCommand {
    /// The step that conflicts, by the name that `lockgate status` prints.
    #[arg(add = ArgValueCandidates::new(completing::conflicts))]
    step: StepName,
    /// It is resolved: take it in.
    #[arg(long, requires = "name")]
    done: bool,
    /// Begin from what `mergiraf` proposes, in every file for which it proposes something and that nobody has edited.
    #[arg(long, conflicts_with = "done")]
    proposal: bool,
    /// Your name on GitHub.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, add = ArgValueCandidates::new(completing::people))]
    name: Option<Login>,
    #[command(flatten)]
    pub(super) place: PlaceOption,
}

/// One conflict: what is picked onto what, and where.
struct OpenedConflict {
    open: OpenConflict,
    store: PathBuf,
    work_tree: WorkTree,
}

impl ResolveCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        // A run that is under way does not touch the work trees of people; another command may.
        let opened = home.open()?;
        let conflict = conflict_of(&home, &opened, &self.step)?;
        let _alone = home.lock_work_tree(&self.step)?;
        match &self.name {
            Some(name) if self.done => take_in(&home, &conflict, name).await,
            _ => self.open(&opened, &conflict),
        }
    }

    fn open(&self, opened: &Opened, conflict: &OpenedConflict) -> Result<Answer, Problem> {
        let manager = &opened.plan.inputs.release.manager;
        let place = conflict.work_tree.path();
        let mut told = if conflict.work_tree.is_open() {
            format!("the work tree is open already: {}\n", place.display())
        } else {
            conflict.work_tree.open(&conflict.store, &conflict.open.begin.onto, manager)?;
            match &conflict.open.begin.brings {
                Incoming::Merge(theirs) => conflict.work_tree.merge(theirs)?,
                Incoming::Pick(fix) => conflict.work_tree.pick(fix)?,
            }
            format!("{} is checked out in {}\n", conflict.open.step.subject, place.display())
        };
        if self.proposal {
            told += &lay_proposals(&conflict.work_tree)?;
        }
        let unresolved = conflict.work_tree.unresolved()?;
        let paths = if unresolved.is_empty() { &conflict.open.paths } else { &unresolved };
        let done = NextAction::HandIn { step: self.step.clone(), by: manager.clone() };
        let next = [by_hand::add(place, paths), Commands::of(opened).word(&done)];
        told += &format!("resolve: {}\nthen:\n    {}", paths.join(", "), next.join("\n    "));
        let data = json!({ "step": self.step, "work_tree": place, "paths": paths });
        Answer::new(Exit::Decision, told).next(next).with(&data)
    }
}

/// Lays proposals and says where. That there is none is no error: the conflict is resolved as any other.
fn lay_proposals(work_tree: &WorkTree) -> Result<String, Problem> {
    let Some(proposer) = Proposer::on_path() else {
        return Ok("there is no proposal: `mergiraf` is not on PATH\n".to_owned());
    };
    let laid = work_tree.lay_proposals(&proposer)?;
    let told = [
        (&laid.laid, "mergiraf's proposal, for you to check and change, is in"),
        (&laid.edited, "edited already and left as they are:"),
        (&laid.without, "mergiraf proposes nothing for"),
    ];
    let told = told.iter().filter(|(paths, _)| !paths.is_empty());
    Ok(told.map(|(paths, what)| format!("{what} {}\n", paths.join(", "))).collect())
}

/// The conflict that the step asks about, and where it is resolved.
fn conflict_of(home: &Home, opened: &Opened, name: &StepName) -> Result<OpenedConflict, Problem> {
    let open = opened.decisions().open_conflict(name)?;
    let missing = || Problem::internal(&std::io::Error::other(format!("`{name}` concerns no repository")));
    let repo = open.step.subject.repo.as_ref().ok_or_else(missing)?;
    Ok(OpenedConflict {
        store: home.folder.store(repo),
        work_tree: WorkTree::at(home.folder.work_tree(name)),
        open,
    })
}

/// Checks what the person made, brings it into the run's store and records it.
async fn take_in(home: &Home, conflict: &OpenedConflict, name: &Login) -> Result<Answer, Problem> {
    let work_tree = &conflict.work_tree;
    if !work_tree.is_open() {
        return Err(Problem::input(
            format!("no work tree was opened for `{}`", conflict.open.step.name),
            Advice::then(
                "open it first",
                NextAction::Resolve { step: conflict.open.step.name.clone(), from: ResolveFrom::Markers },
            ),
        ));
    }
    let unresolved = work_tree.unresolved()?;
    if !unresolved.is_empty() {
        return Err(Problem::decision(
            format!("not resolved yet: {}", unresolved.join(", ")),
            format!("edit them, then: {}", by_hand::add(work_tree.path(), &unresolved)),
        ));
    }
    let aside = work_tree.left_aside()?;
    if !aside.changed.is_empty() {
        return Err(Problem::decision(
            format!("changed and not added to the resolution: {}", aside.changed.join(", ")),
            format!(
                "add it, or take it back; then hand in again: {}",
                by_hand::add(work_tree.path(), &aside.changed)
            ),
        ));
    }
    work_tree.finish()?;
    work_tree.take_up(&conflict.open.begin.onto)?;
    let head = work_tree.head()?;
    work_tree.bring_to(&conflict.store)?;
    let store = Store::open(&conflict.store)?;
    check_resolution(&store, &conflict.open.begin.onto, &head).map_err(|error| unusable(error, conflict))?;
    let proposed = work_tree.proposed().into_iter().collect();
    let request = DecisionRequest::Resolve {
        step: conflict.open.step.name.clone(),
        begin: conflict.open.begin.clone(),
        who: name.clone(),
        commit: head.clone(),
        proposed,
    };
    let decided = decide_as_oneself(home, &request).await?;
    let (step, by) = (&conflict.open.step.name, &decided.ruling.by);
    let mut told = format!("{by} resolved {step} with {}", head.short());
    if !aside.unknown.is_empty() {
        told += &format!("\nnot part of it, since git does not know them: {}", aside.unknown.join(", "));
    }
    let (answer, take_back) = told_how_to_take_back(Answer::done(told), &home.open()?, Some(step), by);
    let data = json!({
        "step": step, "by": by, "commit": head, "left_aside": aside.unknown, "taken_by": decided.taken_by,
        "take_back": take_back,
    });
    followed(answer, home, &decided)?.with(&data)
}

/// What is wrong with the result, and the command that puts it right.
fn unusable(error: UnusableResolution, conflict: &OpenedConflict) -> Problem {
    let place = conflict.work_tree.path();
    let shown = place.display();
    let hint = match error {
        UnusableResolution::Git(error) => return error.into(),
        UnusableResolution::OtherBase { ref base, .. } => by_hand::git_in(place, &format!("rebase {base}")),
        UnusableResolution::Empty { .. } => format!("resolve and commit in {shown}"),
        UnusableResolution::Unchanged { .. } => {
            format!("make the change that protects this branch, and commit it in {shown}")
        }
        UnusableResolution::Marker { ref path, .. } => {
            format!("finish that file, then: {}", by_hand::add(place, std::slice::from_ref(path)))
        }
    };
    Problem::decision(error.to_string(), hint)
}
