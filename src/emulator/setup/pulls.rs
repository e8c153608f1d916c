//! Pull requests that were opened before the world begins.

use super::people::meet;
use crate::emulator::git::{commit_id, read_ref};
use crate::emulator::model::{AccountKind, PullBeginning, StoredPull, StoredPullState};
use crate::emulator::reactions::follow_head;
use crate::emulator::spec::{InitialPullState, PullSpec};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{BranchName, RepoName};

pub(super) fn add_pull(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    spec: &PullSpec,
) -> Result<(), EmulatorError> {
    let git = world.git(repo)?;
    let tip = |branch: &BranchName| {
        read_ref(&git, &branch.full()).ok_or_else(|| {
            EmulatorError::specification(format!("`{repo}` has no branch `{branch}` for `{}`", spec.title))
        })
    };
    let (head, base) = (tip(&spec.head)?, tip(&spec.base)?);
    let number = match spec.number {
        Some(number) => {
            let repository = world.repository_mut(repo)?;
            repository.next_number = repository.next_number.max(number + 1);
            number
        }
        None => world.new_number(repo)?,
    };
    let author = spec.author.clone().unwrap_or_else(|| world.owner(repo));
    meet(world, &author, AccountKind::User)?;
    let begun = PullBeginning {
        id: world.new_id()?,
        repo: repo.clone(),
        number,
        title: spec.title.clone(),
        author,
        from: (repo.clone(), spec.head.to_string()),
        head: commit_id(head),
        base_branch: spec.base.to_string(),
        base: commit_id(base),
        at: world.now,
    };
    let pull = StoredPull {
        body: (!spec.body.is_empty()).then(|| spec.body.clone()),
        state: match spec.stands {
            InitialPullState::Open | InitialPullState::Draft => StoredPullState::Open,
            InitialPullState::Closed => StoredPullState::Closed { at: world.now },
        },
        draft: spec.stands == InitialPullState::Draft,
        ..StoredPull::from(begun)
    };
    let key = StoredPull::key(repo, number);
    world.pulls.insert(key.clone(), pull);
    follow_head(world, &key)
}
