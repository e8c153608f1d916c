//! Several rules of one repository: a Cargo workspace that also ships a C header, a chart beside what it installs.

use crate::numbering::Version;
use crate::version::error::VersionError;
use crate::version::place::{Holds, OtherVersions, VersionPlace, VersionPlaces};

/// The places of all rules; the first one leads.
///
/// # Errors
/// The first that a rule meets, or that two are out of step.
pub(super) fn together(
    rules: impl IntoIterator<Item = Result<VersionPlaces, VersionError>>,
    others: Option<OtherVersions>,
) -> Result<VersionPlaces, VersionError> {
    let mut rules = rules.into_iter();
    let first =
        rules.next().unwrap_or_else(|| Err(VersionError::Rule { problem: "`several` names no rule".into() }));
    rules.try_fold(first?, |first, next| {
        let next = next?;
        // What states a version leads what states one in releases alone; some of its numbers are none.
        let is_stated = !next.follows() && !next.is_a_few_numbers();
        let (mut first, next) = if first.follows() && is_stated { (next, first) } else { (first, next) };
        let next = if next.follows() {
            next
        } else if first.follows() {
            next.apart()
        } else {
            beside(&first, next, others)?
        };
        first.places.extend(next.places);
        first.standing.extend(next.standing);
        Ok(first)
    })
}

/// The places of a further rule, as they change when the first one's version does.
fn beside(
    first: &VersionPlaces,
    next: VersionPlaces,
    others: Option<OtherVersions>,
) -> Result<VersionPlaces, VersionError> {
    if let Some(holds) = Holds::of(&first.current, &next.current) {
        return Ok(next.all(&holds));
    }
    if next.is_a_part_of(&first.current) {
        let is_whole = first
            .places
            .iter()
            .any(|place| matches!(place.holds, Holds::Whole | Holds::Between(_) | Holds::Released(_)));
        return Ok(if is_whole { next.apart() } else { next });
    }
    // A chart counts by itself and is at another major number; what shares it was left behind by an earlier release.
    let forgotten = first.current.numbers().next() == next.current.numbers().next();
    match others {
        Some(OtherVersions::Keep) => Ok(VersionPlaces { places: Vec::new(), standing: Vec::new(), ..next }),
        None if forgotten => Err(VersionError::OutOfStep {
            leading: format!("{} says {}", first.leader, first.current),
            other: format!("{} says {}", next.leader, next.current),
        }),
        Some(OtherVersions::NextPatch) | None => match next.current.next_patch() {
            Some(patch) => Ok(next.all(&Holds::OwnLine(patch))),
            None => Err(VersionError::Rule {
                problem: format!("cannot tell which version follows {} in {}", next.current, next.leader),
            }),
        },
    }
}

impl VersionPlaces {
    /// Whether all that it states are numbers with which the version begins.
    fn is_a_part_of(&self, leading: &Version) -> bool {
        let begins = self.current.numbers().zip(leading.numbers()).all(|(one, other)| one == other);
        begins && self.places.iter().all(|place| is_part(&place.holds))
    }

    /// Whether it states less than the three numbers of a version, as the names of branches do: `2.9-dev`.
    fn is_a_few_numbers(&self) -> bool {
        self.current.numbers().count() < 3 && self.places.iter().all(|place| is_part(&place.holds))
    }

    /// The numbers, where another place holds what stands behind them.
    fn apart(mut self) -> VersionPlaces {
        for place in &mut self.places {
            if let Holds::Number(position) = place.holds {
                place.holds = Holds::Apart(position);
            }
        }
        self
    }

    /// The same places; those that hold a whole version hold it so.
    fn all(self, holds: &Holds) -> VersionPlaces {
        let place = |place: VersionPlace| match place.holds {
            Holds::Whole => VersionPlace { holds: holds.clone(), ..place },
            _ => place,
        };
        VersionPlaces { places: self.places.into_iter().map(place).collect(), ..self }
    }
}

fn is_part(holds: &Holds) -> bool {
    matches!(holds, Holds::Number(_) | Holds::Packed | Holds::Hex | Holds::Label)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::Scheme;
    use crate::version::format::VersionFormat as _;
    use crate::version::rule::Several;

    fn several(others: &str) -> Several {
        let rule =
            |pattern: &str| format!("{{ kind = 'regex', file = 'Chart.yaml', pattern = '{pattern}' }}");
        let first = rule("^appVersion: \"(?<version>[^\"]+)\"");
        let second = rule("^version: (?<version>[0-9.]+)");
        toml::from_str(&format!("of = [ {first}, {second} ]\n{others}")).unwrap()
    }

    fn raised(several: &Several, app: &str, chart: &str, new: &str) -> Result<String, VersionError> {
        let text = format!("name: pump\nversion: {chart}\nappVersion: \"{app}\"\n");
        let files = BTreeMap::from([("Chart.yaml".to_owned(), text)]);
        let places = several.places(&files, Scheme::Numbers)?;
        let new = Scheme::Numbers.parse(new).unwrap();
        Ok(places.write(&files, &new)?.remove(0).content)
    }

    #[test]
    fn chart_moves_to_its_own_next_patch_beside_what_it_installs() {
        let text = "name: pump\nversion: 0.5.2\nappVersion: \"1.2.4\"\n";
        assert_eq!(raised(&several(""), "1.2.3", "0.5.1", "1.2.4").unwrap(), text);
        assert_eq!(raised(&several("others = 'next-patch'"), "1.2.3", "0.5.1", "1.2.4").unwrap(), text);
        let kept = raised(&several("others = 'keep'"), "1.2.3", "0.5.1", "1.2.4").unwrap();
        assert_eq!(kept, text.replace("0.5.2", "0.5.1"));
    }

    #[test]
    fn copy_that_was_forgotten_is_refused_with_the_word_that_settles_it() {
        let message = raised(&several(""), "1.2.3", "1.2.2", "1.2.4").unwrap_err().to_string();
        assert_eq!(
            message,
            "`Chart.yaml` line 3 says 1.2.3 and `Chart.yaml` line 2 says 1.2.2; bring them in step first, or say with \
             `others` in the version rule what becomes of the second"
        );
        let own = raised(&several("others = 'next-patch'"), "1.2.3", "1.2.1", "1.2.4").unwrap();
        assert!(own.contains("version: 1.2.2"), "{own}");
        // A release of the minor number before forgot it: 4.28.2 was never meant to be stated.
        let message = raised(&several(""), "4.29.0", "4.28.1", "4.29.1").unwrap_err().to_string();
        assert!(message.contains("line 2 says 4.28.1"), "{message}");
    }

    #[test]
    fn fourth_number_of_an_assembly_stays_zero() {
        let text = raised(&several(""), "1.2.3", "1.2.3.0", "1.3.0").unwrap();
        assert_eq!(text, "name: pump\nversion: 1.3.0.0\nappVersion: \"1.3.0\"\n");
    }
}
