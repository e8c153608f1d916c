//! Lock files that commands of the catalog regenerate, where a fix conflicts in nothing else.
//!
//! A command runs in a clean checkout of the tree that has the branch's own lock files and the rest of the fix. What it
//! leaves in its lock files is taken; had it changed any other file of the repository, its lock files would not fit
//! the tree without that, so nothing is taken and people are asked. Nothing is kept between attempts: a step that is
//! started again runs it again.

use crate::backport::{LockFiles, Pick, Picker, WrittenLockFiles};
use crate::catalog::Repo;
use crate::git::{GitError, Store};
use crate::ids::{CommitId, TreeId};
use crate::jobs::{LockFileCommand, TestCommand};
use crate::next_action::{Advice, NextAction};
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::release::checkout::{ChangedFile, Checkout};

/// Running the command again.
pub(in crate::steps) fn again() -> Advice {
    Advice::then("fix what the command needs on this machine; to run it again", NextAction::Resume)
}

/// What a pick waits for: these files, written in a checkout of this tree.
pub(in crate::steps) struct Unwritten {
    fix: CommitId,
    pub(in crate::steps) tree: TreeId,
    pub(in crate::steps) files: Vec<String>,
}

/// What the commands came to.
pub(in crate::steps) enum Answer {
    /// They wrote the files.
    Written(WrittenLockFiles),
    /// Nothing of what they did can be taken.
    Refused(RefusedLockFiles),
}

/// Why nothing that commands did can be taken.
pub(in crate::steps) struct RefusedLockFiles {
    fix: CommitId,
    pub(in crate::steps) files: Vec<String>,
    why: String,
}

/// The lock files of a repository, none of them written yet.
pub(in crate::steps) fn of(repo: &Repo) -> LockFiles {
    LockFiles::new(paths(repo))
}

/// Their paths.
pub(in crate::steps) fn paths(repo: &Repo) -> Vec<String> {
    repo.lock_files.iter().flat_map(LockFileCommand::files).map(str::to_owned).collect()
}

impl Unwritten {
    /// What this pick waits for, if it does; its tree is then brought from the picker's draft into the store.
    pub(in crate::steps) fn of(
        store: &Store,
        picker: &Picker,
        fix: &CommitId,
        pick: &Pick,
    ) -> Result<Option<Unwritten>, GitError> {
        let (false, Some(tree)) = (pick.unwritten.is_empty(), &pick.marked_tree) else { return Ok(None) };
        store.keep_files(picker.draft(), tree)?;
        Ok(Some(Unwritten { fix: fix.clone(), tree: tree.clone(), files: pick.unwritten.clone() }))
    }

    /// Runs the commands that write the files, and gives what goes into `files`, or why nothing does.
    pub(in crate::steps) async fn write(
        self,
        context: &StepContext,
        files: &mut LockFiles,
    ) -> Result<Option<RefusedLockFiles>, StepError> {
        let tree = self.tree.clone();
        match self.run(context).await? {
            Answer::Written(written) => {
                files.take(tree, written);
                Ok(None)
            }
            Answer::Refused(refusal) => Ok(Some(refusal)),
        }
    }

    async fn run(self, context: &StepContext) -> Result<Answer, StepError> {
        let repo = context.repo()?;
        let wanted = |rule: &&LockFileCommand| self.files.iter().any(|file| rule.writes(file));
        let rules: Vec<&LockFileCommand> = repo.lock_files.iter().filter(wanted).collect();
        let commands: Vec<TestCommand> = rules.iter().map(|rule| rule.command()).collect();
        let checkout = Checkout::of(context, &repo.name, self.tree.clone()).await?;
        if let Some(path) = checkout.absent.first() {
            let many = checkout.absent.len();
            return Ok(
                self.refused(format!("it needs every file, and {many} are not in this clone (`{path}`)"))
            );
        }
        let results = checkout.run(context, &commands).await;
        if let Some(failed) = results.iter().find(|result| !result.outcome.passed()) {
            return Ok(self.refused(failed.to_string()));
        }
        let changes = checkout.changes(context, &repo.name).await?;
        let names: Vec<String> = commands.into_iter().map(|command| command.name).collect();
        Ok(match taken(&rules, changes) {
            Ok(files) => Answer::Written(WrittenLockFiles { commands: names, files }),
            Err(why) => self.refused(format!("`{}` {why}", names.join("`, `"))),
        })
    }

    fn refused(self, why: String) -> Answer {
        Answer::Refused(RefusedLockFiles { fix: self.fix, files: self.files, why })
    }
}

/// What may be taken of the changes that commands made, or what they did that they should not.
fn taken(rules: &[&LockFileCommand], changes: Vec<ChangedFile>) -> Result<Vec<(String, Vec<u8>)>, String> {
    let theirs = |path: &str| rules.iter().any(|rule| rule.writes(path));
    let others: Vec<&str> =
        changes.iter().map(|(path, _)| path.as_str()).filter(|path| !theirs(path)).collect();
    if !others.is_empty() {
        return Err(format!("changed {}, which the catalog does not call its lock files", others.join(", ")));
    }
    changes
        .into_iter()
        .map(|(path, text)| text.map(|text| (path.clone(), text)).ok_or_else(|| format!("removed {path}")))
        .collect()
}

impl RefusedLockFiles {
    /// What happened, for a question.
    pub(in crate::steps) fn text(&self, context: &StepContext) -> String {
        format!(
            "commit {} conflicts on {} in nothing but {}, and the command that should regenerate it did not. Every \
             other target continues; nothing was pushed for this one. {}",
            self.fix.short(),
            context.target_subject(),
            self.files.join(", "),
            self.why
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(files: &str) -> LockFileCommand {
        toml::from_str(&format!("files = [{files}]\nrun = 'make lock'")).unwrap()
    }

    #[test]
    fn lock_files_are_taken_and_nothing_is_if_anything_else_was_changed() {
        let (one, two) = (rule("'a.lock'"), rule("'b.lock', 'c.lock'"));
        let change = |path: &str| (path.to_owned(), Some(b"new".to_vec()));
        let rules = [&one, &two];
        let files = taken(&rules, vec![change("a.lock"), change("c.lock")]).unwrap();
        assert_eq!(files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["a.lock", "c.lock"]);
        let why = taken(&rules, vec![change("a.lock"), change("package.json")]).unwrap_err();
        assert!(why.contains("changed package.json, which"), "{why}");
        assert_eq!(taken(&rules, vec![("b.lock".to_owned(), None)]).unwrap_err(), "removed b.lock");
        assert!(taken(&[&one], vec![change("b.lock")]).is_err());
        assert_eq!(taken(&rules, Vec::new()).unwrap(), []);
    }
}
