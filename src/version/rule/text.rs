//! Text with placeholders: `version = "{version}"`, `VERSION_MINOR {minor}`, as it stands in a file.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::preset::{check_count, files_at};
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader};
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, line_of, parse_at, place_name, unpacked};

/// Text that states the version, or numbers of it, as often as the catalog says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Text {
    /// The file, from the root of the repository, or a glob for several.
    pub file: String,
    /// The text, with `{version}`, or with `{major}`, `{minor}` and `{patch}`, in it, or with all of them as one number: `{packed}`
    /// (`60401` of 6.4.1) or `{hex}` (`060401`). `{label}` is what makes a pre-release of it. Everything else stands for itself.
    pub text: String,
    /// How often it stands there.
    #[serde(default = "once")]
    pub count: usize,
    /// What stands in place of the version between releases: only the commit that is released states it, and the bump that
    /// `after-release` asks for takes it back. `{version}`: the released version stays there until the next release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<String>,
    /// The scheme of the versions. If it is not stated, that of the package's ecosystem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
}

fn once() -> usize {
    1
}

/// What `between` says of a version that stays until the next release.
const STAYS: &str = "{version}";

const PLACEHOLDERS: [(&str, &str, Holds); 7] = [
    ("{version}", "([0-9][0-9A-Za-z.!_+-]*[0-9A-Za-z]|[0-9])", Holds::Whole),
    ("{major}", "([0-9]+)", Holds::Number(0)),
    ("{minor}", "([0-9]+)", Holds::Number(1)),
    ("{patch}", "([0-9]+)", Holds::Number(2)),
    ("{packed}", "([0-9]{3,10})", Holds::Packed),
    ("{hex}", "([0-9a-fA-F]{6})", Holds::Hex),
    ("{label}", "([0-9A-Za-z.]*)", Holds::Label),
];

/// What is looked for, and what each of its groups holds, in their order.
struct Pattern {
    regex: Regex,
    groups: Vec<Holds>,
}

impl Text {
    /// Whether another text stands there between releases.
    pub(super) fn is_in_releases_alone(&self) -> bool {
        self.between.as_ref().is_some_and(|between| between != STAYS)
    }

    fn pattern(&self) -> Result<Pattern, VersionError> {
        let (mut pattern, mut groups) = (String::new(), Vec::new());
        let mut rest = self.text.as_str();
        while let Some(letter) = rest.chars().next() {
            let placeholder = PLACEHOLDERS.iter().find(|(placeholder, ..)| rest.starts_with(placeholder));
            let length = if let Some((placeholder, group, holds)) = placeholder {
                match self.between.as_deref().filter(|between| *between != STAYS) {
                    Some(between) => {
                        pattern.push_str(&format!("({}|{group})", regex::escape(between)));
                    }
                    None => pattern.push_str(group),
                }
                groups.push(holds.clone());
                placeholder.len()
            } else {
                pattern.push_str(&regex::escape(&rest[..letter.len_utf8()]));
                letter.len_utf8()
            };
            rest = &rest[length..];
        }
        let wrong = |problem: String| VersionError::Rule { problem };
        if groups.iter().all(|holds| *holds == Holds::Label) {
            return Err(wrong(format!("`{}` holds no `{{version}}` and no `{{major}}`", self.text)));
        }
        if self.between.is_some() && groups != [Holds::Whole] {
            return Err(wrong(format!(
                "`{}` has `between`, and holds other than one `{{version}}`",
                self.text
            )));
        }
        let regex = Regex::new(&pattern);
        let regex = regex.map_err(|error| wrong(format!("`{}` cannot be looked for: {error}", self.text)))?;
        Ok(Pattern { regex, groups })
    }

    fn stated(
        &self,
        file: &TextFile,
        spots: &[(Range<usize>, Holds)],
        scheme: Scheme,
    ) -> Result<VersionPlaces, VersionError> {
        if let (Some(between), [(range, _)]) = (&self.between, spots) {
            let between = Some(between.as_str()).filter(|between| *between != STAYS);
            return VersionPlaces::between(file, range.clone(), scheme, between);
        }
        let start = spots.first().map_or(0, |(range, _)| range.start);
        let leader = place_name(&file.path, &file.text, start);
        let whole = spots.iter().find(|(_, holds)| *holds == Holds::Whole);
        let current = match whole {
            Some((range, _)) => parse_at(&file.path, &file.text, range, scheme)?,
            None => {
                let numbers = numbers(file, spots);
                Scheme::Numbers.parse(&numbers).map_err(|error| VersionError::Malformed {
                    path: file.path.clone(),
                    line: line_of(&file.text, start),
                    found: error.value,
                    expected: scheme.noun().to_owned(),
                })?
            }
        };
        let mut places = VersionPlaces { current, leader, places: Vec::new(), standing: Vec::new() };
        // Some of the numbers alone do not tell the version.
        let is_told_in_full = whole.is_some() || spots.iter().any(|(_, holds)| is_one_number(holds));
        for (range, holds) in spots {
            let first = spots.iter().find(|(_, other)| other == holds);
            if first.is_some_and(|(first, _)| file.text[first.clone()] != file.text[range.clone()]) {
                return Err(places.disagrees(file, range));
            }
            let holds = match holds {
                Holds::Number(position) if whole.is_some() => Holds::Apart(*position),
                holds => holds.clone(),
            };
            let says = holds.text(&places.current).filter(|_| is_told_in_full);
            if says.is_some_and(|says| !says.eq_ignore_ascii_case(&file.text[range.clone()])) {
                return Err(places.disagrees(file, range));
            }
            places.add(file, range.clone(), holds);
        }
        Ok(places)
    }
}

