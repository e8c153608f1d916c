//! The emulated world of a rehearsal: laid out in the run's folder, served on this machine, and reached by its wire and
//! nothing else.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::error::RehearsalError;
use super::layout;
use super::made;
use super::mirrors::Mirrors;
use super::scenario::Scenario;
use super::specification::{WORLD_FILE, specification, token_of};
use crate::clock::Clock;
use crate::control::{Home, Rehearsal};
use crate::emulator::history::settle;
use crate::emulator::{Emulator, MailFate, Serving};
use crate::folder::Folder;
use crate::git::Signer;
use crate::github::Pacing;
use crate::jobs::Executor;
use crate::mail::{MailTrouble, Mailer, Troublemaker};
use crate::planning::InputFiles;
use crate::registry::Registry;
use crate::runner::Crew;
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
    crew: Option<Arc<dyn Crew>>,
}

impl RehearsalWorld {
    /// With the machines of these, which run entries of the projects' own CI; they are real.
    #[must_use]
    pub fn with_crew(self, crew: Option<Arc<dyn Crew>>) -> RehearsalWorld {
        RehearsalWorld { crew, ..self }
    }

    /// Lays out a new world in the rehearsal's folder.
    ///
    /// # Errors
    /// When the world cannot be made of what was given, or the disk refuses.
    pub async fn create(
        home: &Home,
        files: &InputFiles,
        mirrors: &Mirrors,
        scenario: Option<&Scenario>,
    ) -> Result<RehearsalWorld, RehearsalError> {
        RehearsalWorld::lay_out(home, files, mirrors, scenario, made::note_beginning).await
    }

    /// The same of a world in which nothing is done: what it shows at its beginning is not noted.
    ///
    /// # Errors
    /// As [`RehearsalWorld::create`].
    pub(super) async fn create_to_look(
        home: &Home,
        files: &InputFiles,
        mirrors: &Mirrors,
    ) -> Result<RehearsalWorld, RehearsalError> {
        RehearsalWorld::lay_out(home, files, mirrors, None, |_| Ok(())).await
    }

    async fn lay_out(
        home: &Home,
        files: &InputFiles,
        mirrors: &Mirrors,
        scenario: Option<&Scenario>,
        note_beginning: impl FnOnce(&Home) -> Result<(), RehearsalError>,
    ) -> Result<RehearsalWorld, RehearsalError> {
        let mut spec = specification(files, mirrors)?;
        files.check_disclosure(spec.start)?;
        let token = token_of(&spec, &files.inputs().release.manager)?;
        let origin = layout::origin_of(files);
        layout::make_room(home, &origin)?;
        layout::copy_files(home, files)?;
        let root = home.folder.root();
        settle(&mut spec, files.directory(), mirrors.paths(), &root.join("sources"))?;
        let clock = Clock::simulated(spec.start);
        let emulator = Emulator::create(root, &spec, clock.clone())?;
        disturb(&emulator, scenario)?;
        note_beginning(home)?;
        layout::lend(home, files)?;
        let serving = serve(emulator, ANY_PORT.into()).await?;
        let address = Some(serving.address);
        home.remember(&Rehearsal {
            token: token.clone(),
            start: spec.start,
            address,
            origin: Some(origin),
            asks: false,
        })?;
        layout::finish(home)?;
        Ok(RehearsalWorld { serving, clock, folder: home.folder.clone(), token, crew: None })
    }

    /// Opens the world of a kept rehearsal again, also after it was killed. Its clock resumes where it was.
    ///
    /// # Errors
    /// When there is none, or the disk refuses.
    pub async fn open(home: &Home, scenario: Option<&Scenario>) -> Result<RehearsalWorld, RehearsalError> {
        let remembered = home.memory()?;
        let mut clock = Clock::simulated(remembered.start);
        let emulator = Emulator::open(home.folder.root(), |now| {
            clock = Clock::simulated(now);
            clock.clone()
        })?;
        disturb(&emulator, scenario)?;
        let serving = serve_again(home, &remembered, emulator).await?;
        Ok(RehearsalWorld {
            serving,
            clock,
            folder: home.folder.clone(),
            token: remembered.token,
            crew: None,
        })
    }

    /// The time in this world.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Notes every exchange with this world from here on in a file, which is begun anew or goes on.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn record_to(&self, file: &Path, anew: bool) -> Result<(), RehearsalError> {
        Ok(self.serving.record_to(file, anew)?)
    }

    /// Connects to this world as a real run connects to the real one.
    ///
    /// # Errors
    /// When this machine does not let us.
    pub async fn connect(&self) -> Result<Arc<World>, RehearsalError> {
        let endpoints = Endpoints {
            api: self.serving.api_base.clone(),
            git: self.serving.git_base.clone(),
            token: self.token.clone().into(),
            mailer: Mailer::directory(self.folder.mail(), self.clock.clone()).with_trouble(
                self.serving.fates().map(|fate| Troublemaker::new(move |kind| fate(kind).map(trouble))),
            ),
            registry: Registry::below(&self.serving.registry_base)?,
            pacing: Pacing::unhurried(),
            signer: Signer::ThrowAway(self.folder.root().to_owned()),
            clock: self.clock.clone(),
            cores: Executor::machine_cores(),
            logs: self.folder.logs(),
            jobs: self.folder.jobs(),
            crew: self.crew.clone(),
        };
        Ok(Arc::new(World::connect(endpoints).await?))
    }

    /// Stops answering. Everything is on disk.
    pub async fn close(self) {
        self.serving.shutdown().await;
    }
}

fn trouble(fate: MailFate) -> MailTrouble {
    match fate {
        MailFate::Answered { code: 200..400, .. } => MailTrouble::Dropped,
        MailFate::Answered { code, text } => MailTrouble::Refused { code, text },
        MailFate::Unreachable => MailTrouble::Unreachable,
        MailFate::Lost => MailTrouble::Lost,
    }
}

/// What an earlier scenario ordered stays in force until there is another.
fn disturb(emulator: &Emulator, scenario: Option<&Scenario>) -> Result<(), RehearsalError> {
    Ok(scenario.map_or(Ok(()), |scenario| emulator.disturb(&scenario.faults))?)
}

/// Any free port of this machine.
const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Starts answering where a kept world answered last, or elsewhere if somebody else is there now.
pub(super) async fn serve_again(
    home: &Home,
    remembered: &Rehearsal,
    emulator: Emulator,
) -> Result<Serving, RehearsalError> {
    let listener = match remembered.address {
        Some(address) => TcpListener::bind(address).await.ok(),
        None => None,
    };
    if let Some(listener) = listener {
        return Ok(emulator.serve(listener)?);
    }
    let serving = serve(emulator, ANY_PORT.into()).await?;
    home.remember(&Rehearsal { address: Some(serving.address), ..remembered.clone() })?;
    Ok(serving)
}

/// Starts answering at an address.
pub(super) async fn serve(emulator: Emulator, address: SocketAddr) -> Result<Serving, RehearsalError> {
    let listener =
        TcpListener::bind(address).await.map_err(|source| RehearsalError::Listen { address, source })?;
    Ok(emulator.serve(listener)?)
}
