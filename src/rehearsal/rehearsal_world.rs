//! The emulated world of a rehearsal: laid out in the run's folder, served on this machine, and reached by its wire and
//! nothing else.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;
use tokio::net::TcpListener;

use super::error::RehearsalError;
use super::layout;
use super::made;
use super::mirrors::Mirrors;
use super::specification::{WORLD_FILE, specification, token_of};
use crate::clock::Clock;
use crate::control::{Home, Rehearsal};
use crate::emulator::history::settle;
use crate::emulator::{Emulator, Serving};
use crate::folder::Folder;
use crate::git::Signer;
use crate::github::Pacing;
use crate::jobs::Executor;
use crate::mail::Mailer;
use crate::planning::InputFiles;
use crate::registry::Registry;
use crate::world::{Endpoints, World};

/// Whether a directory is to be planned in an emulated world, and not in the one that its catalog names.
#[must_use]
pub fn has_world(directory: &Path, mirrors: &Mirrors) -> bool {
    directory.join(WORLD_FILE).is_file() || !mirrors.is_empty()
}

/// An emulated world that answers, on a simulated clock.
pub struct RehearsalWorld {
    serving: Serving,
    clock: Clock,
    folder: Folder,
    token: String,
}

impl RehearsalWorld {
    /// Lays out a new world in the rehearsal's folder.
    ///
    /// # Errors
    /// When the world cannot be made of what was given, or the disk refuses.
    pub async fn create(
        home: &Home,
        files: &InputFiles,
        mirrors: &Mirrors,
    ) -> Result<RehearsalWorld, RehearsalError> {
        let mut spec = specification(files, mirrors)?;
        files.check_disclosure(spec.start)?;
        let token = token_of(&spec, &files.inputs().release.manager)?;
        layout::make_room(home)?;
        layout::copy_files(home, files)?;
        let root = home.folder.root();
        settle(&mut spec, files.directory(), mirrors.paths(), &root.join("sources"))?;
        let clock = Clock::simulated(spec.start);
        let emulator = Emulator::create(root, &spec, clock.clone())?;
        made::note_beginning(home)?;
        layout::lend(home, files)?;
        home.remember(&Rehearsal { token: token.clone(), start: spec.start })?;
        layout::finish(home)?;
        RehearsalWorld::serve(emulator, clock, home.folder.clone(), token).await
    }

    /// Opens the world of a kept rehearsal again, also after it was killed. Its clock resumes where it was.
    ///
    /// # Errors
    /// When there is none, or the disk refuses.
    pub async fn open(home: &Home) -> Result<RehearsalWorld, RehearsalError> {
        let Rehearsal { token, start } = home.memory()?;
        let mut clock = Clock::simulated(start);
        let emulator = Emulator::open(home.folder.root(), |now| {
            clock = Clock::simulated(now);
            clock.clone()
        })?;
        RehearsalWorld::serve(emulator, clock, home.folder.clone(), token).await
    }

    async fn serve(
        emulator: Emulator,
        clock: Clock,
        folder: Folder,
        token: String,
    ) -> Result<RehearsalWorld, RehearsalError> {
        let serving = serve(emulator, (Ipv4Addr::LOCALHOST, 0).into()).await?;
        Ok(RehearsalWorld { serving, clock, folder, token })
    }

    /// The time in this world.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Connects to this world as a real run connects to the real one.
    ///
    /// # Errors
    /// When this machine does not let us.
    pub async fn connect(&self) -> Result<Arc<World>, RehearsalError> {
        let endpoints = Endpoints {
            api: self.serving.api_base.clone(),
            git: self.serving.git_base.clone(),
            token: SecretString::from(self.token.clone()),
            mailer: Mailer::directory(self.folder.mail(), self.clock.clone()),
            registry: Registry::below(&self.serving.registry_base)?,
            pacing: Pacing::unhurried(),
            signer: Signer::ThrowAway(self.folder.root().to_owned()),
            clock: self.clock.clone(),
            cores: Executor::machine_cores(),
            logs: self.folder.logs(),
            jobs: self.folder.jobs(),
        };
        Ok(Arc::new(World::connect(endpoints).await?))
    }

    /// Stops answering. Everything is on disk.
    pub async fn close(self) {
        self.serving.shutdown().await;
    }
}

/// Starts answering at an address.
pub(super) async fn serve(emulator: Emulator, address: SocketAddr) -> Result<Serving, RehearsalError> {
    let listener =
        TcpListener::bind(address).await.map_err(|source| RehearsalError::Listen { address, source })?;
    Ok(emulator.serve(listener)?)
}