impl Pattern {
    /// What one match states, in the order of the numbers.
    fn spots(&self, found: &regex::Captures<'_>) -> Vec<(Range<usize>, Holds)> {
        let spots = self.groups.iter().enumerate();
        let spots = spots.filter_map(|(at, holds)| Some((found.get(at + 1)?.range(), holds.clone())));
        let mut spots: Vec<_> = spots.collect();
        let rank = |holds: &Holds| PLACEHOLDERS.iter().position(|(.., known)| known == holds);
        spots.sort_by_key(|(_, holds)| rank(holds));
        spots
    }
}

/// The version that numbers state which stand apart, or as one.
fn numbers(file: &TextFile, spots: &[(Range<usize>, Holds)]) -> String {
    let text = |range: &Range<usize>| &file.text[range.clone()];
    let as_one = spots.iter().find_map(|(range, holds)| unpacked(holds, text(range)));
    as_one.unwrap_or_else(|| {
        let apart = spots.iter().filter_map(|(range, holds)| match holds {
            Holds::Number(position) => Some((position, text(range))),
            _ => None,
        });
        // One that stands there twice counts once.
        let apart: BTreeMap<_, _> = apart.collect();
        apart.into_values().collect::<Vec<_>>().join(".")
    })
}

fn is_one_number(holds: &Holds) -> bool {
    matches!(holds, Holds::Packed | Holds::Hex)
}

impl VersionFormat for Text {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let pattern = self.pattern()?;
        let scheme = self.scheme.unwrap_or(otherwise);
        let read = files_at(files, &self.file, "a text with the version")?;
        let mut all: Option<VersionPlaces> = None;
        let mut lines = Vec::new();
        for file in &read {
            for found in pattern.regex.captures_iter(&file.text) {
                let spots = pattern.spots(&found);
                lines.push(line_of(&file.text, spots.first().map_or(0, |(range, _)| range.start)));
                let next = self.stated(file, &spots, scheme)?;
                match &mut all {
                    None => all = Some(next),
                    Some(first) if first.current == next.current => first.places.extend(next.places),
                    Some(first) => {
                        let at = spots.first().map_or(0..0, |(range, _)| range.clone());
                        return Err(first.disagrees(file, &at));
                    }
                }
            }
        }
        check_count(Some(self.count), &self.file, &lines)?;
        all.ok_or_else(|| VersionError::Absent {
            path: self.file.clone(),
            expected: format!("`{}`", self.text),
        })
    }

    fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    fn outline(&self) -> Option<Outline> {
        let pattern =
            regex::escape(&self.text).replace(&regex::escape("{version}"), "([0-9][0-9A-Za-z.!_+-]*)");
        self.text.contains("{version}").then(|| Outline { file: self.file.clone(), patterns: vec![pattern] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATED: &str = "version {version}; {major}, {minor}, {patch}; {packed}; 0x{hex}; '{label}'";

    fn raised(text: &str, stated: &str, new: &str) -> Result<String, VersionError> {
        let rule =
            Text { file: "v.h".to_owned(), text: text.to_owned(), count: 1, between: None, scheme: None };
        let files = BTreeMap::from([("v.h".to_owned(), stated.to_owned())]);
        let new = Scheme::SemVer.parse(new).unwrap();
        Ok(rule.places(&files, Scheme::SemVer)?.write(&files, &new)?.remove(0).content)
    }

    #[test]
    fn numbers_may_stand_as_one_beside_what_makes_a_pre_release_of_them() {
        let before = "version 8.10.2-DEV; 8, 10, 2; 81002; 0x080A02; 'DEV'";
        assert_eq!(
            raised(STATED, before, "8.10.2").unwrap(),
            "version 8.10.2; 8, 10, 2; 81002; 0x080a02; ''"
        );
        assert_eq!(
            raised(STATED, before, "8.11.0-DEV").unwrap(),
            "version 8.11.0-DEV; 8, 11, 0; 81100; 0x080b00; 'DEV'"
        );
        assert_eq!(raised("ID {packed}", "ID 60409", "6.4.10").unwrap(), "ID 60410");
        assert_eq!(raised("{major} {packed}", "6 60409", "6.4.10").unwrap(), "6 60410");
        assert_eq!(raised("{minor}-{patch}", "4-9", "6.4.10").unwrap(), "4-10", "some of the numbers alone");
        assert!(matches!(raised("ID {packed}", "ID 60499", "6.4.100"), Err(VersionError::DoesNotFit { .. })));
    }

    #[test]
    fn number_that_stands_there_twice_moves_twice() {
        let text = "VERSION = '{version}';\nID = {major}0{minor}0{patch};\nMINOR = {minor};";
        let stated = |version: &str, id: u32, minor: u32| {
            format!("VERSION = '{version}';\nID = {id};\nMINOR = {minor};")
        };
        let before = stated("3.11.0", 301_100, 11);
        assert_eq!(raised(text, &before, "3.12.1").unwrap(), stated("3.12.1", 301_201, 12));
        assert!(matches!(
            raised(text, &stated("3.11.0", 301_100, 12), "3.12.1"),
            Err(VersionError::Disagree { .. })
        ));
        assert_eq!(raised("{minor}.{patch} {minor}", "4.9 4", "6.5.10").unwrap(), "5.10 5");
        assert!(matches!(
            raised("{minor}.{patch} {minor}", "4.9 5", "6.5.10"),
            Err(VersionError::Disagree { .. })
        ));
    }

    #[test]
    fn numbers_that_say_another_thing_are_out_of_step() {
        let wrong = "version 8.10.2-DEV; 8, 10, 2; 81001; 0x080a02; 'DEV'";
        assert!(matches!(raised(STATED, wrong, "8.10.2"), Err(VersionError::Disagree { .. })));
    }
}
