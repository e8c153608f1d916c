//! Packages with tags or numbers of their own: which of their versions were released, and what the branches state.

use std::collections::BTreeMap;

use super::placement::{LineHead, Placement};
use super::rivals::TaggedCommits;
use super::tag_answers::{Answers, TagError, TagFault};
use super::unread::Unread;
use crate::catalog::{Package, Repo};
use crate::git::{GitError, Store};
use crate::ids::{BranchName, CommitId};
use crate::numbering::Version;
use crate::plan::Inputs;
use crate::snapshot::{PackageState, TaggedVersion, UnreadTags};
use crate::steps::TreeFiles;
use crate::version::{TreeReader, VersionError, Versioning};
use crate::wording::with_causes;

/// Why packages could not be surveyed.
#[derive(Debug, thiserror::Error)]
pub(super) enum PackageSurveyError {
    /// The version of one cannot be read.
    #[error("the version of the package `{package}` on `{branch}`")]
    Version {
        /// The package.
        package: String,
        /// The branch.
        branch: BranchName,
        /// Why.
        #[source]
        source: Box<VersionError>,
    },
    /// What the release file says of a tag does not hold.
    #[error(transparent)]
    Answer(#[from] TagFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] GitError),
}

impl From<TagError> for PackageSurveyError {
    fn from(error: TagError) -> PackageSurveyError {
        match error {
            TagError::Fault(fault) => PackageSurveyError::Answer(fault),
            TagError::Store(error) => PackageSurveyError::Store(error),
        }
    }
}

/// A repository whose packages are told apart.
pub(super) struct PackageSurvey<'a> {
    pub(super) store: &'a Store,
    pub(super) inputs: &'a Inputs,
    pub(super) repo: &'a Repo,
    pub(super) lines: &'a [LineHead],
    /// Where the release of each supported branch starts.
    pub(super) starts: &'a BTreeMap<BranchName, CommitId>,
    pub(super) tags: &'a BTreeMap<String, CommitId>,
    /// The repository's own versions, and what its branches state of them.
    pub(super) versions: &'a [TaggedVersion],
    pub(super) stated: &'a BTreeMap<BranchName, Version>,
}

