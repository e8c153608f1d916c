//! `lockgate plan`: the graph of steps, computed from a snapshot; nothing is written.

use clap::{Args, ValueEnum};

use super::answer::Answer;
use super::command::Commands;
use super::mirrors::MirrorOptions;
use super::place::PlaceArgument;
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
    #[command(flatten)]
    place: PlaceArgument,
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
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let plan = self.plan().await?;
        let text = plan::render(&plan, self.format.into())?;
        let answer = Answer::done(&text);
        match self.format {
            PlanFormat::Text | PlanFormat::Json => answer.with(&plan),
            // A drawing is its own data.
            PlanFormat::Dot | PlanFormat::Mermaid | PlanFormat::Svg => Ok(answer),
        }
    }

    async fn plan(&self) -> Result<Plan, Problem> {
        let directory = self.place.path();
        let home = Home::find(directory);
        if home.is_started() {
            rehearsal::check_mirrors(&InputFiles::load(&home.files)?, &self.mirrors.mirrors())?;
            terminal::note("the release was started: this is the plan that it follows");
            return Ok(home.open()?.plan);
        }
        let files = InputFiles::load(directory)?;
        let out = temporary::folder("plan")?;
        let mirrors = self.mirrors.mirrors();
        if rehearsal::has_world(directory, &mirrors) {
            terminal::note("planned in an emulated world: nothing outside of this machine was looked at");
            let rehearse = Commands::at(directory).rehearse(&self.mirrors.arguments());
            terminal::note(format!("to rehearse it: {rehearse}"));
            return Ok(rehearsal::plan(&Home::rehearsal(out.path()), &files, &mirrors).await?);
        }
        files.check_disclosure(jiff::Timestamp::now())?;
        let folder = Folder::at(out.path());
        let world = world::connect(world::endpoints(&files.inputs().catalog, &folder)?).await?;
        Ok(plan_release(&world, &folder, &files).await?)
    }
}
