//! The files of a directory, read into the inputs of a plan; and the places in them that later errors are about.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::problem::Problem;
use crate::catalog::Catalog;
use crate::ids::{BranchName, GhsaId, RepoName};
use crate::input::{InputError, Part, Source, suggest};
use crate::plan::{Inputs, PlanError};
use crate::release::Release;
use crate::survey::SurveyError;
use crate::wording::with_causes;
use crate::workflow::Workflow;

/// The files of one directory.
#[derive(Debug)]
pub(super) struct Files {
    /// The directory.
    pub(super) directory: PathBuf,
    /// What they say.
    pub(super) inputs: Inputs,
    catalog: Source,
    release: Source,
}

impl Files {
    /// Reads `catalog.toml`, `release.toml`, the workflow that it names, its patch files and the mail templates.
    pub(super) fn load(directory: &Path) -> Result<Files, InputError> {
        let catalog_source = Source::read(&directory.join("catalog.toml"), "catalog")?;
        let catalog = Catalog::load(&catalog_source)?;
        let templates = catalog.templates(&catalog_source)?;
        let release_source = Source::read(&directory.join("release.toml"), "release file")?;
        let (release, patches) = Release::load(&release_source, &catalog)?;
        let workflow = Workflow::load(&release.workflow, directory)?;
        Ok(Files {
            directory: directory.to_owned(),
            inputs: Inputs { catalog, release, workflow, patches, templates },
            catalog: catalog_source,
            release: release_source,
        })
    }

    /// The release can still be announced: its hour is not over.
    pub(super) fn check_disclosure(&self, now: Timestamp) -> Result<(), InputError> {
        let disclosure = self.inputs.release.disclosure;
        if disclosure > now {
            return Ok(());
        }
        Err(self.release.error_at(
            &[Part::Key("disclosure")],
            format!("the disclosure time {disclosure} is in the past: it is {now:.0}"),
            "announce a new hour, in UTC, for example `2026-03-10T16:00:00Z`",
        ))
    }

    /// Every file that the inputs were read from, relative to the directory.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = vec!["catalog.toml".to_owned(), "release.toml".to_owned()];
        let workflow = &self.inputs.release.workflow;
        if !Workflow::built_in().any(|known| known == workflow) {
            names.push(workflow.clone());
        }
        names.extend(self.inputs.patches.keys().cloned());
        names.extend(self.inputs.templates.keys().cloned());
        names
    }

    /// Points a planning error at the line of the catalog or release file that it is about.
    pub(super) fn place(&self, error: &PlanError) -> Problem {
        let message = error.to_string();
        match error {
            PlanError::NoBranch { repo, branch } => self
                .catalog
                .error_at(&self.way_to_branch(repo, branch), message, "correct its name, or drop the branch")
                .into(),
            PlanError::NoRepository(repo) => self
                .at_repo(repo, "name", message, "check its name, and that the token may see the repository")
                .into(),
            PlanError::NoAdvisory { advisory, .. } => self.at_advisory(advisory, message).into(),
            PlanError::NoRule { repo, missing } => {
                self.at_repo(repo, missing, message, format!("write `[repo.{missing}]`")).into()
            }
            PlanError::NoVersion { repo, .. } => self
                .at_repo(
                    repo,
                    "version",
                    message,
                    "check the files that `[repo.version]` names on that branch",
                )
                .into(),
            PlanError::Cycle(_) => Problem::input(message, "take one of the dependencies out of the catalog"),
        }
    }

    /// Points an error of the survey at the line of the user's files that it is about.
    pub(super) fn place_survey(&self, error: &SurveyError) -> Problem {
        let message = with_causes(error);
        match error {
            SurveyError::NoBranch { repo, branch, known } => self
                .catalog
                .error_at(
                    &self.way_to_branch(repo, branch),
                    message,
                    suggest(branch.as_str(), known.iter().map(String::as_str)),
                )
                .into(),
            SurveyError::NoAdvisory { advisory, .. } => self.at_advisory(advisory, message).into(),
            SurveyError::Version { repo, .. } => self
                .at_repo(repo, "version", message, "check what `[repo.version]` says of that branch's files")
                .into(),
            SurveyError::Remote(_) | SurveyError::Store(_) | SurveyError::GitHub(_) => {
                Problem::outside(error)
                    .hinted("nothing was changed; check the token and the network, then try again")
            }
            SurveyError::Task(_) => Problem::internal(error),
        }
    }

    fn repo_index(&self, repo: &RepoName) -> usize {
        self.inputs.catalog.repos.iter().position(|known| known.name == *repo).unwrap_or(0)
    }

    fn at_repo(&self, repo: &RepoName, key: &str, message: String, hint: impl Into<String>) -> InputError {
        let way = [Part::Key("repo"), Part::Index(self.repo_index(repo)), Part::Key(key)];
        self.catalog.error_at(&way, message, hint)
    }

    fn at_advisory(&self, advisory: &GhsaId, message: String) -> InputError {
        let index = self.inputs.release.advisories.iter().position(|known| known.id == *advisory);
        let way = [Part::Key("advisory"), Part::Index(index.unwrap_or(0)), Part::Key("id")];
        self.release.error_at(&way, message, "check its id, and that the token may see the advisory")
    }

    fn way_to_branch(&self, repo: &RepoName, branch: &BranchName) -> Vec<Part<'static>> {
        let index = self.repo_index(repo);
        let mut way = vec![Part::Key("repo"), Part::Index(index)];
        let lines =
            self.inputs.catalog.repos.get(index).map(|repo| repo.lines.as_slice()).unwrap_or_default();
        match lines.iter().position(|line| line == branch) {
            Some(line) => way.extend([Part::Key("lines"), Part::Index(line)]),
            None => way.push(Part::Key("default-branch")),
        }
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> Files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        Files::load(&path).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_file_of_the_demo_is_named() {
        let files = demo();
        assert!(files.names().contains(&"fixes/sluice-nesting.patch".to_owned()), "{:?}", files.names());
        assert!(!files.names().contains(&"wamr".to_owned()));
    }

    #[test]
    fn branch_that_the_world_lacks_is_shown_in_the_catalog() {
        let error = PlanError::NoBranch {
            repo: "brightwater/sluice".parse().unwrap(),
            branch: "release/2.x".parse().unwrap(),
        };
        let text = demo().place(&error).to_string();
        assert!(text.contains("catalog.toml:16:"), "{text}");
    }

    #[test]
    fn past_disclosure_is_shown_in_the_release_file() {
        let error = demo().check_disclosure("2027-01-01T00:00:00Z".parse().unwrap()).unwrap_err();
        assert!(error.path.ends_with("release.toml"));
        assert_eq!(error.line_and_column().map(|(line, _)| line), Some(6));
        assert!(demo().check_disclosure("2026-01-01T00:00:00Z".parse().unwrap()).is_ok());
    }
}
