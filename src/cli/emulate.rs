//! `lockgate emulate`: the emulated world alone, for any client.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::mirrors::MirrorOptions;
use super::problem::Problem;
use super::{temporary, terminal};
use crate::control::{Home, HomeKind};
use crate::rehearsal::WorldService;

/// Serves an emulated world until it is interrupted: that of DIR/world.toml, on the machine's own clock, or that of a kept
/// rehearsal, as it was left.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate emulate fixtures/demo --listen 127.0.0.1:8080\n  \
    curl -H 'Authorization: Bearer emulated-token-of-mara' http://127.0.0.1:8080/api/user\n  \
    lockgate emulate OUT      (a kept rehearsal; the links of its report work, and its pages can be read)")]
pub(super) struct EmulateCommand {
    /// The directory with `world.toml`, or a kept rehearsal.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The address to listen on; port 0 takes a free one. Without one, any free port, or where a kept rehearsal answered.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    mirrors: MirrorOptions,
    /// Keep the world in this directory; a world that is there already is opened again.
    #[arg(long, value_name = "OUT")]
    keep: Option<PathBuf>,
}

impl EmulateCommand {
    pub(super) async fn run(&self) -> Result<Exit, Problem> {
        let temporary = temporary::folder("emulate")?;
        let home = Home::find(&self.dir);
        let (service, out) = if home.kind == HomeKind::Rehearsal {
            (WorldService::of_kept(&home, self.listen).await?, self.dir.clone())
        } else {
            let out = self.keep.clone().unwrap_or_else(|| temporary.path().join("world"));
            let address = self.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
            (WorldService::start(&self.dir, &self.mirrors.mirrors(), &out, address).await?, out)
        };
        greet(&service, &out);
        tokio::signal::ctrl_c().await.map_err(|error| Problem::outside(&error))?;
        service.stop().await;
        Ok(Exit::Done)
    }
}

fn greet(service: &WorldService, out: &Path) {
    terminal::out(format!("api       {}", service.api()));
    terminal::out(format!("git       {}OWNER/REPO.git", service.git()));
    terminal::out(format!("pages     {}", service.git()));
    terminal::out(format!("registry  {}", service.registry()));
    for (login, token) in service.people() {
        terminal::out(format!("token     {token}  ({login})"));
    }
    terminal::note(format!("the world is kept in {}; stop it with Ctrl-C", out.display()));
}
