//! The exact bytes where a version stands, and the one function that replaces them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::error::VersionError;
use super::files::{FileChange, TextFile, TreeReader, need, open};
use crate::ids::Digest;
use crate::numbering::{Scheme, Version, names_development};

/// What becomes of what carries another version than the release's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum OtherVersions {
    /// They stay.
    #[default]
    Keep,
    /// They go to their own next patch version, as Cranelift's crates do in Wasmtime's patch releases.
    NextPatch,
}

impl OtherVersions {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
    pub(super) fn is_keep(&self) -> bool {
        *self == OtherVersions::Keep
    }
}

/// What the bytes of a place hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holds {
    /// The whole version.
    Whole,
    /// The first of the three numbers.
    Major,
    /// The second.
    Minor,
    /// The third.
    Patch,
    /// One of its numbers, from 0.
    Number(usize),
    /// The day of the release.
    Date,
    /// This text, whatever the version.
    Text(String),
    /// The digest of these files as they are when the version has changed.
    Sources(Vec<String>),
    /// One of its numbers, from 0, where another place holds what stands behind them.
    Apart(usize),
    /// What stands behind this many numbers, as a literal of Ruby: `"1"` of 7.1.5.1, `nil` of 7.1.5.
    RubyRest(usize),
    /// All numbers, without what makes a pre-release of them.
    Numbers,
    /// What makes a pre-release of them, without the hyphen; nothing for a release.
    Label,
    /// The numbers as one, two digits for each behind the first: `60401` of 6.4.1.
    Packed,
    /// The numbers as two hexadecimal digits each: `080a02` of 8.10.2.
    Hex,
    /// One of its numbers, from 0, or `0`.
    NumberOrZero(usize),
    /// How far it is, as Python's tuples tell it: `alpha`, `beta`, `rc` or `final`.
    PythonStage,
    /// Which release of that stage.
    PythonSerial,
    /// The whole version as Python's tools write it.
    PythonNormal,
    /// The numbers, with zeros behind them up to this count: `1.2.3.0`.
    Padded(usize),
    /// The version of a package with a line of its own, which becomes this one.
    OwnLine(Version),
    /// The version of the newest release, as it stands there: what is developed afterwards leaves it.
    Released(String),
    /// The version of a release while that is made, and this text between releases.
    Between(String),
}

impl Holds {
    /// How a place that states the same version holds it: in full, or with zeros behind it (`1.2.3.0`). `None` for
    /// another version.
    pub(super) fn of(leading: &Version, found: &Version) -> Option<Holds> {
        let (shorter, longer) = (leading.numbers().count(), found.numbers().count());
        if leading == found && shorter == longer {
            return Some(Holds::Whole);
        }
        let zeros = found.numbers().skip(shorter).all(|number| number == "0");
        let begins = leading.numbers().eq(found.numbers().take(shorter));
        (leading.is_plain() && found.is_plain() && zeros && begins).then_some(Holds::Padded(longer))
    }

