//! `lockgate plan`: the graph of steps, computed from a snapshot; nothing is written.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::emulated::Stage;
use super::exit::Exit;
use super::mirrors::Mirrors;
use super::problem::{Problem, io_problem};
use super::terminal;
use super::world;
use crate::control::Home;
use crate::folder::Folder;
use crate::plan::{self, Plan};
use crate::planning::{InputFiles, plan_release};

/// Computes the plan of a release and prints it: repositories, targets, order, gates, what can be undone.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate plan fixtures/demo\n  lockgate plan --format svg > plan.svg\n  \
    lockgate plan --mirror bytecodealliance/wasmtime=wasmtime.git\n\n\
    A directory with a `world.toml` is planned in that emulated world, `--mirror` plans in a world made of your \
    mirrors; else the services that the catalog names are looked at. Nothing is written anywhere."
)]
pub(super) struct Arguments {
    /// The directory with `catalog.toml` and `release.toml`.
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The form of the plan.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    mirrors: Mirrors,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// What a manager reads aloud before a release.
    Text,
    /// The plan itself, with everything it was computed from.
    Json,
    /// Graphviz.
    Dot,
    /// Mermaid, for Markdown pages.
    Mermaid,
    /// A picture.
    Svg,
}

impl From<Format> for plan::Format {
    fn from(format: Format) -> plan::Format {
        match format {
            Format::Text => plan::Format::Text,
            Format::Json => plan::Format::Json,
            Format::Dot => plan::Format::Dot,
            Format::Mermaid => plan::Format::Mermaid,
            Format::Svg => plan::Format::Svg,
        }
    }
}

impl Arguments {
    pub(super) async fn run(&self) -> Result<Exit, Problem> {
        let plan = self.plan().await?;
        terminal::out(plan::render(&plan, self.format.into())?);
        Ok(Exit::Done)
    }

    async fn plan(&self) -> Result<Plan, Problem> {
        let home = Home::find(&self.dir);
        if home.is_started() {
            terminal::note("the release was started: this is the plan that it follows");
            return Ok(home.open()?.plan);
        }
        let files = InputFiles::load(&self.dir)?;
        let out = tempfile::Builder::new()
            .prefix("lockgate-plan-")
            .tempdir()
            .map_err(|error| io_problem("make a folder in", &std::env::temp_dir(), &error))?;
        if Stage::is_wanted(&self.dir, &self.mirrors) {
            terminal::note("planned in an emulated world: nothing outside of this machine was looked at");
            let stage = Stage::create(&Home::rehearsal(out.path()), &files, &self.mirrors).await?;
            let plan = plan_release(&*stage.connect().await?, &Folder::at(out.path()), &files).await;
            stage.close().await;
            return Ok(plan?);
        }
        files.check_disclosure(jiff::Timestamp::now())?;
        let folder = Folder::at(out.path());
        let world = world::connect(world::endpoints(&files.inputs().catalog, &folder)?).await?;
        Ok(plan_release(&world, &folder, &files).await?)
    }
}
