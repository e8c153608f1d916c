//! The rule of a repository with what it leaves open: the scheme of its versions, and the day of the release.

use super::error::VersionError;
use super::files::{FileChange, TreeReader};
use super::rule::{BumpCommand, VersionRule};
use crate::numbering::{Scheme, Version};

/// A repository's rule, with the scheme that its versions have where the rule tells none.
#[derive(Debug, Clone)]
pub struct Versioning {
    rule: VersionRule,
    otherwise: Scheme,
    date: Option<jiff::civil::Date>,
}

/// What raising the version takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BumpMethod<'a> {
    /// [`Versioning::write`] gives the new files.
    Rewrite,
    /// Run this in a checkout, then [`Versioning::read`] what it left.
    Run(&'a BumpCommand),
}

impl Versioning {
    /// The rule of a repository; `otherwise` is the scheme of its package's ecosystem.
    #[must_use]
    pub fn new(rule: VersionRule, otherwise: Scheme) -> Versioning {
        Versioning { rule, otherwise, date: None }
    }

    /// The same, for a release on this day.
    #[must_use]
    pub fn on(self, date: jiff::civil::Date) -> Versioning {
        Versioning { date: Some(date), ..self }
    }

    /// The scheme of the repository's versions.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.rule.format().scheme().unwrap_or(self.otherwise)
    }

    /// Whether files state the version.
    #[must_use]
    pub fn is_in_files(&self) -> bool {
        self.rule.is_in_files()
    }

    /// Whether files are rewritten or a command is run.
    #[must_use]
    pub fn method(&self) -> BumpMethod<'_> {
        match &self.rule {
            VersionRule::Command(command) => BumpMethod::Run(command),
            _ => BumpMethod::Rewrite,
        }
    }

    /// The version that the tree states.
    ///
    /// # Errors
    /// A file is missing or malformed, or two places that must agree do not.
    pub fn read(&self, files: &dyn TreeReader) -> Result<Version, VersionError> {
        self.rule.format().current(files, self.otherwise)
    }

    /// The files that change when the version becomes `new`, in order of path, and no others. Everything outside
    /// the version stays byte for byte. Going back is allowed: an aborted release is undone the same way.
    ///
    /// # Errors
    /// As [`Versioning::read`]; the version is there already; it does not fit; or the rule is a command.
    pub fn write(&self, files: &dyn TreeReader, new: &Version) -> Result<Vec<FileChange>, VersionError> {
        self.rule.format().places(files, self.otherwise)?.on(self.date).write(files, new)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::semver;

    fn versioning(text: &str) -> Versioning {
        Versioning::new(toml::from_str(text).unwrap(), Scheme::Numbers)
    }

    #[test]
    fn scheme_is_stated_or_told_by_the_format_or_the_ecosystem() {
        let scheme = |text: &str| Versioning::new(toml::from_str(text).unwrap(), Scheme::RubyGems).scheme();
        let regex = "kind = 'regex'\nfile = 'V'\npattern = '(?<version>.+)'";
        assert_eq!(scheme(regex), Scheme::RubyGems);
        assert_eq!(scheme(&format!("{regex}\nscheme = 'calendar'")), Scheme::Calendar);
        assert_eq!(scheme("kind = 'cargo-workspace'"), Scheme::SemVer);
        assert_eq!(scheme("kind = 'pyproject'"), Scheme::Pep440);
        assert_eq!(scheme("kind = 'pyproject'\nscheme = 'calendar'"), Scheme::Calendar);
        assert_eq!(
            scheme("kind = 'several'\nof = [{ kind = 'npm' }, { kind = 'pyproject' }]"),
            Scheme::SemVer
        );
    }

    #[test]
    fn command_is_described_and_read_through_another_rule() {
        let versioning = versioning(
            "kind = 'command'\nrun = ['./bump', '{version}']\n[version]\nkind = 'regex'\nfile = 'V'\npattern = '(?<version>.+)'",
        );
        let files = BTreeMap::from([("V".to_owned(), "1.2.3\n".to_owned())]);
        assert_eq!(versioning.read(&files).unwrap(), semver("1.2.3"));
        let BumpMethod::Run(command) = versioning.method() else { panic!("a command is run") };
        assert_eq!(command.arguments(&semver("1.2.4")), ["./bump", "1.2.4"]);
        assert!(matches!(versioning.write(&files, &semver("1.2.4")), Err(VersionError::RunElsewhere { .. })));
    }

    #[test]
    fn several_move_together_or_not_at_all() {
        let text = "kind = 'several'\nof = [{ kind = 'regex', file = 'A', pattern = '(?<version>.+)' }, { kind = 'regex', file = 'B', pattern = '(?<version>.+)' }]";
        let versioning = versioning(text);
        let mut files =
            BTreeMap::from([("A".to_owned(), "1.0.0".to_owned()), ("B".to_owned(), "1.0.0\n".to_owned())]);
        assert_eq!(versioning.write(&files, &semver("1.0.1")).unwrap().len(), 2);
        assert_eq!(
            versioning.write(&files, &semver("1.0.0")).unwrap_err().to_string(),
            "version 1.0.0 is already there; nothing would change"
        );
        files.insert("B".into(), "1.0.9".into());
        let message = versioning.read(&files).unwrap_err().to_string();
        assert!(message.contains("`A` line 1 says 1.0.0 and `B` line 1 says 1.0.9"), "{message}");
    }
}