impl PackageSurvey<'_> {
    /// The packages by name, and the releases of which their versions were not read.
    ///
    /// # Errors
    /// When the store cannot be read, or a version of its own cannot.
    pub(super) fn states(
        &self,
    ) -> Result<(BTreeMap<String, PackageState>, Vec<UnreadTags>), PackageSurveyError> {
        let (mut states, mut unread) = (BTreeMap::new(), Vec::new());
        for package in self.repo.packages_apart() {
            let mut own = Unread::default();
            states.insert(package.name.clone(), self.state(package, &mut own)?);
            unread.extend(own.forms());
        }
        Ok((states, unread))
    }

    fn state(&self, package: &Package, unread: &mut Unread) -> Result<PackageState, PackageSurveyError> {
        let Some(versioning) = self.inputs.package_versioning(self.repo, package) else {
            return Ok(PackageState::default());
        };
        let own = package.version.is_some();
        let mut stated = match (own, versioning.is_in_files()) {
            (true, true) => self.stated(package, &versioning)?,
            (true, false) => BTreeMap::new(),
            (false, _) => self.stated.clone(),
        };
        let versions = match package.tag_form() {
            Some(_) => {
                let own_tags = self.tagged(package, &versioning, stated.clone())?;
                self.with_those_before(package, &versioning, own_tags)?
            }
            None => self.at_tags(package, &versioning, unread)?,
        };
        if own && !versioning.is_in_files() {
            stated = highest(&versions);
        }
        Ok(PackageState { versions, stated: if own { stated } else { BTreeMap::new() } })
    }

    /// What its files state on the branches from which releases are made. A branch that does not have it releases none.
    fn stated(
        &self,
        package: &Package,
        versioning: &Versioning,
    ) -> Result<BTreeMap<BranchName, Version>, PackageSurveyError> {
        let mut stated = BTreeMap::new();
        let mut absent = None;
        let failed = |branch: &BranchName, source| PackageSurveyError::Version {
            package: package.name.clone(),
            branch: branch.clone(),
            source: Box::new(source),
        };
        let released = self.starts.iter().filter(|(branch, _)| self.inputs.releases_from(self.repo, branch));
        for (branch, start) in released {
            match versioning.read(&TreeFiles::of(self.store, start)?) {
                Ok(version) => {
                    stated.insert(branch.clone(), version);
                }
                Err(source @ VersionError::Missing { .. }) => absent = Some(failed(branch, source)),
                Err(source) => return Err(failed(branch, source)),
            }
        }
        match absent {
            Some(error) if stated.is_empty() => Err(error),
            _ => Ok(stated),
        }
    }

    /// The versions that its own tags name.
    fn tagged(
        &self,
        package: &Package,
        versioning: &Versioning,
        stated: BTreeMap<BranchName, Version>,
    ) -> Result<Vec<TaggedVersion>, PackageSurveyError> {
        let named = |(tag, commit): (&String, &CommitId)| {
            let version = package.version_of(tag, versioning.scheme())?;
            let is_its_own = package.counts(&version, &self.repo.packages) && self.store.has_commit(commit);
            is_its_own.then(|| (version, (tag.clone(), commit.clone())))
        };
        let mut versions: TaggedCommits = self.tags.iter().filter_map(named).collect();
        let PackageSurvey { store, inputs, repo, tags, .. } = *self;
        let answers = Answers { store, inputs, repo, tags };
        let answered = answers.of_package(package, versioning.scheme(), &mut versions)?;
        Ok(Placement { repo, heads: self.lines, stated, answered }.place(store, versions)?)
    }

    /// The versions of its own tags, and those that its files stated before there were any: a package may have been released with
    /// the repository until it got tags of its own.
    fn with_those_before(
        &self,
        package: &Package,
        versioning: &Versioning,
        own_tags: Vec<TaggedVersion>,
    ) -> Result<Vec<TaggedVersion>, PackageSurveyError> {
        if package.version.is_none() || !versioning.is_in_files() {
            return Ok(own_tags);
        }
        let mut versions = self.at_tags(package, versioning, &mut Unread::default())?;
        versions.retain(|one| own_tags.first().is_none_or(|first| one.version < first.version));
        versions.extend(own_tags);
        Ok(versions)
    }

    /// The versions that its files stated in the releases of the repository, each from the first that did, or that people say.
    /// A release that did not have it tells none; one in which its version cannot be read is named, since it may be in the middle
    /// of those that are affected.
    fn at_tags(
        &self,
        package: &Package,
        versioning: &Versioning,
        unread: &mut Unread,
    ) -> Result<Vec<TaggedVersion>, PackageSurveyError> {
        let answers = Answers { store: self.store, inputs: self.inputs, repo: self.repo, tags: self.tags };
        let answered = answers.at_releases(package, versioning.scheme())?;
        let mut found: BTreeMap<Version, TaggedVersion> = BTreeMap::new();
        for release in self.versions {
            let version = match answered.get(&release.tag) {
                Some(said) => said.clone(),
                None => {
                    let files = TreeFiles::of(self.store, &release.commit)?;
                    released(package, versioning, &files).unwrap_or_else(|why| {
                        unread.add(&release.tag, why);
                        None
                    })
                }
            };
            if let Some(version) = version {
                found.entry(version.clone()).or_insert_with(|| TaggedVersion { version, ..release.clone() });
            }
        }
        Ok(found.into_values().collect())
    }
}

/// The version of a package in a released tree, `None` where the tree does not have it; or why it was not read, as the rest of the
/// sentence "it …".
fn released(
    package: &Package,
    versioning: &Versioning,
    files: &dyn TreeReader,
) -> Result<Option<Version>, String> {
    let is_there = |folder: &str| !files.list(&format!("{folder}/**/*")).is_empty();
    match versioning.released(files) {
        Ok(version) => Ok(Some(version)),
        Err(VersionError::InNoFile | VersionError::Between { .. }) => Ok(None),
        Err(VersionError::Missing { .. }) if !package.path.as_deref().is_some_and(is_there) => Ok(None),
        Err(error) => {
            Err(format!("has `{}`, whose version was not read there: {}", package.name, with_causes(&error)))
        }
    }
}

