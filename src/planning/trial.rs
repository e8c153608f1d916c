//! What is made before the gate from what the plan knows already, tried when it is planned: patch files, and the notes of
//! every release.

use std::path::Path;
use std::sync::Arc;

use super::files::InputFiles;
use super::places::PlanningError;
use super::survey_error::SurveyError;
use crate::catalog::Repo;
use crate::folder::Folder;
use crate::git::{GitError, Store};
use crate::ids::RepoName;
use crate::input::{InputError, KeyPart};
use crate::plan::{Plan, Target};
use crate::steps::{UnfitPatch, UnwrittenNote, unfit_patch, unwritten_note};

/// What would fail before the gate.
enum TrialFault {
    Patch(RepoName, UnfitPatch),
    Note(Box<Target>, UnwrittenNote),
}

/// Tries what the plan will make, in the folder's copies of the public branches. No reference is written there.
///
/// # Errors
/// For the first that cannot be made, with the place in the files.
pub(super) async fn try_out(
    folder: &Folder,
    files: &InputFiles,
    plan: &Arc<Plan>,
) -> Result<(), PlanningError> {
    let (folder, tried) = (folder.clone(), Arc::clone(plan));
    let fault = tokio::task::spawn_blocking(move || first_fault(&folder, &tried)).await;
    match fault.map_err(SurveyError::from).and_then(|fault| fault.map_err(SurveyError::from)) {
        Ok(None) => Ok(()),
        Ok(Some(fault)) => Err(PlanningError::Files(files.place_trial(&fault))),
        Err(error) => Err(PlanningError::Survey(error)),
    }
}

fn first_fault(folder: &Folder, plan: &Plan) -> Result<Option<TrialFault>, GitError> {
    for repo in plan.inputs.repos() {
        if let Some(fault) = fault_in(plan, repo, &folder.store(&repo.name))? {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

fn fault_in(plan: &Plan, repo: &Repo, store: &Path) -> Result<Option<TrialFault>, GitError> {
    let has_patches = !plan.inputs.patches.is_empty();
    if let Some(unfit) =
        has_patches.then(|| unfit_patch(plan, repo, &Store::create(store)?)).transpose()?.flatten()
    {
        return Ok(Some(TrialFault::Patch(repo.name.clone(), unfit)));
    }
    // What is only tried leaves nothing behind.
    let draft = Store::create(store)?.into_draft()?;
    for target in plan.targets_of(&repo.name) {
        if let Some(note) = unwritten_note(plan, repo, target, &draft)? {
            return Ok(Some(TrialFault::Note(Box::new(target.clone()), note)));
        }
    }
    Ok(None)
}

impl InputFiles {
    fn place_trial(&self, fault: &TrialFault) -> InputError {
        match fault {
            TrialFault::Patch(repo, unfit) => {
                self.release.error_at(&self.path_to_patch(repo, unfit), unfit.to_string(), unfit.remedy())
            }
            TrialFault::Note(target, note) => self.place_note(target, note),
        }
    }

    fn path_to_patch(&self, repo: &RepoName, unfit: &UnfitPatch) -> Vec<KeyPart<'static>> {
        let advisories = &self.inputs().release.advisories;
        let index = advisories.iter().position(|advisory| advisory.id == unfit.advisory).unwrap_or(0);
        let fixes = advisories.get(index).map_or(&[][..], |advisory| advisory.fixes.as_slice());
        let at = fixes.iter().position(|fix| fix.repo == *repo).unwrap_or(0);
        let names = fixes.get(at).map_or(&[][..], |fix| fix.patches.as_slice());
        let position = names.iter().position(|name| *name == unfit.file).unwrap_or(0);
        let fix = [KeyPart::Key("advisory"), KeyPart::Index(index), KeyPart::Key("fix"), KeyPart::Index(at)];
        [&fix[..], &[KeyPart::Key("patches"), KeyPart::Index(position)]].concat()
    }

    /// A letter that the changelog cannot hold is corrected where it comes from; everything else in the rule for notes.
    fn place_note(&self, target: &Target, note: &UnwrittenNote) -> InputError {
        let message = format!("{note}, on {}", target.label());
        let of = |index: &usize| &self.inputs().release.advisories[*index];
        let mut indices = 0..self.inputs().release.advisories.len();
        let holder = note.cause.letter().and_then(|letter| {
            indices
                .find(|index| target.advisories.contains(&of(index).id) && of(index).summary.contains(letter))
        });
        match holder {
            Some(index) => self.release.error_at(
                &[KeyPart::Key("advisory"), KeyPart::Index(index), KeyPart::Key("summary")],
                message,
                "write it in letters that the file has, or convert that file to UTF-8 first",
            ),
            None => {
                let (key, remedy) = note.cause.remedy();
                self.at_notes(target, key, message, remedy)
            }
        }
    }
}
