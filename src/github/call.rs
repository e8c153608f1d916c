//! A request before it is sent, and its response.

use std::sync::Arc;

use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::error::{Class, GitHubError, Request};

/// A request. The path is built from segments, each escaped; a branch with a slash stays one segment.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Value>,
    /// The bytes of a file, in place of a body.
    pub(super) file: Option<Vec<u8>>,
    /// Whether it changes nothing although it is a `POST`.
    only_reads: bool,
    /// Where the path after the base address begins, for messages.
    base: usize,
}

impl Call {
    pub(super) fn new<'s>(api: &Url, method: Method, segments: impl IntoIterator<Item = &'s str>) -> Call {
        let mut url = api.clone();
        // Connecting refuses an address that cannot have a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Call {
            method,
            url,
            body: None,
            file: None,
            only_reads: false,
            base: api.path().trim_end_matches('/').len(),
        }
    }

    pub(super) fn query(mut self, name: &str, value: impl AsRef<str>) -> Call {
        self.url.query_pairs_mut().append_pair(name, value.as_ref());
        self
    }

    pub(super) fn query_if(self, name: &str, value: Option<impl AsRef<str>>) -> Call {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub(super) fn body(mut self, body: Value) -> Call {
        self.body = Some(body);
        self
    }

    pub(super) fn file(mut self, bytes: Vec<u8>) -> Call {
        self.file = Some(bytes);
        self
    }

    pub(super) fn at(mut self, url: Url) -> Call {
        self.url = url;
        self
    }

    /// It changes nothing, whatever its method says.
    pub(super) fn only_reading(mut self) -> Call {
        self.only_reads = true;
        self
    }

    pub(super) fn is_read(&self) -> bool {
        self.only_reads || self.method == Method::GET || self.method == Method::HEAD
    }

    /// The request as messages show it.
    pub(super) fn request(&self) -> Request {
        let mut path = self.url.path().get(self.base..).unwrap_or_default().to_owned();
        if let Some(query) = self.url.query() {
            path.push('?');
            path.push_str(query);
        }
        let method = if self.only_reads { "QUERY".to_owned() } else { self.method.to_string() };
        Request { method, path }
    }

    pub(super) fn fails(&self, class: Class) -> GitHubError {
        GitHubError { request: self.request(), class }
    }
}

/// A successful response. Copies of it share its body.
#[derive(Debug, Clone)]
pub(super) struct ApiResponse {
    pub(super) request: Request,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Arc<str>,
}

impl ApiResponse {
    /// The body as this type.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, GitHubError> {
        let mut reader = serde_json::Deserializer::from_str(&self.body);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let reason = format!("`{}`: {}", error.path(), error.inner());
            if error.inner().is_eof() { self.cut_short(reason) } else { self.malformed(reason) }
        })
    }

    fn cut_short(&self, reason: String) -> GitHubError {
        GitHubError { request: self.request.clone(), class: Class::CutShort { reason } }
    }

    /// The error for a response that is not what it should be.
    pub(super) fn malformed(&self, reason: impl Into<String>) -> GitHubError {
        GitHubError { request: self.request.clone(), class: Class::Malformed { reason: reason.into() } }
    }

    /// The address of the next page, from the `Link` header.
    pub(super) fn next_page(&self) -> Option<Url> {
        let links = self.headers.get("link")?.to_str().ok()?;
        links.split(',').find_map(|link| {
            let (address, parameters) = link.split_once(';')?;
            let is_next = parameters.split(';').any(|one| one.trim() == "rel=\"next\"");
            let address = address.trim().strip_prefix('<')?.strip_suffix('>')?;
            is_next.then(|| address.parse().ok()).flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_escaped_below_a_prefix() {
        let api: Url = "http://127.0.0.1:8080/api/v3/".parse().unwrap();
        let call =
            Call::new(&api, Method::GET, ["repos", "o", "n", "branches", "release/2.4.x"]).query("a", "b c");
        assert_eq!(
            call.url.as_str(),
            "http://127.0.0.1:8080/api/v3/repos/o/n/branches/release%2F2.4.x?a=b+c"
        );
        assert_eq!(call.request().to_string(), "GET /repos/o/n/branches/release%2F2.4.x?a=b+c");
    }
}
