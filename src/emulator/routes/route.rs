//! What a route is: its address, who may call it, and what it answers.

use std::cmp::Reverse;

use axum::http::Method;

use super::request::Parameters;
use super::{ApiError, ApiRequest, RouteResult};
use crate::emulator::model::StoredRepository;
use crate::emulator::spec::Role;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Answers a request that concerns no repository.
pub(super) type Handler = fn(&mut EmulatedWorld, &ApiRequest) -> RouteResult;

/// Answers a request about a repository that the caller sees.
pub(super) type RepoHandler = fn(&mut EmulatedWorld, &ApiRequest, &RepoName) -> RouteResult;

/// Who may call a route. Below a repository, whoever does not see it is told 404 before this is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody, with or without a token.
    Anybody,
    /// Everybody with a token.
    SignedIn,
    /// Everybody with a token whom the handler lets: it depends on the advisory or pull request.
    ByObject,
    /// Who may push. Others are told 403.
    Writers,
    /// Administrators. Others are told 403.
    Admins,
    /// Administrators. Others are told 404, as if there were nothing.
    AdminsHidden,
    /// Administrators, who are also the managers of security advisories. Others are told so.
    AdvisoryManagers,
}

impl Access {
    /// Refuses a request without a token where one is needed.
    pub(super) fn check_token(self, request: &ApiRequest) -> Result<(), ApiError> {
        match self {
            Access::Anybody | Access::AdminsHidden => Ok(()),
            _ => request.account().map(drop),
        }
    }

    /// Refuses a request of somebody whose role in the repository is too small.
    pub(super) fn check_role(
        self,
        request: &ApiRequest,
        repository: &StoredRepository,
    ) -> Result<(), ApiError> {
        let role = repository.permission(request.viewer.as_ref());
        match self {
            Access::Anybody | Access::SignedIn | Access::ByObject => Ok(()),
            Access::Writers if role >= Some(Role::Write) => Ok(()),
            Access::Writers => Err(ApiError::forbidden()),
            _ if role >= Some(Role::Admin) => Ok(()),
            Access::Admins => Err(ApiError::must_have_admin()),
            Access::AdminsHidden => Err(ApiError::not_found()),
            Access::AdvisoryManagers => Err(ApiError::says(
                403,
                "You must have the repository security advisories scope and administrative/security management \
                 rights to create an advisory.",
            )),
        }
    }
}

/// What a route answers in a temporary private fork, which GitHub calls a workspace repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InWorkspace {
    /// The same as elsewhere.
    Answered,
    /// 404.
    NotFound,
    /// 403 with GitHub's words for it.
    Forbidden,
}

impl InWorkspace {
    /// Refuses a request to a workspace repository where GitHub does.
    pub(super) fn check(self, repository: &StoredRepository) -> Result<(), ApiError> {
        match self {
            InWorkspace::NotFound if repository.is_workspace() => Err(ApiError::not_found()),
            InWorkspace::Forbidden if repository.is_workspace() => Err(ApiError::workspace()),
            _ => Ok(()),
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Route<H: 'static> {
    pub(super) method: Method,
    /// GitHub's template, as in its OpenAPI description.
    pub(super) path: &'static str,
    pub(super) access: Access,
    /// The statuses of success; the first is the usual one.
    pub(super) success: &'static [u16],
    pub(super) in_workspace: InWorkspace,
    pub(super) handler: H,
}

impl<H> Route<H> {
    /// The same route, which a temporary private fork answers differently.
    pub(super) const fn in_workspace(mut self, answer: InWorkspace) -> Route<H> {
        self.in_workspace = answer;
        self
    }

    /// How closely the template describes an address: `/releases/latest` comes before `/releases/{release_id}`.
    fn precision(&self) -> (usize, Reverse<usize>) {
        let parameters = self.path.matches('{').count();
        (self.path.matches('/').count() - parameters, Reverse(parameters))
    }
}

/// Parameters that may hold slashes (branches, paths), and so span any number of segments.
const SPANNING: [&str; 5] = ["{basehead}", "{branch}", "{path}", "{ref}", "{tag}"];

/// The route for an address, with the values of its parameters.
pub(super) fn find<H>(
    routes: &'static [Route<H>],
    method: &Method,
    segments: &[String],
) -> Option<(&'static Route<H>, Parameters)> {
    let fitting = routes.iter().filter(|route| route.method == *method);
    let fitting = fitting.filter_map(|route| Some((route, fit(route.path, segments)?)));
    fitting.max_by_key(|(route, _)| route.precision())
}

/// The values of the template's parameters, if the address has its form.
fn fit(template: &'static str, segments: &[String]) -> Option<Parameters> {
    let parts: Vec<&str> = template.split('/').skip(1).collect();
    let Some(spanning) = parts.iter().position(|part| SPANNING.contains(part)) else {
        return fit_each(&parts, segments);
    };
    let after = parts.len() - spanning - 1;
    let end = segments.len().checked_sub(after).filter(|end| *end >= spanning)?;
    let mut found = fit_each(&parts[..spanning], &segments[..spanning])?;
    found.push((parameter(parts[spanning])?, segments[spanning..end].join("/")));
    found.extend(fit_each(&parts[spanning + 1..], &segments[end..])?);
    Some(found)
}

fn fit_each(parts: &[&'static str], segments: &[String]) -> Option<Parameters> {
    if parts.len() != segments.len() {
        return None;
    }
    let mut found = Vec::new();
    for (part, segment) in parts.iter().zip(segments) {
        match parameter(part) {
            Some(name) => found.push((name, segment.clone())),
            None if part == segment => {}
            None => return None,
        }
    }
    Some(found)
}

/// The name in `{name}`.
fn parameter(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(template: &'static str, path: &str) -> Option<Parameters> {
        fit(template, &path.split('/').skip(1).map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn parameters_take_a_segment_each_and_branches_take_several() {
        let found = fitted("/branches/{branch}/protection", "/branches/release/2.4.x/protection");
        assert_eq!(found, Some(vec![("branch", "release/2.4.x".to_owned())]));
        let found = fitted("/pulls/{pull_number}/files", "/pulls/7/files");
        assert_eq!(found, Some(vec![("pull_number", "7".to_owned())]));
        assert_eq!(fitted("/pulls/{pull_number}", "/pulls/7/files"), None);
        assert_eq!(fitted("/contents/{path}", "/contents"), Some(vec![("path", String::new())]));
    }
}
