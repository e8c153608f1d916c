//! Which file answers which path.

use super::{
    ApiError, ApiRequest, Reply, actions, advisories, checks, compare, contents, control, forks, issues,
    merging, pulls, references, releases, repositories, reviews, tables, users,
};
use crate::emulator::reactions::observe;
use crate::emulator::world::EmulatedWorld;
use crate::ids::RepoName;

/// Answers a request.
pub(crate) fn answer(world: &mut EmulatedWorld, call: &ApiRequest) -> Result<Reply, ApiError> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let ["repos", owner, name, rest @ ..] = segments.as_slice() else {
        let other = control::answer(world, call, &segments).or_else(|| users::answer(world, call, &segments));
        return other.unwrap_or_else(|| Err(ApiError::not_found()));
    };
    let name = format!("{owner}/{name}").parse::<RepoName>().map_err(|_| ApiError::not_found())?;
    let repo = call.repository(world, &name)?.name.clone();
    let actor = call.viewer.as_ref().map_or_else(|| world.owner(&repo), |viewer| viewer.login.clone());
    observe(world, &repo, &actor)?;
    let groups = [
        repositories::answer,
        forks::answer,
        references::answer,
        tables::answer,
        compare::answer,
        contents::answer,
        pulls::answer,
        merging::answer,
        reviews::answer,
        issues::answer,
        checks::answer,
        actions::answer,
        releases::answer,
        advisories::answer,
    ];
    for group in groups {
        if let Some(reply) = group(world, call, &repo, rest) {
            let reply = reply?;
            if call.method != super::Method::Get && world.repositories.get(repo.as_str()).is_some() {
                observe(world, &repo, &actor)?;
            }
            return Ok(reply);
        }
    }
    Err(ApiError::not_found())
}
