//! Ruby gems: `version.rb` or the gemspec, and what repeats it: gems of the repository that require each other, and
//! `Gemfile.lock`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::AtFile;
use super::at_file::{Preset, PresetForm};
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, open};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, group_ranges, parse_at, place_name};

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
        let stated = Preset { form: &FORM, at: self.0 }.places(files, otherwise);
        let mut found = stated.or_else(|error| numbers_of(files, self.0)?.ok_or(error))?;
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

/// The constants of a version in parts, as Rails has them: `MAJOR`, `MINOR`, `TINY` and `PRE`, which may be `nil`.
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^[ \t]*(?<name>MAJOR|MINOR|TINY|PATCH|PRE|BUILD)[ \t]*=[ \t]*(?<value>[0-9]+|nil|"[^"\n]*"|'[^'\n]*')"#,
    )
    .ok()
});

/// The places of a version in parts; `None` where no file has one. Those of all gems of the repository are the same.
fn numbers_of(files: &dyn TreeReader, at: &AtFile) -> Result<Option<VersionPlaces>, VersionError> {
    let paths = match &at.file {
        Some(file) => vec![file.clone()],
        None => ["**/lib/**/gem_version.rb", "**/lib/**/version.rb"]
            .iter()
            .flat_map(|glob| files.list(glob))
            .collect(),
    };
    let mut found: Option<VersionPlaces> = None;
    for path in paths {
        let Some(file) = open(files, &path)? else { continue };
        let parts: Vec<Captures<'_>> = PART.iter().flat_map(|part| part.captures_iter(&file.text)).collect();
        let [first, _, _, rest @ ..] = parts.as_slice() else { continue };
        if rest.len() > 1 || first["name"] != *"MAJOR" {
            continue;
        }
        let values: Vec<Range<usize>> =
            parts.iter().filter_map(|part| Some(part.name("value")?.range())).collect();
        let texts = values.iter().map(|range| file.text[range.clone()].trim_matches(['"', '\'']));
        let whole = texts.filter(|text| !matches!(*text, "nil" | "")).collect::<Vec<_>>().join(".");
        let version = parse_at(&file.path, &whole, &(0..whole.len()), at.scheme.unwrap_or(Scheme::RubyGems))?;
        let places = found.get_or_insert_with(|| VersionPlaces {
            current: version.clone(),
            leader: place_name(&file.path, &file.text, values[0].start),
            places: Vec::new(),
            standing: Vec::new(),
        });
        if places.current != version {
            return Err(places.disagrees(&file, &(values[0].start..values[values.len() - 1].end)));
        }
        for (position, range) in values.into_iter().enumerate() {
            let holds = if position < 3 { Holds::Apart(position) } else { Holds::RubyRest(3) };
            places.add(&file, range, holds);
        }
    }
    Ok(found)
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
