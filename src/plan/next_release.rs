//! Which version is released from a line.

use std::collections::BTreeMap;

use super::error::{PlanError, TakenVersion};
use super::inputs::Inputs;
use super::target::{LineRelease, PackageRelease};
use crate::catalog::{Package, Repo, WhenTaken};
use crate::ids::{BranchName, CommitId};
use crate::numbering::{Raise, Scheme, Version};
use crate::snapshot::{BranchState, RepoState, TaggedVersion};

/// How many of the newest releases tell whether the project's versions have build metadata.
const LATELY: usize = 8;
/// How many numbers are tried before none is called free.
const TRIED: usize = 1_000;
/// Why a version comes next that no rule tells.
const STATED: &str = "stated in release.toml";

/// The release that is made from a branch.
///
/// # Errors
/// [`PlanError`] when nothing says how it is released or which version comes next, and when that one is released already.
pub(super) fn line_release(
    inputs: &Inputs,
    repo: &Repo,
    branch: &BranchName,
    seen: &RepoState,
) -> Result<LineRelease, PlanError> {
    let missing = |missing| PlanError::NoRule { repo: repo.name.clone(), missing };
    let version = inputs.repo_version(repo, branch).ok_or_else(|| missing("version"))?;
    let rule = inputs.release_rule(repo).ok_or_else(|| missing("release"))?;
    let beside = |to: &Version| repo.tags_beside(rule, to, branch);
    let next = NextRelease {
        repo,
        branch,
        package: None,
        versions: &seen.versions,
        tags: &seen.tags,
        beside: &beside,
        raise: version.next,
    };
    let from = seen.branches.get(branch).and_then(|state| state.version.clone());
    let wish = inputs.release.line(&repo.name, branch).and_then(|line| line.version.as_deref());
    let (from, to, why) = match (from, wish) {
        (from, Some(wish)) => {
            let to = inputs.scheme(repo).parse(wish);
            let to = to.map_err(|cause| next.wrong(wish, format!("it is no version: {cause}")))?;
            next.check_stated(from.as_ref(), &to)?;
            let from = from.unwrap_or_else(|| to.clone());
            (from, to, Some(STATED.to_owned()))
        }
        (Some(from), None) => {
            let (to, why) = next.by_rule(&from, version.when_taken)?;
            (from, to, why)
        }
        (None, None) => {
            return Err(PlanError::NoVersion { repo: repo.name.clone(), branch: branch.clone() });
        }
    };
    let lacking = seen.branches.get(branch).and_then(BranchState::lacking);
    let why = [why, lacking].into_iter().flatten().reduce(|one, other| format!("{one}; {other}"));
    let after = version.after_release.as_deref().map(|form| next.after(form, &from, &to)).transpose()?;
    let tag = inputs.tag_of(repo, branch, &to).ok_or_else(|| missing("release"))?;
    let more_tags = repo.tags_beside(rule, &to, branch);
    let mut release = LineRelease { tag, more_tags, packages: Vec::new(), from, to, why, after };
    for package in repo.packages_apart().filter(|package| inputs.releases_package(repo, branch, package)) {
        release.packages.extend(package_release(inputs, repo, branch, seen, package, &release)?);
    }
    let own = release.packages.iter().map(|package| package.tag.clone());
    release.more_tags.extend(own.collect::<Vec<_>>());
    release.more_tags = distinct(std::mem::take(&mut release.more_tags), &release.tag);
    Ok(release)
}

/// The version in which somebody else releases what a branch receives.
///
/// # Errors
/// [`PlanError`] when it is none.
pub(super) fn released_elsewhere(
    inputs: &Inputs,
    repo: &Repo,
    branch: &BranchName,
) -> Result<Option<Version>, PlanError> {
    let wish = inputs.release.line(&repo.name, branch).and_then(|line| line.version.as_deref());
    let read = |wish: &str| {
        inputs.scheme(repo).parse(wish).map_err(|cause| PlanError::WrongVersion {
            repo: repo.name.clone(),
            branch: branch.clone(),
            package: None,
            version: wish.to_owned(),
            because: format!("it is no version: {cause}"),
        })
    };
    wish.map(read).transpose()
}

/// The tags but this one, each once, in their order.
fn distinct(tags: Vec<String>, own: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for tag in tags {
        if tag != own && !found.contains(&tag) {
            found.push(tag);
        }
    }
    found
}

