//! What is wrong with files that cannot be read together: each by itself, so that all of it is found at once.

use std::path::Path;

use crate::catalog::Catalog;
use crate::input::{InputError, KeyPart, Source};
use crate::release::Release;
use crate::workflow::Workflow;

/// The files of a directory, as far as they can be read.
#[derive(Debug, Default)]
pub struct UnreadableFiles {
    /// What is wrong, with the file that it is about.
    pub faults: Vec<(String, InputError)>,
    /// The catalog, where there is nothing wrong with it.
    pub catalog: Option<Catalog>,
}

impl UnreadableFiles {
    /// Reads the files of this directory; `first` is why they cannot be used together.
    #[must_use]
    pub fn look(directory: &Path, first: InputError) -> UnreadableFiles {
        let mut files = UnreadableFiles::default();
        files.catalog = files.keep("catalog.toml", Self::catalog(directory));
        let source = Source::read(&directory.join("release.toml"), "release file");
        if let Some(source) = files.keep("release.toml", source)
            && let Some(release) = files.keep("release.toml", source.parse::<Release>())
        {
            files.keep("workflow", Workflow::load(&release.workflow, directory));
            let missing = missing_patches(directory, &source, &release);
            files.faults.extend(missing.into_iter().map(|error| ("release.toml".to_owned(), error)));
        }
        // What only all of them together show, or is known by other words already.
        let is_known =
            files.faults.iter().any(|(_, known)| (&known.path, &known.span) == (&first.path, &first.span));
        if !is_known {
            let about = first.path.file_name().map(|name| name.to_string_lossy().into_owned());
            files.faults.insert(0, (about.unwrap_or_else(|| "files".to_owned()), first));
        }
        files
    }

    fn catalog(directory: &Path) -> Result<Catalog, InputError> {
        let source = Source::read(&directory.join("catalog.toml"), "catalog")?;
        let catalog = Catalog::load(&source)?;
        catalog.templates(&source)?;
        Ok(catalog)
    }

    fn keep<T>(&mut self, about: &str, read: Result<T, InputError>) -> Option<T> {
        read.map_err(|error| self.faults.push((about.to_owned(), error))).ok()
    }
}

/// Every patch that is named and not there.
fn missing_patches(directory: &Path, source: &Source, release: &Release) -> Vec<InputError> {
    let mut missing = Vec::new();
    for (at, advisory) in release.advisories.iter().enumerate() {
        for (fix_at, fix) in advisory.fixes.iter().enumerate() {
            for (patch_at, patch) in
                fix.patches.iter().enumerate().filter(|(_, patch)| !directory.join(patch).is_file())
            {
                let path = [
                    KeyPart::Key("advisory"),
                    KeyPart::Index(at),
                    KeyPart::Key("fix"),
                    KeyPart::Index(fix_at),
                    KeyPart::Key("patches"),
                    KeyPart::Index(patch_at),
                ];
                let hint = "give its path relative to the release file; `git format-patch` makes such files";
                missing.push(source.error_at(&path, format!("there is no patch `{patch}`"), hint));
            }
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::InputFiles;

    #[test]
    fn one_file_hides_nothing_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("catalog.toml", "organisation = 'Acme'\nmaintainers = [");
        write(
            "release.toml",
            "id = 'x'\ntitle = 't'\nmanager = 'ada'\nworkflow = 'nowhere.toml'\ndisclosure = '2030-01-01T00:00:00Z'\n\
             [[advisory]]\nid = 'GHSA-2222-2222-2222'\nrepo = 'acme/pump'\nsummary = 's'\ndescription = 'd'\n\
             [[advisory.fix]]\nrepo = 'acme/pump'\npatches = ['one.patch', 'two.patch']\n",
        );
        let first = InputFiles::load(folder.path()).unwrap_err();
        let files = UnreadableFiles::look(folder.path(), first);
        let told: Vec<String> =
            files.faults.iter().map(|(about, error)| format!("{about}: {error}")).collect();
        assert!(told[0].starts_with("catalog.toml: ") && files.catalog.is_none(), "{told:?}");
        assert!(told[1].starts_with("workflow: "), "{told:?}");
        assert_eq!(
            told[2..],
            ["release.toml: there is no patch `one.patch`", "release.toml: there is no patch `two.patch`"]
        );
    }
}
