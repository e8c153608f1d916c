//! The release note of a target: one entry an advisory, in the patch and never in the bump.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::idle::makes_no_release;
use super::left_out::taken;
use crate::catalog::Repo;
use crate::git::{GitError, Store};
use crate::ids::{CveId, GhsaId, StepName};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::plan::{Plan, Subject, Target};
use crate::release::{Advisory, CveWish};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::mail::announcement::known_page;
use crate::steps::release::tree_files::{TreeFiles, with_changes};
use crate::version::{
    CarryForward, FileChange, NoteEntry, NotedRelease, NotesError, NotesRule, OwnWords, TreeReader,
};

/// The entries of one target's release, and where they go.
#[derive(Clone)]
pub(in crate::steps) struct ReleaseNote {
    rule: NotesRule,
    version: Version,
    previous: Option<Version>,
    date: Date,
    entries: Vec<NoteEntry>,
    /// Whether it is told on the branch of another release, too.
    is_carried: bool,
}

/// What is told on the step's target, from old to new: its own release, and those of older lines where the catalog carries
/// them forward. Nothing without a rule for notes.
pub(in crate::steps) fn all(context: &StepContext) -> Result<Vec<ReleaseNote>, StepError> {
    Ok(NoteScope::of(context)?.map(|scope| scope.all()).unwrap_or_default())
}

/// The note of the step's own release; `None` where there is no release or no rule for notes.
pub(in crate::steps) fn own(context: &StepContext) -> Result<Option<ReleaseNote>, StepError> {
    Ok(NoteScope::of(context)?.and_then(|scope| scope.note(scope.target)))
}

/// The step that people wait for before this target's notes can be written: they name a CVE without which release day is
/// not begun.
pub(super) fn awaited_cve(context: &StepContext) -> Result<Option<StepName>, StepError> {
    let scope = NoteScope::of(context)?.filter(|scope| scope.rule.names_cve());
    let Some(scope) = scope else { return Ok(None) };
    let told = scope.older_lines().into_iter().chain([scope.target]);
    let mut advisories = told.flat_map(|target| taken(scope.plan, scope.facts, target));
    let awaited = advisories.find_map(|id| {
        let advisory = scope.plan.inputs.release.advisory(id)?;
        let step = scope.plan.find(StepKind::AwaitCve, &Subject::of_advisory(id))?;
        let is_coming = advisory.cve == CveWish::Require && scope.facts.cve(scope.plan, advisory).is_none();
        (is_coming && !scope.facts.outputs.contains_key(&step.name)).then(|| step.name.clone())
    });
    Ok(awaited)
}

/// A release note that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the release note of {version} cannot be written: {cause}")]
pub struct UnwrittenNote {
    /// The release.
    pub version: Version,
    /// Why.
    pub cause: NotesError,
}

/// Tries the notes of a target on the tree that the plan saw, as they will be written on top of its fixes. `None` where they
/// fit, and where the fixes may change what does not.
///
/// # Errors
/// When the store lacks the target's base.
pub fn unwritten_note(
    plan: &Plan,
    repo: &Repo,
    target: &Target,
    store: &Store,
) -> Result<Option<UnwrittenNote>, GitError> {
    let facts = Facts::default();
    let Some(rule) = plan.inputs.notes(repo, &target.branch) else { return Ok(None) };
    let scope = NoteScope { rule, plan, facts: &facts, repo, target, cve: NamedCve::Coming };
    let notes = scope.all();
    let mut tree = store.tree_of(facts.base(target))?;
    for (number, note) in (1..).zip(&notes) {
        let files = TreeFiles::in_tree(store, tree.clone());
        match note.changes(&files) {
            // Nobody looks at the tree with all of them.
            Ok(_) if number == notes.len() => {}
            Ok(changes) => tree = with_changes(store, &tree, &changes)?,
            Err(cause) if is_settled_by_fixes(plan, target, &cause) => return Ok(None),
            Err(cause) => return Ok(Some(UnwrittenNote { version: note.version.clone(), cause })),
        }
    }
    Ok(None)
}

/// Whether the fixes may bring what the notes lack: a line below is merged into the branch, or a patch changes the file.
fn is_settled_by_fixes(plan: &Plan, target: &Target, cause: &NotesError) -> bool {
    let Some(file) = cause.unfit_file() else { return false };
    let advisories = target.advisories.iter().filter_map(|id| plan.inputs.release.advisory(id));
    let fixes = advisories.filter_map(|advisory| advisory.fix_in(&target.repo));
    let mut texts = fixes.flat_map(|fix| &fix.patches).filter_map(|name| plan.inputs.patches.get(name));
    target.merged_from.is_some() || texts.any(|text| changes_file(text.as_bytes(), file))
}

/// Whether a patch has this file as one of its own.
fn changes_file(patch: &[u8], file: &str) -> bool {
    let heads = [&b"+++ "[..], b"diff --git ", b"rename to "];
    let mut lines = patch.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    lines.any(|line| heads.iter().any(|head| line.starts_with(head)) && line.ends_with(file.as_bytes()))
}

/// What stands for a CVE that is not assigned yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NamedCve {
    /// Nothing.
    Known,
    /// Any, where release day waits for one.
    Coming,
}

/// What the notes of a target are made from.
#[derive(Clone, Copy)]
struct NoteScope<'a> {
    rule: &'a NotesRule,
    plan: &'a Plan,
    facts: &'a Facts,
    repo: &'a Repo,
    target: &'a Target,
    cve: NamedCve,
}