/// The release of a package that is told apart; `None` where the branch does not have it.
///
/// # Errors
/// [`PlanError`] when its number is its own, and nothing says which comes next.
fn package_release(
    inputs: &Inputs,
    repo: &Repo,
    branch: &BranchName,
    seen: &RepoState,
    package: &Package,
    release: &LineRelease,
) -> Result<Option<PackageRelease>, PlanError> {
    let named = |from: &Version, to: Version, why| {
        let tag = package.tag_of(&to).unwrap_or_else(|| release.tag.clone());
        let named =
            PackageRelease { name: package.name.clone(), from: from.clone(), to, tag, why, after: None };
        package.counts(&named.to, &repo.packages).then_some(named)
    };
    let Some(version) = &package.version else {
        return Ok(named(&release.from, release.to.clone(), None));
    };
    let Some(state) = seen.packages.get(&package.name) else { return Ok(None) };
    let Some(from) = state.stated.get(branch) else { return Ok(None) };
    let next = NextRelease {
        repo,
        branch,
        package: Some(&package.name),
        versions: &state.versions,
        tags: &seen.tags,
        beside: &|_| Vec::new(),
        raise: version.next,
    };
    let followed = |released: Option<PackageRelease>| {
        let Some(mut released) = released else { return Ok(None) };
        let after = version.after_release.as_deref();
        released.after = after.map(|form| next.after(form, from, &released.to)).transpose()?;
        Ok(Some(released))
    };
    let line = inputs.release.line(&repo.name, branch);
    if let Some(wish) = line.and_then(|line| line.packages.get(&package.name)) {
        let to = inputs.package_scheme(repo, package).parse(wish);
        let to = to.map_err(|cause| next.wrong(wish, format!("it is no version: {cause}")))?;
        next.check_stated(Some(from), &to)?;
        return followed(named(from, to, Some(STATED.to_owned())));
    }
    // One that states the release's version moves with it.
    let goes_along = *from == release.from && next.taken(&release.to).is_none();
    let (to, why) =
        if goes_along { (release.to.clone(), None) } else { next.by_rule(from, version.when_taken)? };
    followed(named(from, to, why))
}

/// What is looked at to tell which version comes next.
struct NextRelease<'a> {
    repo: &'a Repo,
    branch: &'a BranchName,
    /// The package whose number it is, where it is not the repository's.
    package: Option<&'a str>,
    /// What was released before.
    versions: &'a [TaggedVersion],
    tags: &'a BTreeMap<String, CommitId>,
    /// The tags that a version has beside its own.
    beside: &'a dyn Fn(&Version) -> Vec<String>,
    raise: Raise,
}

