//! A world made of a catalog, a release file and mirrors: what GitHub would show on the day before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use super::problem::Problem;
use crate::catalog::{PrivateSide, PublishFrom, ReleaseRule, Repo, Trigger};
use crate::ecosystem::Ecosystem;
use crate::emulator::spec;
use crate::git::Store;
use crate::ids::{BranchName, CommitId, GhsaId, Login, RepoName};
use crate::numbering::{Scheme, Version};
use crate::plan::Inputs;
use crate::release::{Advisory, Fix, FixSource};
use crate::version::{Outline, VersionRule};

/// How long before its disclosure a release is rehearsed.
const BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The one check of every repository.
const CHECK: &str = "checks";

/// The world. Its branches and tags are the mirrors', its people those whom the files name.
pub(super) fn world(
    inputs: &Inputs,
    mirrors: &BTreeMap<RepoName, PathBuf>,
) -> Result<spec::WorldSpec, Problem> {
    let start = inputs.release.disclosure.checked_sub(BEFORE).map_err(|error| Problem::internal(&error))?;
    let mut world = spec::WorldSpec::empty(start);
    world.users = people(inputs);
    let deriving = Deriving { inputs, mirrors };
    for repo in &inputs.catalog.repos {
        let needed = inputs.repos().any(|fixed| fixed.name == repo.name);
        if !needed && !mirrors.contains_key(&repo.name) {
            continue;
        }
        deriving.repository(repo, &mut world)?;
    }
    for advisory in &inputs.release.advisories {
        world.advisories.push(deriving.advisory(advisory)?);
    }
    Ok(world)
}

struct Deriving<'a> {
    inputs: &'a Inputs,
    mirrors: &'a BTreeMap<RepoName, PathBuf>,
}

/// Where the commits of one fix lie on the private side.
#[derive(Default)]
struct PrivateFix {
    refs: BTreeMap<String, CommitId>,
    pull: Option<spec::PullSpec>,
}

