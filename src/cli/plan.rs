//! `lockgate plan`: the graph of steps, computed from a snapshot; nothing is written.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::command::Commands;
use super::exit::Exit;
use super::mirrors::MirrorOptions;
use super::problem::Problem;
use super::{temporary, terminal, world};
use crate::control::Home;
use crate::folder::Folder;
use crate::plan::{self, Plan};
use crate::planning::{InputFiles, plan_release};
use crate::rehearsal;

/// Computes the plan of a release and prints it: repositories, targets, order, gates, what can be undone.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate plan fixtures/demo\n  lockgate plan --format svg > plan.svg\n  \
    lockgate plan --mirror bytecodealliance/wasmtime=wasmtime.git\n\n\
    A directory with a `world.toml` is planned in that emulated world, and --mirror plans in a world made of your \
    mirrors. Otherwise the services that the catalog names are read. Nothing is changed anywhere."
)]
pub(super) struct PlanCommand {
    /// The directory with `catalog.toml` and `release.toml`.
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// How the plan is printed.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    format: PlanFormat,
    #[command(flatten)]
    mirrors: MirrorOptions,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PlanFormat {
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

impl From<PlanFormat> for plan::Format {
    fn from(format: PlanFormat) -> plan::Format {
        match format {
            PlanFormat::Text => plan::Format::Text,
            PlanFormat::Json => plan::Format::Json,
            PlanFormat::Dot => plan::Format::Dot,
            PlanFormat::Mermaid => plan::Format::Mermaid,
            PlanFormat::Svg => plan::Format::Svg,
        }
    }
}

impl PlanCommand {
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
        let out = temporary::folder("plan")?;
        let mirrors = self.mirrors.mirrors();
        if rehearsal::has_world(&self.dir, &mirrors) {
            terminal::note("planned in an emulated world: nothing outside of this machine was looked at");
            let rehearse = Commands::at(&self.dir).rehearse(&self.mirrors.arguments());
            terminal::note(format!("to rehearse it: {rehearse}"));
            return Ok(rehearsal::plan(&Home::rehearsal(out.path()), &files, &mirrors).await?);
        }
        files.check_disclosure(jiff::Timestamp::now())?;
        let folder = Folder::at(out.path());
        let world = world::connect(world::endpoints(&files.inputs().catalog, &folder)?).await?;
        Ok(plan_release(&world, &folder, &files).await?)
    }
}
