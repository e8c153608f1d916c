//! Composer: the version at the top of `composer.json`.

use super::AtFile;
use super::at_file::files_at;
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::TreeReader;
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{VersionPlaces, agreeing};
use crate::version::rule::json::{string_at, with_root};

/// `version` of a JSON manifest; most packages of Composer have none, since the tag is the version.
pub(in crate::version::rule) struct Composer<'a>(pub(in crate::version::rule) &'a AtFile);

const FILE: &str = "composer.json";

impl VersionFormat for Composer<'_> {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let path = self.0.file.as_deref().unwrap_or(FILE);
        let manifests = files_at(files, path, "a Composer package")?;
        let mut spots = Vec::new();
        for manifest in &manifests {
            let stated = with_root(manifest, |root| string_at(&manifest.text, root, "version"))?;
            if let Some(mut range) = stated {
                range.start += usize::from(manifest.text[range.clone()].starts_with('v'));
                spots.push((manifest, range));
            }
        }
        agreeing(&spots, self.0.scheme.unwrap_or(otherwise)).ok_or_else(|| VersionError::Absent {
            path: path.to_owned(),
            expected: "version at the top (without one, the rule is `kind = \"tags\"`)".to_owned(),
        })?
    }

    fn scheme(&self) -> Option<Scheme> {
        self.0.scheme
    }

    fn outline(&self) -> Option<Outline> {
        let file = self.0.file.as_deref().unwrap_or(FILE);
        let patterns = vec![r#"^\s*"version"\s*:\s*"v?([0-9][^"]*)""#.to_owned()];
        (!file.contains('*')).then(|| Outline { file: file.to_owned(), patterns })
    }
}
