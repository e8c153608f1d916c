//! Ruby gems: `version.rb` or the gemspec, and what repeats it: gems of the repository that require each other, and
//! `Gemfile.lock`.

use super::AtFile;
use super::at_file::{Preset, PresetForm};
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, open};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, group_ranges};

/// A gem's version.
pub(in crate::version::rule) struct Gem<'a>(pub(in crate::version::rule) &'a AtFile);

const FORM: PresetForm = PresetForm {
    files: &["lib/**/version.rb", "*.gemspec"],
    scheme: Some(Scheme::RubyGems),
    patterns: &[
        r#"^[ \t]*(?:[\w:]+::)?VERSION[ \t]*=[ \t]*['"](?<version>[0-9][^'"]*)['"]"#,
        r#"^[ \t]*\w+\.version[ \t]*=[ \t]*['"](?<version>[0-9][^'"]*)['"]"#,
    ],
    dates: &[],
    noun: "a `VERSION` that is a string",
};

impl VersionFormat for Gem<'_> {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let mut found = Preset { form: &FORM, at: self.0 }.places(files, otherwise)?;
        let names = names(files);
        for path in specifications(files) {
            let Some(specification) = open(files, &path)? else { continue };
            for name in &names {
                for range in group_ranges(&specification.text, &pin(name, &found)) {
                    found.add(&specification, range, Holds::Whole);
                }
            }
        }
        let mut locks = files.list("**/Gemfile.lock");
        locks.sort();
        for path in locks {
            let Some(lock) = open(files, &path)? else { continue };
            for name in &names {
                // In `PATH`, and in what other gems of the repository require of it.
                let version = regex::escape(found.current.as_str());
                let line =
                    format!(r"(?m)^ {{2,6}}{}!? \((?:[=~>]+ )?(?<version>{version})\)", regex::escape(name));
                for range in group_ranges(&lock.text, &line) {
                    found.add(&lock, range, Holds::Whole);
                }
            }
        }
        Ok(found)
    }

    fn scheme(&self) -> Option<Scheme> {
        self.0.scheme.or(FORM.scheme)
    }

    fn outline(&self) -> Option<Outline> {
        Preset { form: &FORM, at: self.0 }.outline()
    }
}

/// What one gem of the repository requires of another, with the present version in full: `s.add_dependency "pump", "= 1.2.3"`.
fn pin(name: &str, found: &VersionPlaces) -> String {
    format!(
        r#"(?m)^[^#\r\n]*\badd_(?:runtime_|development_)?dependency[ \t(]+['"]{}['"],[ \t]*['"](?:[=~>]+ ?)?(?<version>{})['"]"#,
        regex::escape(name),
        regex::escape(found.current.as_str())
    )
}

fn specifications(files: &dyn TreeReader) -> Vec<String> {
    let mut paths = files.list("**/*.gemspec");
    paths.sort();
    paths
}

/// The gems of the repository, by the names of their specifications.
fn names(files: &dyn TreeReader) -> Vec<String> {
    let name = |path: String| Some(path.rsplit('/').next()?.strip_suffix(".gemspec")?.to_owned());
    specifications(files).into_iter().filter_map(name).collect()
}
