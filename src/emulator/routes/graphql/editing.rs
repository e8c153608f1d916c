//! Mutations with which `gh pr edit`, `ready`, `reopen` and `update-branch` change a pull request.

use serde_json::{Value, json};

use super::super::{issues, merging, pulls, reviews};
use super::error::GraphQlError;
use super::facts::label;
use super::pull::pull;
use super::subject::{gone, pull_of, rest};
use crate::emulator::json::node_id;
use crate::emulator::model::StoredPull;
use crate::emulator::routes::{ApiRequest, RouteResult};
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// Carries out one of them, if it is one.
pub(super) fn edit(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    name: &str,
    input: &Value,
) -> Result<(RepoName, Value), GraphQlError> {
    // The inputs name the pull request by what it is to them.
    let subject = match name {
        "addLabelsToLabelable" | "removeLabelsFromLabelable" => "labelableId",
        "replaceActorsForAssignable" => "assignableId",
        "updatePullRequest"
        | "reopenPullRequest"
        | "convertPullRequestToDraft"
        | "markPullRequestReadyForReview"
        | "updatePullRequestBranch"
        | "requestReviews"
        | "requestReviewsByLogin" => "pullRequestId",
        other => return Err(GraphQlError::undefined("Mutation", other)),
    };
    let title = name[..1].to_uppercase() + &name[1..];
    let one = pull_of(world, request, &input[subject], &title)?;
    let editing = Editing { request, input, one: &one };
    match name {
        "updatePullRequest" => editing.update(world)?,
        "reopenPullRequest" => editing.rest(world, pulls::change, json!({"state": "open"}))?,
        "convertPullRequestToDraft" => editing.draft(world, true)?,
        "markPullRequestReadyForReview" => editing.draft(world, false)?,
        "updatePullRequestBranch" => editing.update_branch(world)?,
        "addLabelsToLabelable" => editing.add_labels(world)?,
        "removeLabelsFromLabelable" => editing.remove_labels(world)?,
        "replaceActorsForAssignable" => editing.assign(world)?,
        _ => editing.request_reviews(world)?,
    }
    let field = subject.trim_end_matches("Id");
    let shown = pull(world, request, &one.document())?;
    Ok((one.repo.clone(), json!({"__typename": format!("{title}Payload"), field: shown})))
}

struct Editing<'a> {
    request: &'a ApiRequest,
    input: &'a Value,
    one: &'a StoredPull,
}

/// What the other interface does about a pull request.
type Handler = fn(&mut EmulatedWorld, &ApiRequest, &RepoName) -> RouteResult;