impl NextRelease<'_> {
    /// The next version by the catalog's rule, and what is remarkable about it.
    fn by_rule(&self, from: &Version, when: WhenTaken) -> Result<(Version, Option<String>), PlanError> {
        if self.has_builds(from) {
            return Err(self.untold(from));
        }
        if self.is_unreleased(from) {
            return Ok((from.clone(), Some(format!("no tag of {from} exists: this is its first release"))));
        }
        let to = self.next(from)?;
        let Some(found) = self.taken(&to) else { return Ok((to, None)) };
        match (when, self.free(&to)) {
            (WhenTaken::Skip, Some(free)) => Ok((free, Some(format!("{found}: {to} is skipped")))),
            (_, free) => {
                let (repo, branch) = (self.repo.name.clone(), self.branch.clone());
                let package = self.package.map(ToOwned::to_owned);
                let taken = TakenVersion { repo, package, branch, from: from.clone(), to, found, free };
                Err(PlanError::Taken(Box::new(taken)))
            }
        }
    }

    /// Whether the version that the line states is one that was never released, though others were.
    fn is_unreleased(&self, from: &Version) -> bool {
        from.is_plain()
            && !self.versions.is_empty()
            && self.tagged(from).is_none()
            && self.newer_on_the_line(from).is_none()
    }

    fn next(&self, from: &Version) -> Result<Version, PlanError> {
        let released: Vec<Version> = self.versions.iter().map(|one| one.version.clone()).collect();
        let next = match self.is_the_line(from) {
            true => from.with_a_number(),
            false => from.next(self.raise, &released),
        };
        next.ok_or_else(|| self.untold(from))
    }

    fn untold(&self, from: &Version) -> PlanError {
        let (repo, branch) = (self.repo.name.clone(), self.branch.clone());
        let package = self.package.map(ToOwned::to_owned);
        PlanError::NoNextVersion { repo, package, branch, from: from.clone() }
    }

    /// Whether build metadata belongs to the versions, as in `1.2.3+k3s1`: after it may come `1.2.3+k3s2` as well as
    /// `1.2.4+k3s1`, and hardly ever `1.2.4`.
    fn has_builds(&self, from: &Version) -> bool {
        let released = self.versions.iter().rev().map(|one| &one.version);
        let mut lately = released.filter(|version| !version.is_prerelease()).take(LATELY).peekable();
        let always = lately.peek().is_some() && lately.all(|version| version.build().is_some());
        always || from.build().is_some()
    }

    /// Whether the branch is called after all numbers of this version, so that the next number belongs to another line: 4.2 on
    /// `stable/4.2.x` is followed by 4.2.1. A branch that says three numbers is called after its first release.
    fn is_the_line(&self, from: &Version) -> bool {
        let says: Vec<&str> = self
            .branch
            .as_str()
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .collect();
        let is_counted = from.is_plain() && from.scheme() != Scheme::Calendar;
        self.raise == Raise::Patch && is_counted && says.len() <= 2 && from.numbers().eq(says)
    }

    /// What the line states once this version is released. What it announced before stays where that is further on: 2.18.4.1 of
    /// a line that is at 2.18.5-SNAPSHOT.
    fn after(&self, form: &str, from: &Version, released: &Version) -> Result<Version, PlanError> {
        let wrong = |version: &str, because: String| PlanError::WrongAfterRelease {
            repo: self.repo.name.clone(),
            package: self.package.map(ToOwned::to_owned),
            version: version.to_owned(),
            because,
        };
        let mut stated = form.replace("{version}", released.as_str());
        if stated.contains("{next}") {
            let next = released.next(self.raise, &[]);
            let next =
                next.ok_or_else(|| wrong(&stated, format!("no rule tells what follows {released}")))?;
            stated = stated.replace("{next}", next.as_str());
        }
        let after = released.scheme().parse(&stated);
        let after = after.map_err(|cause| wrong(&stated, format!("it is no version: {cause}")))?;
        match after == *released {
            true => Err(wrong(&stated, "it is the version that is released".to_owned())),
            false if from.is_prerelease() && *from > after => Ok(from.clone()),
            false => Ok(after),
        }
    }

    fn tagged(&self, version: &Version) -> Option<&TaggedVersion> {
        self.versions.iter().find(|one| one.version == *version)
    }

    /// A release of this line that is newer than this version.
    fn newer_on_the_line(&self, version: &Version) -> Option<&TaggedVersion> {
        // Numbers of another kind, such as years that a project once counted by, say nothing about this line.
        // Nor does one that another scheme counts further on, and whose numbers are lower.
        let numbers = |version: &Version| {
            version.numbers().map_while(|number| number.parse().ok()).collect::<Vec<u64>>()
        };
        let own = numbers(version);
        let of_one_kind = |one: &TaggedVersion| {
            let is_comparable = one.version.scheme() == version.scheme() || numbers(&one.version) >= own;
            is_comparable && one.version.numbers().next() == version.numbers().next()
        };
        let here = |one: &&TaggedVersion| {
            let released_here = one.origin.branch() == Some(self.branch) && of_one_kind(one);
            released_here || one.version.is_of_the_line_of(version)
        };
        let newer = self.versions.iter().filter(|one| one.version > *version);
        newer
            .filter(|one| !one.version.is_prerelease())
            .filter(here)
            .max_by(|one, two| one.version.cmp(&two.version))
    }

    /// A tag that the version would have beside its own, and that exists.
    fn taken_beside(&self, to: &Version) -> Option<String> {
        let mut tags = (self.beside)(to).into_iter();
        tags.find_map(|tag| {
            let at = self.tags.get(&tag)?;
            Some(format!("the tag {tag} exists, at {}", at.short()))
        })
    }

    /// What shows that a version is released already, or that a newer one of its line is.
    fn taken(&self, to: &Version) -> Option<String> {
        let of_it =
            self.tagged(to).map(|one| format!("the tag {} exists, at {}", one.tag, one.commit.short()));
        let of_it = of_it.or_else(|| self.taken_beside(to));
        let newer = self.newer_on_the_line(to).map(|one| format!("{} is released from there", one.tag));
        match (of_it, newer) {
            (Some(of_it), Some(newer)) => Some(format!("{of_it}, and {newer}")),
            (of_it, newer) => of_it.or(newer),
        }
    }

    /// The first version after this one that nothing shows to be released.
    fn free(&self, taken: &Version) -> Option<Version> {
        let newest = self.newer_on_the_line(taken).map_or(taken, |one| &one.version);
        let mut version = newest.clone();
        for _ in 0..TRIED {
            version = self.next(&version).ok()?;
            if self.taken(&version).is_none() {
                return Some(version);
            }
        }
        None
    }

    /// Refuses a version of the release file that is released, or older than what the line states.
    fn check_stated(&self, from: Option<&Version>, to: &Version) -> Result<(), PlanError> {
        let number = to.as_str().strip_prefix(['v', 'V']);
        if let Some(number) = number.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            && from.is_some_and(|from| !from.as_str().starts_with(['v', 'V']))
        {
            let because = format!("it begins with a letter, as a tag does; the version is {number}");
            return Err(self.wrong(to.as_str(), because));
        }
        if let Some(one) = self.tagged(to) {
            return Err(
                self.wrong(to.as_str(), format!("the tag {} exists, at {}", one.tag, one.commit.short()))
            );
        }
        if let Some(found) = self.taken_beside(to) {
            return Err(self.wrong(to.as_str(), found));
        }
        match from {
            Some(from) if to < from && !from.is_prerelease() => {
                Err(self.wrong(to.as_str(), format!("the line states {from}, which is newer")))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, version: &str, because: String) -> PlanError {
        let (repo, branch) = (self.repo.name.clone(), self.branch.clone());
        let package = self.package.map(ToOwned::to_owned);
        PlanError::WrongVersion { repo, package, branch, version: version.to_owned(), because }
    }
}