/// The highest version of each branch.
fn highest(versions: &[TaggedVersion]) -> BTreeMap<BranchName, Version> {
    let from = versions.iter().filter_map(|one| Some((one.origin.branch()?.clone(), one.version.clone())));
    // Oldest first: the last one stays.
    from.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Signature;
    use crate::planning::InputFiles;
    use crate::planning::placement::line_heads;

    /// A line with two releases, and what files and tags say of a package in `api`.
    struct Brook {
        folder: tempfile::TempDir,
        store: Store,
        tags: BTreeMap<String, CommitId>,
        head: Option<CommitId>,
    }

    impl Brook {
        fn new() -> Brook {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::create(&folder.path().join("r.git")).unwrap();
            Brook { folder, store, tags: BTreeMap::new(), head: None }
        }

        fn release(&mut self, api: Option<&str>, tags: &[&str]) {
            let text = format!("{}\n", api.unwrap_or_default());
            let files: &[(&str, Option<&[u8]>)] = &[("api/VERSION", Some(text.as_bytes()))];
            self.releases(if api.is_some() { files } else { &[] }, tags);
        }

        fn releases(&mut self, files: &[(&str, Option<&[u8]>)], tags: &[&str]) {
            let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
            let tree = self.store.with_files(&self.store.empty_tree().unwrap(), files).unwrap();
            let parents: Vec<CommitId> = self.head.iter().cloned().collect();
            let commit = self.store.commit(&tree, &parents, &format!("{tags:?}"), &who, &who).unwrap();
            self.tags.extend(tags.iter().map(|tag| ((*tag).to_owned(), commit.clone())));
            self.head = Some(commit);
        }

        /// The versions of the package, as `version tag`, and what the line states.
        fn seen(&self, package: &str) -> Result<(Vec<String>, Vec<String>), PackageSurveyError> {
            self.seen_with(package, "")
        }

        /// The same, with answers for tags.
        fn seen_with(
            &self,
            package: &str,
            answers: &str,
        ) -> Result<(Vec<String>, Vec<String>), PackageSurveyError> {
            let catalog = "organisation = 'Rivers'\nmaintainers = ['mara']\n[mail]\nfrom = 'a@rivers.example'\nannounce = \
                           ['b@rivers.example']\n[[repo]]\nname = 'rivers/brook'\nproject = 'Brook'\n\
                           version = { kind = 'tags', scheme = 'semver' }\nrelease = { trigger = 'push-tag', tag = \
                           'v{version}' }\n[[repo.package]]\necosystem = 'npm'\nname = 'api'\npath = 'api'\n";
            let release = "id = 'x'\ntitle = 'x'\nmanager = 'mara'\nworkflow = 'github'\ndisclosure = \
                           '2027-01-12T16:00:00Z'\n[[advisory]]\nid = 'GHSA-2c4f-6g7h-8j9m'\nrepo = \
                           'rivers/brook'\nsummary = 'x'\ndescription = 'y'\n[[advisory.fix]]\nrepo = \
                           'rivers/brook'\npull = 1\n";
            let folder = self.folder.path();
            std::fs::write(folder.join("catalog.toml"), format!("{catalog}{package}\n")).unwrap();
            std::fs::write(folder.join("release.toml"), format!("{release}{answers}")).unwrap();
            let files = InputFiles::load(folder).unwrap_or_else(|error| panic!("{error}"));
            let (inputs, repo) = (files.inputs(), &files.inputs().catalog.repos[0]);
            let head = self.head.clone().unwrap();
            let refs = BTreeMap::from([("refs/heads/main".to_owned(), head.clone())]);
            let lines = line_heads(repo, &refs);
            let starts = BTreeMap::from([(repo.default_branch.clone(), head)]);
            let own = crate::planning::placement::tagged(
                &self.store,
                inputs,
                repo,
                (&lines, BTreeMap::new()),
                &self.tags,
            )?;
            assert!(own.unread.is_empty(), "{:?}", own.unread);
            let survey = PackageSurvey {
                store: &self.store,
                inputs,
                repo,
                lines: &lines,
                starts: &starts,
                tags: &self.tags,
                versions: &own.versions,
                stated: &BTreeMap::new(),
            };
            let (mut states, unread) = survey.states()?;
            let state = states.remove("api").unwrap();
            let versions =
                state.versions.iter().map(|one| format!("{} {} {}", one.version, one.tag, one.origin));
            let stated = state.stated.iter().map(|(branch, version)| format!("{branch} {version}"));
            let unread = unread.iter().map(|tags| format!("unread: {tags}"));
            Ok((versions.chain(unread).collect(), stated.collect()))
        }
    }

    #[test]
    fn versions_of_a_package_are_those_of_its_tags_or_of_its_files_at_the_releases() {
        let mut brook = Brook::new();
        brook.release(None, &["v1.0.0"]);
        brook.release(Some("0.4.0"), &["v1.1.0"]);
        brook.release(Some("0.4.0"), &["v1.1.1"]);
        brook.release(Some("0.4.1"), &["v1.1.2"]);
        let (versions, stated) = brook.seen("version = { kind = 'version-file' }").unwrap();
        assert_eq!(versions, ["0.4.0 v1.1.0 main", "0.4.1 v1.1.2 main"]);
        assert_eq!(stated, ["main 0.4.1"]);
    }

    #[test]
    fn release_whose_package_states_two_versions_or_none_that_is_read_is_not_lost() {
        let mut brook = Brook::new();
        let npm = |manifest: &str, lock: &str| {
            let lock = format!(
                "{{ \"name\": \"api\", \"version\": \"{lock}\", \"lockfileVersion\": 3, \"packages\": {{ \"\": {{ \
                 \"name\": \"api\", \"version\": \"{lock}\" }} }} }}\n"
            );
            [format!("{{ \"name\": \"api\"{manifest} }}\n"), lock]
        };
        let mut release = |tag: &str, [manifest, lock]: [String; 2]| {
            let files: [(&str, Option<&[u8]>); 2] = [
                ("api/package.json", Some(manifest.as_bytes())),
                ("api/package-lock.json", Some(lock.as_bytes())),
            ];
            brook.releases(&files, &[tag]);
        };
        release("v1.0.0", npm("", "0.1.0"));
        release("v1.1.0", npm(", \"version\": \"0.2.0\"", "0.1.0"));
        release("v1.2.0", npm(", \"version\": \"0.3.0\"", "0.3.0"));
        let (versions, _) = brook.seen("version = { kind = 'npm' }").unwrap();
        assert_eq!(versions[..2], ["0.2.0 v1.1.0 main", "0.3.0 v1.2.0 main"], "the manifest leads");
        assert!(
            versions[2].starts_with("unread: `v1.0.0` has `api`, whose version was not read there: "),
            "{versions:?}"
        );
        let answered = |more: &str| {
            let tag = "\n[[tag]]\nrepo = 'rivers/brook'\nname = 'v1.0.0'\npackage = 'api'\n";
            brook.seen_with("version = { kind = 'npm' }", &format!("{tag}{more}")).unwrap().0
        };
        let both = ["0.2.0 v1.1.0 main", "0.3.0 v1.2.0 main"];
        assert_eq!(answered("version = '0.1.0'")[..], [&["0.1.0 v1.0.0 main"], &both[..]].concat());
        assert_eq!(answered("ignore = 'it was not published yet'")[..], both);
    }

    #[test]
    fn package_that_got_tags_of_its_own_late_was_released_before_with_the_repository() {
        let mut brook = Brook::new();
        brook.release(None, &["v0.9.0"]);
        brook.release(Some("0.1.0"), &["v1.0.0"]);
        brook.release(Some("0.2.0"), &["v1.1.0", "api/v0.2.0"]);
        brook.release(Some("0.3.0"), &["v1.2.0"]);
        brook.release(Some("0.3.0"), &["api/v0.3.0"]);
        let own = "tag = 'api/v{version}'\nversion = { kind = 'version-file' }";
        let (versions, _) = brook.seen(own).unwrap();
        assert_eq!(versions, ["0.1.0 v1.0.0 main", "0.2.0 api/v0.2.0 main", "0.3.0 api/v0.3.0 main"]);
    }

    #[test]
    fn tags_of_a_package_are_its_own_and_not_the_repositorys() {
        let mut brook = Brook::new();
        brook.release(None, &["v1.0.0", "api/v0.3.0"]);
        brook.release(None, &["v1.1.0"]);
        let own = "tag = 'api/v{version}'\nversion = { kind = 'tags' }";
        let (versions, stated) = brook.seen(own).unwrap();
        assert_eq!(versions, ["0.3.0 api/v0.3.0 main"]);
        assert_eq!(stated, ["main 0.3.0"]);
        let (versions, stated) = brook.seen("tag = 'api/v{version}'").unwrap();
        assert_eq!((versions.len(), stated.len()), (1, 0), "its number is the repository's");
    }

    #[test]
    fn package_that_no_branch_has_is_named() {
        let mut brook = Brook::new();
        brook.release(None, &["v1.0.0"]);
        let error = brook.seen("version = { kind = 'version-file' }").unwrap_err();
        assert_eq!(error.to_string(), "the version of the package `api` on `main`");
    }
}
