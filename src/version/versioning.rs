//! The rule of a repository with what it leaves open: the scheme of its versions, and the day of the release.

use super::error::VersionError;
use super::files::{FileChange, FolderFiles, TreeReader};
use super::format::Outline;
use super::rule::{BumpCommand, VersionRule};
use crate::numbering::{Scheme, Version};

/// A repository's rule, with the scheme that its versions have where the rule tells none.
#[derive(Debug, Clone)]
pub struct Versioning {
    rule: VersionRule,
    otherwise: Scheme,
    date: Option<jiff::civil::Date>,
    /// The folder that the rule's files are seen from.
    folder: Option<String>,
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
        Versioning { rule, otherwise, date: None, folder: None }
    }

    /// The same, for a release on this day.
    #[must_use]
    pub fn on(self, date: jiff::civil::Date) -> Versioning {
        Versioning { date: Some(date), ..self }
    }

    /// The same, for a package in this folder. A member of a workspace is looked at from the root, where its lock file is.
    #[must_use]
    pub fn below(self, folder: &str) -> Versioning {
        match self.rule.member_below(folder) {
            Some(rule) => Versioning { rule, ..self },
            None => Versioning { folder: Some(folder.to_owned()), ..self },
        }
    }

    /// How an outsider finds the version; `None` if the rule names no place.
    #[must_use]
    pub fn outline(&self) -> Option<Outline> {
        let outline = self.rule.format().outline()?;
        let file = self.folder.iter().map(String::as_str).chain([outline.file.as_str()]);
        Some(Outline { file: file.collect::<Vec<_>>().join("/"), ..outline })
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
        let read = |files: &dyn TreeReader| self.rule.format().current(files, self.otherwise);
        match &self.folder {
            Some(folder) => read(&FolderFiles { files, folder }),
            None => read(files),
        }
    }

    /// The version that the tree states; `None` where none is stated: tags tell it, for good or between releases.
    ///
    /// # Errors
    /// As [`Versioning::read`].
    pub fn stated(&self, files: &dyn TreeReader) -> Result<Option<Version>, VersionError> {
        match self.read(files) {
            Err(VersionError::InNoFile | VersionError::Between { .. }) => Ok(None),
            read => read.map(Some),
        }
    }

    /// The version of a tree that is released, which nobody can bring in step any more: where places disagree, the one that leads
    /// says it.
    ///
    /// # Errors
    /// As [`Versioning::read`], but for places that disagree.
    pub fn released(&self, files: &dyn TreeReader) -> Result<Version, VersionError> {
        let read = self.read(files);
        match &read {
            Err(VersionError::Disagree { expected, .. }) => self.scheme().parse(expected).or(read),
            Err(VersionError::OutOfStep { .. }) => match self.rule.leading() {
                Some(leading) => Versioning { rule: leading.clone(), ..self.clone() }.released(files),
                None => read,
            },
            _ => read,
        }
    }

    /// The files that change when the version becomes `new`, in order of path, and no others. Everything outside
    /// the version stays byte for byte. Going back is allowed: an aborted release is undone the same way.
    ///
    /// # Errors
    /// As [`Versioning::read`]; the version is there already; it does not fit; or the rule is a command.
    pub fn write(&self, files: &dyn TreeReader, new: &Version) -> Result<Vec<FileChange>, VersionError> {
        let write = |files: &dyn TreeReader| {
            self.rule.format().places(files, self.otherwise)?.on(self.date).write(files, new)
        };
        let Some(folder) = &self.folder else { return write(files) };
        let changes = write(&FolderFiles { files, folder })?;
        Ok(changes.into_iter().map(|change| change.below(folder)).collect())
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
    fn package_in_a_folder_is_read_and_written_there() {
        let files: BTreeMap<String, String> = [
            ("VERSION", "3.0.0\n"),
            ("api/VERSION", "1.2.3\n"),
            ("package.json", "{\"private\": true, \"workspaces\": [\"api\"]}"),
            ("api/package.json", "{\"name\": \"api\", \"version\": \"1.2.3\"}"),
            (
                "package-lock.json",
                "{\"packages\": {\"\": {}, \"api\": {\"name\": \"api\", \"version\": \"1.2.3\"}}}",
            ),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let changed = |rule: &str| {
            let versioning = versioning(rule).below("api");
            assert_eq!(versioning.read(&files).unwrap(), semver("1.2.3"));
            let changes = versioning.write(&files, &semver("1.2.4")).unwrap();
            (
                changes.into_iter().map(|change| change.path).collect::<Vec<_>>(),
                versioning.outline().unwrap().file,
            )
        };
        assert_eq!(changed("kind = 'version-file'").0, ["api/VERSION"]);
        let regex = "kind = 'regex'\nfile = 'VERSION'\npattern = '(?<version>.+)'";
        assert_eq!(changed(regex), (vec!["api/VERSION".to_owned()], "api/VERSION".to_owned()));
        let both = vec!["api/package.json".to_owned(), "package-lock.json".to_owned()];
        assert_eq!(changed("kind = 'npm'"), (both, "api/package.json".to_owned()));
    }

    #[test]
    fn version_of_a_release_alone_is_written_for_it_and_taken_back() {
        let text = "kind = 'several'\nof = [{ kind = 'text', file = 'Pump.php', text = \"VERSION = '{version}'\", between = \
                    '@package_version@' }, { kind = 'text', file = 'composer.json', text = '\"dev-main\": \"{major}.{minor}-dev\"' }, \
                    { kind = 'text', file = 'composer.json', text = '/tree/{version}', between = '{version}' }]";
        let files = |version: &str, alias: &str, link: &str| {
            BTreeMap::from([
                ("Pump.php".to_owned(), format!("const VERSION = '{version}';\n")),
                (
                    "composer.json".to_owned(),
                    format!(
                        "{{\"homepage\": \"https://p.example/tree/{link}\", \"dev-main\": \"{alias}-dev\"}}\n"
                    ),
                ),
            ])
        };
        let changed = |mut before: BTreeMap<String, String>, to: &str| {
            for change in versioning(text).write(&before, &Scheme::SemVer.parse(to).unwrap()).unwrap() {
                before.insert(change.path, change.content);
            }
            before
        };
        let alone = "kind = 'text'\nfile = 'Pump.php'\ntext = \"VERSION = '{version}'\"\nbetween = '@package_version@'";
        let open = files("@package_version@", "2.9", "2.9.1");
        assert_eq!(versioning(alone).stated(&open).unwrap(), None);
        assert!(
            versioning(alone)
                .read(&open)
                .unwrap_err()
                .to_string()
                .contains("`Pump.php` line 1 states no version")
        );
        let released = changed(open, "2.9.2");
        assert_eq!(released, files("2.9.2", "2.9", "2.9.2"));
        assert_eq!(versioning(alone).stated(&released).unwrap(), Some(semver("2.9.2")));
        assert_eq!(changed(released.clone(), "2.9.3-dev"), files("@package_version@", "2.9", "2.9.2"));
        assert_eq!(changed(released.clone(), "2.10.0-dev"), files("@package_version@", "2.10", "2.9.2"));
        // A candidate is a release, too.
        assert_eq!(
            changed(files("@package_version@", "2.9", "2.9.2"), "2.10.0-rc.1"),
            files("2.10.0-rc.1", "2.10", "2.9.2")
        );
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
