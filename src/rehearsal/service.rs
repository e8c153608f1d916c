//! The emulated world alone, on the machine's own clock, for any client.

use std::net::SocketAddr;
use std::path::Path;

use url::Url;

use super::error::RehearsalError;
use super::mirrors::Mirrors;
use super::rehearsal_world::serve;
use super::specification::{WORLD_FILE, described};
use crate::clock::Clock;
use crate::emulator::history::settle;
use crate::emulator::spec::WorldSpec;
use crate::emulator::{Emulator, Serving};
use crate::ids::Login;

/// A world that answers whoever asks.
pub struct WorldService {
    serving: Serving,
    spec: WorldSpec,
}

impl WorldService {
    /// Serves the world of `directory/world.toml` from the folder `out`. A world that is there already is opened again.
    ///
    /// # Errors
    /// When the world cannot be made of what was given, the address is taken, or the disk refuses.
    pub async fn start(
        directory: &Path,
        mirrors: &Mirrors,
        out: &Path,
        address: SocketAddr,
    ) -> Result<WorldService, RehearsalError> {
        let spec = described(&directory.join(WORLD_FILE), mirrors)?;
        let emulator = emulator(spec.clone(), directory, mirrors, out)?;
        Ok(WorldService { serving: serve(emulator, address).await?, spec })
    }

    /// The base of GitHub's REST interface.
    #[must_use]
    pub fn api(&self) -> &Url {
        &self.serving.api_base
    }

    /// The prefix of clone addresses.
    #[must_use]
    pub fn git(&self) -> &Url {
        &self.serving.git_base
    }

    /// The base of the package registries.
    #[must_use]
    pub fn registry(&self) -> &Url {
        &self.serving.registry_base
    }

    /// The people of this world, each with the token that speaks for them.
    pub fn people(&self) -> impl Iterator<Item = (&Login, &str)> {
        self.spec.users.iter().map(|user| (&user.login, user.token.as_str()))
    }

    /// Stops answering. Everything is on disk.
    pub async fn stop(self) {
        self.serving.shutdown().await;
    }
}

fn emulator(
    mut spec: WorldSpec,
    directory: &Path,
    mirrors: &Mirrors,
    out: &Path,
) -> Result<Emulator, RehearsalError> {
    if out.join("world.db").is_file() {
        return Ok(Emulator::open(out, |_| Clock::system())?);
    }
    settle(&mut spec, directory, mirrors.paths(), &out.join("sources"))?;
    // Clients ask at the machine's time: what is before the start of the world must be before it, too.
    Ok(Emulator::create(out, &spec, Clock::system())?)
}
