//! The files of one release, read into the inputs of a plan, with their texts for later errors to point into.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::assets;
use super::input_checks::{check_approvers, check_groups, check_patches};
use crate::catalog::{AssetFiles, Catalog};
use crate::input::{InputError, KeyPart, Source};
use crate::plan::{Inputs, dependency_order};
use crate::release::Release;
use crate::workflow::Workflow;

/// The files of one directory.
#[derive(Debug)]
pub struct InputFiles {
    directory: PathBuf,
    inputs: Inputs,
    pub(super) catalog: Source,
    pub(super) release: Source,
}

impl InputFiles {
    /// Reads `catalog.toml`, `release.toml`, the workflow that it names, its patch files and the mail templates.
    ///
    /// # Errors
    /// When a file is missing or says what cannot be, with the place.
    pub fn load(directory: &Path) -> Result<InputFiles, InputError> {
        let catalog = Source::read(&directory.join("catalog.toml"), "catalog")?;
        InputFiles::of(directory, catalog, || Source::read(&directory.join("release.toml"), "release file"))
    }

    /// The same files, of which the release file says another disclosure time. Nothing is written.
    ///
    /// # Errors
    /// When that cannot be.
    pub fn disclosed_at(&self, time: Timestamp) -> Result<InputFiles, InputError> {
        let place = [KeyPart::Key("disclosure")];
        let release = self.release.with_value(&place, &format!("\"{time}\"")).ok_or_else(|| {
            self.release.error_at(&place, "there is no disclosure time here to be changed", "write one")
        })?;
        InputFiles::of(&self.directory, self.catalog.clone(), || Ok(release))
    }

    /// The release file: where it is, and what it says.
    #[must_use]
    pub fn release_file(&self) -> (&Path, &str) {
        (self.release.path(), self.release.text())
    }

    /// What is wrong with the catalog is said before the release file is looked for.
    fn of(
        directory: &Path,
        catalog_source: Source,
        release_source: impl FnOnce() -> Result<Source, InputError>,
    ) -> Result<InputFiles, InputError> {
        let catalog = Catalog::load(&catalog_source)?;
        let templates = catalog.templates(&catalog_source)?;
        let release_source = release_source()?;
        let (release, patches) = Release::load(&release_source, &catalog)?;
        let workflow = Workflow::load(&release.workflow, directory)?;
        let mut inputs = Inputs { catalog, release, workflow, patches, templates, assets: AssetFiles::new() };
        inputs.assets = assets::read(directory, &inputs)?;
        check_patches(&inputs, &release_source)?;
        check_groups(&inputs, &catalog_source)?;
        check_approvers(&inputs, &release_source)?;
        let files = InputFiles {
            directory: directory.to_owned(),
            inputs,
            catalog: catalog_source,
            release: release_source,
        };
        // The planner would say so too, but only after the world was surveyed for it.
        dependency_order(&files.inputs.catalog).map_err(|error| files.place(&error))?;
        Ok(files)
    }

    /// Where they are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What they say.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The release can still be announced: its disclosure time is to come.
    ///
    /// # Errors
    /// With its place in the release file, when it has passed.
    pub fn check_disclosure(&self, now: Timestamp) -> Result<(), InputError> {
        let disclosure = self.inputs.release.disclosure;
        if disclosure > now {
            return Ok(());
        }
        Err(self.release.error_at(
            &[KeyPart::Key("disclosure")],
            format!("the disclosure time {disclosure} is in the past: it is {now:.0}"),
            format!("announce a new time, in UTC, for example `{}`", an_hour_after(now)),
        ))
    }

    /// Every file that the inputs were read from, relative to the directory.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = vec!["catalog.toml".to_owned(), "release.toml".to_owned()];
        let workflow = &self.inputs.release.workflow;
        if !Workflow::built_in().any(|known| known == workflow) {
            names.push(workflow.clone());
        }
        names.extend(self.inputs.patches.keys().cloned());
        names.extend(self.inputs.templates.keys().cloned());
        names.extend(self.inputs.assets.keys().cloned());
        names
    }
}

/// Four in the afternoon a week after this.
fn an_hour_after(now: Timestamp) -> String {
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(jiff::ToSpan::days(7));
    format!("{day}T16:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> InputFiles {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        InputFiles::load(&path).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_file_of_the_demo_is_named() {
        let files = demo();
        assert!(files.names().contains(&"fixes/sluice-nesting.patch".to_owned()), "{:?}", files.names());
        assert!(!files.names().contains(&"wamr".to_owned()));
    }

    #[test]
    fn another_disclosure_time_is_the_only_change() {
        let (files, time) = (demo(), "2026-01-02T03:04:05Z".parse().unwrap());
        let sooner = files.disclosed_at(time).unwrap();
        assert_eq!(sooner.inputs().release.disclosure, time);
        let lines =
            |files: &InputFiles| files.release_file().1.lines().map(str::to_owned).collect::<Vec<_>>();
        let differing = lines(&files).into_iter().zip(lines(&sooner)).filter(|(one, other)| one != other);
        assert_eq!(differing.count(), 1);
    }

    #[test]
    fn past_disclosure_is_shown_in_the_release_file() {
        let error = demo().check_disclosure("2027-01-01T00:00:00Z".parse().unwrap()).unwrap_err();
        assert!(error.path.ends_with("release.toml"));
        assert_eq!(error.line_and_column().map(|(line, _)| line), Some(6));
        assert!(demo().check_disclosure("2026-01-01T00:00:00Z".parse().unwrap()).is_ok());
    }
}
