//! The commands and their help; from arguments to an exit code.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use super::command::Commands;
use super::exit::{self, Exit};
use super::problem::Problem;
use super::terminal;
use super::{
    abort, amend, approve, assess, backport, completions, confirm, doctor, emulate, init, log, plan,
    rehearse, resolve, run, schema, show, status, waive,
};

/// Plans, rehearses, executes and resumes coordinated security releases: fixes held back under embargo go to every
/// supported release line of every affected repository, are proven there, and become public in order at the
/// announced time.
#[derive(Debug, Parser)]
#[command(name = "lockgate", version, after_help = exit::HELP, max_term_width = 110)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitCommand),
    Plan(plan::PlanCommand),
    Doctor(doctor::DoctorCommand),
    Rehearse(rehearse::RehearseCommand),
    Run(run::RunCommand),
    Resume(run::ResumeCommand),
    Status(status::StatusCommand),
    Log(log::LogCommand),
    Show(show::ShowCommand),
    Approve(approve::ApproveCommand),
    Confirm(confirm::ConfirmCommand),
    Waive(waive::WaiveCommand),
    Resolve(resolve::ResolveCommand),
    Amend(amend::AmendCommand),
    Abort(abort::AbortCommand),
    Emulate(emulate::EmulateCommand),
    Backport(backport::BackportCommand),
    Assess(assess::AssessCommand),
    Schema(schema::SchemaCommand),
    Completions(completions::CompletionsCommand),
}

/// Does what the arguments say and gives the documented exit code.
#[must_use]
pub fn main() -> ExitCode {
    note_traces();
    super::secrets::withdraw();
    let arguments = Arguments::parse_from(spelt_out(std::env::args_os()));
    crate::tls::install_tls();
    let directory = arguments.command.directory().to_owned();
    let ended = arguments.command.run().and_then(|exit| match terminal::lost() {
        None => Ok(exit),
        Some(why) => Err(Problem::unprinted(why)),
    });
    let exit = ended.unwrap_or_else(|problem| {
        problem.show(&Commands::at(directory));
        problem.exit()
    });
    exit.into()
}

/// Options that take several values, in the commands that pick and assess.
const SEVERAL: [&str; 4] = ["--fix", "--onto", "--introduced", "--branches"];

/// `--onto a b` as `--onto a --onto b`. Were clap told that these take many values, it would either take the next
/// option for one of them or not let us say what is wrong with a name that looks like an option.
fn spelt_out(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut given = given.into_iter();
    let mut spelt: Vec<OsString> = given.by_ref().take(2).collect();
    if !spelt.get(1).is_some_and(|command| command == "backport" || command == "assess") {
        spelt.extend(given);
        return spelt;
    }
    let mut several: Option<OsString> = None;
    while let Some(argument) = given.next() {
        if SEVERAL.iter().any(|option| argument == *option) {
            several = Some(argument.clone());
            spelt.push(argument);
            spelt.extend(given.next());
        } else if argument.as_encoded_bytes().starts_with(b"-") {
            several = None;
            spelt.push(argument);
        } else {
            spelt.extend(several.clone());
            spelt.push(argument);
        }
    }
    spelt
}

/// What happens inside, for those who ask with `LOCKGATE_LOG`.
fn note_traces() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LOCKGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    // An error only says that somebody traces already.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

impl Command {
    /// The directory of the release that it is about: what is advised must work from where the user stands.
    fn directory(&self) -> &Path {
        match self {
            Command::Run(arguments) => &arguments.dir,
            Command::Resume(arguments) => &arguments.dir,
            Command::Status(arguments) => &arguments.dir,
            Command::Log(arguments) => &arguments.dir,
            Command::Show(arguments) => &arguments.dir,
            Command::Approve(arguments) => &arguments.dir,
            Command::Confirm(arguments) => &arguments.dir,
            Command::Waive(arguments) => &arguments.dir,
            Command::Resolve(arguments) => &arguments.dir,
            Command::Amend(arguments) => &arguments.dir,
            Command::Abort(arguments) => &arguments.dir,
            Command::Init(arguments) => &arguments.dir,
            Command::Doctor(arguments) => &arguments.dir,
            Command::Plan(_)
            | Command::Rehearse(_)
            | Command::Emulate(_)
            | Command::Backport(_)
            | Command::Assess(_)
            | Command::Schema(_)
            | Command::Completions(_) => Path::new("."),
        }
    }

    fn run(self) -> Result<Exit, Problem> {
        match self {
            Command::Init(arguments) => awaited(arguments.run()),
            Command::Plan(arguments) => awaited(arguments.run()),
            Command::Doctor(arguments) => awaited(arguments.run()),
            Command::Rehearse(arguments) => awaited(arguments.run()),
            Command::Run(arguments) => awaited(arguments.run()),
            Command::Resume(arguments) => awaited(arguments.run()),
            Command::Status(arguments) => arguments.run(),
            Command::Log(arguments) => arguments.run(),
            Command::Show(arguments) => arguments.run(),
            Command::Approve(arguments) => arguments.run(),
            Command::Confirm(arguments) => arguments.run(),
            Command::Waive(arguments) => arguments.run(),
            Command::Resolve(arguments) => arguments.run(),
            Command::Amend(arguments) => awaited(arguments.run()),
            Command::Abort(arguments) => arguments.run(),
            Command::Emulate(arguments) => awaited(arguments.run()),
            Command::Backport(arguments) => arguments.run(),
            Command::Assess(arguments) => arguments.run(),
            Command::Schema(arguments) => arguments.run(),
            Command::Completions(arguments) => arguments.run(Arguments::command()),
        }
    }
}

/// Runs what talks to services.
fn awaited(work: impl Future<Output = Result<Exit, Problem>>) -> Result<Exit, Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::outside(&error))?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_values_may_follow_one_option() {
        let spelt = |text: &str| {
            let words = spelt_out(text.split(' ').map(OsString::from));
            words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            spelt("lockgate backport --repo r --fix a b --onto x y --json"),
            "lockgate backport --repo r --fix a --fix b --onto x --onto y --json"
        );
        assert_eq!(spelt("lockgate assess --fix --all --repo r"), "lockgate assess --fix --all --repo r");
        assert_eq!(spelt("lockgate plan --fix a b"), "lockgate plan --fix a b");
    }

    #[test]
    fn arguments_are_sound_and_every_command_teaches_by_example() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("lockgate "), "`{}` has no example", sub.get_name());
        }
    }
}
