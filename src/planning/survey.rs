//! The survey: looks at the world and writes the snapshot that a plan is computed from. Changes nothing outside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::bringing::bring_public_side;
use super::go_modules::module_names;
use super::newest_release::lacking;
use super::owners::{code_owners, teams, versioned};
use super::package_versions::{PackageSurvey, PackageSurveyError};
use super::placement::{LineHead, Tagged, line_heads, tagged};
use super::published_package::look_for_package;
use super::seen_fixes::seen_fixes;
use super::survey_error::SurveyError;
use super::tag_habit::odd_form;
use super::whereabouts::check_place;
use crate::catalog::Repo;
use crate::folder::Folder;
use crate::git::{RemoteRefs, Signature, Store, configured_committer_in};
use crate::github::{self, Repository};
use crate::ids::{BranchName, CommitId, RepoName};
use crate::merge_rules::{BranchRules, MergeRules};
use crate::numbering::Version;
use crate::plan::Inputs;
use crate::release::Advisory;
use crate::snapshot::{AdvisoryState, BranchState, Identity, RepoState, Snapshot, TaggedVersion};
use crate::steps::{TreeFiles, outlook, push_rules};
use crate::version::Versioning;
use crate::world::World;

/// How many repositories are looked at at a time: each is a few seconds of waiting for GitHub.
const AT_ONCE: usize = 6;

/// How long GitHub is given to show what it has.
const LAG: Duration = Duration::from_secs(5);

/// Looks at every repository and advisory of the release. Branches are fetched into the folder's stores, since
/// versions stand in files.
///
/// # Errors
/// When something that the files name does not exist, or cannot be reached.
pub async fn survey(world: &World, folder: &Folder, inputs: &Inputs) -> Result<Snapshot, SurveyError> {
    let inputs = &Arc::new(inputs.clone());
    let committer = tokio::task::spawn_blocking(known_committer).await?;
    let look = async |repo: &Repo| {
        let state = repo_with_fixes(world, folder, inputs, repo, committer.as_ref()).await?;
        Ok::<_, SurveyError>((repo.name.clone(), state))
    };
    let repos = stream::iter(inputs.repos()).map(look).buffered(AT_ONCE).try_collect().await?;
    let mut advisories = BTreeMap::new();
    for advisory in &inputs.release.advisories {
        advisories.insert(advisory.id.clone(), advisory_as_seen(world, advisory).await?);
    }
    Ok(Snapshot { taken: world.clock.now(), repos, advisories, committer, workers: workers_of(world) })
}

/// All that stands against a survey, each repository and each advisory by itself, with what it is about.
pub(super) async fn survey_faults(
    world: &World,
    folder: &Folder,
    inputs: &Inputs,
) -> Vec<(String, SurveyError)> {
    let inputs = &Arc::new(inputs.clone());
    let committer = tokio::task::spawn_blocking(known_committer).await.ok().flatten();
    let of_repo = async |repo: &Repo| {
        let seen = repo_with_fixes(world, folder, inputs, repo, committer.as_ref()).await;
        seen.err().map(|error| (repo.name.to_string(), error))
    };
    let of_advisory = async |advisory: &Advisory| {
        let seen = advisory_as_seen(world, advisory).await;
        seen.err().map(|error| (advisory.id.to_string(), error))
    };
    let repos: Vec<_> = stream::iter(inputs.repos()).map(of_repo).buffered(AT_ONCE).collect().await;
    let advisories = stream::iter(&inputs.release.advisories).map(of_advisory).buffered(AT_ONCE);
    let advisories: Vec<_> = advisories.collect().await;
    repos.into_iter().chain(advisories).flatten().collect()
}

async fn repo_with_fixes(
    world: &World,
    folder: &Folder,
    inputs: &Arc<Inputs>,
    repo: &Repo,
    committer: Option<&Identity>,
) -> Result<RepoState, SurveyError> {
    let mut state = repo_as_seen(world, folder, inputs, repo).await?;
    check_new_lines(inputs, repo, &state)?;
    state.fixes = seen_fixes(world, folder, inputs, repo, &state, committer).await?;
    Ok(state)
}