impl<'a> NoteScope<'a> {
    fn of(context: &'a StepContext) -> Result<Option<NoteScope<'a>>, StepError> {
        let (repo, target) = (context.repo()?, context.target()?);
        let rule = context.inputs().notes(repo, &target.branch);
        let (plan, facts) = (&*context.plan, &*context.facts);
        Ok(rule.map(|rule| NoteScope { rule, plan, facts, repo, target, cve: NamedCve::Known }))
    }

    fn all(&self) -> Vec<ReleaseNote> {
        let told = self.older_lines().into_iter().chain([self.target]);
        let mut notes: Vec<ReleaseNote> = told.filter_map(|target| self.note(target)).collect();
        notes.sort_by(|one, other| one.version.cmp(&other.version));
        notes
    }

    /// The older lines whose releases are told here, too.
    fn older_lines(&self) -> Vec<&'a Target> {
        if self.rule.is_by_advisory() {
            return Vec::new();
        }
        let own = self.target;
        let others = || self.plan.targets_of(&self.repo.name).filter(|other| other.branch != own.branch);
        let is_newest = version(own).is_some() && others().all(|other| version(other) < version(own));
        let is_asked = self.rule.carry_forward.iter().any(|place| match place {
            CarryForward::DefaultBranch => own.branch == self.repo.default_branch,
            CarryForward::NewestLine => is_newest,
            CarryForward::NewerLines => version(own).is_some(),
        });
        let is_older = |other: &&Target| match (version(other), version(own)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(other), Some(own)) => other < own,
        };
        let told = |other: &&Target| !makes_no_release(self.plan, self.facts, other);
        if is_asked { others().filter(is_older).filter(told).collect() } else { Vec::new() }
    }

    fn note(&self, target: &Target) -> Option<ReleaseNote> {
        let release = target.release.as_ref()?;
        let inputs = &self.plan.inputs;
        let told = taken(self.plan, self.facts, target).filter_map(|id| inputs.release.advisory(id));
        let entries = told.map(|advisory| NoteEntry {
            summary: advisory.summary.clone(),
            ghsa: advisory.id.clone(),
            cve: self.cve_of(advisory),
            url: known_page(self.plan, self.facts, advisory),
            severity: advisory.rating().map(|rating| rating.as_str().to_owned()),
            own: OwnWords::default(),
        });
        let date = inputs.release.disclosure.to_zoned(TimeZone::UTC).date();
        Some(ReleaseNote {
            entries: entries.collect(),
            rule: self.rule.clone(),
            version: release.to.clone(),
            previous: self.plan.release_before(target).cloned(),
            date,
            is_carried: self.target.branch != target.branch,
        })
    }

    fn cve_of(&self, advisory: &Advisory) -> Option<CveId> {
        let is_coming = self.cve == NamedCve::Coming && advisory.cve == CveWish::Require;
        let any = || "CVE-2000-0000".parse().ok().filter(|_| is_coming);
        self.facts.cve(self.plan, advisory).or_else(any)
    }
}

fn version(target: &Target) -> Option<&Version> {
    target.release.as_ref().map(|release| &release.to)
}

impl ReleaseNote {
    /// The files that change when the entries are told; none if they are told already.
    pub(in crate::steps) fn written_into(
        &self,
        files: &dyn TreeReader,
    ) -> Result<Vec<FileChange>, StepError> {
        self.changes(files).map_err(|cause| self.refused("write", &cause))
    }

    fn changes(&self, files: &dyn TreeReader) -> Result<Vec<FileChange>, NotesError> {
        self.rule.write(files, &self.release())
    }

    /// What these files tell of the release.
    pub(in crate::steps) fn told_in(&self, files: &dyn TreeReader) -> Result<String, StepError> {
        let told = self.rule.told(files, &self.release());
        told.map_err(|cause| self.refused("read", &cause))
    }

    fn release(&self) -> NotedRelease<'_> {
        let release = NotedRelease::of(&self.version, Some(self.date), &self.entries);
        let release = release.after(self.previous.as_ref());
        if self.is_carried { release.of_another_line() } else { release }
    }

    fn refused(&self, what: &str, cause: &dyn std::error::Error) -> StepError {
        StepError::input(
            format!("failed to {what} the release note of {}: {cause}", self.version),
            Advice::then("correct `notes` in the catalog, then", NextAction::Amend { digest: None }),
        )
    }

    /// The fragments that are gone once it is told; those that wait on this branch are none of another line's release.
    pub(in crate::steps) fn taken_up(&self, files: &dyn TreeReader) -> Vec<String> {
        if self.is_carried { Vec::new() } else { self.rule.taken_up(files) }
    }

    /// The same where these fixes say something themselves. What they say on the branch of another release is said of none.
    pub(super) fn with_own(&self, mut own: BTreeMap<GhsaId, OwnWords>) -> ReleaseNote {
        let mut note = self.clone();
        if !self.is_carried {
            for entry in &mut note.entries {
                entry.own = own.remove(&entry.ghsa).unwrap_or_default();
            }
        }
        note
    }

    /// Why people should read it: fixes that say something themselves and name no advisory.
    pub(super) fn unnamed(&self) -> impl Iterator<Item = String> {
        self.entries.iter().filter_map(|entry| {
            let line = entry.unnamed()?;
            Some(format!(
                "the notes of {} tell of {} in its fix's own words, which name neither it nor a CVE: \"{line}\"",
                self.version, entry.ghsa
            ))
        })
    }

    pub(super) fn rule(&self) -> &NotesRule {
        &self.rule
    }

    /// The version that it tells of.
    pub(in crate::steps) fn version(&self) -> &Version {
        &self.version
    }
}