impl Deriving<'_> {
    fn repository(&self, repo: &Repo, world: &mut spec::WorldSpec) -> Result<(), Problem> {
        let path = self.mirror(&repo.name)?;
        let store = Store::open(path)?;
        let mut made = bare(&repo.name, &repo.default_branch);
        made.source = Some(everything(path));
        made.protection = vec![spec::ProtectionSpec {
            branches: repo.branches().map(ToString::to_string).collect(),
            required_checks: vec![CHECK.to_owned()],
            strict: false,
            required_reviews: 0,
            may_push: Vec::new(),
        }];
        made.checks = vec![spec::CheckSpec {
            name: CHECK.to_owned(),
            delay: SignedDuration::from_mins(5),
            appears: SignedDuration::from_secs(20),
            outcome: spec::ScriptedOutcome::Success,
            flakes: 0,
            branches: Vec::new(),
        }];
        if let (Some(rule), Some(version)) = (self.inputs.release_rule(repo), self.inputs.version_rule(repo))
        {
            let versions = released(&store, rule, self.inputs.scheme(repo))?;
            made.releases = past_releases(rule, &versions);
            made.release = Some(self.pipeline(repo, rule, version)?);
            world.packages.extend(package(repo, &versions));
        }
        world.repos.push(made);
        if let PublishFrom::Fork(name) = &repo.publish_from {
            let mut fork = bare(name, &repo.default_branch);
            fork.fork_of = Some(repo.name.clone());
            world.repos.push(fork);
        }
        if let PrivateSide::Repository(name) = &repo.private {
            world.repos.push(self.private_repository(repo, name, path)?);
        }
        Ok(())
    }

    fn mirror(&self, repo: &RepoName) -> Result<&Path, Problem> {
        self.mirrors.get(repo).map(PathBuf::as_path).ok_or_else(|| {
            Problem::input(
                format!("there is no mirror of `{repo}`, which the release fixes"),
                format!("give it with --mirror {repo}=PATH; `git clone --mirror` makes one"),
            )
        })
    }

    /// The scripted CI of the releases, as the release rule says.
    fn pipeline(
        &self,
        repo: &Repo,
        rule: &ReleaseRule,
        version_rule: &VersionRule,
    ) -> Result<spec::ReleaseSpec, Problem> {
        let version = version(version_rule).ok_or_else(|| {
            Problem::input(
                format!("a rehearsal cannot tell where the version of `{}` stands", repo.name),
                "write a `world.toml`, or give `[repo.version]` as one of the built-in kinds",
            )
        })?;
        let trigger = match &rule.trigger {
            Trigger::Dispatch(workflow) => spec::ScriptedTrigger::Dispatch { workflow: workflow.clone() },
            Trigger::MergeMarker(text) => spec::ScriptedTrigger::MergeMarker { text: text.clone() },
            Trigger::PushTag => spec::ScriptedTrigger::TagPushed { glob: rule.tag.replace("{version}", "*") },
        };
        let publish = repo.package.iter().filter(|package| package.registry).filter_map(|package| {
            let ecosystem = ecosystem(package.ecosystem)?;
            Some(spec::PublishSpec {
                ecosystem,
                name: package.name.clone(),
                delay: SignedDuration::from_mins(5),
            })
        });
        Ok(spec::ReleaseSpec {
            trigger,
            branches: repo.lines.iter().map(ToString::to_string).collect(),
            tag: rule.tag.clone(),
            version,
            delay: SignedDuration::from_mins(2),
            release: Some(spec::ScriptedRelease {
                name: None,
                delay: SignedDuration::from_mins(1),
                assets: rule.assets.iter().cloned().map(spec::AssetSpec::Name).collect(),
            }),
            publish: publish.collect(),
            flakes: 0,
            stops_after: spec::PipelineStage::default(),
            pipeline: spec::Pipeline::default(),
        })
    }

    fn advisory(&self, advisory: &Advisory) -> Result<spec::AdvisorySpec, Problem> {
        let fork = match self.inputs.advisory_fork(advisory) {
            Some(name) => self.private_fork(advisory, &name)?,
            None => None,
        };
        Ok(spec::AdvisorySpec {
            ghsa: advisory.id.clone(),
            repo: advisory.repo.clone(),
            state: if advisory.reporter.is_some() {
                spec::StoredAdvisoryState::Triage
            } else {
                spec::StoredAdvisoryState::Draft
            },
            summary: advisory.summary.clone(),
            description: "As it was reported.".to_owned(),
            severity: None,
            reporter: advisory.reporter.clone(),
            cve_id: None,
            collaborators: Vec::new(),
            fork,
        })
    }

    /// The temporary private fork with the fix in it; none where the fix comes from files.
    fn private_fork(
        &self,
        advisory: &Advisory,
        name: &RepoName,
    ) -> Result<Option<spec::PrivateForkSpec>, Problem> {
        let Some(fix) = advisory.fix_in(&advisory.repo) else { return Ok(None) };
        if matches!(fix.source(), FixSource::Patches(_)) {
            return Ok(None);
        }
        let own = self.mirrors.get(name).map(PathBuf::as_path);
        let path = own.map_or_else(|| self.mirror(&advisory.repo), Ok)?;
        let PrivateFix { refs, pull } = self.private_fix(&advisory.id, fix, path)?;
        let source = own.map(|path| spec::SourceSpec { take: spec::Take::Listed, ..everything(path) });
        Ok(Some(spec::PrivateForkSpec { source, refs, pulls: pull.into_iter().collect() }))
    }

    /// A private repository that the organisation keeps: the public branches, and those of the fixes.
    fn private_repository(
        &self,
        repo: &Repo,
        name: &RepoName,
        public: &Path,
    ) -> Result<spec::RepoSpec, Problem> {
        let path = self.mirrors.get(name).map_or(public, PathBuf::as_path);
        let mut source = everything(path);
        let mut made = bare(name, &repo.default_branch);
        made.visibility = spec::StoredVisibility::Private;
        for advisory in &self.inputs.release.advisories {
            let Some(fix) = advisory.fix_in(&repo.name) else { continue };
            let PrivateFix { refs, pull } = self.private_fix(&advisory.id, fix, path)?;
            source.refs.extend(refs);
            made.pulls.extend(pull);
        }
        made.source = Some(source);
        Ok(made)
    }

    fn private_fix(&self, advisory: &GhsaId, fix: &Fix, path: &Path) -> Result<PrivateFix, Problem> {
        let store = Store::open(path)?;
        let branch = format!("fix/{}", advisory.as_str().to_ascii_lowercase());
        match fix.source() {
            FixSource::Patches(_) => Ok(PrivateFix::default()),
            FixSource::Pull(number) => {
                let name = format!("refs/pull/{number}/head");
                let head = store.reference(&name)?.ok_or_else(|| {
                    Problem::input(
                        format!("the mirror `{}` has no `{name}`", path.display()),
                        format!("fetch it: git -C {} fetch origin {name}:{name}", path.display()),
                    )
                })?;
                Ok(PrivateFix {
                    refs: BTreeMap::from([(format!("refs/heads/{branch}"), head)]),
                    pull: Some(self.pull(fix, number, &branch)?),
                })
            }
            FixSource::Commits(commits) => {
                let mut refs = BTreeMap::new();
                for (index, commit) in commits.iter().enumerate() {
                    store.resolve(commit.as_str())?;
                    refs.insert(format!("refs/heads/{branch}/{}", index + 1), commit.clone());
                }
                Ok(PrivateFix { refs, pull: None })
            }
        }
    }

    fn pull(&self, fix: &Fix, number: u64, branch: &str) -> Result<spec::PullSpec, Problem> {
        let base = self.inputs.catalog.repo(&fix.repo).map(|repo| repo.default_branch.clone());
        Ok(spec::PullSpec {
            number: Some(number),
            title: "Fix".to_owned(),
            body: String::new(),
            head: branch.parse()?,
            base: base.map_or_else(|| "main".parse(), Ok)?,
            author: Some(self.inputs.release.manager.clone()),
            stands: spec::InitialPullState::Open,
        })
    }
}

