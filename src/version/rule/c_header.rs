//! C headers whose version is three macros, with the CMake file that repeats them.
//!
//! WAMR keeps `core/version.h` and `build-scripts/version.cmake`; a release reads the first and builds with the
//! second, so a difference between the twins is an error before anything is written.

use std::ops::Range;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, need};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlace, VersionPlaces, line_of, place_name};

/// Three macros in a header, and their twin in CMake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CHeader {
    /// The header, from the root of the repository.
    pub header: String,
    /// The macros of the major, minor and patch number, in this order.
    pub macros: [String; 3],
    /// A macro that holds the whole version as a string, if there is one.
    #[serde(default)]
    pub text: Option<String>,
    /// The CMake file that repeats the version, if there is one.
    #[serde(default)]
    pub cmake: Option<CMake>,
    /// The scheme of the versions. If it is not stated, that of the package's ecosystem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
}

/// A CMake file that sets three variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CMake {
    /// The file, from the root of the repository.
    pub file: String,
    /// The variables; the names of the macros if not given.
    #[serde(default)]
    pub variables: Option<[String; 3]>,
}

const NUMBERS: [Holds; 3] = [Holds::Major, Holds::Minor, Holds::Patch];

impl VersionFormat for CHeader {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let scheme = self.scheme.unwrap_or(otherwise);
        let header = DefinitionFile {
            path: &self.header,
            text: need(files, &self.header, "the version macros")?.text,
        };
        let triple = header.triple(&self.macros, Language::C, scheme)?;
        let leader = place_name(&self.header, &header.text, triple.ranges[0].start);
        let mut places = header.places(&triple);
        let mut current = triple.version.clone();
        if let Some(name) = &self.text {
            let range = header.one(name, Language::C, r#""(?<value>[^"\n]*)""#)?;
            let stated = &header.text[range.clone()];
            match scheme.parse(stated) {
                // curl's and PHP's `8.10.2-DEV` beside 8, 10 and 2.
                Ok(version) if version.is_prerelease() && version.up_to_the_numbers() == current.as_str() => {
                    places = apart(places);
                    current = version;
                }
                _ => header.agree(range.start, stated, &leader, &current)?,
            }
            places.push(VersionPlace { path: self.header.clone(), range, holds: Holds::Whole });
        }
        if let Some(cmake) = &self.cmake {
            let twin = DefinitionFile {
                path: &cmake.file,
                text: need(files, &cmake.file, "the version variables")?.text,
            };
            let names = cmake.variables.as_ref().unwrap_or(&self.macros);
            let second = twin.triple(names, Language::CMake, scheme)?;
            let found = second.version.to_string();
            twin.agree(second.ranges[0].start, &found, &leader, &triple.version)?;
            places.extend(twin.places(&second));
        }
        Ok(VersionPlaces { current, leader, places, standing: Vec::new() })
    }

    fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    fn outline(&self) -> Option<Outline> {
        let pattern = |name: &String| format!(r"{}\s+(\d+)", regex::escape(name));
        Some(Outline { file: self.header.clone(), patterns: self.macros.iter().map(pattern).collect() })
    }
}

/// The numbers, where the text beside them says what stands behind them.
fn apart(places: Vec<VersionPlace>) -> Vec<VersionPlace> {
    let numbers = places.into_iter().enumerate();
    numbers.map(|(position, place)| VersionPlace { holds: Holds::Apart(position), ..place }).collect()
}

/// How a name is given its value.
#[derive(Clone, Copy)]
enum Language {
    C,
    CMake,
}

impl Language {
    /// An expression for the definition of `name`, up to its value.
    fn definition(self, name: &str) -> String {
        let name = regex::escape(name);
        match self {
            Language::C => format!(r"(?m)^[ \t]*#[ \t]*define[ \t]+{name}[ \t]+"),
            Language::CMake => format!(r#"(?m)^[ \t]*(?i:set)[ \t]*\(\s*{name}\s+"?"#),
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Language::C => "a macro",
            Language::CMake => "a variable",
        }
    }
}

struct Triple {
    ranges: [Range<usize>; 3],
    version: Version,
}

struct DefinitionFile<'a> {
    path: &'a str,
    text: String,
}

