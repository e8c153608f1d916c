//! The emulated world alone, for any client.

use std::net::SocketAddr;
use std::path::Path;

use url::Url;

use super::error::RehearsalError;
use super::mirrors::Mirrors;
use super::rehearsal_world::{serve, serve_again};
use super::specification::{WORLD_FILE, described};
use crate::clock::Clock;
use crate::control::Home;
use crate::emulator::history::settle;
use crate::emulator::spec::WorldSpec;
use crate::emulator::{Emulator, Serving};
use crate::ids::Login;
use crate::planning::InputFiles;
use crate::run::Lock;

/// A world that answers whoever asks.
pub struct WorldService {
    serving: Serving,
    people: Vec<(Login, String)>,
    /// Nobody drives a kept rehearsal while its world is looked at.
    _lock: Option<Lock>,
}

impl WorldService {
    /// Serves the world of `directory/world.toml` from the folder `out`, on the machine's own clock. A world that is there
    /// already is opened again.
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
        let people = spec.users.iter().map(|user| (user.login.clone(), user.token.clone())).collect();
        let emulator = emulator(spec, directory, mirrors, out)?;
        Ok(WorldService { serving: serve(emulator, address).await?, people, _lock: None })
    }

    /// Serves the world of a kept rehearsal as it was left: its clock stands still. Without an address, where the links of
    /// its report point to.
    ///
    /// # Errors
    /// When somebody drives the rehearsal, the address is taken, or the disk refuses.
    pub async fn of_kept(home: &Home, address: Option<SocketAddr>) -> Result<WorldService, RehearsalError> {
        let lock = home.lock()?;
        let (remembered, files) = (home.memory()?, InputFiles::load(&home.files)?);
        let people = vec![(files.inputs().release.manager.clone(), remembered.token.clone())];
        let emulator = Emulator::open(home.folder.root(), Clock::simulated)?;
        let serving = match address {
            Some(address) => serve(emulator, address).await?,
            None => serve_again(home, &remembered, emulator).await?,
        };
        Ok(WorldService { serving, people, _lock: Some(lock) })
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

    /// The people of this world, each with the token that speaks for them; of a kept rehearsal, its manager.
    pub fn people(&self) -> impl Iterator<Item = (&Login, &str)> {
        self.people.iter().map(|(login, token)| (login, token.as_str()))
    }

    /// Notes every exchange from here on in a file, which is begun anew.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn record_to(&self, file: &Path) -> Result<(), RehearsalError> {
        Ok(self.serving.record_to(file, true)?)
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
