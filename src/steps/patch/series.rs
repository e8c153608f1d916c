//! What an advisory is about in a repository: its packages by the names that they are known by, and the versions that are
//! counted together.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::catalog::{Package, Repo};
use crate::ecosystem::Ecosystem;
use crate::ids::RepoName;
use crate::numbering::{Scheme, Version};
use crate::plan::{Plan, Target};
use crate::release::Advisory;

/// Versions that are counted together: a repository's, or those of one of its packages with tags or numbers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionSeries<'a> {
    /// The repository.
    pub repo: &'a RepoName,
    /// The package, if it is told apart.
    pub package: Option<&'a str>,
}

impl<'a> VersionSeries<'a> {
    /// The versions of a repository.
    #[must_use]
    pub fn of(repo: &'a RepoName) -> VersionSeries<'a> {
        VersionSeries { repo, package: None }
    }

    /// The version and the tag that a target's release makes of it, if it makes one.
    #[must_use]
    pub fn released_by(self, target: &Target) -> Option<(&Version, &String)> {
        let release = target.release.as_ref()?;
        match self.package {
            None => Some((&release.to, &release.tag)),
            Some(name) => release.package(name).map(|package| (&package.to, &package.tag)),
        }
    }
}

impl fmt::Display for VersionSeries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.package {
            None => write!(f, "{}", self.repo),
            Some(package) => write!(f, "{package} ({})", self.repo),
        }
    }
}

/// A package as an advisory names it.
pub(super) struct NamedPackage<'a> {
    pub(super) ecosystem: Ecosystem,
    pub(super) name: Cow<'a, str>,
    pub(super) series: VersionSeries<'a>,
    /// What tells its versions from those of other names; `None` of a repository without packages.
    known: Option<Names<'a>>,
}

/// By which names the versions of a package go.
#[derive(Clone, Copy)]
struct Names<'a> {
    /// The package in the catalog, and all of its repository.
    package: &'a Package,
    all: &'a [Package],
    /// What a Go module calls itself in a major version, where that is another name than the rule tells.
    modules: Option<&'a BTreeMap<String, String>>,
}

impl Names<'_> {
    /// The name of a version; `None` where it is another package's.
    fn of(&self, version: &Version) -> Option<String> {
        let major = version.numbers().next();
        let said = self.modules.zip(major).and_then(|(modules, major)| modules.get(major));
        said.cloned().or_else(|| self.package.name_among(version, self.all))
    }
}

impl NamedPackage<'_> {
    /// Whether a version of the series has this name.
    pub(super) fn holds(&self, version: &Version) -> bool {
        // Only Go modules share their versions. A tag that is no semantic version names none of a module (Go Modules Reference,
        // "Versions").
        let names = self.known.filter(|names| names.package.ecosystem == Ecosystem::Go);
        let is_of = |names: Names<'_>| names.of(version).is_some_and(|name| name == self.name);
        names.is_none_or(|names| Scheme::SemVer.parse(version.as_str()).is_ok() && is_of(names))
    }
}

/// The packages of a repository that an advisory is about. One of which the catalog names none goes by its own name. A Go module
/// goes by a name of its own in each major version.
pub(super) fn packages_of<'a>(plan: &'a Plan, repo: &'a Repo, advisory: &Advisory) -> Vec<NamedPackage<'a>> {
    let all = repo.packages.as_slice();
    let seen = plan.snapshot.repos.get(&repo.name);
    let names = |package: &'a Package| {
        let modules = seen.and_then(|seen| seen.modules.get(&package.name));
        Names { package, all, modules }
    };
    let named = |package: &'a Package, name: Cow<'a, str>| NamedPackage {
        ecosystem: package.ecosystem,
        name,
        series: VersionSeries {
            repo: &repo.name,
            package: package.is_apart().then_some(package.name.as_str()),
        },
        known: Some(names(package)),
    };
    let mut packages: Vec<NamedPackage<'a>> = Vec::new();
    for package in all.iter().filter(|package| advisory.affects(&package.name)) {
        packages.push(named(package, Cow::Borrowed(&package.name)));
        if package.ecosystem != Ecosystem::Go {
            continue;
        }
        let own = names(package);
        for name in versions_of(plan, repo, package).filter_map(|version| own.of(version)) {
            let is_known = all.iter().any(|other| other.name == name);
            if !is_known && !packages.iter().any(|other| other.name == name) {
                packages.push(named(package, Cow::Owned(name)));
            }
        }
    }
    if all.is_empty() && advisory.affects(repo.name.name()) {
        let (ecosystem, series) = (Ecosystem::Other, VersionSeries::of(&repo.name));
        packages.push(NamedPackage { ecosystem, name: repo.name.name().into(), series, known: None });
    }
    packages
}

/// The versions of a package that were released, and that are.
fn versions_of<'p>(
    plan: &'p Plan,
    repo: &'p Repo,
    package: &'p Package,
) -> impl Iterator<Item = &'p Version> {
    let seen = plan.snapshot.repos.get(&repo.name);
    let tagged = seen.into_iter().flat_map(|seen| match seen.packages.get(&package.name) {
        Some(own) => &own.versions,
        None => &seen.versions,
    });
    let released = plan.targets_of(&repo.name).filter_map(|target| target.release.as_ref());
    let released = released.filter_map(|release| release.version_of(package));
    tagged.map(|one| &one.version).chain(released)
}

/// The series of versions that an advisory is about in a repository, each once.
#[must_use]
pub fn series_of<'a>(plan: &'a Plan, advisory: &Advisory, repo: &'a RepoName) -> Vec<VersionSeries<'a>> {
    let Some(known) = plan.inputs.catalog.repo(repo) else { return vec![VersionSeries::of(repo)] };
    let mut found: Vec<VersionSeries<'a>> = Vec::new();
    for package in packages_of(plan, known, advisory) {
        if !found.contains(&package.series) {
            found.push(package.series);
        }
    }
    found
}
