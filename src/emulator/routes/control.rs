//! What no GitHub has: more faults while the world runs.

use serde_json::json;

use super::{ApiError, ApiRequest, Reply, RouteResult};
use crate::emulator::faults::FaultRule;
use crate::emulator::spec::FaultSpec;
use crate::emulator::world::EmulatedWorld;

/// `POST /_emulator/faults`
pub(super) fn add_fault(world: &mut EmulatedWorld, request: &ApiRequest) -> RouteResult {
    let spec: FaultSpec = serde_json::from_value(request.body.clone())
        .map_err(|error| ApiError::says(422, error.to_string()))?;
    let fault = FaultRule::new(spec).map_err(|error| ApiError::says(422, error.to_string()))?;
    let key = format!("{:010}", world.new_id()?);
    world.faults.insert(key, fault);
    Reply::with(json!({}))
}

/// `DELETE /_emulator/faults`
pub(super) fn clear_faults(world: &mut EmulatedWorld, _: &ApiRequest) -> RouteResult {
    world.faults.remove_within("");
    Reply::empty()
}

/// `GET /_emulator/clock`
pub(super) fn clock(world: &mut EmulatedWorld, _: &ApiRequest) -> RouteResult {
    Reply::with(json!({"now": world.now}))
}