/// The workers that were there, in words.
pub(super) fn workers_of(world: &World) -> Vec<String> {
    world.crew.as_ref().map(|crew| crew.in_words()).unwrap_or_default()
}

/// One repository as it is now.
///
/// # Errors
/// As [`survey`].
pub(super) async fn repo_as_seen(
    world: &World,
    folder: &Folder,
    inputs: &Arc<Inputs>,
    repo: &Repo,
) -> Result<RepoState, SurveyError> {
    let seen = check_place(world, repo).await?;
    if inputs.signs(repo) {
        try_to_sign(world, &repo.name).await?;
    }
    survey_repo(world, folder, inputs, repo, seen).await
}

/// One advisory as it is now.
///
/// # Errors
/// When it does not exist, or cannot be reached.
pub(super) async fn advisory_as_seen(
    world: &World,
    advisory: &Advisory,
) -> Result<AdvisoryState, SurveyError> {
    let found = world.github.advisory(&advisory.repo, &advisory.id).await?.ok_or_else(|| {
        SurveyError::NoAdvisory { advisory: advisory.id.clone(), repo: advisory.repo.clone() }
    })?;
    if advisory.rating().is_none() && found.severity.is_none() && found.vector.is_none() {
        return Err(SurveyError::Unrated(advisory.id.clone()));
    }
    Ok(AdvisoryState {
        state: found.state.word().to_owned(),
        cve: found.cve.map(|cve| cve.to_string()),
        private_fork: found.private_fork,
    })
}

async fn survey_repo(
    world: &World,
    folder: &Folder,
    inputs: &Arc<Inputs>,
    repo: &Repo,
    seen: Option<Repository>,
) -> Result<RepoState, SurveyError> {
    let listed = world.transport.list(&repo.name, &["refs/heads/*", "refs/tags/*"]).await?;
    let refs = &listed.commits;
    let new_lines = new_lines(inputs, repo, refs);
    let heads = supported_heads(repo, refs, &new_lines)?;
    let lines = line_heads(repo, refs);
    let store = folder.store(&repo.name);
    bring_public_side(world, &store, repo, &lines, refs).await?;
    let tags: BTreeMap<String, CommitId> = refs
        .iter()
        .filter_map(|(name, commit)| Some((name.strip_prefix("refs/tags/")?.to_owned(), commit.clone())))
        .collect();
    let has_releases = has_releases(world, inputs, repo).await?;
    let seen = match seen {
        Some(seen) => seen,
        None => seen_at_last(world, repo).await?,
    };
    let mut rules = merge_rules(&world.github, repo, seen).await?;
    let (inputs, known, crew) = (Arc::clone(inputs), repo.clone(), world.crew.clone());
    let read = move || {
        let store = Store::open(&store)?;
        let mut bases = stated_bases(&store, &inputs, &known, &tags)?;
        let begun: BTreeMap<_, _> =
            new_lines.iter().filter_map(|branch| bases.remove_entry(branch)).collect();
        let lines: Vec<LineHead> = lines.into_iter().chain(begun.iter().map(LineHead::begun)).collect();
        let heads: BTreeMap<_, _> = heads.into_iter().chain(begun).collect();
        let starts =
            heads.iter().map(|(branch, head)| (branch.clone(), bases.get(branch).unwrap_or(head).clone()));
        let starts = starts.collect();
        let stated = stated_in_files(&store, &inputs, &known, &starts)?;
        let Tagged { versions, mut unread } =
            tagged(&store, &inputs, &known, (&lines, stated.clone()), &tags)?;
        if let Some(rule) = inputs.release_rule(&known)
            && known.line_tags().next().is_none()
            && let Some(form) = odd_form(rule, &versions, inputs.scheme(&known))
        {
            return Err(SurveyError::TagForm { repo: known.name.clone(), form });
        }
        let (packages, of_packages_unread) = PackageSurvey {
            store: &store,
            inputs: &inputs,
            repo: &known,
            lines: &lines,
            starts: &starts,
            tags: &tags,
            versions: &versions,
            stated: &stated,
        }
        .states()
        .map_err(|error| of_packages(&known.name, error))?;
        unread.extend(of_packages_unread);
        let modules = module_names(&store, &known, &versions, &packages)?;
        let mut branches = branches(&inputs, &known, heads, bases, |branch| {
            stated.get(branch).cloned().or_else(|| newest_tagged(&store, &versions, branch))
        });
        for branch in &new_lines {
            branches.entry(branch.clone()).and_modify(|state| state.is_new = true);
        }
        for (branch, state) in &mut branches {
            let start = state.base.as_ref().unwrap_or(&state.head);
            if let (Some(stated), None, false) = (&state.version, &state.base, state.is_new) {
                state.lacks = lacking(&store, &versions, stated, &state.head)?;
            }
            state.matrix = outlook(&store, &known, branch, start, crew.as_deref())?;
        }
        let tips = branches.iter().map(|(branch, state)| (branch.clone(), state.head.clone())).collect();
        rules.owners = code_owners(&store, &rules, &tips)?;
        let versioned = versioned(&store, &inputs, &known, &rules.owners, &tips)?;
        let annotates = annotates(&listed, &versions);
        let tags_alone = !has_releases && !versions.is_empty();
        Ok::<_, SurveyError>(RepoState {
            branches,
            tags,
            versions,
            unread,
            packages,
            modules,
            annotates,
            tags_alone,
            rules,
            fixes: BTreeMap::new(),
            versioned,
        })
    };
    let mut state: RepoState = tokio::task::spawn_blocking(read).await??;
    state.rules.teams = teams(&world.github, &state.rules.owners).await?;
    for package in repo.registered_packages() {
        let released = state.packages.get(&package.name).map_or(&state.versions, |own| &own.versions);
        look_for_package(world, package, released).await.map_err(|source| SurveyError::Package {
            repo: repo.name.clone(),
            package: package.name.clone(),
            source: Box::new(source),
        })?;
    }
    Ok(state)
}

