//! A request, taken apart once.

use axum::http::Method;
use serde_json::Value;

use super::{ApiError, Reply, RouteResult};
use crate::emulator::budget::Allowance;
use crate::emulator::json::Links;
use crate::emulator::model::{StoredAccount, StoredRepository};
use crate::emulator::spec::Role;
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Login, RepoName};

/// What an address says for the parameters of a template.
pub(super) type Parameters = Vec<(&'static str, String)>;

/// A request.
#[derive(Clone)]
pub(crate) struct ApiRequest {
    pub(crate) method: Method,
    /// The path after the API's base, still encoded: for fault rules and the log.
    pub(crate) path: String,
    /// Its segments, decoded one by one, so that `%2F` stays inside a branch name.
    pub(crate) segments: Vec<String>,
    /// What the address says for the parameters of the route; none until it is found.
    pub(crate) parameters: Parameters,
    pub(crate) query: Vec<(String, String)>,
    /// `Null` where there is none.
    pub(crate) body: Value,
    /// A body that is a file and no JSON.
    pub(crate) file: Vec<u8>,
    /// The media types that the caller takes.
    pub(crate) accept: String,
    pub(crate) viewer: Option<StoredAccount>,
    pub(crate) links: Links,
    /// What is left of the caller's requests in this hour.
    pub(crate) allowance: Allowance,
}

impl ApiRequest {
    /// What the address says for a parameter of its route.
    pub(crate) fn value(&self, name: &'static str) -> Result<&str, ApiError> {
        let found = self.parameters.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| EmulatorError::NoSuchParameter { name }.into())
    }

    /// The same, as a number; 404 for anything else.
    pub(crate) fn number(&self, name: &'static str) -> Result<u64, ApiError> {
        self.value(name)?.parse().map_err(|_| ApiError::not_found())
    }

    /// A query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A text in the body.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }

    /// A text in the body that must be there.
    pub(crate) fn required(&self, resource: &str, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::invalid(resource, name, "missing_field"))
    }

    /// A yes or no in the body.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.body.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A list of texts in the body.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = self.body.get(name)?.as_array()?;
        Some(list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
    }

    /// Whether the caller wants `diff`, `patch` or `raw` in place of JSON (`application/vnd.github.diff`).
    pub(crate) fn wants(&self, form: &str) -> bool {
        let mut types = self.accept.split(',').map(str::trim);
        types.any(|one| one.starts_with("application/vnd.github") && one.rsplit('.').next() == Some(form))
    }

    /// Who asks; 401 for nobody.
    pub(crate) fn account(&self) -> Result<&StoredAccount, ApiError> {
        self.viewer.as_ref().ok_or_else(|| ApiError::says(401, "Requires authentication"))
    }

    /// The login of who asks; 401 for nobody.
    pub(crate) fn login(&self) -> Result<Login, ApiError> {
        Ok(self.account()?.login.clone())
    }

    /// The repository in the path, if the caller may see it.
    pub(crate) fn repository<'a>(
        &self,
        world: &'a EmulatedWorld,
        name: &RepoName,
    ) -> Result<&'a StoredRepository, ApiError> {
        let found = world.repositories.get(name.as_str());
        let seen = found.filter(|found| found.permission(self.viewer.as_ref()).is_some());
        seen.ok_or_else(ApiError::not_found)
    }

    /// The same, if the caller has at least this permission. Below it, strangers are told 401, readers 403 (404
    /// where the route hides, as for administration).
    pub(crate) fn repository_for<'a>(
        &self,
        world: &'a EmulatedWorld,
        name: &RepoName,
        wanted: Role,
    ) -> Result<&'a StoredRepository, ApiError> {
        let repository = self.repository(world, name)?;
        self.account()?;
        match repository.permission(self.viewer.as_ref()) {
            Some(permission) if permission >= wanted => Ok(repository),
            _ if wanted == Role::Admin => Err(ApiError::must_have_admin()),
            _ => Err(ApiError::forbidden()),
        }
    }

    /// One page of a list, with the `Link` header that leads to its neighbours.
    pub(crate) fn page<T>(&self, items: Vec<T>) -> (Vec<T>, Option<String>) {
        let number = |name: &str| self.query(name).and_then(|text| text.parse::<usize>().ok());
        let size = number("per_page").unwrap_or(30).clamp(1, 100);
        let page = number("page").unwrap_or(1).max(1);
        let pages = items.len().div_ceil(size).max(1);
        let shown = items.into_iter().skip((page - 1) * size).take(size).collect();
        let mut links = Vec::new();
        let mut link = |to: usize, relation: &str| {
            let others: String = self
                .query
                .iter()
                .filter(|(key, _)| key != "page")
                .map(|(key, value)| format!("{key}={}&", crate::emulator::json::encode(value)))
                .collect();
            links.push(format!("<{}?{others}page={to}>; rel=\"{relation}\"", self.links.api(&self.path)));
        };
        if page > 1 {
            link((page - 1).min(pages), "prev");
        }
        if page < pages {
            link(page + 1, "next");
            link(pages, "last");
        }
        if page > 1 {
            link(1, "first");
        }
        (shown, (!links.is_empty()).then(|| links.join(", ")))
    }

    /// A page of a plain JSON array.
    pub(crate) fn list(&self, items: Vec<Value>) -> RouteResult {
        let (shown, link) = self.page(items);
        Reply::page(Value::Array(shown), link)
    }

    /// A page of a counted list.
    pub(crate) fn counted(&self, name: &str, items: Vec<Value>) -> RouteResult {
        let total = items.len();
        let (shown, link) = self.page(items);
        Reply::page(serde_json::json!({"total_count": total, name: shown}), link)
    }
}
