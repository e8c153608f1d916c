//! `lockgate emulate`: the emulated world alone, for any client.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::net::TcpListener;

use super::emulated::{no_world, read_world};
use super::exit::Exit;
use super::mirrors::Mirrors;
use super::problem::{Problem, io_problem};
use super::terminal;
use crate::clock::Clock;
use crate::emulator::history::settle;
use crate::emulator::spec::WorldSpec;
use crate::emulator::{Emulator, Serving};
use crate::wording::with_causes;

/// Serves the world that DIR/world.toml tells, on the machine's own clock, until it is interrupted.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate emulate fixtures/demo --listen 127.0.0.1:8080\n  \
    curl -H 'Authorization: Bearer emulated-token-of-mara' http://127.0.0.1:8080/api/user")]
pub(super) struct Arguments {
    /// The directory with `world.toml`.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    #[command(flatten)]
    mirrors: Mirrors,
    /// Keep the world here; a world that is there already is opened again.
    #[arg(long, value_name = "OUT")]
    keep: Option<PathBuf>,
}

impl Arguments {
    pub(super) async fn run(&self) -> Result<Exit, Problem> {
        let temporary = tempfile::tempdir()
            .map_err(|error| io_problem("make a folder in", &std::env::temp_dir(), &error))?;
        let out = self.keep.clone().unwrap_or_else(|| temporary.path().join("world"));
        let spec = read_world(&self.dir.join("world.toml"))?;
        let emulator = self.emulator(&out, spec.clone())?;
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            Problem::input(format!("failed to listen on {}: {error}", self.listen), "give a free port")
        })?;
        let serving = emulator.serve(listener).map_err(no_world)?;
        greet(&serving, &spec, &out);
        tokio::signal::ctrl_c().await.map_err(|error| Problem::outside(&error))?;
        serving.shutdown().await;
        Ok(Exit::Done)
    }

    fn emulator(&self, out: &std::path::Path, mut spec: WorldSpec) -> Result<Emulator, Problem> {
        if out.join("world.db").is_file() {
            return Emulator::open(out, |_| Clock::system()).map_err(no_world);
        }
        let sources = out.join("sources");
        settle(&mut spec, &self.dir, &self.mirrors.by_repo(), &sources).map_err(|error| {
            Problem::input(with_causes(&error), "give a copy of the repository with --mirror OWNER/REPO=PATH")
        })?;
        // Clients ask at the machine's hour: what lies before the start of the world must lie before it, too.
        Emulator::create(out, &spec, Clock::system()).map_err(no_world)
    }
}

fn greet(serving: &Serving, spec: &WorldSpec, out: &std::path::Path) {
    terminal::out(format!("api       {}", serving.api_base));
    terminal::out(format!("git       {}OWNER/REPO.git", serving.git_base));
    terminal::out(format!("registry  {}", serving.registry_base));
    for user in &spec.users {
        terminal::out(format!("token     {}  ({})", user.token, user.login));
    }
    terminal::note(format!("the world lies in {}; stop it with Ctrl-C", out.display()));
}
