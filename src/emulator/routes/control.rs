//! What no GitHub has: more faults while the world runs.

use serde_json::json;

use super::{ApiError, ApiRequest, Method, Reply};
use crate::emulator::faults::FaultRule;
use crate::emulator::spec::FaultSpec;
use crate::emulator::world::EmulatedWorld;

/// `POST` and `DELETE /_emulator/faults`.
pub(crate) fn answer(
    world: &mut EmulatedWorld,
    call: &ApiRequest,
    path: &[&str],
) -> Option<Result<Reply, ApiError>> {
    match (call.method, path) {
        (Method::Post, ["_emulator", "faults"]) => Some(add(world, call)),
        (Method::Delete, ["_emulator", "faults"]) => Some(clear(world)),
        (Method::Get, ["_emulator", "clock"]) => Some(Reply::ok(json!({"now": world.now}))),
        _ => None,
    }
}

fn add(world: &mut EmulatedWorld, call: &ApiRequest) -> Result<Reply, ApiError> {
    let spec: FaultSpec =
        serde_json::from_value(call.body.clone()).map_err(|error| ApiError::says(422, error.to_string()))?;
    let fault = FaultRule::new(spec).map_err(|error| ApiError::says(422, error.to_string()))?;
    let key = format!("{:010}", world.new_id()?);
    world.faults.insert(key, fault);
    Reply::created(json!({}))
}

fn clear(world: &mut EmulatedWorld) -> Result<Reply, ApiError> {
    world.faults.remove_within("");
    Reply::nothing()
}