impl DefinitionFile<'_> {
    fn triple(
        &self,
        names: &[String; 3],
        language: Language,
        scheme: Scheme,
    ) -> Result<Triple, VersionError> {
        const NUMBER: &str = r"\(?(?<value>[0-9]+)\b";
        let find = |name: &String| self.one(name, language, NUMBER);
        let ranges = [find(&names[0])?, find(&names[1])?, find(&names[2])?];
        let malformed = |range: &Range<usize>, expected: &str| VersionError::Malformed {
            path: self.path.to_owned(),
            line: line_of(&self.text, range.start),
            found: self.text[range.clone()].to_owned(),
            expected: expected.to_owned(),
        };
        // A leading zero would make the number octal.
        if let Some(range) =
            ranges.iter().find(|range| range.len() > 1 && self.text[range.start..].starts_with('0'))
        {
            return Err(malformed(range, "a plain decimal number"));
        }
        let numbers = ranges.each_ref().map(|range| &self.text[range.clone()]);
        let version = scheme.parse(&numbers.join(".")).map_err(|_| malformed(&ranges[0], scheme.noun()))?;
        Ok(Triple { ranges, version })
    }

    /// The bytes of the one value that `name` is given.
    fn one(&self, name: &str, language: Language, value: &str) -> Result<Range<usize>, VersionError> {
        let expected = format!("{} `{name}`", language.noun());
        let regex = Regex::new(&format!("{}{value}", language.definition(name)))
            .map_err(|error| VersionError::Rule { problem: format!("names `{name}`: {error}") })?;
        let mut found =
            regex.captures_iter(&self.text).filter_map(|hit| hit.name("value")).map(|value| value.range());
        let first = found.next();
        match (first, found.next()) {
            (Some(only), None) => Ok(only),
            (Some(first), Some(second)) => Err(VersionError::Twice {
                path: self.path.to_owned(),
                expected,
                first: line_of(&self.text, first.start),
                second: line_of(&self.text, second.start),
            }),
            (None, _) => Err(VersionError::Absent {
                path: self.path.to_owned(),
                expected: expected.trim_start_matches("a ").to_owned() + " with a plain value",
            }),
        }
    }

    fn places(&self, triple: &Triple) -> Vec<VersionPlace> {
        let place = |(range, holds): (&Range<usize>, Holds)| VersionPlace {
            path: self.path.to_owned(),
            range: range.clone(),
            holds,
        };
        triple.ranges.iter().zip(NUMBERS).map(place).collect()
    }

    fn agree(&self, at: usize, found: &str, leader: &str, leading: &Version) -> Result<(), VersionError> {
        if found == leading.to_string() {
            return Ok(());
        }
        Err(VersionError::Disagree {
            path: self.path.to_owned(),
            line: line_of(&self.text, at),
            found: found.to_owned(),
            other: leader.to_owned(),
            expected: leading.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;
    use crate::version::FileChange;

    const HEADER: &str = "/* clang-format off */\n#define WAMR_VERSION_MAJOR 2\n#define WAMR_VERSION_MINOR 4\n#  define\tWAMR_VERSION_PATCH 3 /* 3 */\n#define WAMR_VERSION_PATCH_LEVEL 3\n";
    const CMAKE: &str = "# set(WAMR_VERSION_MAJOR 1)\nset(WAMR_VERSION_MAJOR 2)\nSET( WAMR_VERSION_MINOR 4 )\nset(WAMR_VERSION_PATCH \"3\")\nmessage(\"${WAMR_VERSION_PATCH}\")\n";

    fn macros() -> [String; 3] {
        ["WAMR_VERSION_MAJOR", "WAMR_VERSION_MINOR", "WAMR_VERSION_PATCH"].map(String::from)
    }

    fn twins() -> CHeader {
        CHeader {
            header: "core/version.h".into(),
            macros: macros(),
            text: None,
            cmake: Some(CMake { file: "build-scripts/version.cmake".into(), variables: None }),
            scheme: None,
        }
    }

    fn write(
        format: &CHeader,
        files: &BTreeMap<String, String>,
        new: &str,
    ) -> Result<Vec<FileChange>, VersionError> {
        format.places(files, Scheme::SemVer)?.write(files, &semver(new))
    }

    fn refusal(files: &BTreeMap<String, String>) -> String {
        twins().places(files, Scheme::SemVer).unwrap_err().to_string()
    }

    fn tree(header: &str, cmake: &str) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("core/version.h".to_owned(), header.to_owned()),
            ("build-scripts/version.cmake".to_owned(), cmake.to_owned()),
        ])
    }

    #[test]
    fn text_that_says_that_a_release_is_still_to_come_is_in_step_with_its_numbers() {
        let text = |said: &str, patch: u8| {
            format!(
                "#define V_TEXT \"{said}\"\n#define V_MAJOR 8\n#define V_MINOR 10\n#define V_PATCH {patch}\n"
            )
        };
        let format = CHeader {
            header: "version.h".into(),
            macros: ["V_MAJOR", "V_MINOR", "V_PATCH"].map(String::from),
            text: Some("V_TEXT".into()),
            cmake: None,
            scheme: Some(Scheme::Numbers),
        };
        let files = |text: &str| BTreeMap::from([("version.h".to_owned(), text.to_owned())]);
        let before = files(&text("8.10.2-DEV", 2));
        let places = format.places(&before, Scheme::Numbers).unwrap();
        assert_eq!(places.current.as_str(), "8.10.2-DEV");
        let parse = |version| Scheme::Numbers.parse(version).unwrap();
        let released = places.write(&before, &parse("8.10.2")).unwrap();
        assert_eq!(released[0].content, text("8.10.2", 2));
        let after = places.write(&before, &parse("8.10.3-DEV")).unwrap();
        assert_eq!(after[0].content, text("8.10.3-DEV", 3));
        assert!(format.places(&files(&text("8.10.1-DEV", 2)), Scheme::Numbers).is_err());
    }

    #[test]
    fn header_and_its_cmake_twin_move_together() {
        let changes = write(&twins(), &tree(HEADER, CMAKE), "2.4.10").unwrap();
        assert_eq!(changes[0].path, "build-scripts/version.cmake");
        assert_eq!(changes[0].content, CMAKE.replace("\"3\"", "\"10\""));
        assert_eq!(changes[1].content, HEADER.replace("PATCH 3 /", "PATCH 10 /"));
    }

    #[test]
    fn twins_that_disagree_are_an_error_that_says_so() {
        let files = tree(HEADER, &CMAKE.replace("\"3\"", "\"2\""));
        assert_eq!(
            refusal(&files),
            "`build-scripts/version.cmake` line 2 says 2.4.2, but `core/version.h` line 2 says 2.4.3; bring them \
             in step first"
        );
    }

    #[test]
    fn prerelease_does_not_fit_three_numbers() {
        let result = write(&twins(), &tree(HEADER, CMAKE), "2.4.4-rc.1");
        assert!(matches!(result, Err(VersionError::DoesNotFit { .. })), "{result:?}");
    }

    #[test]
    fn missing_and_doubled_macros_are_named() {
        let missing = refusal(&tree("", CMAKE));
        assert_eq!(missing, "`core/version.h` has no macro `WAMR_VERSION_MAJOR` with a plain value");
        let doubled = refusal(&tree(&HEADER.repeat(2), CMAKE));
        assert!(doubled.contains("a macro `WAMR_VERSION_MAJOR` twice, in lines 2 and 7"), "{doubled}");
    }

    #[test]
    fn wasmtime_header_has_a_string_beside_its_numbers() {
        let text = "#define WASMTIME_VERSION \"36.0.13\"\n#define V_MAJOR 36\n#define V_MINOR 0\n#define V_PATCH 13\n";
        let files = BTreeMap::from([("wasmtime.h".to_owned(), text.to_owned())]);
        let format = CHeader {
            header: "wasmtime.h".into(),
            macros: ["V_MAJOR", "V_MINOR", "V_PATCH"].map(String::from),
            text: Some("WASMTIME_VERSION".into()),
            cmake: None,
            scheme: None,
        };
        let changes = write(&format, &files, "36.0.14").unwrap();
        assert_eq!(changes[0].content, text.replace("13", "14"));
    }
}
