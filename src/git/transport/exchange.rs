//! What is done with a remote: over HTTP of our own where that can be, and by git where not.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::command::{GitExit, Limits};
use super::listings::Patterns;
use super::push::{self, RefUpdate};
use super::web::{Failure, Talk};
use super::{web_fetch, web_listing, web_push};

/// How long a list of references may take.
const LISTING: Duration = Duration::from_secs(3 * 60);

/// What is done with a remote.
#[derive(Clone, Copy)]
pub(super) enum Exchange<'a> {
    /// A run of git in a directory.
    Run { directory: &'a Path, arguments: &'a [OsString] },
    /// A list of its references.
    List { patterns: &'a Patterns },
    /// Some of its references, brought into a store.
    Fetch { store: &'a Path, refspecs: &'a [&'a str] },
    /// All of its references, in a new repository.
    Mirror { parent: &'a Path, copy: &'a Path, lender: Option<&'a Path> },
    /// Changes of its references, with what they need from a store.
    Push { store: &'a Path, updates: &'a [RefUpdate] },
}

impl<'a> Exchange<'a> {
    /// How long it may take, of what a transfer may.
    pub(super) fn limits(&self, limits: Limits) -> Limits {
        match self {
            Exchange::List { .. } => Limits { whole: limits.whole.min(LISTING), ..limits },
            _ => limits,
        }
    }

    /// Whether there is a way without git.
    pub(super) fn may_go_without_git(&self) -> bool {
        !matches!(self, Exchange::Run { .. })
    }

    /// Does it by our own HTTP.
    pub(super) async fn over(&self, talk: &Talk<'_>) -> Result<GitExit, Failure> {
        match *self {
            Exchange::Run { .. } => Err(Failure::NotPlain),
            Exchange::List { patterns } => web_listing::list(talk, patterns, &["ls-refs"]).await,
            Exchange::Fetch { store, refspecs } => web_fetch::fetch(talk, store, refspecs).await,
            Exchange::Mirror { copy, lender, .. } => web_fetch::mirror(talk, copy, lender).await,
            Exchange::Push { store, updates } => web_push::push(talk, store, updates).await,
        }
    }

    /// What git is told, and in which directory.
    pub(super) fn for_git(&self, remote: &str) -> (&'a Path, Vec<OsString>) {
        match *self {
            Exchange::Run { directory, arguments } => (directory, arguments.to_vec()),
            // Outside any repository, whose settings might change the address.
            Exchange::List { patterns } => (Path::new("/"), listing(remote, patterns)),
            Exchange::Fetch { store, refspecs } => (store, fetching(remote, refspecs)),
            Exchange::Mirror { parent, copy, lender } => (parent, mirroring(remote, copy, lender)),
            Exchange::Push { store, updates } => (store, push::arguments(remote, updates)),
        }
    }
}

fn fetching(remote: &str, refspecs: &[&str]) -> Vec<OsString> {
    let options = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--"];
    words(options.into_iter().chain([remote]).chain(refspecs.iter().copied()))
}

fn mirroring(remote: &str, copy: &Path, lender: Option<&Path>) -> Vec<OsString> {
    let mut arguments = words(["clone", "--quiet", "--mirror", "--no-local"]);
    if let Some(lender) = lender {
        arguments.extend([OsString::from("--reference"), lender.into()]);
    }
    arguments.extend(words(["--", remote]));
    arguments.push(copy.into());
    arguments
}

fn listing(remote: &str, patterns: &Patterns) -> Vec<OsString> {
    let mut arguments = words(["ls-remote", "--quiet", "--", remote]);
    // Every repository with commits has a head: a list without it is of an empty one, or of none.
    arguments.extend((!patterns.is_empty()).then(|| OsString::from("HEAD")));
    for pattern in patterns {
        arguments.push(OsString::from(pattern));
        // The commit of an annotated tag is listed under a name of its own.
        if pattern.starts_with("refs/tags/") && !pattern.contains('*') {
            arguments.push(OsString::from(format!("{pattern}^{{}}")));
        }
    }
    arguments
}

/// Words as arguments.
pub(super) fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<OsString> {
    words.into_iter().map(OsString::from).collect()
}
