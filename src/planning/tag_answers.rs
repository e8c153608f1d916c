//! What the release file answers for tags of which no version was read.

use std::collections::BTreeMap;

use super::rivals::{Rivals, TaggedCommits};
use super::unread::Unread;
use crate::catalog::{Package, Repo};
use crate::git::{GitError, Store};
use crate::ids::{BranchName, CommitId};
use crate::input::suggest;
use crate::numbering::{Scheme, Version};
use crate::plan::Inputs;
use crate::release::TagAnswer;

/// An answer of the release file that does not hold in this repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TagFault {
    /// The position of the answer in the release file.
    pub(super) answer: usize,
    /// The key that is wrong.
    pub(super) key: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) hint: String,
}

/// Why tags were not placed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TagError {
    /// An answer does not hold.
    #[error(transparent)]
    Fault(#[from] TagFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] GitError),
}

/// The branches from which versions were released as people say, each with the position of the answer.
pub(super) type AnsweredLines = BTreeMap<Version, (usize, BranchName)>;

/// The answers for one repository, held against its tags.
pub(super) struct Answers<'a> {
    pub(super) store: &'a Store,
    pub(super) inputs: &'a Inputs,
    pub(super) repo: &'a Repo,
    pub(super) tags: &'a BTreeMap<String, CommitId>,
}

/// One answer with its position.
type Answer<'a> = (usize, &'a TagAnswer);

