//! What rulesets say against the commits of a push: git lists them, this program holds them against their forms.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use tempfile::TempDir;

use super::git_service::{Hook, Service, serve};
use crate::emulator::model::StoredRepository;
use crate::ids::Login;
use crate::private_folder::private_folder;
use crate::push_rules::CommitTexts;

/// A push whose commits were looked at.
pub(super) struct CheckedPush {
    folder: TempDir,
    body: Bytes,
}

/// Has git list the commits of a push, which it refuses for that, and writes down what is said against them.
pub(super) async fn check(
    rules: &StoredRepository,
    repository: &Path,
    parts: &Parts,
    login: &Login,
    body: Body,
) -> std::io::Result<CheckedPush> {
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(std::io::Error::other)?;
    let push = CheckedPush { folder: private_folder("lockgate-")?, body };
    let lists = push.folder.path().join("lists");
    let hook = Hook::Lists(lists.clone());
    serve(Service::ReceivePack, repository, parts, Some(login), push.body(), Some(hook)).await?;
    let listed = if lists.exists() { std::fs::read(lists)? } else { Vec::new() };
    std::fs::write(push.refused(), refusals(rules, login, &String::from_utf8_lossy(&listed)))?;
    Ok(push)
}

impl CheckedPush {
    /// What was pushed.
    pub(super) fn body(&self) -> Body {
        Body::from(self.body.clone())
    }

    /// What is said against it.
    pub(super) fn hook(&self) -> Hook {
        Hook::Refused(self.refused())
    }

    fn refused(&self) -> PathBuf {
        self.folder.path().join("refused")
    }
}

/// A line for each reference and reason: the two with a tab between them.
fn refusals(rules: &StoredRepository, login: &Login, listed: &str) -> String {
    let fields: Vec<&str> = listed.split('\0').collect();
    let commits = fields.chunks_exact(4).filter_map(|commit| match commit {
        [reference, author, committer, message] => {
            let texts = CommitTexts { message, author, committer: Some(*committer) };
            Some((*reference, rules.refuses_commit(reference, login, texts)?))
        }
        _ => None,
    });
    let refused: BTreeSet<(&str, String)> = commits.collect();
    refused.iter().fold(String::new(), |mut text, (reference, because)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{reference}\t{because}");
        text
    })
}
