//! Node packages: `package.json` and the two places of its lock file.

use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::{CollectOptions, ParseOptions};
use serde::{Deserialize, Serialize};

use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, folder, join, need};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlace, VersionPlaces, line_of, parse_at, place_name};

/// `version` in `package.json`, and with it the lock file beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Npm {
    /// The manifest, from the root of the repository.
    pub manifest: String,
    /// The lock file. If it is not named, `package-lock.json` beside the manifest, if there is one.
    pub lock: Option<String>,
}

impl Default for Npm {
    fn default() -> Self {
        Npm { manifest: "package.json".into(), lock: None }
    }
}

impl VersionFormat for Npm {
    fn places(&self, files: &dyn TreeReader, _: Scheme) -> Result<VersionPlaces, VersionError> {
        let text = need(files, &self.manifest, "a Node package")?;
        let range =
            with_root(&self.manifest, &text, |root| string_at(&text, root, "version"))?.ok_or_else(|| {
                VersionError::Absent { path: self.manifest.clone(), expected: "`version` at its top".into() }
            })?;
        let mut places = VersionPlaces {
            current: parse_at(&self.manifest, &text, &range, Scheme::SemVer)?,
            leader: place_name(&self.manifest, &text, range.start),
            places: vec![VersionPlace { path: self.manifest.clone(), range, holds: Holds::Whole }],
            standing: Vec::new(),
        };
        self.add_lock(files, &mut places)?;
        Ok(places)
    }

    fn scheme(&self) -> Option<Scheme> {
        Some(Scheme::SemVer)
    }

    fn outline(&self) -> Option<Outline> {
        Some(Outline {
            file: self.manifest.clone(),
            patterns: vec![r#""version"\s*:\s*"([^"]+)""#.to_owned()],
        })
    }
}

impl Npm {
    fn add_lock(&self, files: &dyn TreeReader, places: &mut VersionPlaces) -> Result<(), VersionError> {
        let beside = join(folder(&self.manifest), "package-lock.json").unwrap_or_default();
        let (path, text) = match &self.lock {
            Some(lock) => (lock.clone(), need(files, lock, "the lock file of the Node package")?),
            None => match files.read(&beside) {
                Some(text) => (beside, text),
                None => return Ok(()),
            },
        };
        // Lock files of npm 7 and later repeat the version under `packages`, for the package with the empty name.
        let ranges = with_root(&path, &text, |root| {
            let inner = root.get_object("packages").and_then(|packages| packages.get_object(""));
            let inner = inner.and_then(|package| string_at(&text, package, "version"));
            string_at(&text, root, "version").into_iter().chain(inner).collect::<Vec<_>>()
        })?;
        for range in ranges {
            if text[range.clone()] != places.current.to_string() {
                return Err(VersionError::Disagree {
                    line: line_of(&text, range.start),
                    found: text[range].to_owned(),
                    path,
                    other: places.leader.clone(),
                    expected: places.current.to_string(),
                });
            }
            places.places.push(VersionPlace { path: path.clone(), range, holds: Holds::Whole });
        }
        Ok(())
    }
}

fn with_root<T>(path: &str, text: &str, look: impl FnOnce(&Object<'_>) -> T) -> Result<T, VersionError> {
    let syntax =
        |line, message| VersionError::Syntax { path: path.to_owned(), line, format: "JSON", message };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default())
        .map_err(|error| syntax(line_of(text, error.range().start), error.kind().to_string()))?;
    match &parsed.value {
        Some(Value::Object(root)) => Ok(look(root)),
        _ => Err(syntax(1, "expected an object".to_owned())),
    }
}

/// The bytes between the quotes; `None` if the key is absent, not a string, or written with escapes.
fn string_at(text: &str, object: &Object<'_>, key: &str) -> Option<Range<usize>> {
    let string = object.get_string(key)?;
    let range = string.range.start + 1..string.range.end.saturating_sub(1);
    (text.get(range.clone()) == Some(&*string.value)).then_some(range)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;
    use crate::version::FileChange;

    const MANIFEST: &str = "{\n\t\"name\": \"ünder\",\n\t\"dependencies\": { \"version\": \"9.9.9\" },\n\t\"version\" : \"1.2.3\"\n}";
    const LOCK: &str = "{\n  \"name\": \"x\",\n  \"version\": \"1.2.3\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": { \"name\": \"x\", \"version\": \"1.2.3\" },\n    \"node_modules/y\": { \"version\": \"1.2.3\" }\n  }\n}\n";

    fn tree() -> BTreeMap<String, String> {
        BTreeMap::from([
            ("package.json".to_owned(), MANIFEST.to_owned()),
            ("package-lock.json".to_owned(), LOCK.to_owned()),
        ])
    }

    fn write(new: &str) -> Vec<FileChange> {
        let places = Npm::default().places(&tree(), Scheme::SemVer).unwrap();
        places.write(&tree(), &semver(new)).unwrap()
    }

    fn refusal(files: &BTreeMap<String, String>) -> String {
        Npm::default().places(files, Scheme::SemVer).unwrap_err().to_string()
    }

    #[test]
    fn manifest_and_both_places_of_the_lock_move_and_nothing_else() {
        let changes = write("1.2.4");
        let lock = &changes[0];
        assert_eq!(lock.path, "package-lock.json");
        assert_eq!(lock.content, LOCK.replacen("1.2.3", "1.2.4", 2));
        assert_eq!(changes[1].content, MANIFEST.replace("1.2.3", "1.2.4"));
    }

    #[test]
    fn stale_lock_is_named_with_its_line() {
        let mut files = tree();
        files.insert("package-lock.json".into(), LOCK.replacen("1.2.3", "1.2.0", 1));
        let message = refusal(&files);
        assert!(message.starts_with("`package-lock.json` line 3 says 1.2.0"), "{message}");
    }

    #[test]
    fn broken_json_names_the_line() {
        let files = BTreeMap::from([("package.json".to_owned(), "{\n \"version\": }".to_owned())]);
        let message = refusal(&files);
        assert!(message.contains("line 2 cannot be parsed as JSON"), "{message}");
    }
}