impl Answers<'_> {
    /// Takes what is answered out of the unread tags, and the versions that are named into the versions.
    ///
    /// # Errors
    /// When a tag does not exist, is read by itself, or another one names the same version.
    pub(super) fn take(
        &self,
        versions: &mut TaggedCommits,
        unread: &mut Unread,
        rivals: &mut Rivals,
    ) -> Result<AnsweredLines, TagFault> {
        let mut lines = AnsweredLines::new();
        // What is ignored makes room for what counts instead.
        let mut answers: Vec<Answer<'_>> = self.inputs.release.tag_answers(&self.repo.name).collect();
        answers.sort_by_key(|(_, answer)| answer.ignore.is_none());
        for answer in answers {
            for tag in self.named(answer)? {
                self.take_one(answer, tag, versions, (unread, rivals))?;
            }
            if let (Some(line), None) = (&answer.1.line, &answer.1.package) {
                let version = self.version_of(answer, versions, unread)?;
                lines.insert(version, (answer.0, line.clone()));
            }
        }
        Ok(lines)
    }

    /// The versions that are named for a package.
    ///
    /// # Errors
    /// When one is no version, or another tag names it.
    pub(super) fn of_package(
        &self,
        package: &Package,
        scheme: Scheme,
        versions: &mut TaggedCommits,
    ) -> Result<AnsweredLines, TagFault> {
        let mut lines = AnsweredLines::new();
        let answers = self.inputs.release.tag_answers(&self.repo.name);
        let own = answers.filter(|(_, answer)| answer.package.as_ref() == Some(&package.name));
        for answer in own.filter(|(_, answer)| answer.version.is_some()) {
            let version = self.insert(answer, &answer.1.name, scheme, versions)?;
            if let Some(line) = &answer.1.line {
                lines.insert(version, (answer.0, line.clone()));
            }
        }
        Ok(lines)
    }

    /// What is said of a package in releases of the repository, by tag: its version there, or that it had none.
    ///
    /// # Errors
    /// When one is no version.
    pub(super) fn at_releases(
        &self,
        package: &Package,
        scheme: Scheme,
    ) -> Result<BTreeMap<String, Option<Version>>, TagFault> {
        let mut said = BTreeMap::new();
        let answers = self.inputs.release.tag_answers(&self.repo.name);
        for answer in answers.filter(|(_, answer)| answer.package.as_ref() == Some(&package.name)) {
            let stated = answer.1.version.as_deref();
            let version = stated.map(|text| parsed(answer, text, scheme)).transpose()?;
            let tags = self.named(answer)?.into_iter();
            said.extend(tags.map(|tag| (tag.clone(), version.clone())));
        }
        Ok(said)
    }

    /// The tags that an answer is about.
    fn named(&self, (index, answer): Answer<'_>) -> Result<Vec<&String>, TagFault> {
        let named = answer.of(self.tags.keys());
        if !named.is_empty() {
            return Ok(named);
        }
        let message = format!("`{}` has no tag `{}`", self.repo.name, answer.name);
        let near = suggest(&answer.name, self.tags.keys().map(String::as_str));
        // A repository may have thousands of tags.
        let hint = if near.starts_with("did you mean") { near } else { "remove the entry".to_owned() };
        Err(TagFault { answer: index, key: "name", message, hint })
    }

    fn take_one(
        &self,
        answer: Answer<'_>,
        tag: &String,
        versions: &mut TaggedCommits,
        (unread, rivals): (&mut Unread, &mut Rivals),
    ) -> Result<(), TagFault> {
        if answer.1.ignore.is_none() && answer.1.version.is_none() {
            return Ok(());
        }
        if answer.1.package.is_some() {
            // Of a tag of the package's own nothing is read otherwise; in a release of all, its files do not tell.
            unread.remove(tag);
            return Ok(());
        }
        let stated = self.stated(answer);
        if stated.is_some_and(|version| rivals.choose(tag, &version, versions)) {
            return Ok(());
        }
        let was_asked = rivals.withdraw(tag, versions) || unread.remove(tag);
        if !was_asked && !self.gives_way(answer, tag, versions) {
            return Err(self.read_by_itself(answer, tag, versions));
        }
        if answer.1.version.is_some() {
            self.insert(answer, tag, self.inputs.scheme(self.repo), versions)?;
        }
        Ok(())
    }

    /// The version of the repository that an answer states.
    fn stated(&self, (_, answer): Answer<'_>) -> Option<Version> {
        let stated = answer.version.as_deref().filter(|_| answer.package.is_none())?;
        self.inputs.scheme(self.repo).parse(stated).ok()
    }

    /// Takes out a tag that is read by itself, and ignored since another one is answered with its version. Tells whether it was.
    fn gives_way(&self, answer: Answer<'_>, tag: &str, versions: &mut TaggedCommits) -> bool {
        let own = versions.iter().find(|(_, (own, _))| own == tag).map(|(version, _)| version.clone());
        let Some(own) = own.filter(|_| answer.1.ignore.is_some()) else { return false };
        let mut others = self.inputs.release.tag_answers(&self.repo.name);
        others.any(|other| self.stated(other).is_some_and(|version| version == own))
            && versions.remove(&own).is_some()
    }

    fn read_by_itself(&self, (index, _): Answer<'_>, tag: &String, versions: &TaggedCommits) -> TagFault {
        let own = versions.iter().find(|(_, (own, _))| own == tag).map(|(version, _)| version.to_string());
        let same = || {
            let at = self.tags.get(tag)?;
            let other = versions.iter().find(|(_, (_, commit))| commit == at)?;
            Some(format!("another name of {}", other.0))
        };
        let read = own.or_else(same).unwrap_or_else(|| "a tag of a package".to_owned());
        TagFault {
            answer: index,
            key: "name",
            message: format!("the tag `{tag}` of `{}` needs no answer: it is read as {read}", self.repo.name),
            hint: "remove the entry, or let it name fewer tags".to_owned(),
        }
    }

    fn insert(
        &self,
        (index, answer): Answer<'_>,
        tag: &str,
        scheme: Scheme,
        versions: &mut TaggedCommits,
    ) -> Result<Version, TagFault> {
        let fault =
            |message, hint: &str| TagFault { answer: index, key: "version", message, hint: hint.to_owned() };
        let version = parsed((index, answer), answer.version.as_deref().unwrap_or_default(), scheme)?;
        let commit = self.tags.get(tag).filter(|commit| self.store.has_commit(commit)).ok_or_else(|| {
            let hint = "let it be ignored, with `ignore` and the reason";
            fault(format!("`{tag}` names no commit, so nothing was released under it"), hint)
        })?;
        match versions.get(&version) {
            Some((other, at)) if at != commit => {
                let message = format!("`{other}`, at another commit, names {version}, too");
                Err(fault(
                    message,
                    "correct the version, or let one of the two tags be ignored with `ignore` and the reason",
                ))
            }
            Some(_) => Ok(version),
            None => {
                versions.insert(version.clone(), (tag.to_owned(), commit.clone()));
                Ok(version)
            }
        }
    }

    /// The version that the answered tag names, by itself or by the answer.
    fn version_of(
        &self,
        (index, answer): Answer<'_>,
        versions: &TaggedCommits,
        unread: &Unread,
    ) -> Result<Version, TagFault> {
        let by_tag =
            || versions.iter().find(|(_, (tag, _))| *tag == answer.name).map(|(version, _)| version.clone());
        self.stated((index, answer)).or_else(by_tag).ok_or_else(|| {
            let because = unread.why(&answer.name).unwrap_or("is read otherwise");
            TagFault {
                answer: index,
                key: "line",
                message: format!(
                    "the tag `{}` names no version that was released from a line: it {because}",
                    answer.name
                ),
                hint: "write its `version`, too; or let it be ignored, with `ignore` and the reason"
                    .to_owned(),
            }
        })
    }
}

/// The version that an answer states.
fn parsed((index, answer): Answer<'_>, text: &str, scheme: Scheme) -> Result<Version, TagFault> {
    scheme.parse(text).map_err(|error| TagFault {
        answer: index,
        key: "version",
        message: format!("what `{}` names: {error}", answer.name),
        hint: "write it as the repository's versions are written".to_owned(),
    })
}