/// Whether there is a GitHub Release, where one is to be awaited: a project that makes tags alone would be waited for in vain.
async fn has_releases(world: &World, inputs: &Inputs, repo: &Repo) -> Result<bool, SurveyError> {
    if inputs.release_rule(repo).is_none_or(|rule| rule.github_release.is_some()) {
        return Ok(true);
    }
    let labelled = world.github.latest_release(&repo.name).await?;
    Ok(labelled.is_some() || !world.github.releases(&repo.name).await?.is_empty())
}

fn of_packages(repo: &RepoName, error: PackageSurveyError) -> SurveyError {
    match error {
        PackageSurveyError::Version { package, branch, source } => {
            SurveyError::PackageVersion { repo: repo.clone(), package, branch, source }
        }
        PackageSurveyError::Answer(fault) => SurveyError::Tag(fault),
        PackageSurveyError::Store(error) => SurveyError::Store(error),
    }
}

/// What the real repositories of a release require of merges and pushes; nothing is written there.
///
/// # Errors
/// When a repository cannot be seen, or a request fails.
pub async fn repository_rules(
    github: &github::Client,
    inputs: &Inputs,
) -> Result<BTreeMap<RepoName, MergeRules>, SurveyError> {
    let mut all = BTreeMap::new();
    for repo in inputs.repos() {
        let seen = github.repository(&repo.name).await?;
        let seen = seen.ok_or_else(|| SurveyError::Unseen(repo.name.clone()))?;
        all.insert(repo.name.clone(), merge_rules(github, repo, seen).await?);
    }
    Ok(all)
}

