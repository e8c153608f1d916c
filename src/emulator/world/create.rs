//! Laying out a world from its specification.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::Oid;
use jiff::{SignedDuration, Timestamp};

use super::{EmulatedWorld, EmulatorError, FACTS, WorldFacts, at, commit_id, object};
use crate::clock::Clock;
use crate::emulator::ci;
use crate::emulator::faults::FaultRule;
use crate::emulator::git::{branches, read_ref, watched_refs};
use crate::emulator::model::{
    Account, AccountKind, MakeLatest, ReleaseState, RepositoryKind, StoredAsset, StoredPackage, StoredPull,
    StoredPullState, StoredRelease, StoredRepository,
};
use crate::emulator::spec::{
    InitialPullState, PastRelease, PullSpec, RepoSpec, SourceSpec, Take, UserSpec, WorldSpec,
};
use crate::emulator::store::DocumentStore;
use crate::ids::{Digest, Login, RepoName};

/// How long before the start everything initial happened.
const BEFORE: SignedDuration = SignedDuration::from_hours(-24);

pub(super) fn impossible(reason: String) -> EmulatorError {
    EmulatorError::Specification { reason }
}

impl EmulatedWorld {
    /// Lays out a new world in `dir`, which must not hold a finished one.
    pub(crate) fn create(dir: &Path, spec: &WorldSpec, clock: Clock) -> Result<EmulatedWorld, EmulatorError> {
        let root = EmulatedWorld::git_root(dir);
        fs::create_dir_all(&root).map_err(at(&root))?;
        let dir = &fs::canonicalize(dir).map_err(at(dir))?;
        let file = dir.join("world.db");
        let mut world = EmulatedWorld::load(dir, DocumentStore::open(&file)?, clock)?;
        if world.facts().is_ok() {
            return Err(impossible(format!("`{}` holds a world already", dir.display())));
        }
        // The facts are committed last: without them an earlier attempt was killed, and its repositories go.
        fs::remove_dir_all(&root).map_err(at(&root))?;
        fs::create_dir_all(&root).map_err(at(&root))?;
        world.facts.insert(
            FACTS,
            WorldFacts {
                now: world.now,
                next_id: 1000,
                cve: spec.cve.clone(),
                cves_given: 0,
                private_forks: spec.private_forks.clone(),
                rate_limit: spec.rate_limit,
            },
        );
        world.now = ci::later(spec.start, BEFORE);
        world.settle_in(spec)?;
        world.now = spec.start;
        world.commit()?;
        Ok(world)
    }

    fn settle_in(&mut self, spec: &WorldSpec) -> Result<(), EmulatorError> {
        for user in &spec.users {
            self.add_user(user)?;
        }
        for repo in &spec.repos {
            self.add_initial(repo)?;
        }
        for advisory in &spec.advisories {
            self.add_advisory(advisory)?;
        }
        for package in &spec.packages {
            let (ecosystem, name) = (package.ecosystem, package.name.clone());
            let key = StoredPackage::key(ecosystem, &name);
            self.packages.insert(key, StoredPackage { ecosystem, name, versions: package.versions.clone() });
        }
        for fault in &spec.faults {
            let fault = FaultRule::new(fault.clone()).map_err(|error| impossible(error.to_string()))?;
            let key = format!("{:010}", self.new_id()?);
            self.faults.insert(key, fault);
        }
        Ok(())
    }

    fn add_user(&mut self, user: &UserSpec) -> Result<(), EmulatorError> {
        let account = Account {
            id: self.new_id()?,
            login: user.login.clone(),
            kind: AccountKind::User,
            token: Some(Digest::of(&user.token)),
            email: user.email.clone(),
            admin: user.admin,
        };
        self.accounts.insert(user.login.as_str().to_ascii_lowercase(), account);
        Ok(())
    }

    /// Makes sure that there is an account of this name.
    pub(super) fn meet(&mut self, login: &Login, kind: AccountKind) -> Result<(), EmulatorError> {
        if self.account(login).is_none() {
            let (id, login) = (self.new_id()?, login.clone());
            let key = login.as_str().to_ascii_lowercase();
            self.accounts.insert(key, Account { id, login, kind, token: None, email: None, admin: false });
        }
        Ok(())
    }

    fn add_initial(&mut self, spec: &RepoSpec) -> Result<(), EmulatorError> {
        let owner = self.owner(&spec.name);
        self.meet(&owner, AccountKind::Organization)?;
        for login in spec.collaborators.keys() {
            self.meet(login, AccountKind::User)?;
        }
        let mut references = BTreeMap::new();
        let mut lenders = Vec::new();
        if let Some(parent) = &spec.fork_of {
            if self.repositories.get(parent.as_str()).is_none() {
                return Err(impossible(format!("`{}` is a fork of the unknown `{parent}`", spec.name)));
            }
            references = watched_refs(&self.git(parent)?)?;
            lenders.push(self.path(parent));
        }
        if let Some(source) = &spec.source {
            references.extend(taken_over(source)?);
            lenders.push(source.path.clone());
        }
        let repository = StoredRepository {
            id: self.new_id()?,
            name: spec.name.clone(),
            kind: spec.fork_of.clone().map_or(RepositoryKind::Root, RepositoryKind::Fork),
            default_branch: spec.default_branch.to_string(),
            visibility: spec.visibility,
            collaborators: spec.collaborators.clone(),
            protection: spec.protection.clone(),
            merge_methods: spec.merge_methods.clone(),
            checks: spec.checks.clone(),
            release: spec.release.clone(),
            latest: None,
            next_number: 1,
            created_at: self.now,
            pushed_at: self.now,
        };
        self.add_repository(repository, &references, &lenders)?;
        self.check_initial_branches(&spec.name, &owner)?;
        let mut marked = None;
        for release in &spec.releases {
            let id = self.add_past_release(&spec.name, release, &owner)?;
            marked = if release.latest { Some(id) } else { marked };
        }
        if let Some(id) = marked {
            self.label(&spec.name, id, MakeLatest::True)?;
        }
        spec.pulls.iter().try_for_each(|pull| self.add_pull(&spec.name, pull))
    }

