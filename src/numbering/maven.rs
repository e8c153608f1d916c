//! Versions of Maven, in the order of its POM reference ("Version Order Specification").

use std::cmp::Ordering;

/// The tokens of a version, each with the separator before it, without the null values that end its parts.
#[derive(Debug, Clone)]
pub(super) struct MavenVersion(Vec<Prefixed>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Prefixed {
    separator: Separator,
    token: Token,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Dot,
    /// A hyphen, or the border between digits and letters.
    Hyphen,
}

/// Qualifiers come before numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Qualifier(Qualifier),
    Number(u64),
}

/// The qualifiers with a place of their own, and all others after them by the alphabet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Qualifier {
    Alpha,
    Beta,
    Milestone,
    Candidate,
    Snapshot,
    Release,
    ServicePack,
    Other(String),
}

impl MavenVersion {
    pub(super) fn parse(text: &str) -> Option<MavenVersion> {
        let good = text.starts_with(|letter: char| letter.is_ascii_digit())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_+".contains(letter));
        good.then_some(())?;
        Some(MavenVersion(without_nulls(tokens(&text.to_ascii_lowercase())?)))
    }
}

fn tokens(text: &str) -> Option<Vec<Prefixed>> {
    let mut all = Vec::new();
    // The first token has none; where it is missing, it is a zero, as behind a dot.
    let mut separator = Separator::Dot;
    let mut rest = text;
    loop {
        let is_number = rest.starts_with(|letter: char| letter.is_ascii_digit());
        let ends = |letter: char| letter == '.' || letter == '-' || letter.is_ascii_digit() != is_number;
        let end = rest.find(ends).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let before_a_number = after.starts_with(|letter: char| letter.is_ascii_digit());
        all.push(Prefixed { separator, token: token(word, before_a_number)? });
        separator = if after.starts_with('.') { Separator::Dot } else { Separator::Hyphen };
        rest = match after.strip_prefix(['.', '-']) {
            Some(next) => next,
            None if after.is_empty() => return Some(all),
            None => after,
        };
    }
}

/// An empty token is a zero; `a1`, `b1` and `m1` are short for longer words.
fn token(word: &str, before_a_number: bool) -> Option<Token> {
    if word.is_empty() {
        return Some(Token::Number(0));
    }
    if word.starts_with(|letter: char| letter.is_ascii_digit()) {
        return word.parse().ok().map(Token::Number);
    }
    Some(Token::Qualifier(match word {
        "alpha" => Qualifier::Alpha,
        "beta" => Qualifier::Beta,
        "milestone" => Qualifier::Milestone,
        "a" if before_a_number => Qualifier::Alpha,
        "b" if before_a_number => Qualifier::Beta,
        "m" if before_a_number => Qualifier::Milestone,
        "rc" | "cr" => Qualifier::Candidate,
        "snapshot" => Qualifier::Snapshot,
        "ga" | "final" | "release" => Qualifier::Release,
        "sp" => Qualifier::ServicePack,
        other => Qualifier::Other(other.to_owned()),
    }))
}

fn is_null(token: &Token) -> bool {
    matches!(token, Token::Number(0) | Token::Qualifier(Qualifier::Release))
}

/// Null values are trimmed from the end, and then before each hyphen from the end to the start.
fn without_nulls(tokens: Vec<Prefixed>) -> Vec<Prefixed> {
    let mut kept: Vec<Prefixed> = Vec::new();
    let mut part_ends_here = true;
    for one in tokens.into_iter().rev() {
        if part_ends_here && is_null(&one.token) {
            continue;
        }
        part_ends_here = one.separator == Separator::Hyphen;
        kept.push(one);
    }
    kept.reverse();
    kept
}

impl Prefixed {
    /// What stands for a missing token beside this one.
    fn padding(&self) -> Prefixed {
        let token = match self.separator {
            Separator::Dot => Token::Number(0),
            Separator::Hyphen => Token::Qualifier(Qualifier::Release),
        };
        Prefixed { separator: self.separator, token }
    }

    fn order(&self, other: &Prefixed) -> Ordering {
        match (&self.token, &other.token) {
            // `-1` comes before `.1`; a qualifier is the same behind either.
            (Token::Number(_), Token::Number(_)) if self.separator != other.separator => {
                if self.separator == Separator::Hyphen { Ordering::Less } else { Ordering::Greater }
            }
            (one, other) => one.cmp(other),
        }
    }
}

impl Ord for MavenVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.0.len().max(other.0.len());
        let order = |index: usize| match (self.0.get(index), other.0.get(index)) {
            (Some(one), Some(other)) => one.order(other),
            (Some(one), None) => one.order(&one.padding()),
            (None, Some(other)) => other.padding().order(other),
            (None, None) => Ordering::Equal,
        };
        (0..longest).map(order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for MavenVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for MavenVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for MavenVersion {}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn version(text: &str) -> MavenVersion {
        MavenVersion::parse(text).unwrap()
    }

    /// The examples of the specification.
    #[rstest]
    #[case("1", "1.1")]
    #[case("1-snapshot", "1")]
    #[case("1", "1-sp")]
    #[case("1-foo2", "1-foo10")]
    #[case("1-foo", "1-1")]
    #[case("1-1", "1.1")]
    #[case("1-ga", "1-sp")]
    #[case("1-ga.1", "1-sp.1")]
    #[case("1-sp-1", "1-ga-1")]
    #[case("2.18.5-SNAPSHOT", "2.18.5")]
    #[case("1.0-alpha-1", "1.0-beta-1")]
    #[case("1.0-rc1", "1.0-SNAPSHOT")]
    fn earlier_comes_before_later(#[case] earlier: &str, #[case] later: &str) {
        assert!(version(earlier) < version(later));
        assert!(version(later) > version(earlier));
    }

    #[rstest]
    #[case("1.foo", "1-foo")]
    #[case("1.ga", "1-ga")]
    #[case("1-0", "1.0")]
    #[case("1.0.0-foo.0.0", "1-foo")]
    #[case("1-a1", "1-alpha-1")]
    #[case("1.0.0.Final", "1")]
    #[case("1-cr2", "1-RC2")]
    fn two_ways_of_writing_are_equal(#[case] one: &str, #[case] other: &str) {
        assert_eq!(version(one), version(other));
    }
}