/// A repository that git lists and the interface did not show: what it allows would be taken for nothing at all.
async fn seen_at_last(world: &World, repo: &Repo) -> Result<Repository, SurveyError> {
    world.clock.sleep(LAG).await;
    let seen = world.github.repository(&repo.name).await?;
    seen.ok_or_else(|| SurveyError::Unseen(repo.name.clone()))
}

/// What the repository requires of merges: what stands in their way is told before the embargo has ended.
async fn merge_rules(
    github: &github::Client,
    repo: &Repo,
    seen: Repository,
) -> Result<MergeRules, SurveyError> {
    if seen.archived {
        return Err(SurveyError::Archived(repo.name.clone()));
    }
    let mut rules = MergeRules { methods: seen.methods, ..MergeRules::default() };
    for branch in repo.branches() {
        let of_branch = github.branch_rules(&repo.name, branch).await?;
        if of_branch != BranchRules::default() {
            rules.branches.insert(branch.clone(), of_branch);
        }
    }
    rules.pushes = push_rules(github, repo).await?;
    Ok(rules)
}

/// Whether the newest tag that names a version is an annotated one. Where none does, the last tag shows the habit.
fn annotates(listed: &RemoteRefs, versions: &[TaggedVersion]) -> Option<bool> {
    let newest = versions.iter().max_by(|one, other| one.version.cmp(&other.version));
    let newest = newest.map(|one| format!("refs/tags/{}", one.tag));
    let any = || listed.commits.keys().rfind(|name| name.starts_with("refs/tags/")).cloned();
    Some(listed.annotated.contains(&newest.or_else(any)?))
}

/// What could not be signed on release day is found now: a key that is missing, an agent that does not run.
async fn try_to_sign(world: &World, repo: &RepoName) -> Result<(), SurveyError> {
    let signer = world.signer.clone();
    let nobody = Signature::utc("Lockgate", "lockgate@localhost", world.clock.now());
    let tried = tokio::task::spawn_blocking(move || signer.sign(b"a trial\n", &nobody)).await?;
    tried.map(drop).map_err(|source| SurveyError::Signing { repo: repo.clone(), source })
}

/// Whoever has told git their name and address; somebody whom git would guess is nobody.
fn known_committer() -> Option<Identity> {
    let known = configured_committer_in(std::path::Path::new("."))?;
    Some(Identity { name: known.name, email: known.email })
}

/// The lines whose branches the release file calls new, and that are not there.
fn new_lines(inputs: &Inputs, repo: &Repo, refs: &BTreeMap<String, CommitId>) -> BTreeSet<BranchName> {
    let lines = inputs.release.lines_of(&repo.name).filter(|line| line.new);
    lines.map(|line| line.branch.clone()).filter(|branch| !refs.contains_key(&branch.full())).collect()
}

/// A line is new only where its branch is not there: else its fixes would miss what the branch holds.
fn check_new_lines(inputs: &Inputs, repo: &Repo, seen: &RepoState) -> Result<(), SurveyError> {
    let mut lines = inputs.release.lines_of(&repo.name).filter(|line| line.new);
    match lines.find(|line| seen.branches.get(&line.branch).is_some_and(|state| !state.is_new)) {
        Some(line) => Err(SurveyError::NotNew { repo: repo.name.clone(), branch: line.branch.clone() }),
        None => Ok(()),
    }
}

/// The highest version that was tagged on a branch. Of pre-releases to one release the last one counts, whatever their names say:
/// `2.0.0-beta.1` came after `2.0.0-nightly.20260203`.
fn newest_tagged(store: &Store, versions: &[TaggedVersion], branch: &BranchName) -> Option<Version> {
    let tagged = versions.iter().filter(|one| one.origin.branch() == Some(branch));
    let highest = tagged.clone().max_by(|one, other| one.version.cmp(&other.version))?;
    let is_alike = |one: &&TaggedVersion| {
        one.version.is_prerelease() && one.version.numbers().eq(highest.version.numbers())
    };
    let alike = tagged.filter(|_| highest.version.is_prerelease()).filter(is_alike);
    let others = alike.filter(|one| one.commit != highest.commit);
    let last = others.fold(highest, |last, one| match store.is_ancestor(&last.commit, &one.commit) {
        Ok(true) => one,
        _ => last,
    });
    Some(last.version.clone())
}