    /// The checks of the initial heads ran before the world began.
    fn check_initial_branches(&mut self, repo: &RepoName, owner: &Login) -> Result<(), EmulatorError> {
        for (branch, tip) in branches(&self.git(repo)?)? {
            ci::start_checks(self, repo, &ci::Trunk::pushed(&branch, tip), owner)?;
        }
        Ok(())
    }

    fn add_past_release(
        &mut self,
        repo: &RepoName,
        spec: &PastRelease,
        owner: &Login,
    ) -> Result<u64, EmulatorError> {
        if read_ref(&self.git(repo)?, &format!("refs/tags/{}", spec.tag)).is_none() {
            return Err(impossible(format!("the release `{}` of `{repo}` has no tag", spec.tag)));
        }
        let at: Timestamp = spec.published_at.unwrap_or(self.now);
        let mut assets = Vec::new();
        for name in &spec.assets {
            assets.push(StoredAsset { id: self.new_id()?, name: name.clone(), size: 1024, uploaded_at: at });
        }
        let release = StoredRelease {
            id: self.new_id()?,
            repo: repo.clone(),
            tag: spec.tag.clone(),
            target: self.repository(repo)?.default_branch.clone(),
            name: Some(spec.tag.clone()),
            body: None,
            author: owner.clone(),
            prerelease: spec.prerelease,
            publication: ReleaseState::Published(at),
            created_at: at,
            updated_at: at,
            assets,
        };
        let id = release.id;
        self.releases.insert(StoredRelease::key(repo, id), release);
        self.label(repo, id, MakeLatest::True)?;
        Ok(id)
    }

    pub(super) fn add_pull(&mut self, repo: &RepoName, spec: &PullSpec) -> Result<(), EmulatorError> {
        let git = self.git(repo)?;
        let tip = |branch: &crate::ids::BranchName| {
            read_ref(&git, &branch.full())
                .ok_or_else(|| impossible(format!("`{repo}` has no branch `{branch}` for `{}`", spec.title)))
        };
        let (head, base) = (tip(&spec.head)?, tip(&spec.base)?);
        let number = match spec.number {
            Some(number) => {
                let repository = self.repository_mut(repo)?;
                repository.next_number = repository.next_number.max(number + 1);
                number
            }
            None => self.new_number(repo)?,
        };
        let author = spec.author.clone().unwrap_or_else(|| self.owner(repo));
        self.meet(&author, AccountKind::User)?;
        let pull = StoredPull {
            id: self.new_id()?,
            repo: repo.clone(),
            number,
            title: spec.title.clone(),
            body: (!spec.body.is_empty()).then(|| spec.body.clone()),
            author,
            head_repo: repo.clone(),
            head_branch: spec.head.to_string(),
            head: commit_id(head),
            base_branch: spec.base.to_string(),
            base: commit_id(base),
            state: match spec.stands {
                InitialPullState::Open | InitialPullState::Draft => StoredPullState::Open,
                InitialPullState::Closed => StoredPullState::Closed { at: self.now },
            },
            draft: spec.stands == InitialPullState::Draft,
            maintainer_can_modify: false,
            labels: Vec::new(),
            comments: Vec::new(),
            reviews: Vec::new(),
            requested_reviewers: Vec::new(),
            created_at: self.now,
            updated_at: self.now,
            assessment: None,
            merging: None,
        };
        let key = StoredPull::key(repo, number);
        self.pulls.insert(key.clone(), pull);
        self.follow_head(&key)
    }
}

/// The references that a source lends.
pub(super) fn taken_over(source: &SourceSpec) -> Result<BTreeMap<String, Oid>, EmulatorError> {
    let git = git2::Repository::open_ext(
        &source.path,
        git2::RepositoryOpenFlags::NO_SEARCH,
        std::iter::empty::<&Path>(),
    )?;
    let mut references = match source.take {
        Take::Listed => BTreeMap::new(),
        Take::Everything | Take::Tags => watched_refs(&git)?,
    };
    if source.take == Take::Tags {
        references.retain(|reference, _| reference.starts_with("refs/tags/"));
    }
    for (reference, target) in &source.refs {
        let target = object(target)?;
        if git.find_object(target, None).is_err() {
            return Err(impossible(format!("`{}` has no object {target}", source.path.display())));
        }
        references.insert(reference.clone(), target);
    }
    Ok(references)
}