    /// What stands there when the version becomes `new`; `None` if it does not fit.
    pub(super) fn text(&self, new: &Version) -> Option<String> {
        let numbers: Vec<&str> = new.numbers().collect();
        match (self, numbers.as_slice()) {
            (Holds::Whole, _) => Some(new.to_string()),
            (Holds::OwnLine(next), _) => Some(next.to_string()),
            (Holds::Text(text), _) => Some(text.clone()),
            (Holds::Released(text), _) if new.is_prerelease() => Some(text.clone()),
            (Holds::Released(_), _) => Some(new.to_string()),
            (Holds::Between(text), _) if names_development(new.as_str()) => Some(text.clone()),
            (Holds::Between(_), _) => Some(new.to_string()),
            (Holds::Packed, _) => packed(&numbers),
            (Holds::Hex, _) => hexadecimal(&numbers),
            (Holds::NumberOrZero(position), _) => Some(numbers.get(*position).unwrap_or(&"0").to_string()),
            (Holds::PythonStage, _) => new.python_stage().map(|(stage, _)| stage.to_owned()),
            (Holds::PythonSerial, _) => new.python_stage().map(|(_, serial)| serial.to_string()),
            (Holds::PythonNormal, _) => Some(new.python_normal()),
            (Holds::Apart(position), _) => numbers.get(*position).map(|number| (*number).to_owned()),
            (Holds::RubyRest(count), _) => {
                let before = numbers.get(..*count)?.join(".");
                let rest = new.as_str().strip_prefix(&before)?.trim_start_matches('.');
                Some(if rest.is_empty() { "nil".to_owned() } else { format!("\"{rest}\"") })
            }
            (Holds::Numbers, _) => Some(new.up_to_the_numbers().to_owned()),
            (Holds::Label, _) => {
                Some(new.as_str()[new.up_to_the_numbers().len()..].trim_start_matches('-').to_owned())
            }
            (Holds::Number(position), _) if new.is_plain() => {
                numbers.get(*position).map(|number| (*number).to_owned())
            }
            (Holds::Padded(count), _) if new.is_plain() => {
                let zeros = std::iter::repeat_n("0", count.saturating_sub(numbers.len()));
                Some(numbers.iter().copied().chain(zeros).collect::<Vec<_>>().join("."))
            }
            (Holds::Major, [major, _, _]) if new.is_plain() => Some((*major).to_owned()),
            (Holds::Minor, [_, minor, _]) if new.is_plain() => Some((*minor).to_owned()),
            (Holds::Patch, [_, _, patch]) if new.is_plain() => Some((*patch).to_owned()),
            _ => None,
        }
    }
}

/// `60401` of 6.4.1; `None` where a number behind the first needs more than two digits.
fn packed(numbers: &[&str]) -> Option<String> {
    let number = |position: usize| numbers.get(position).map_or(Some(0), |number| number.parse::<u64>().ok());
    let (major, minor, patch) = (number(0)?, number(1)?, number(2)?);
    let fits = numbers.len() <= 3 && minor < 100 && patch < 100;
    fits.then(|| (major * 10_000 + minor * 100 + patch).to_string())
}

/// `080a02` of 8.10.2; `None` where a number is above 255.
fn hexadecimal(numbers: &[&str]) -> Option<String> {
    let number = |position: usize| numbers.get(position).map_or(Some(0), |number| number.parse::<u8>().ok());
    let (major, minor, patch) = (number(0)?, number(1)?, number(2)?);
    (numbers.len() <= 3).then(|| format!("{major:02x}{minor:02x}{patch:02x}"))
}

/// The version whose numbers stand in one: `60401`, or `080a02`.
pub(super) fn unpacked(holds: &Holds, text: &str) -> Option<String> {
    match holds {
        Holds::Packed => {
            let number: u64 = text.parse().ok()?;
            Some(format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100))
        }
        Holds::Hex => {
            let number = u32::from_str_radix(text, 16).ok()?;
            Some(format!("{}.{}.{}", number >> 16, number >> 8 & 0xff, number & 0xff))
        }
        _ => None,
    }
}

/// One stretch of bytes in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VersionPlace {
    pub(super) path: String,
    pub(super) range: Range<usize>,
    pub(super) holds: Holds,
}

impl VersionPlace {
    fn text(&self, new: &Version) -> Result<String, VersionError> {
        let fits = self.holds.text(new);
        fits.ok_or_else(|| VersionError::DoesNotFit { path: self.path.clone(), version: new.clone() })
    }
}

/// The SHA-256 of those of these files that there are, one after another, with the line endings of Unix. `text` says what
/// each holds.
pub(super) fn sources_digest(
    files: &dyn TreeReader,
    paths: &[String],
    text: impl Fn(&TextFile) -> Result<String, VersionError>,
) -> Result<String, VersionError> {
    let mut whole = String::new();
    for path in paths {
        if let Some(file) = open(files, path)? {
            whole.push_str(&text(&file)?.replace("\r\n", "\n"));
        }
    }
    Ok(Digest::of(whole).to_string())
}

/// A requirement of an internal dependency that stays as it is and must accept the new version.
#[derive(Debug, Clone)]
pub(super) struct PinnedRequirement {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) dependency: String,
    pub(super) requirement: String,
    pub(super) holds: Holds,
}