fn supported_heads(
    repo: &Repo,
    refs: &BTreeMap<String, CommitId>,
    new_lines: &BTreeSet<BranchName>,
) -> Result<BTreeMap<BranchName, CommitId>, SurveyError> {
    let known_to_exist = repo.branches().chain(&repo.old_lines).filter(|branch| !new_lines.contains(*branch));
    known_to_exist
        .map(|branch| match refs.get(&branch.full()) {
            Some(head) => Ok((branch.clone(), head.clone())),
            None => Err(SurveyError::NoBranch {
                repo: repo.name.clone(),
                branch: branch.clone(),
                is_old: repo.old_lines.contains(branch),
                known: refs
                    .keys()
                    .filter_map(|name| name.strip_prefix("refs/heads/"))
                    .map(ToOwned::to_owned)
                    .collect(),
            }),
        })
        .filter(|found| found.as_ref().map_or(true, |(branch, _)| !repo.old_lines.contains(branch)))
        .collect()
}

/// The commits of the bases that the release file states: tags before commits.
fn stated_bases(
    store: &Store,
    inputs: &Inputs,
    repo: &Repo,
    tags: &BTreeMap<String, CommitId>,
) -> Result<BTreeMap<BranchName, CommitId>, SurveyError> {
    let stated = inputs
        .release
        .lines_of(&repo.name)
        .filter_map(|line| Some((line.branch.clone(), line.base.clone()?)));
    let found = stated.map(|(branch, base)| {
        let commit = || base.parse().ok().filter(|commit| store.has_commit(commit));
        match tags.get(&base).cloned().or_else(commit) {
            Some(commit) => Ok((branch, commit)),
            None => {
                let known = tags.keys().cloned().collect();
                Err(SurveyError::NoBase { repo: repo.name.clone(), branch, base, known })
            }
        }
    });
    found.collect()
}

/// The versions that files state, on the branches from which releases are made: another may state a version in any
/// form.
fn stated_in_files(
    store: &Store,
    inputs: &Inputs,
    repo: &Repo,
    heads: &BTreeMap<BranchName, CommitId>,
) -> Result<BTreeMap<BranchName, Version>, SurveyError> {
    let in_files = |branch: &BranchName| {
        let versioning = inputs.versioning(repo, branch).filter(Versioning::is_in_files);
        versioning.filter(|_| inputs.releases_from(repo, branch))
    };
    let stating = heads.iter().filter_map(|(branch, head)| Some((branch, head, in_files(branch)?)));
    let read = |(branch, head, versioning): (&BranchName, &CommitId, Versioning)| {
        let version = versioning.stated(&TreeFiles::of(store, head)?).map_err(|source| {
            SurveyError::Version { repo: repo.name.clone(), branch: branch.clone(), source: Box::new(source) }
        })?;
        Ok(version.map(|version| (branch.clone(), version)))
    };
    stating.map(read).filter_map(Result::transpose).collect()
}

/// The branches with their heads and, where releases are made, their versions.
fn branches(
    inputs: &Inputs,
    repo: &Repo,
    heads: BTreeMap<BranchName, CommitId>,
    mut bases: BTreeMap<BranchName, CommitId>,
    version_of: impl Fn(&BranchName) -> Option<Version>,
) -> BTreeMap<BranchName, BranchState> {
    let state = |(branch, head): (BranchName, CommitId)| {
        let is_released = inputs.versioning(repo, &branch).is_some() && inputs.releases_from(repo, &branch);
        let version = if is_released { version_of(&branch) } else { None };
        let base = bases.remove(&branch);
        (branch, BranchState { head, version, base, lacks: None, is_new: false, matrix: None })
    };
    heads.into_iter().map(state).collect()
}
