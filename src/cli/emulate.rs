//! `lockgate emulate`: the emulated world alone, for any client.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::exit::Exit;
use super::mirrors::MirrorOptions;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::temporary;
use crate::control::{Home, HomeKind};
use crate::planning::InputFiles;
use crate::rehearsal::{self, WorldService};

/// Serves an emulated world until it is interrupted: that of DIR/world.toml, on the machine's own clock, or that of a kept
/// rehearsal, as it was left.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lockgate emulate fixtures/demo --listen 127.0.0.1:8080\n  \
    curl -H 'Authorization: Bearer emulated-token-of-mara' http://127.0.0.1:8080/api/user\n  \
    lockgate emulate OUT      (a kept rehearsal; the links of its report work, and its pages can be read)")]
pub(super) struct EmulateCommand {
    #[command(flatten)]
    place: PlaceArgument,
    /// The address to listen on; port 0 takes a free one. Without one, any free port, or where a kept rehearsal answered.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    mirrors: MirrorOptions,
    /// Keep the world in this directory; a world that is there already is opened again.
    #[arg(long, value_name = "OUT")]
    keep: Option<PathBuf>,
    /// Note every request and its answer in this file, a line of JSON each, without tokens.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl EmulateCommand {
    /// Its answer is printed at the start: it serves until it is interrupted.
    pub(super) async fn run(&self) -> Result<Exit, Problem> {
        let temporary = temporary::folder("emulate")?;
        let directory = self.place.path();
        let home = Home::find(directory);
        let (service, out) = if home.kind == HomeKind::Rehearsal {
            rehearsal::check_mirrors(&InputFiles::load(&home.files)?, &self.mirrors.mirrors())?;
            (WorldService::of_kept(&home, self.listen).await?, directory.to_owned())
        } else {
            let out = self.keep.clone().unwrap_or_else(|| temporary.path().join("world"));
            let address = self.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
            (WorldService::start(directory, &self.mirrors.mirrors(), &out, address).await?, out)
        };
        if let Some(file) = &self.record {
            service.record_to(file)?;
        }
        greeting(&service, &out)?.print();
        tokio::signal::ctrl_c().await.map_err(|error| Problem::outside(&error))?;
        service.stop().await;
        Ok(Exit::Done)
    }
}

fn greeting(service: &WorldService, out: &Path) -> Result<Answer, Problem> {
    let mut text = format!(
        "api       {}\ngit       {}OWNER/REPO.git\npages     {}\nregistry  {}\n",
        service.api(),
        service.git(),
        service.git(),
        service.registry()
    );
    let people: BTreeMap<_, _> = service.people().collect();
    for (login, token) in &people {
        text += &format!("token     {token}  ({login})\n");
    }
    let data = json!({
        "api": service.api(),
        "git": service.git(),
        "registry": service.registry(),
        "tokens": people,
        "kept": out,
    });
    Answer::done(text)
        .aside(format!("the world is kept in {}; stop it with Ctrl-C", out.display()))
        .with(&data)
}