/// All places of one rule in one tree, and the version they hold now.
#[derive(Debug, Clone)]
pub(super) struct VersionPlaces {
    pub(super) current: Version,
    /// Where the leading version was read, for messages: file and line.
    pub(super) leader: String,
    pub(super) places: Vec<VersionPlace>,
    pub(super) standing: Vec<PinnedRequirement>,
}

/// The places of one version, the first of which leads; `None` if there is none.
pub(super) fn agreeing(
    spots: &[(&TextFile, Range<usize>)],
    scheme: Scheme,
) -> Option<Result<VersionPlaces, VersionError>> {
    let (file, range) = spots.first()?;
    let first = parse_at(&file.path, &file.text, range, scheme).map(|current| VersionPlaces {
        current,
        leader: place_name(&file.path, &file.text, range.start),
        places: Vec::new(),
        standing: Vec::new(),
    });
    Some(first.and_then(|mut found| {
        for (file, range) in spots {
            let version = parse_at(&file.path, &file.text, range, scheme)?;
            match Holds::of(&found.current, &version) {
                Some(holds) => found.add(file, range.clone(), holds),
                None => return Err(found.disagrees(file, range)),
            }
        }
        Ok(found)
    }))
}

/// The bytes of the group `version` in each match.
pub(super) fn group_ranges(text: &str, pattern: &str) -> Vec<Range<usize>> {
    let Ok(pattern) = regex::Regex::new(pattern) else { return Vec::new() };
    pattern.captures_iter(text).filter_map(|found| Some(found.name("version")?.range())).collect()
}

/// What a place is taken to state where no version stands: nothing is released as this.
const NOTHING: &str = "0";

impl VersionPlaces {
    /// A place that holds the version of a release only while that is made, or only until the next one; where it holds none, it
    /// states nothing.
    pub(super) fn between(
        file: &TextFile,
        range: Range<usize>,
        scheme: Scheme,
        between: Option<&str>,
    ) -> Result<VersionPlaces, VersionError> {
        let text = &file.text[range.clone()];
        let nothing = || VersionError::Rule { problem: format!("cannot read `{NOTHING}`") };
        let current = match between == Some(text) {
            true => Scheme::Numbers.parse(NOTHING).map_err(|_| nothing())?,
            false => parse_at(&file.path, &file.text, &range, scheme)?,
        };
        let leader = place_name(&file.path, &file.text, range.start);
        let holds = match between {
            Some(between) => Holds::Between(between.to_owned()),
            None => Holds::Released(text.to_owned()),
        };
        let mut places = VersionPlaces { current, leader, places: Vec::new(), standing: Vec::new() };
        places.add(file, range, holds);
        Ok(places)
    }

    /// Whether all that it holds follows what other places state.
    pub(super) fn follows(&self) -> bool {
        let follows = |place: &VersionPlace| {
            matches!(place.holds, Holds::Between(_) | Holds::Released(_) | Holds::Apart(_))
        };
        !self.places.is_empty() && self.places.iter().all(follows)
    }

    /// Whether it states no version, as it is between releases.
    pub(super) fn states_nothing(&self) -> bool {
        let leads = self.places.first().map(|place| &place.holds);
        matches!(leads, Some(Holds::Between(_))) && self.current.as_str() == NOTHING
    }

    /// One more place.
    pub(super) fn add(&mut self, file: &TextFile, range: Range<usize>, holds: Holds) {
        self.places.push(VersionPlace { path: file.path.clone(), range, holds });
    }

    /// Places of the day of the release.
    pub(super) fn dates(&mut self, file: &TextFile, ranges: Vec<Range<usize>>) {
        for range in ranges {
            self.add(file, range, Holds::Date);
        }
    }

    /// With the day of the release where it belongs; without one, those places stay.
    pub(super) fn on(mut self, date: Option<jiff::civil::Date>) -> VersionPlaces {
        match date {
            None => self.places.retain(|place| place.holds != Holds::Date),
            Some(date) => {
                let dated = self.places.iter_mut().filter(|place| place.holds == Holds::Date);
                dated.for_each(|place| place.holds = Holds::Text(date.to_string()));
            }
        }
        self
    }

