//! What happens when its time has come.

use crate::emulator::ci;
use crate::emulator::world::{EmulatedWorld, EmulatorError};

/// Begins a request: everything that is due happens, each at its own time and in order.
pub(crate) fn begin(world: &mut EmulatedWorld) -> Result<(), EmulatorError> {
    let now = world.read_clock()?;
    while let Some((key, scheduled)) = world.next_due(now) {
        world.now = scheduled.due;
        ci::happen(world, &scheduled)?;
        world.finish_effect(&key);
        world.commit()?;
    }
    world.now = now;
    world.publish_due();
    Ok(())
}
