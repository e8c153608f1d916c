//! What no GitHub has: more faults while the world runs.

use serde_json::json;

use super::{Call, Method, Refusal, Reply};
use crate::emulator::faults::Fault;
use crate::emulator::spec::FaultSpec;
use crate::emulator::world::World;

/// `POST` and `DELETE /_emulator/faults`.
pub(crate) fn answer(world: &mut World, call: &Call, path: &[&str]) -> Option<Result<Reply, Refusal>> {
    match (call.method, path) {
        (Method::Post, ["_emulator", "faults"]) => Some(add(world, call)),
        (Method::Delete, ["_emulator", "faults"]) => Some(clear(world)),
        (Method::Get, ["_emulator", "clock"]) => Some(Reply::ok(json!({"now": world.now}))),
        _ => None,
    }
}

fn add(world: &mut World, call: &Call) -> Result<Reply, Refusal> {
    let spec: FaultSpec =
        serde_json::from_value(call.body.clone()).map_err(|error| Refusal::says(422, error.to_string()))?;
    let fault = Fault::new(spec).map_err(|error| Refusal::says(422, error.to_string()))?;
    let key = format!("{:010}", world.new_id()?);
    world.faults.insert(key, fault);
    Reply::created(json!({}))
}

fn clear(world: &mut World) -> Result<Reply, Refusal> {
    world.faults.remove_within("");
    Reply::nothing()
}
