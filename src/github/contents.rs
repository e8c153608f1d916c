//! Files of a repository as GitHub shows them. Files are changed by pushes, not here.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use serde::Deserialize;

use super::client::Client;
use super::error::{Class, Error};
use crate::ids::RepoName;

/// A file at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAt {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The id of its blob.
    pub blob: String,
}

impl Client {
    /// A file at a branch, tag or commit; `None` when there is none. GitHub serves files up to 1 MiB this way.
    ///
    /// # Errors
    /// [`Class::Malformed`] for a directory, a link, or a file that is too large.
    pub async fn file(&self, repo: &RepoName, path: &str, revision: &str) -> Result<Option<FileAt>, Error> {
        #[derive(Deserialize)]
        struct Wire {
            sha: String,
            encoding: String,
            content: String,
        }
        let call = self.repo_call(Method::GET, repo, ["contents"].into_iter().chain(path.split('/')));
        let call = call.query("ref", revision);
        let request = call.request();
        let Some(wire) = self.look::<Wire>(call).await? else { return Ok(None) };
        let text: String = wire.content.split_whitespace().collect();
        match BASE64_STANDARD.decode(text) {
            Ok(bytes) if wire.encoding == "base64" => Ok(Some(FileAt { bytes, blob: wire.sha })),
            _ => Err(Error {
                request,
                class: Class::Malformed { reason: format!("`{path}` is not in base64") },
            }),
        }
    }
}
