//! From the request to the answer: the fields of the root.

use serde_json::{Map, Value, json};

use super::document::{Asked, fields, read};
use super::error::GraphQlError;
use super::facts::actor;
use super::project::{none_of, project};
use super::pull::{by_node, pull};
use super::repository::repository;
use super::{mutation, schema, search};
use crate::emulator::reactions::observe;
use crate::emulator::routes::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::world::EmulatedWorld;
use crate::ids::{Login, RepoName};

/// `POST /graphql`
pub(in crate::emulator::routes) fn answer(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let Some(text) = request.text("query") else {
        return Err(ApiError::says(400, "A query attribute must be specified and must be a string."));
    };
    let none = Map::new();
    let variables = request.body.get("variables").and_then(Value::as_object).unwrap_or(&none);
    let operation = match read(text, request.text("operationName"), variables) {
        Ok(operation) => operation,
        Err(error) => return refused(error),
    };
    let mut data = Map::new();
    let mut errors = Vec::new();
    for asked in fields(&operation.selected) {
        let found = match operation.changes {
            true => mutation::carry_out(world, request, asked),
            false => field(world, request, asked),
        };
        let found = found.and_then(|found| project(&found, &asked.below));
        match found {
            Ok(value) => drop(data.insert(asked.key.clone(), value)),
            Err(GraphQlError::Field(mut error)) => {
                error["path"] = json!([asked.key]);
                data.insert(asked.key.clone(), Value::Null);
                errors.push(error);
            }
            Err(error) => return refused(error),
        }
    }
    let mut body = json!({"data": data});
    if !errors.is_empty() {
        body["errors"] = Value::Array(errors);
    }
    Reply::with(body)
}

fn refused(error: GraphQlError) -> RouteResult {
    match error {
        GraphQlError::Query(error) | GraphQlError::Field(error) => Reply::with(json!({"errors": [error]})),
        GraphQlError::Broken(error) => Err(ApiError::Broken(error)),
    }
}

fn field(world: &mut EmulatedWorld, request: &ApiRequest, asked: &Asked) -> Result<Value, GraphQlError> {
    match asked.name.as_str() {
        "viewer" => {
            let login = request.login().map_err(GraphQlError::from_rest)?;
            Ok(actor(world, &request.links, &login))
        }
        "__type" => Ok(schema::describe(asked.text("name"))),
        "rateLimit" => Ok(json!({
            "__typename": "RateLimit", "limit": request.allowance.limit, "cost": 1,
            "remaining": request.allowance.remaining(), "used": request.allowance.used,
            "resetAt": jiff::Timestamp::from_second(request.allowance.reset).unwrap_or_default(),
        })),
        "node" => {
            let key = by_node(world, request, asked.text("id"))?;
            pull(world, request, &key)
        }
        "search" => search::answer(world, request, asked),
        // An emulated organisation has no teams.
        "organization" => {
            let login: Login = asked.text("login").parse().map_err(|_| no_organization(asked))?;
            let mut all = actor(world, &request.links, &login);
            if all["__typename"] != "Organization" {
                return Err(no_organization(asked));
            }
            all["teams"] = none_of("Team");
            Ok(all)
        }
        "repository" => {
            let name = format!("{}/{}", asked.text("owner"), asked.text("name"));
            let found = look(world, request, &name)?;
            repository(world, request, &found, &asked.below)
        }
        other => Err(GraphQlError::undefined("Query", other)),
    }
}

fn no_organization(asked: &Asked) -> GraphQlError {
    let message =
        format!("Could not resolve to an Organization with the login of '{}'.", asked.text("login"));
    GraphQlError::field("NOT_FOUND", message)
}

/// The repository of this name as it is now, if the caller sees it.
fn look(world: &mut EmulatedWorld, request: &ApiRequest, name: &str) -> Result<RepoName, GraphQlError> {
    let missing = || {
        let message = format!("Could not resolve to a Repository with the name '{name}'.");
        GraphQlError::field("NOT_FOUND", message)
    };
    let repo: RepoName = name.parse().map_err(|_| missing())?;
    let repo = request.repository(world, &repo).map_err(|_| missing())?.name.clone();
    let login = request.login().map_err(GraphQlError::from_rest)?;
    observe(world, &repo, &login)?;
    Ok(repo)
}
