//! Releases: those that the tags of the mirror tell of, and scripted CI that makes the next ones.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::catalog::{LineRule, Package, ReleaseRule, Repo, Trigger};
use crate::emulator::spec;
use crate::git::Store;
use crate::ids::BranchName;
use crate::numbering::Version;
use crate::plan::Inputs;
use crate::registry::Protocol;
use crate::rehearsal::error::RehearsalError;
use crate::rehearsal::mirrors::UnusableMirror;
use crate::steps::TreeFiles;
use crate::version::{Outline, VersionRule, Versioning};

/// The versions that have a tag, oldest first, each with its tag.
pub(super) fn released(
    store: &Store,
    inputs: &Inputs,
    repo: &Repo,
) -> Result<Vec<(Version, String)>, UnusableMirror> {
    let read = |tag: &str| Some((inputs.version_by_rule(repo, tag)?, tag.to_owned()));
    let tags = store.references("refs/tags/")?;
    let mut versions: Vec<(Version, String)> =
        tags.iter().filter_map(|tag| read(tag.name.strip_prefix("refs/tags/")?)).collect();
    versions.sort();
    Ok(versions)
}

/// The releases that the tags are of.
pub(super) fn past_releases(rule: &ReleaseRule, versions: &[(Version, String)]) -> Vec<spec::PastRelease> {
    let newest = versions.iter().map(|(version, _)| version).rev().find(|version| !version.is_prerelease());
    versions
        .iter()
        .map(|(version, tag)| spec::PastRelease {
            tag: tag.clone(),
            published_at: None,
            assets: rule.assets_of(version),
            prerelease: version.is_prerelease(),
            latest: Some(version) == newest,
        })
        .collect()
}

/// What the package registries hold of what the repository publishes there.
pub(super) fn packages(
    store: &Store,
    inputs: &Inputs,
    repo: &Repo,
    versions: &[(Version, String)],
) -> Vec<spec::PackageSpec> {
    let named = |package: &Package| {
        // A name that no registry takes is refused while the plan is made.
        let asked = package.in_registry().ok()??;
        let versions = match &package.version {
            None => versions.iter().map(|(version, _)| version.to_string()).collect(),
            Some(_) => at_tags(store, &inputs.package_versioning(repo, package)?, versions),
        };
        Some(spec::PackageSpec {
            ecosystem: registry(asked.protocol()),
            name: asked.name().to_owned(),
            versions,
        })
    };
    repo.packages.iter().filter_map(named).collect()
}

/// The versions that the files of a package stated in the releases of its repository.
fn at_tags(store: &Store, versioning: &Versioning, releases: &[(Version, String)]) -> Vec<String> {
    let read = |(_, tag): &(Version, String)| {
        let commit = store.reference(&format!("refs/tags/{tag}")).ok()??;
        versioning.read(&TreeFiles::of(store, &commit).ok()?).ok()
    };
    let versions: BTreeSet<Version> = releases.iter().filter_map(read).collect();
    versions.iter().map(ToString::to_string).collect()
}

/// The scripted CI that makes releases, as the release rule says.
pub(super) fn pipeline(
    inputs: &Inputs,
    repo: &Repo,
    rule: &ReleaseRule,
) -> Result<spec::ReleaseSpec, RehearsalError> {
    // A pushed tag says its version, whatever files do.
    let pushed = rule.trigger == Trigger::PushTag;
    let in_files = |rule: Option<&VersionRule>| rule.filter(|_| !pushed).and_then(version_file);
    let branches: Vec<&BranchName> =
        repo.branches().filter(|branch| inputs.releases_from(repo, branch)).collect();
    if !pushed && branches.iter().any(|branch| in_files(inputs.version_rule(repo, branch)).is_none()) {
        return Err(RehearsalError::NoVersionFile(repo.name.clone()));
    }
    let line = |line: &LineRule| spec::ReleaseLineSpec {
        branch: line.branch.to_string(),
        tag: line.tag.clone(),
        workflow: line.dispatch.clone(),
        version: in_files(line.version.as_ref().map(|version| &version.rule)),
    };
    Ok(spec::ReleaseSpec {
        trigger: trigger(rule),
        branches: branches.iter().map(ToString::to_string).collect(),
        tag: rule.tag.clone(),
        version: in_files(inputs.common_version(repo).map(|version| &version.rule)),
        lines: repo.line_rules.iter().map(line).collect(),
        delay: SignedDuration::from_mins(2),
        release: rule.github_release.is_none().then(|| spec::ScriptedRelease {
            name: None,
            delay: SignedDuration::from_mins(1),
            assets: rule.assets.iter().cloned().map(spec::AssetSpec::Name).collect(),
        }),
        publish: repo.packages.iter().filter_map(|package| publication(inputs, repo, package)).collect(),
        flakes: 0,
        stops_after: spec::PipelineStage::default(),
        pipeline: spec::Pipeline::default(),
    })
}

