//! Public repositories: branches and tags as the mirror has them, one required check, releases scripted as the catalog
//! says that they are made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::SignedDuration;

use super::making::Making;
use super::releases::{packages, past_releases, pipeline, released};
use super::rules::govern;
use crate::catalog::Repo;
use crate::emulator::spec;
use crate::git::Store;
use crate::ids::{BranchName, RepoName};
use crate::rehearsal::error::RehearsalError;
use crate::rehearsal::mirrors::UnusableMirror;

/// The one check of every repository.
const CHECK: &str = "checks";

/// A repository of the catalog, and what the package registries hold of it.
pub(super) fn public_repository(
    making: Making<'_>,
    repo: &Repo,
) -> Result<(spec::RepoSpec, Vec<spec::PackageSpec>), RehearsalError> {
    let path = making.mirrors.needed(&repo.name)?;
    let mut made = bare(&repo.name, &repo.default_branch);
    made.source = Some(everything(path));
    made.protection = vec![protection(repo)];
    made.checks = vec![check(CHECK)];
    if let Some(rules) = making.mirrors.rules(&repo.name) {
        govern(&mut made, making.inputs, repo, rules);
        let required = made.protection.iter().flat_map(|rule| &rule.required_checks);
        let named: BTreeSet<&String> = required.filter(|name| *name != CHECK).collect();
        made.checks.extend(named.into_iter().map(|name| check(name)));
    }
    let mut registered = Vec::new();
    let is_numbered = repo.branches().any(|branch| making.inputs.version_rule(repo, branch).is_some());
    if let Some(rule) = making.inputs.release_rule(repo).filter(|_| is_numbered) {
        let store = Store::open(path).map_err(UnusableMirror::Unreadable)?;
        let versions = released(&store, making.inputs, repo)?;
        if !rule.is_tag_alone() {
            made.releases = past_releases(rule, &versions);
        }
        made.release = Some(pipeline(making.inputs, repo, rule)?);
        registered = packages(&store, making.inputs, repo, &versions);
    }
    Ok((made, registered))
}

fn protection(repo: &Repo) -> spec::ProtectionSpec {
    spec::ProtectionSpec {
        branches: repo.branches().map(ToString::to_string).collect(),
        required_checks: vec![CHECK.to_owned()],
        ..spec::ProtectionSpec::default()
    }
}

fn check(name: &str) -> spec::CheckSpec {
    spec::CheckSpec {
        name: name.to_owned(),
        delay: SignedDuration::from_mins(5),
        appears: SignedDuration::from_secs(20),
        starts: spec::CheckStart::default(),
        outcome: spec::ScriptedOutcome::Success,
        in_queue: None,
        flakes: 0,
        branches: Vec::new(),
    }
}

/// The fork from which a repository's pull requests are opened. It needs no mirror: a fork begins as its parent.
pub(super) fn fork(name: &RepoName, parent: &Repo) -> spec::RepoSpec {
    let mut fork = bare(name, &parent.default_branch);
    fork.fork_of = Some(parent.name.clone());
    fork
}

/// A public repository that holds nothing.
pub(super) fn bare(name: &RepoName, default_branch: &BranchName) -> spec::RepoSpec {
    spec::RepoSpec {
        name: name.clone(),
        formerly: Vec::new(),
        turns_public: None,
        default_branch: default_branch.clone(),
        visibility: spec::StoredVisibility::Public,
        source: None,
        fork_of: None,
        collaborators: BTreeMap::new(),
        protection: Vec::new(),
        rulesets: Vec::new(),
        merge_methods: spec::MergeStyle::ALL.to_vec(),
        checks: Vec::new(),
        release: None,
        immutable_releases: false,
        burnt_tags: Vec::new(),
        releases: Vec::new(),
        pulls: Vec::new(),
    }
}

/// All branches and tags of a mirror. The path is made absolute: the emulator looks from elsewhere.
pub(super) fn everything(path: &Path) -> spec::SourceSpec {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    spec::SourceSpec { path: whole, take: spec::Take::Everything, refs: BTreeMap::new() }
}
