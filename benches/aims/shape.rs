//! How large a made release is, and which part of it each advisory touches.

use std::str::FromStr;

/// Repositories with release lines, advisories, and who depends on whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// How many repositories are released.
    pub(crate) repositories: usize,
    /// How many release lines each has, beside its default branch.
    pub(crate) lines: usize,
    /// How many advisories; the first is in the newest line of one repository, the last in everything.
    pub(crate) advisories: usize,
    /// How many repositories stand above one another, each depending on the one below; 1 where none depends.
    pub(crate) levels: usize,
}

impl FromStr for Shape {
    type Err = ();

    /// `20x10x40x4`: repositories, lines, advisories, levels; none of them 0.
    fn from_str(text: &str) -> Result<Self, ()> {
        let numbers: Vec<usize> = text.split('x').filter_map(|number| number.parse().ok()).collect();
        match numbers[..] {
            [repositories, lines, advisories, levels] if !numbers.contains(&0) => {
                Ok(Self { repositories, lines, advisories, levels })
            }
            _ => Err(()),
        }
    }
}

impl Shape {
    /// One advisory in twenty repositories of five lines.
    pub(crate) const ONE_ADVISORY: Shape = Shape { repositories: 20, lines: 5, advisories: 1, levels: 1 };

    /// Targets: branches that something may be sent to, the default branches among them.
    pub(crate) fn targets(&self) -> usize {
        self.repositories * (self.lines + 1)
    }

    /// Branches that are released from.
    pub(crate) fn released(&self) -> usize {
        self.repositories * self.lines
    }

    /// Pairs of an advisory and a branch that it is fixed on.
    pub(crate) fn pairs(&self) -> usize {
        (0..self.advisories)
            .map(|number| self.repositories_of(number) * (self.lines + 2 - self.first_line_of(number)))
            .sum()
    }

    /// In how many repositories, from the first on, an advisory is.
    pub(crate) fn repositories_of(&self, advisory: usize) -> usize {
        self.share(advisory, self.repositories)
    }

    /// The oldest line that has what an advisory is about.
    pub(crate) fn first_line_of(&self, advisory: usize) -> usize {
        self.lines + 1 - self.share(advisory, self.lines)
    }

    /// From one of `whole` for the first advisory to all for the last one.
    fn share(&self, advisory: usize, whole: usize) -> usize {
        if self.advisories == 1 { whole } else { 1 + (whole - 1) * advisory / (self.advisories - 1) }
    }

    /// The repository that one depends on.
    pub(crate) fn upstream(&self, repository: usize) -> Option<usize> {
        let below = repository - 1;
        (!below.is_multiple_of(self.levels)).then_some(below)
    }

    pub(crate) fn line_names(&self) -> impl Iterator<Item = String> {
        (1..=self.lines).map(|line| format!("release/{line}.x"))
    }

    pub(crate) fn repository(number: usize) -> String {
        format!("brightwater/lock-{number:02}")
    }

    /// An id in GitHub's alphabet, which has twenty letters and digits.
    pub(crate) fn advisory(number: usize) -> String {
        const LETTERS: &[u8; 20] = b"23456789cfghjmpqrvwx";
        let letter = |value: usize| char::from(LETTERS[value % LETTERS.len()]);
        format!("GHSA-23cf-ghjm-pq{}{}", letter(number / LETTERS.len()), letter(number))
    }
}
