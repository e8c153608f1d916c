//! When a schedule starts: five fields, as GitHub's documentation of `schedule` has them. It refuses a file with any other
//! (`cron.ts` of actions/languageservices).

use std::ops::RangeInclusive;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What a field may hold.
struct Field {
    numbers: RangeInclusive<u32>,
    /// Names of its numbers, from the first on.
    names: &'static [&'static str],
}

/// Minutes, hours, days of the month, months, days of the week.
const FIELDS: [Field; 5] = [
    Field { numbers: 0..=59, names: &[] },
    Field { numbers: 0..=23, names: &[] },
    Field { numbers: 1..=31, names: &[] },
    Field { numbers: 1..=12, names: &MONTHS },
    Field { numbers: 0..=6, names: &DAYS },
];

/// Whether this is a time that GitHub knows. White space around it is passed over: arrow's `cpp_extra.yml` has a line end.
pub(super) fn is_cron(text: &str) -> bool {
    let parts: Vec<&str> = text.split_whitespace().collect();
    parts.len() == FIELDS.len() && parts.iter().zip(&FIELDS).all(|(part, field)| field.takes(part))
}

impl Field {
    /// A list of steps through ranges.
    fn takes(&self, text: &str) -> bool {
        text.split(',').all(|part| match part.split_once('/') {
            Some((range, step)) => self.takes_range(range) && self.number(step).is_some_and(|step| step > 0),
            None => self.takes_range(part),
        })
    }

    fn takes_range(&self, text: &str) -> bool {
        match text.split_once('-') {
            Some((first, last)) => match (self.number(first), self.number(last)) {
                (Some(first), Some(last)) => first <= last,
                _ => false,
            },
            None => text == "*" || self.number(text).is_some(),
        }
    }

    /// The number that is written or named.
    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let named = self.names.iter().zip(self.numbers.clone()).find(|(name, _)| **name == lower);
        let number = || text.parse().ok().filter(|number| self.numbers.contains(number));
        named.map(|(_, number)| number).or_else(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_what_is_none() {
        for time in ["0 0 * * *", "*/5 1-5/2 1,15 JAN-mar mon", "0  2 * * 1-5\n", "59 23 31 12 6"] {
            assert!(is_cron(time), "{time}");
        }
        for none in [
            "",
            "x",
            "@daily",
            "0 0 * *",
            "0 0 * * * *",
            "60 0 * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * 13 *",
            "0 0 * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "*/ * * * *",
            "1,,2 * * * *",
            "1-2-3 * * * *",
            "mon * * * *",
        ] {
            assert!(!is_cron(none), "{none}");
        }
    }
}
