//! Where in the user's files an error of planning is to be corrected.

use super::clock_check::ClockFault;
use super::dispatch_check::DispatchFault;
use super::files::InputFiles;
use super::input_checks::RATE;
use super::published_package::PackageError;
use super::rights::TokenFault;
use super::survey_error::SurveyError;
use super::taken_versions::TakenVersion;
use super::whereabouts::PlaceError;
use crate::catalog::{CommitSigning, LineRule, PrivateSide, Repo};
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::input::{InputError, KeyPart, suggest};
use crate::plan::{Fault, PlanError, SharedPackage, SharedTag, Target};
use crate::release::LineWish;
use crate::steps::StepError;
use crate::wording::{counted, with_causes};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanningError {
    /// A file names what the world lacks, or says too little; with the place.
    #[error(transparent)]
    Files(#[from] InputError),
    /// The workflow makes a plan that breaks rules of the house.
    #[error("the plan breaks {}: {}", counted(.0.len(), "rule"), listed(.0))]
    Rules(Vec<Fault>),
    /// A mail of the plan could not be put together when its time comes.
    #[error(transparent)]
    Mails(StepError),
    /// The token will not do on the day.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The machine's clock is wrong.
    #[error(transparent)]
    Clock(#[from] ClockFault),
    /// The world could not be looked at.
    #[error(transparent)]
    Survey(SurveyError),
}

fn listed(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl InputFiles {
    /// Points an error of the planner at the line that it is about.
    pub(super) fn place(&self, error: &PlanError) -> InputError {
        let message = error.to_string();
        match error {
            PlanError::NoBranch { repo, branch } => self.catalog.error_at(
                &self.path_to_branch(repo, branch),
                message,
                "correct its name, or drop the branch",
            ),
            PlanError::NoRepository(repo) => self.at_repo(
                repo,
                "name",
                message,
                "check its name, and that the token may see the repository",
            ),
            PlanError::NoAdvisory { advisory, .. } => self.at_advisory(advisory, message),
            PlanError::NoRule { repo, missing } => {
                self.at_repo(repo, missing, message, format!("write `[repo.{missing}]`"))
            }
            PlanError::NoVersion { repo, branch } => self.at_rule(
                repo,
                branch,
                "version",
                message,
                "check what `[repo.version]` names on that branch; or state the version in release.toml, in a `[[line]]`",
            ),
            PlanError::NoNextVersion { repo, branch, package: Some(package), .. } => self.at_package(
                repo,
                package,
                message,
                format!("state it in release.toml: {}", package_entry(repo, branch, package, "…")),
            ),
            PlanError::NoNextVersion { repo, branch, .. } => self.at_rule(
                repo,
                branch,
                "version",
                message,
                format!("state it in release.toml: {}", line_entry(repo, branch, "…")),
            ),
            PlanError::Taken(taken) if taken.package.is_some() => {
                let package = taken.package.as_deref().unwrap_or_default();
                let entry = |version| package_entry(&taken.repo, &taken.branch, package, version);
                let hint = match &taken.free {
                    Some(free) => format!(
                        "if {free} is right, state it in release.toml: {}; or let its `version` skip what is taken: \
                         `when-taken = \"skip\"`",
                        entry(free.as_str())
                    ),
                    None => format!("state the version in release.toml: {}", entry("…")),
                };
                self.at_package(&taken.repo, package, message, hint)
            }
            PlanError::Taken(taken) => self.at_rule(
                &taken.repo,
                &taken.branch,
                "version",
                message,
                match &taken.free {
                    Some(free) => format!(
                        "if {free} is right, state it in release.toml: {}; or let `[repo.version]` skip what is taken: \
                         `when-taken = \"skip\"`",
                        line_entry(&taken.repo, &taken.branch, free.as_str())
                    ),
                    None => format!("state the version in release.toml: {}", line_entry(&taken.repo, &taken.branch, "…")),
                },
            ),
            PlanError::WrongVersion { repo, branch, package, .. } => {
                let key = if package.is_some() { "packages" } else { "version" };
                self.at_line(repo, branch, key, message, "state a version that is not released yet")
            }
            PlanError::WrongBase { repo, branch, .. } => {
                self.at_line(repo, branch, "base", message, "remove `base`: the release is made from the line's head")
            }
            PlanError::SameTag(shared) => self.place_shared_tag(shared, message),
            PlanError::SamePackage(shared) => self.place_shared_package(shared, message),
            PlanError::Merge(forbidden) => match &forbidden.base {
                Some(_) => self.at_line(
                    &forbidden.repo,
                    &forbidden.branch,
                    "base",
                    message,
                    "allow merge commits there, or remove `base`: what is released from elsewhere is merged into the line",
                ),
                None => self.at_repo(&forbidden.repo, forbidden.key, message, forbidden.remedy.clone()),
            },
            PlanError::Policy(wrong) => self.at_repo(&wrong.repo, wrong.key, message, wrong.remedy),
            PlanError::WrongAfterRelease { repo, package: Some(package), .. } => self.at_package(
                repo,
                package,
                message,
                "correct `after-release` of its `version`, as the package's versions are written",
            ),
            PlanError::Push(forbidden) => self.at_repo(
                &forbidden.repo,
                forbidden.key,
                message,
                match forbidden.key {
                    "patch-branch" => "write `patch-branch` with a name that is allowed, such as `fixes/{release}/{branch}`, or let \
                                       an administrator allow this one",
                    "bump-branch" => "write `bump-branch` with a name that is allowed, such as `bump-{version}/{branch}`, or let \
                                      an administrator allow this one",
                    _ => "let an administrator allow it, or give the token of an account that may bypass the ruleset",
                },
            ),
            PlanError::WrongAfterRelease { repo, .. } => self.at_repo(
                repo,
                "version",
                message,
                "correct `after-release`, for example `{version}-dev` or `{next}.dev0`, as `scheme` reads it",
            ),
            PlanError::WrongAsset { repo, asset, .. } => self.at_asset(repo, asset, message),
            PlanError::Cycle(cycle) => {
                let hint =
                    "remove one of the dependencies; a release can only follow one that does not wait for it";
                match cycle.first() {
                    Some(first) => self.at_repo(first, "depends", message, hint),
                    None => self.catalog.error_at(&[], message, hint),
                }
            }
        }
    }

    /// A version or a base that the release file states is what makes two lines one; else the form of the tag is.
    fn place_shared_tag(&self, shared: &SharedTag, message: String) -> InputError {
        let SharedTag { repo, branch, other, .. } = shared;
        let stated = self.stating(repo, [branch, other], |line| match line {
            LineWish { version: Some(_), .. } => Some("version"),
            LineWish { base: Some(_), .. } => Some("base"),
            _ => None,
        });
        match stated {
            Some((branch, key)) => {
                let hint = "state another version for one of them, or another base";
                self.at_line(repo, branch, key, message, hint)
            }
            None => {
                let hint = "let its tag, or the versions of the lines, tell the lines apart";
                self.at_repo(repo, "release", message, hint)
            }
        }
    }

    /// A version of the package that the release file states is what makes two lines publish one; else the package does.
    fn place_shared_package(&self, shared: &SharedPackage, message: String) -> InputError {
        let SharedPackage { repo, branch, other, package, .. } = shared;
        let hint = format!(
            "state another version for one of them with `packages = {{ \"{package}\" = \"…\" }}` in its `[[line]]`, or \
             release it from one line only"
        );
        let states = |line: &LineWish| line.packages.contains_key(package).then_some("packages");
        match self.stating(repo, [branch, other], states) {
            Some((branch, key)) => self.at_line(repo, branch, key, message, hint),
            None => self.at_repo(repo, "package", message, hint),
        }
    }

    /// The first of these lines of which the release file states something, and the key that does.
    fn stating<'b>(
        &self,
        repo: &RepoName,
        branches: [&'b BranchName; 2],
        key: impl Fn(&LineWish) -> Option<&'static str>,
    ) -> Option<(&'b BranchName, &'static str)> {
        let stated = |branch: &'b BranchName| Some((branch, key(self.inputs().release.line(repo, branch)?)?));
        branches.into_iter().find_map(stated)
    }

    /// Points an error of the survey at the line that it is about, if it is about one.
    pub(super) fn place_survey(&self, error: SurveyError) -> PlanningError {
        let message = with_causes(&error);
        let placed = match &error {
            SurveyError::NoBranch { repo, branch, is_old, known } => {
                let near = suggest(branch.as_str(), known.iter().map(String::as_str));
                let otherwise = if *is_old {
                    "a line without a branch needs no entry: its versions are found by their tags"
                } else {
                    "for a line whose branch is made on the day, add `[[line]]` with `new = true` and its `base`"
                };
                let path = self.path_to_branch(repo, branch);
                self.catalog.error_at(&path, message, format!("{near}; {otherwise}"))
            }
            SurveyError::Place(PlaceError::Renamed { repo, now }) => {
                let key = if self.inputs().catalog.repo(repo).is_some() { "name" } else { "private" };
                self.at_repo(repo, key, message, format!("write `{now}`, also where the release names it"))
            }
            SurveyError::Place(PlaceError::PublicSide { repo, .. }) => self.at_repo(
                repo,
                "private",
                message,
                "name a private repository that the token sees, or remove `private` to use the advisory's fork",
            ),
            SurveyError::Place(PlaceError::Fork { repo, .. }) => self.at_repo(
                repo,
                "publish-from",
                message,
                "name a public fork of it, or remove `publish-from` to push to the repository itself",
            ),
            SurveyError::NoAdvisory { advisory, .. } => self.at_advisory(advisory, message),
            SurveyError::Unrated(advisory) => {
                let index = self.inputs().release.advisories.iter().position(|known| known.id == *advisory);
                let path =
                    [KeyPart::Key("advisory"), KeyPart::Index(index.unwrap_or(0)), KeyPart::Key("severity")];
                self.release.error_at(&path, message, RATE)
            }
            SurveyError::NotNew { repo, branch } => self.at_line(
                repo,
                branch,
                "new",
                message,
                "remove `new`; with `base`, the release is made from there and merged into the branch".to_owned(),
            ),
            SurveyError::NoBase { repo, branch, base, known } => self.at_line(
                repo,
                branch,
                "base",
                message,
                suggest(base, known.iter().map(String::as_str)),
            ),
            SurveyError::Version { repo, branch, .. } => self.at_rule(
                repo,
                branch,
                "version",
                message,
                "check what `[repo.version]` says of that branch's files",
            ),
            SurveyError::TagForm { repo, form } => {
                let path = [KeyPart::Key("repo"), KeyPart::Index(self.repo_index(repo))];
                let path = [&path[..], &[KeyPart::Key("release"), KeyPart::Key("tag")]].concat();
                self.catalog.error_at(
                    &path,
                    message,
                    format!(
                        "write `tag = \"{0}\"`; if tags are written in another way from now on, say so with \
                         `earlier-tags = [\"{0}\"]`",
                        form.form
                    ),
                )
            }
            SurveyError::Tag(fault) => self.release.error_at(
                &[KeyPart::Key("tag"), KeyPart::Index(fault.answer), KeyPart::Key(fault.key)],
                message,
                fault.hint.clone(),
            ),
            SurveyError::Signing { repo, .. } => self.at_repo(
                repo,
                self.key_of_signing(repo),
                message,
                "`git commit -S` must work here: see `user.signingKey` and `gpg.format` in `git config --list`",
            ),
            SurveyError::Unseen(repo) => {
                self.at_repo(repo, "name", message, "check the name, and give a token in GH_TOKEN that sees it")
            }
            SurveyError::Archived(repo) => self.at_repo(
                repo,
                "name",
                message,
                "take it out of the release, or let its owner unarchive it",
            ),
            SurveyError::PackageVersion { repo, package, .. } => self.at_package(
                repo,
                package,
                message,
                "check what its `version` and `path` say of that branch's files",
            ),
            SurveyError::Package { repo, package, source }
                if !matches!(**source, PackageError::NoAnswer(_)) =>
            {
                self.at_package(
                    repo,
                    package,
                    message,
                    "correct the package's name, or the address of its registry at `endpoints.registries`",
                )
            }
            SurveyError::Package { .. }
            | SurveyError::Remote(_)
            | SurveyError::Store(_)
            | SurveyError::GitHub(_)
            | SurveyError::Place(PlaceError::GitHub(_))
            | SurveyError::Task(_) => return PlanningError::Survey(error),
        };
        PlanningError::Files(placed)
    }

    fn at_package(
        &self,
        repo: &RepoName,
        package: &str,
        message: String,
        hint: impl Into<String>,
    ) -> InputError {
        let index = self.repo_index(repo);
        let packages = &self.inputs().catalog.repos[index].packages;
        let position = packages.iter().position(|known| known.name == package).unwrap_or(0);
        let path =
            [KeyPart::Key("repo"), KeyPart::Index(index), KeyPart::Key("package"), KeyPart::Index(position)];
        self.catalog.error_at(&path, message, hint)
    }

    fn key_of_signing(&self, repo: &RepoName) -> &'static str {
        let known = self.inputs().catalog.repo(repo);
        if known.is_some_and(|repo| repo.sign == CommitSigning::Git) { "sign" } else { "release" }
    }

    fn repo_index(&self, repo: &RepoName) -> usize {
        let is_meant =
            |known: &Repo| known.name == *repo || known.private == PrivateSide::Repository(repo.clone());
        self.inputs().catalog.repos.iter().position(is_meant).unwrap_or(0)
    }

    fn at_repo(&self, repo: &RepoName, key: &str, message: String, hint: impl Into<String>) -> InputError {
        let path = [KeyPart::Key("repo"), KeyPart::Index(self.repo_index(repo)), KeyPart::Key(key)];
        self.catalog.error_at(&path, message, hint)
    }

    /// Where the release of a repository says which workflow is dispatched. Its workflow says it, where the catalog does not.
    pub(super) fn place_taken(&self, taken: TakenVersion) -> InputError {
        let TakenVersion { repo, package, what, remedy, .. } = taken;
        self.at_package(&repo, &package, what, remedy)
    }

    pub(super) fn place_dispatch(&self, fault: DispatchFault) -> InputError {
        let DispatchFault { repo, about, what, remedy } = fault;
        self.at_repo(&repo, "release", format!("{about}: {what}"), remedy)
    }

    /// The rule of a branch: its line's own, or the repository's.
    fn at_rule(
        &self,
        repo: &RepoName,
        branch: &BranchName,
        key: &'static str,
        message: String,
        hint: impl Into<String>,
    ) -> InputError {
        self.catalog.error_at(&self.path_to_rule(repo, branch, key), message, hint)
    }

    fn path_to_rule(&self, repo: &RepoName, branch: &BranchName, key: &'static str) -> Vec<KeyPart<'static>> {
        let index = self.repo_index(repo);
        let mut path = vec![KeyPart::Key("repo"), KeyPart::Index(index)];
        let lines = self.inputs().catalog.repos.get(index).map_or(&[][..], |repo| repo.line_rules.as_slice());
        let has_it = |line: &LineRule| match key {
            "version" => line.version.is_some(),
            _ => line.notes.is_some(),
        };
        if let Some(position) = lines.iter().position(|line| line.branch == *branch && has_it(line)) {
            path.extend([KeyPart::Key("line"), KeyPart::Index(position)]);
        }
        path.push(KeyPart::Key(key));
        path
    }

    pub(super) fn at_notes(
        &self,
        target: &Target,
        key: &'static str,
        message: String,
        hint: impl Into<String>,
    ) -> InputError {
        let mut path = self.path_to_rule(&target.repo, &target.branch, "notes");
        path.push(KeyPart::Key(key));
        self.catalog.error_at(&path, message, hint)
    }

    fn at_asset(&self, repo: &RepoName, asset: &str, message: String) -> InputError {
        let rule = self.inputs().catalog.repo(repo).and_then(|repo| repo.release.as_ref());
        let position = rule.and_then(|rule| rule.assets.iter().position(|known| known == asset)).unwrap_or(0);
        let keys = [KeyPart::Key("release"), KeyPart::Key("assets"), KeyPart::Index(position)];
        let path = [[KeyPart::Key("repo"), KeyPart::Index(self.repo_index(repo))].as_slice(), &keys].concat();
        self.catalog.error_at(
            &path,
            message,
            "build it and put it there (`assets-from` names another folder), or remove it from `assets`",
        )
    }

    fn at_line(
        &self,
        repo: &RepoName,
        branch: &BranchName,
        key: &str,
        message: String,
        hint: impl Into<String>,
    ) -> InputError {
        let lines = &self.inputs().release.lines;
        let index = lines.iter().position(|line| line.repo == *repo && line.branch == *branch);
        let path = [KeyPart::Key("line"), KeyPart::Index(index.unwrap_or(0)), KeyPart::Key(key)];
        self.release.error_at(&path, message, hint)
    }

    fn at_advisory(&self, advisory: &GhsaId, message: String) -> InputError {
        let index = self.inputs().release.advisories.iter().position(|known| known.id == *advisory);
        let path = [KeyPart::Key("advisory"), KeyPart::Index(index.unwrap_or(0)), KeyPart::Key("id")];
        self.release.error_at(&path, message, "check its id, and that the token may see the advisory")
    }

    fn path_to_branch(&self, repo: &RepoName, branch: &BranchName) -> Vec<KeyPart<'static>> {
        let index = self.repo_index(repo);
        let mut path = vec![KeyPart::Key("repo"), KeyPart::Index(index)];
        let repo = self.inputs().catalog.repos.get(index);
        let lists = repo.map(|repo| {
            [("lines", &repo.lines), ("newer-lines", &repo.newer_lines), ("old-lines", &repo.old_lines)]
        });
        let found = lists
            .into_iter()
            .flatten()
            .find_map(|(key, list)| Some((key, list.iter().position(|line| line == branch)?)));
        match found {
            Some((key, line)) => path.extend([KeyPart::Key(key), KeyPart::Index(line)]),
            None => path.push(KeyPart::Key("default-branch")),
        }
        path
    }
}

/// The entry of a release file that states the version of a line.
fn package_entry(repo: &RepoName, branch: &BranchName, package: &str, version: &str) -> String {
    format!(
        "`[[line]]` with `repo = \"{repo}\"`, `branch = \"{branch}\"` and `packages = {{ \"{package}\" = \"{version}\" }}`"
    )
}

fn line_entry(repo: &RepoName, branch: &BranchName, version: &str) -> String {
    format!("`[[line]]` with `repo = \"{repo}\"`, `branch = \"{branch}\"` and `version = \"{version}\"`")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn demo() -> InputFiles {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        InputFiles::load(&path).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn branch_that_the_world_lacks_is_shown_in_the_catalog() {
        let error = PlanError::NoBranch {
            repo: "brightwater/sluice".parse().unwrap(),
            branch: "release/2.x".parse().unwrap(),
        };
        let placed = demo().place(&error);
        assert!(placed.path.ends_with("catalog.toml"));
        assert_eq!(placed.line_and_column().map(|(line, _)| line), Some(16));
    }

    #[test]
    fn misspelt_branch_is_shown_with_the_nearest_that_there_is() {
        let error = SurveyError::NoBranch {
            repo: "brightwater/sluice".parse().unwrap(),
            branch: "release/2.x".parse().unwrap(),
            is_old: false,
            known: vec!["main".to_owned(), "release-2.x".to_owned()],
        };
        let PlanningError::Files(placed) = demo().place_survey(error) else { panic!("no place") };
        assert_eq!(placed.line_and_column().map(|(line, _)| line), Some(16));
        let hint = placed.hint.unwrap();
        assert!(hint.starts_with("did you mean `release-2.x`?") && hint.contains("`new = true`"), "{hint}");
    }
}
