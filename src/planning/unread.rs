//! Tags of which no version was read.

use std::collections::BTreeMap;

use crate::snapshot::UnreadTags;

/// Tags of which no version was read, and why, as the rest of the sentence "it …".
#[derive(Default)]
pub(super) struct Unread(BTreeMap<String, String>);

impl Unread {
    pub(super) fn add(&mut self, tag: &str, because: String) {
        self.0.insert(tag.to_owned(), because);
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(&String) -> bool) {
        self.0.retain(|tag, _| is_kept(tag));
    }

    /// Takes a tag out; tells whether it was among them.
    pub(super) fn remove(&mut self, tag: &str) -> bool {
        self.0.remove(tag).is_some()
    }

    /// Why no version was read of a tag.
    pub(super) fn why(&self, tag: &str) -> Option<&str> {
        self.0.get(tag).map(String::as_str)
    }

    /// One entry for all tags of a form that were not read for one reason.
    pub(super) fn forms(self) -> Vec<UnreadTags> {
        let mut forms: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (tag, because) in self.0 {
            forms.entry((form(&tag), because)).or_default().push(tag);
        }
        let of = |((form, because), tags): ((String, String), Vec<String>)| {
            let count = tags.len();
            Some(UnreadTags { form, because, count, example: tags.into_iter().next()? })
        };
        forms.into_iter().filter_map(of).collect()
    }
}

/// A name with `N` for its numbers: `release-N` of `release-1.4`, `N-stable` of `7-1-stable`.
pub(super) fn form(name: &str) -> String {
    let mut form = String::new();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_ascii_digit() {
            form.push(letter);
            continue;
        }
        form.push('N');
        loop {
            while letters.next_if(char::is_ascii_digit).is_some() {}
            let mut ahead = letters.clone();
            let goes_on = ahead.next().is_some_and(|letter| matches!(letter, '.' | '-' | '_'))
                && ahead.next().is_some_and(|letter| letter.is_ascii_digit());
            if !goes_on {
                break;
            }
            letters.next();
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_of_a_name_has_one_letter_for_its_numbers() {
        for (name, expected) in [
            ("release-1.4", "release-N"),
            ("release/2.4.x", "release/N.x"),
            ("7-1-stable", "N-stable"),
            ("nightly-2026-01-07", "nightly-N"),
            ("main", "main"),
        ] {
            assert_eq!(form(name), expected);
        }
    }
}