fn trigger(rule: &ReleaseRule) -> spec::ScriptedTrigger {
    match &rule.trigger {
        Trigger::Dispatch(workflow) => spec::ScriptedTrigger::Dispatch { workflow: workflow.clone() },
        Trigger::MergeMarker(text) => spec::ScriptedTrigger::MergeMarker { text: text.clone() },
        Trigger::PushTag => {
            let names = ["{version}", "{major}", "{minor}", "{patch}"];
            let glob = names.iter().fold(rule.tag.clone(), |form, name| form.replace(name, "*"));
            spec::ScriptedTrigger::TagPushed { glob }
        }
    }
}

fn publication(inputs: &Inputs, repo: &Repo, package: &Package) -> Option<spec::PublishSpec> {
    // A name that no registry takes is refused while the plan is made.
    let asked = package.in_registry().ok()??;
    let own = package.version.as_ref().and_then(|_| inputs.package_versioning(repo, package)?.outline());
    Some(spec::PublishSpec {
        ecosystem: registry(asked.protocol()),
        name: asked.name().to_owned(),
        delay: SignedDuration::from_mins(5),
        version: own.map(version_at),
    })
}

/// What an emulated registry holds for each protocol.
fn registry(protocol: Protocol) -> spec::RegistryKind {
    match protocol {
        Protocol::Cargo => spec::RegistryKind::Cargo,
        Protocol::Npm => spec::RegistryKind::Npm,
        Protocol::Pypi => spec::RegistryKind::Pypi,
    }
}

/// Where scripted CI reads the version that the rule writes.
fn version_file(rule: &VersionRule) -> Option<spec::VersionSpec> {
    rule.outline().map(version_at)
}

fn version_at(outline: Outline) -> spec::VersionSpec {
    spec::VersionSpec { file: outline.file, patterns: outline.patterns, joined_by: ".".to_owned() }
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
        let version = version_file(&rule).unwrap();
        assert_eq!(version.file, "core/version.h");
        assert_eq!(version.patterns, [r"A\s+(\d+)", r"B\s+(\d+)", r"C\s+(\d+)"]);
    }

    #[test]
    fn scripted_ci_reads_a_pom_past_its_parent() {
        let rule: VersionRule = toml::from_str("kind = 'maven'").unwrap();
        let outline = version_file(&rule).unwrap();
        let read = |pom: &str| {
            let pattern = regex::Regex::new(&format!("(?mR){}", outline.patterns[0])).unwrap();
            pattern.captures(pom).unwrap().iter().skip(1).flatten().next().unwrap().as_str().to_owned()
        };
        let own = "<version>1.2.3</version>\n<dependency><version>9</version></dependency></project>";
        assert_eq!(read(&format!("<project>{own}")), "1.2.3");
        let parent = "<project>\r\n<parent>\r\n<version>7</version>\r\n</parent>";
        assert_eq!(read(&format!("{parent}\r\n{own}")), "1.2.3");
        let property = "<version>${revision}</version><properties><revision>1.2.3</revision></properties>";
        assert_eq!(read(&format!("{parent}{property}<version>9</version>")), "1.2.3");
    }

    #[test]
    fn newest_version_that_is_no_prerelease_is_latest() {
        let rule = ReleaseRule::started_by(Trigger::PushTag);
        let versions: Vec<(Version, String)> =
            ["1.9.0", "2.0.0", "2.1.0-rc.1"].iter().map(|text| (semver(text), format!("v{text}"))).collect();
        let latest: Vec<String> = past_releases(&rule, &versions)
            .into_iter()
            .filter(|release| release.latest)
            .map(|release| release.tag)
            .collect();
        assert_eq!(latest, ["v2.0.0"]);
    }
}