impl Editing<'_> {
    fn rest(&self, world: &mut EmulatedWorld, handler: Handler, body: Value) -> Result<(), GraphQlError> {
        self.rest_about(world, handler, &[], body)
    }

    fn rest_about(
        &self,
        world: &mut EmulatedWorld,
        handler: Handler,
        further: &[(&'static str, String)],
        body: Value,
    ) -> Result<(), GraphQlError> {
        let number = self.one.number.to_string();
        let mut parameters = vec![("pull_number", number.clone()), ("issue_number", number)];
        parameters.extend_from_slice(further);
        let wish = rest(self.request, &parameters, body);
        handler(world, &wish, &self.one.repo).map(drop).map_err(GraphQlError::from_rest)
    }

    fn change(
        &self,
        world: &mut EmulatedWorld,
        change: impl FnOnce(&mut StoredPull),
    ) -> Result<(), GraphQlError> {
        let now = world.now;
        let pull = world.pulls.get_mut(&self.one.document()).ok_or_else(gone)?;
        change(pull);
        pull.updated_at = now;
        Ok(())
    }

    /// The texts of a list of the input; nothing, if it is not given.
    fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let list = self.input[name].as_array()?;
        Some(list.iter().filter_map(Value::as_str).collect())
    }

    fn update(&self, world: &mut EmulatedWorld) -> Result<(), GraphQlError> {
        let mut body = json!({});
        for (to, from) in [("title", "title"), ("body", "body"), ("base", "baseRefName")] {
            if let Some(text) = self.input[from].as_str() {
                body[to] = json!(text);
            }
        }
        if let Some(state) = self.input["state"].as_str() {
            body["state"] = json!(state.to_lowercase());
        }
        self.rest(world, pulls::change, body)?;
        match self.texts("assigneeIds") {
            Some(ids) => self.assign_all(world, &self.logins(world, &ids)?),
            None => Ok(()),
        }
    }

    fn draft(&self, world: &mut EmulatedWorld, draft: bool) -> Result<(), GraphQlError> {
        self.change(world, |pull| pull.draft = draft)
    }

    fn update_branch(&self, world: &mut EmulatedWorld) -> Result<(), GraphQlError> {
        let mut body = json!({});
        if let Some(head) = self.input["expectedHeadOid"].as_str() {
            body["expected_head_sha"] = json!(head);
        }
        self.rest(world, merging::update_branch, body)
    }

    /// The labels of the repository with these ids.
    fn labels(&self, world: &EmulatedWorld) -> Result<Vec<String>, GraphQlError> {
        let known: Vec<&String> = world.pulls_of(&self.one.repo).flat_map(|pull| &pull.labels).collect();
        let ids = self.texts("labelIds").unwrap_or_default();
        let named = ids.into_iter().map(|id| {
            let mut of_id = known.iter().filter(|name| label(self.request, &self.one.repo, name)["id"] == id);
            of_id.next().map(|name| (**name).clone()).ok_or_else(|| unresolved(id))
        });
        named.collect()
    }

    fn add_labels(&self, world: &mut EmulatedWorld) -> Result<(), GraphQlError> {
        let labels = self.labels(world)?;
        self.rest(world, issues::add_labels, json!({ "labels": labels }))
    }

    fn remove_labels(&self, world: &mut EmulatedWorld) -> Result<(), GraphQlError> {
        for name in self.labels(world)? {
            self.rest_about(world, issues::remove_label, &[("name", name)], Value::Null)?;
        }
        Ok(())
    }

    /// The people with these ids.
    fn logins(&self, world: &EmulatedWorld, ids: &[&str]) -> Result<Vec<String>, GraphQlError> {
        let of_id = |id: &str| {
            let mut all = world.accounts.values();
            let found = all.find(|account| node_id("User", account.id) == id);
            found.map(|account| account.login.to_string()).ok_or_else(|| unresolved(id))
        };
        ids.iter().map(|id| of_id(id)).collect()
    }

    fn assign(&self, world: &mut EmulatedWorld) -> Result<(), GraphQlError> {
        let mut logins = self.logins(world, &self.texts("actorIds").unwrap_or_default())?;
        for login in self.texts("actorLogins").unwrap_or_default() {
            let known = login.parse::<Login>().is_ok_and(|login| world.account(&login).is_some());
            if !known {
                return Err(unknown(login));
            }
            logins.push(login.to_owned());
        }
        self.assign_all(world, &logins)
    }

    /// These and nobody else.
    fn assign_all(&self, world: &mut EmulatedWorld, logins: &[String]) -> Result<(), GraphQlError> {
        self.change(world, |pull| pull.assignees.clear())?;
        self.rest(world, issues::add_assignees, json!({ "assignees": logins }))
    }

    /// Asks these, and without `union` nobody else. The author is passed over, which the other interface refuses.
    fn request_reviews(&self, world: &mut EmulatedWorld) -> Result<(), GraphQlError> {
        let mut logins = self.logins(world, &self.texts("userIds").unwrap_or_default())?;
        logins.extend(self.texts("userLogins").unwrap_or_default().into_iter().map(str::to_owned));
        logins.retain(|login| *login != self.one.author.as_str());
        let before = self.one.requested_reviewers.clone();
        if self.input["union"] != json!(true) {
            let stays = |asked: &Login| logins.iter().any(|login| *login == asked.as_str());
            self.change(world, |pull| pull.requested_reviewers.retain(stays))?;
        }
        let asked = self.rest(world, reviews::request_reviewers, json!({ "reviewers": logins }));
        if asked.is_err() {
            self.change(world, |pull| pull.requested_reviewers = before)?;
        }
        asked
    }
}

fn unresolved(id: &str) -> GraphQlError {
    GraphQlError::field("NOT_FOUND", format!("Could not resolve to a node with the global id of '{id}'"))
}

fn unknown(login: &str) -> GraphQlError {
    GraphQlError::field("NOT_FOUND", format!("Could not resolve to a User with the login of '{login}'."))
}