fn bare(name: &RepoName, default_branch: &BranchName) -> spec::RepoSpec {
    spec::RepoSpec {
        name: name.clone(),
        default_branch: default_branch.clone(),
        visibility: spec::StoredVisibility::Public,
        source: None,
        fork_of: None,
        collaborators: BTreeMap::new(),
        protection: Vec::new(),
        merge_methods: vec![spec::MergeStyle::Merge, spec::MergeStyle::Squash, spec::MergeStyle::Rebase],
        checks: Vec::new(),
        release: None,
        releases: Vec::new(),
        pulls: Vec::new(),
    }
}

fn everything(path: &Path) -> spec::SourceSpec {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    spec::SourceSpec { path: whole, take: spec::Take::Everything, refs: BTreeMap::new() }
}

/// Everybody whom the files name, each with a token of this world; the incident manager administers it.
fn people(inputs: &Inputs) -> Vec<spec::UserSpec> {
    let release = &inputs.release;
    let mut logins: Vec<Login> = vec![release.manager.clone()];
    logins.extend(inputs.catalog.maintainers.iter().chain(&release.approvers).cloned());
    for advisory in &release.advisories {
        logins.extend(advisory.collaborators.iter().cloned());
        logins.extend(advisory.reporter.iter().cloned());
        logins.extend(advisory.credits.iter().map(|credit| credit.login.clone()));
    }
    let mut people: Vec<spec::UserSpec> = Vec::new();
    for login in logins {
        if people.iter().any(|known| known.login == login) {
            continue;
        }
        people.push(spec::UserSpec {
            token: format!("emulated-token-of-{login}"),
            email: None,
            admin: people.is_empty(),
            login,
        });
    }
    people
}

/// The versions that have a tag, oldest first.
fn released(store: &Store, rule: &ReleaseRule, scheme: Scheme) -> Result<Vec<Version>, Problem> {
    let mut versions: Vec<Version> = store
        .references("refs/tags/")?
        .iter()
        .filter_map(|tag| rule.version_of(tag.name.strip_prefix("refs/tags/")?, scheme))
        .collect();
    versions.sort();
    Ok(versions)
}

fn past_releases(rule: &ReleaseRule, versions: &[Version]) -> Vec<spec::PastRelease> {
    let newest = versions.iter().rev().find(|version| !version.is_prerelease());
    versions
        .iter()
        .map(|version| spec::PastRelease {
            tag: rule.tag_of(version),
            published_at: None,
            assets: rule.assets_of(version),
            prerelease: version.is_prerelease(),
            latest: Some(version) == newest,
        })
        .collect()
}

fn package(repo: &Repo, versions: &[Version]) -> Option<spec::PackageSpec> {
    let package = repo.package.as_ref().filter(|package| package.registry)?;
    Some(spec::PackageSpec {
        ecosystem: ecosystem(package.ecosystem)?,
        name: package.name.clone(),
        versions: versions.iter().map(ToString::to_string).collect(),
    })
}

/// The ecosystems that have a registry here.
fn ecosystem(ecosystem: Ecosystem) -> Option<spec::RegistryKind> {
    match ecosystem {
        Ecosystem::Rust => Some(spec::RegistryKind::Cargo),
        Ecosystem::Npm => Some(spec::RegistryKind::Npm),
        Ecosystem::Pip => Some(spec::RegistryKind::Pypi),
        _ => None,
    }
}

/// Where scripted CI reads the version that the rule writes.
fn version(rule: &VersionRule) -> Option<spec::VersionSpec> {
    let Outline { file, patterns } = rule.outline()?;
    Some(spec::VersionSpec { file, patterns, joined_by: ".".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    #[test]
    fn scripted_ci_reads_the_version_that_the_rule_writes() {
        let rule: VersionRule = toml::from_str(
            "kind = \"c-header\"\nheader = \"core/version.h\"\nmacros = [\"A\", \"B\", \"C\"]\n",
        )
        .unwrap();
        let version = version(&rule).unwrap();
        assert_eq!(version.file, "core/version.h");
        assert_eq!(version.patterns, [r"A\s+(\d+)", r"B\s+(\d+)", r"C\s+(\d+)"]);
    }

    #[test]
    fn newest_version_that_is_no_prerelease_is_latest() {
        let rule = ReleaseRule { trigger: Trigger::PushTag, tag: "v{version}".into(), assets: Vec::new() };
        let versions: Vec<Version> =
            ["1.9.0", "2.0.0", "2.1.0-rc.1"].iter().map(|text| semver(text)).collect();
        let latest: Vec<String> = past_releases(&rule, &versions)
            .into_iter()
            .filter(|release| release.latest)
            .map(|release| release.tag)
            .collect();
        assert_eq!(latest, ["v2.0.0"]);
    }
}
