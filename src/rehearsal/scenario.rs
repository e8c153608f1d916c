//! A scenario: what goes wrong in a rehearsal, beside what its world says.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::emulator::FaultRule;
use crate::emulator::spec::FaultSpec;
use crate::input::{InputError, KeyPart, Source};

/// What a scenario file holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What goes wrong, and when.
    #[serde(default)]
    pub(super) faults: Vec<FaultSpec>,
}

impl Scenario {
    /// Reads one.
    ///
    /// # Errors
    /// When it says what cannot be, with the place.
    pub fn read(path: &Path) -> Result<Scenario, InputError> {
        let source = Source::read(path, "scenario")?;
        let scenario: Scenario = source.parse()?;
        for (number, fault) in scenario.faults.iter().enumerate() {
            FaultRule::new(fault.clone()).map_err(|error| {
                let place = [KeyPart::Key("faults"), KeyPart::Index(number)];
                source.error_at(&place, error.to_string(), "correct it there")
            })?;
        }
        Ok(scenario)
    }
}

/// What a scenario file may hold.
#[must_use]
pub fn scenario_schema() -> schemars::Schema {
    schemars::schema_for!(Scenario)
}
