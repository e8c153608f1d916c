//! Python projects whose version stands elsewhere than in `pyproject.toml`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::AtFile;
use super::at_file::{Preset, PresetForm, files_at};
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, parse_at, place_name};

/// `version = 1.2.3` in `setup.cfg`.
pub(in crate::version::rule) const SETUP_CFG: PresetForm = PresetForm {
    files: &["setup.cfg"],
    scheme: Some(Scheme::Pep440),
    patterns: &[r"^version[ \t]*[=:][ \t]*(?<version>[0-9][^\s#;]*)"],
    dates: &[],
    noun: "a version under [metadata]",
};

/// `version="1.2.3"` in `setup.py`.
pub(in crate::version::rule) const SETUP_PY: PresetForm = PresetForm {
    files: &["setup.py"],
    scheme: Some(Scheme::Pep440),
    patterns: &[r#"^[ \t]*(?:[^#\r\n]*[(,])?[ \t]*version[ \t]*=[ \t]*['"](?<version>[0-9][^'"]*)['"]"#],
    dates: &[],
    noun: "a version that `setup` is given",
};

/// A Python module that states the version.
pub(in crate::version::rule) struct PythonModule<'a>(pub(in crate::version::rule) &'a AtFile);

/// `__version__ = "1.2.3"` in a module.
const MODULE: PresetForm = PresetForm {
    files: &[
        "src/*/__init__.py",
        "src/*/_version.py",
        "src/*/version.py",
        "src/*/__about__.py",
        "src/*/__version__.py",
        "*/__init__.py",
        "*/_version.py",
        "*/version.py",
        "*/__about__.py",
        "*/__version__.py",
    ],
    scheme: Some(Scheme::Pep440),
    patterns: &[
        r#"^(?:__version__|VERSION)[ \t]*(?::[ \t]*\w+[ \t]*)?=[ \t]*['"](?<version>[0-9][^'"]*)['"]"#,
    ],
    dates: &[],
    noun: "a `__version__` that is a string",
};

impl VersionFormat for PythonModule<'_> {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let stated = Preset { form: &MODULE, at: self.0 }.places(files, otherwise);
        stated.or_else(|error| tuple_of(files, self.0)?.ok_or(error))
    }

    fn scheme(&self) -> Option<Scheme> {
        self.0.scheme.or(MODULE.scheme)
    }

    fn outline(&self) -> Option<Outline> {
        Preset { form: &MODULE, at: self.0 }.outline()
    }
}

/// `VERSION = (4, 2, 1, "final", 0)`, as Django has it, and those who read it as Django does.
static TUPLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^(?:VERSION|version_info|__version_info__)[ \t]*=[ \t]*\([ \t]*(?<major>[0-9]+),[ \t]*(?<minor>[0-9]+),[ \t]*(?<patch>[0-9]+),[ \t]*["'](?<stage>alpha|beta|rc|final)["'],[ \t]*(?<serial>[0-9]+),?[ \t]*\)"#,
    )
    .ok()
});

/// The groups of the tuple, and what each holds.
const PARTS: [(&str, Holds); 5] = [
    ("major", Holds::NumberOrZero(0)),
    ("minor", Holds::NumberOrZero(1)),
    ("patch", Holds::NumberOrZero(2)),
    ("stage", Holds::PythonStage),
    ("serial", Holds::PythonSerial),
];

/// The places of a version in a tuple; `None` where no module has exactly one.
fn tuple_of(files: &dyn TreeReader, at: &AtFile) -> Result<Option<VersionPlaces>, VersionError> {
    let paths: Vec<String> = match &at.file {
        Some(file) => vec![file.clone()],
        None => MODULE.files.iter().flat_map(|glob| files.list(glob)).collect(),
    };
    for path in paths {
        for file in files_at(files, &path, MODULE.noun)? {
            let found: Vec<Captures<'_>> =
                TUPLE.iter().flat_map(|tuple| tuple.captures_iter(&file.text)).collect();
            if let [one] = found.as_slice() {
                return places_of(&file, one, at.scheme.unwrap_or(Scheme::Pep440)).map(Some);
            }
        }
    }
    Ok(None)
}

fn places_of(file: &TextFile, found: &Captures<'_>, scheme: Scheme) -> Result<VersionPlaces, VersionError> {
    let stage = match (&found["stage"], &found["serial"]) {
        ("final", _) => String::new(),
        // What is not even an alpha is in development.
        ("alpha", "0") => ".dev0".to_owned(),
        ("alpha", serial) => format!("a{serial}"),
        ("beta", serial) => format!("b{serial}"),
        (stage, serial) => format!("{stage}{serial}"),
    };
    // 4.2 and then 4.2.1: the tuple has a zero where the version has nothing.
    let patch = Some(&found["patch"]).filter(|patch| **patch != *"0");
    let patch = patch.map_or(String::new(), |patch| format!(".{patch}"));
    let whole = format!("{}.{}{patch}{stage}", &found["major"], &found["minor"]);
    let current = parse_at(&file.path, &whole, &(0..whole.len()), scheme)?;
    let start = found.get(0).map_or(0, |found| found.start());
    let leader = place_name(&file.path, &file.text, start);
    let mut places = VersionPlaces { current, leader, places: Vec::new(), standing: Vec::new() };
    for (name, holds) in PARTS {
        let range: Option<Range<usize>> = found.name(name).map(|group| group.range());
        if let Some(range) = range {
            places.add(file, range, holds);
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[rstest::rstest]
    #[case("(4, 2, 0, \"final\", 0)", "4.2", "4.2.1", "(4, 2, 1, \"final\", 0)")]
    #[case("(4, 2, 9, 'final', 0)", "4.2.9", "4.2.10", "(4, 2, 10, 'final', 0)")]
    #[case("(5, 1, 0, \"alpha\", 0)", "5.1.dev0", "5.1", "(5, 1, 0, \"final\", 0)")]
    #[case("(5, 1, 0, \"beta\", 1)", "5.1b1", "5.1rc1", "(5, 1, 0, \"rc\", 1)")]
    #[case("(4, 2, 1, \"final\", 0)", "4.2.1", "4.2.2.dev0", "(4, 2, 2, \"alpha\", 0)")]
    fn tuple_is_read_and_raised_as_django_does(
        #[case] tuple: &str,
        #[case] stated: &str,
        #[case] new: &str,
        #[case] expected: &str,
    ) {
        let text = |tuple: &str| format!("VERSION = {tuple}\n\n__version__ = get_version(VERSION)\n");
        let files = BTreeMap::from([("pump/__init__.py".to_owned(), text(tuple))]);
        let at = AtFile::default();
        let places = PythonModule(&at).places(&files, Scheme::Pep440).unwrap();
        assert_eq!(places.current.as_str(), stated);
        let raised = places.write(&files, &Scheme::Pep440.parse(new).unwrap()).unwrap();
        assert_eq!(raised[0].content, text(expected));
    }
}
