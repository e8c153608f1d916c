//! Noticing what changed in a repository, whoever changed it: pushes, merges, somebody's hand in the directory.

use std::collections::BTreeMap;

use git2::{Oid, Repository as Git};

use super::{EmulatedWorld, EmulatorError, commit_id, object};
use crate::emulator::ci;
use crate::emulator::git::{bring, is_ancestor, read_ref, set_ref, watched_refs};
use crate::emulator::model::{RunEvent, StoredPull, StoredPullState};
use crate::ids::{Login, RepoName};

/// A branch or tag that is not where it was last seen.
struct MovedRef {
    reference: String,
    old: Option<Oid>,
    new: Option<Oid>,
}

impl EmulatedWorld {
    /// Compares branches and tags with what was last seen, and lets pull requests and CI react.
    pub(crate) fn observe(&mut self, repo: &RepoName, actor: &Login) -> Result<(), EmulatorError> {
        let git = self.git(repo)?;
        let moves = self.moves(repo, &git)?;
        if moves.is_empty() {
            return Ok(());
        }
        let now = self.now;
        self.repository_mut(repo)?.pushed_at = now;
        for one in &moves {
            self.remember(repo, &one.reference, one.new);
        }
        for one in moves {
            if let Some(branch) = one.reference.strip_prefix("refs/heads/") {
                self.branch_moved(repo, &git, branch, &one, actor)?;
            } else if let (Some(tag), None, Some(new)) =
                (one.reference.strip_prefix("refs/tags/"), one.old, one.new)
            {
                let commit = git.find_object(new, None)?.peel_to_commit()?.id();
                ci::tag_pushed(self, repo, tag, commit, actor)?;
            }
        }
        Ok(())
    }

    /// Notes where a reference is, so that the next look finds nothing new there.
    pub(crate) fn remember(&mut self, repo: &RepoName, reference: &str, target: Option<Oid>) {
        let key = format!("{repo} {reference}");
        match target {
            Some(target) => self.refs.insert(key, commit_id(target)),
            None => drop(self.refs.remove(&key)),
        }
    }

    fn moves(&self, repo: &RepoName, git: &Git) -> Result<Vec<MovedRef>, EmulatorError> {
        let prefix = format!("{repo} ");
        let mut known = BTreeMap::new();
        for (key, target) in self.refs.within(&prefix) {
            known.insert(key[prefix.len()..].to_owned(), object(target)?);
        }
        let mut moves = Vec::new();
        for (reference, new) in watched_refs(git)? {
            let old = known.remove(&reference);
            if old != Some(new) {
                moves.push(MovedRef { reference, old, new: Some(new) });
            }
        }
        moves.extend(known.into_iter().map(|(reference, old)| MovedRef {
            reference,
            old: Some(old),
            new: None,
        }));
        Ok(moves)
    }

    fn branch_moved(
        &mut self,
        repo: &RepoName,
        git: &Git,
        branch: &str,
        moved: &MovedRef,
        actor: &Login,
    ) -> Result<(), EmulatorError> {
        for key in self.open_pulls(|pull| pull.head_repo == *repo && pull.head_branch == branch) {
            self.follow_head(&key)?;
        }
        for key in self.open_pulls(|pull| pull.repo == *repo && pull.base_branch == branch) {
            self.merged_by_push(git, &key, moved.new, actor)?;
        }
        if let Some(new) = moved.new {
            ci::start_checks(self, repo, &ci::Trunk::pushed(branch, new), actor)?;
            ci::branch_pushed(self, git, repo, branch, moved.old, new, actor)?;
        }
        Ok(())
    }

    /// The keys of open pull requests of which something holds.
    fn open_pulls(&self, holds: impl Fn(&StoredPull) -> bool) -> Vec<String> {
        let open = self.pulls.iter().filter(|(_, pull)| pull.is_open() && holds(pull));
        open.map(|(key, _)| key.clone()).collect()
    }

    /// Lets `refs/pull/N/head` follow the head branch; a deleted head branch closes the pull request.
    pub(crate) fn follow_head(&mut self, key: &str) -> Result<(), EmulatorError> {
        let Some(pull) = self.pulls.get(key).cloned() else { return Ok(()) };
        let tip = match self.repositories.get(pull.head_repo.as_str()) {
            Some(_) => read_ref(&self.git(&pull.head_repo)?, &format!("refs/heads/{}", pull.head_branch)),
            None => None,
        };
        let now = self.now;
        let Some(tip) = tip else {
            if let Some(pull) = self.pulls.get_mut(key) {
                pull.state = StoredPullState::Closed { at: now };
                pull.updated_at = now;
            }
            return Ok(());
        };
        self.show_head(&pull, tip)?;
        let base = read_ref(&self.git(&pull.repo)?, &format!("refs/heads/{}", pull.base_branch));
        if let Some(pull) = self.pulls.get_mut(key) {
            pull.head = commit_id(tip);
            pull.base = base.map_or_else(|| pull.base.clone(), commit_id);
            pull.updated_at = now;
        }
        let trunk = ci::Trunk {
            branch: pull.head_branch.clone(),
            base: Some(pull.base_branch.clone()),
            head: tip,
            event: RunEvent::PullRequest,
        };
        ci::start_checks(self, &pull.repo, &trunk, &pull.author)
    }

    /// Sets `refs/pull/N/head`, bringing the commits over where the head is in a fork.
    pub(crate) fn show_head(&self, pull: &StoredPull, tip: Oid) -> Result<(), EmulatorError> {
        if pull.head_repo == pull.repo {
            set_ref(&self.git(&pull.repo)?, &pull.head_reference(), tip, None)?;
            return Ok(());
        }
        let (from, into) = (self.path(&pull.head_repo), self.path(&pull.repo));
        Ok(bring(&from, &into, tip, &pull.head_reference())?)
    }

    /// A pull request whose head arrives on its base by a push counts as merged; one whose base is deleted is
    /// closed.
    fn merged_by_push(
        &mut self,
        git: &Git,
        key: &str,
        tip: Option<Oid>,
        actor: &Login,
    ) -> Result<(), EmulatorError> {
        let now = self.now;
        let Some(pull) = self.pulls.get(key) else { return Ok(()) };
        let state = match tip {
            None => Some(StoredPullState::Closed { at: now }),
            Some(tip) if is_ancestor(git, object(&pull.head)?, tip)? => {
                Some(StoredPullState::Merged { at: now, by: actor.clone(), commit: commit_id(tip) })
            }
            Some(_) => None,
        };
        if let (Some(state), Some(pull)) = (state, self.pulls.get_mut(key)) {
            pull.state = state;
            pull.updated_at = now;
        }
        Ok(())
    }
}