    /// That a place says another version than the leading one.
    pub(super) fn disagrees(&self, file: &TextFile, range: &Range<usize>) -> VersionError {
        VersionError::Disagree {
            path: file.path.clone(),
            line: line_of(&file.text, range.start),
            found: file.text[range.clone()].to_owned(),
            other: self.leader.clone(),
            expected: self.current.to_string(),
        }
    }

    /// The files that change when the version becomes `new`.
    pub(super) fn write(
        &self,
        files: &dyn TreeReader,
        new: &Version,
    ) -> Result<Vec<FileChange>, VersionError> {
        if self.current == *new {
            return Err(VersionError::Unchanged { version: new.to_string() });
        }
        self.check_standing(new)?;
        let mut by_file: BTreeMap<&str, Vec<TextEdit>> = BTreeMap::new();
        for place in &self.places {
            let text = match &place.holds {
                Holds::Sources(paths) => sources_digest(files, paths, |file| self.spliced(file, new))?,
                _ => place.text(new)?,
            };
            by_file.entry(&place.path).or_default().push((place.range.clone(), text));
        }
        // Two names may lead to one file.
        let mut by_place: BTreeMap<String, (TextFile, Vec<TextEdit>)> = BTreeMap::new();
        for (path, edits) in by_file {
            let file = need(files, path, "a version")?;
            by_place.entry(file.path.clone()).or_insert((file, Vec::new())).1.extend(edits);
        }
        let mut changes = Vec::new();
        for (file, edits) in by_place.into_values() {
            let content = splice(&file.text, edits);
            if content != file.text {
                changes.push(file.with(content)?);
            }
        }
        if changes.is_empty() {
            return Err(VersionError::Unchanged { version: new.to_string() });
        }
        Ok(changes)
    }

    /// The text of a file, with the version in it.
    fn spliced(&self, file: &TextFile, new: &Version) -> Result<String, VersionError> {
        let places = self.places.iter().filter(|place| place.path == file.path);
        let whole = places.filter(|place| !matches!(place.holds, Holds::Sources(_)));
        let edits = whole.map(|place| Ok((place.range.clone(), place.text(new)?)));
        Ok(splice(&file.text, edits.collect::<Result<_, VersionError>>()?))
    }

    fn check_standing(&self, new: &Version) -> Result<(), VersionError> {
        for standing in &self.standing {
            let version = match &standing.holds {
                Holds::OwnLine(next) => next,
                _ => new,
            };
            let accepts = semver::VersionReq::parse(&standing.requirement).is_ok_and(|requirement| {
                version.semver().is_some_and(|version| requirement.matches(version))
            });
            if !accepts {
                return Err(VersionError::Requirement {
                    path: standing.path.clone(),
                    line: standing.line,
                    found: standing.requirement.clone(),
                    dependency: standing.dependency.clone(),
                    new: version.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Bytes, and what stands there afterwards.
pub(super) type TextEdit = (Range<usize>, String);

/// The text with each range replaced; everything else byte for byte. Equal ranges count once.
pub(super) fn splice(text: &str, mut edits: Vec<TextEdit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    edits.dedup_by(|second, first| second.0 == first.0);
    let mut result = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for (range, replacement) in edits {
        result.push_str(&text[done..range.start]);
        result.push_str(&replacement);
        done = range.end;
    }
    result.push_str(&text[done..]);
    result
}

/// The line of a byte, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// Reads `text[range]` as a whole version.
pub(super) fn parse_at(
    path: &str,
    text: &str,
    range: &Range<usize>,
    scheme: Scheme,
) -> Result<Version, VersionError> {
    let found = &text[range.clone()];
    scheme.parse(found).map_err(|_| VersionError::Malformed {
        path: path.to_owned(),
        line: line_of(text, range.start),
        found: found.to_owned(),
        expected: scheme.noun().to_owned(),
    })
}

/// `file line n`, for messages.
pub(super) fn place_name(path: &str, text: &str, offset: usize) -> String {
    format!("`{path}` line {}", line_of(text, offset))
}
