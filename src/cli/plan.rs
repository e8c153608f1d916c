//! `lockgate plan`: the graph of steps, computed from a snapshot; nothing is written.

use clap::{Args, ValueEnum};

use super::answer::Answer;
use super::command::Commands;
use super::crew::{CrewArguments, sending};
use super::mirrors::MirrorOptions;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::{temporary, terminal, world};
use crate::control::Home;
use crate::folder::Folder;
use crate::plan::{self, Grouping, Plan};
use crate::planning::{InputFiles, plan_release};
use crate::rehearsal;
use crate::workers::Sending;

/// Computes the plan of a release and prints it: repositories, targets, order, gates, what can be undone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lockgate plan --dir fixtures/demo\n  lockgate plan --long | less\n  \
    lockgate plan --format dot --group target | dot -Tsvg > plan.svg\n  \
    lockgate plan --mirror bytecodealliance/wasmtime=wasmtime.git\n\n\
    A directory with a `world.toml` is planned in that emulated world, and --mirror plans in a world made of your \
    mirrors. Otherwise the services that the catalog names are read. Nothing is changed anywhere.")]
pub(super) struct PlanCommand {
    #[command(flatten)]
    place: PlaceArgument,
    /// How the plan is printed.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    format: PlanFormat,
    /// Print every step, and not one page.
    #[arg(long)]
    long: bool,
    /// By what the steps of a drawing (dot, mermaid) are put together.
    #[arg(long, value_enum, value_name = "BY")]
    group: Option<GroupedBy>,
    #[command(flatten)]
    mirrors: MirrorOptions,
    #[command(flatten)]
    crew: CrewArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// What a manager reads aloud before a release, on one page.
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

/// By what the steps of a drawing are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GroupedBy {
    /// The phase that they are in.
    Phase,
    /// The branch, repository or advisory that they concern.
    Target,
    /// The repository that they concern.
    Repository,
}

impl From<GroupedBy> for Grouping {
    fn from(by: GroupedBy) -> Grouping {
        match by {
            GroupedBy::Phase => Grouping::Phase,
            GroupedBy::Target => Grouping::Target,
            GroupedBy::Repository => Grouping::Repository,
        }
    }
}

impl PlanCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let format = self.format()?;
        let plan = self.plan().await?;
        if terminal::is_for_programs() && matches!(self.format, PlanFormat::Text | PlanFormat::Json) {
            // Nobody reads the words.
            return Answer::nothing().next(self.to_rehearse()).with_large(&plan);
        }
        // Words for people, or a drawing, which is its own data.
        let answer = Answer::done(plan::render(&plan, format)?);
        Ok(if self.format == PlanFormat::Text { answer.prose() } else { answer })
    }

    /// The command that rehearses what was planned in an emulated world.
    fn to_rehearse(&self) -> Option<String> {
        let directory = self.place.path();
        let is_emulated = rehearsal::has_world(directory, &self.mirrors.mirrors());
        let arguments = || self.mirrors.arguments() + &self.crew.arguments();
        (is_emulated && !Home::find(directory).is_started())
            .then(|| Commands::at(directory).rehearse(&arguments()))
    }

    /// What is asked for; options that the format has no use for are refused.
    fn format(&self) -> Result<plan::Format, Problem> {
        let grouping = self.group.map(Grouping::from);
        let is_drawn = matches!(self.format, PlanFormat::Dot | PlanFormat::Mermaid);
        if grouping.is_some() && !is_drawn {
            return Err(Problem::input("only drawings are grouped", "give --format dot or --format mermaid"));
        }
        if self.long && self.format != PlanFormat::Text {
            return Err(Problem::input("every other format has every step already", "remove --long"));
        }
        Ok(match self.format {
            PlanFormat::Text if self.long => plan::Format::Text,
            PlanFormat::Text => plan::Format::Page,
            PlanFormat::Json => plan::Format::Json,
            PlanFormat::Dot => plan::Format::Dot(grouping.unwrap_or_default()),
            PlanFormat::Mermaid => plan::Format::Mermaid(grouping.unwrap_or_default()),
            PlanFormat::Svg => plan::Format::Svg,
        })
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
            if let Some(rehearse) = self.to_rehearse() {
                terminal::note(format!("to rehearse it: {rehearse}"));
            }
            return Ok(rehearsal::plan(
                &Home::rehearsal(out.path()),
                &files,
                &mirrors,
                self.crew.team(sending(directory)).await?,
            )
            .await?);
        }
        files.check_disclosure(jiff::Timestamp::now())?;
        files.check_addresses()?;
        let folder = Folder::at(out.path());
        let crew = self.crew.team(Sending::Change).await?;
        let world = world::connect(world::endpoints(&files.inputs().catalog, &folder, crew).await?).await?;
        Ok(plan_release(&world, &folder, &files).await?)
    }
}
