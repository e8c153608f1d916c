//! The commands and their help; from arguments to an exit code.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use super::answer::print_problem;
use super::command::Commands;
use super::exit::{self, Exit};
use super::problem::Problem;
use super::terminal::{self, Manner};
use super::{
    abort, amend, approve, assess, backport, completions, confirm, disclose_now, doctor, emulate, init, log,
    man, matrix, plan, rehearse, report, resolve, run, schema, show, status, waive, withdraw, worker,
};
use crate::catalog::Catalog;
use crate::control::{Home, HomeKind};
use crate::input::Source;
use crate::jobs::{Confined, confine_by, confined};

/// The exit code of shells for a command that is there and cannot be started.
const CANNOT_BE_STARTED: u8 = 126;

/// Plans, rehearses, executes and resumes coordinated security releases: fixes held back under embargo go to every
/// supported release line of every affected repository, are proven there, and become public in order at the
/// announced time.
#[derive(Debug, Parser)]
#[command(name = "lockgate", version, after_help = exit::HELP, max_term_width = 110)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    manner: Manner,
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
    Report(report::ReportCommand),
    Approve(approve::ApproveCommand),
    Confirm(confirm::ConfirmCommand),
    Waive(waive::WaiveCommand),
    Withdraw(withdraw::WithdrawCommand),
    Resolve(resolve::ResolveCommand),
    Amend(amend::AmendCommand),
    DiscloseNow(disclose_now::DiscloseNowCommand),
    Abort(abort::AbortCommand),
    Emulate(emulate::EmulateCommand),
    Backport(backport::BackportCommand),
    Assess(assess::AssessCommand),
    Matrix(Box<matrix::MatrixCommand>),
    Worker(Box<worker::WorkerCommand>),
    Schema(schema::SchemaCommand),
    Completions(completions::CompletionsCommand),
    Man(man::ManCommand),
}

/// Does what the arguments say and gives the documented exit code.
#[must_use]
pub fn main() -> ExitCode {
    match confined(std::env::args_os()) {
        Some(Confined::Ends(code)) => return code.into(),
        Some(Confined::Failed(error)) => {
            eprintln!("lockgate: a command cannot be confined: {error}");
            return ExitCode::from(CANNOT_BE_STARTED);
        }
        None => {}
    }
    if let Ok(program) = std::env::current_exe() {
        confine_by(program);
    }
    // No secret is needed for that.
    completions::answer_shells(Arguments::command);
    super::secrets::withdraw();
    let given = spelt_out(std::env::args_os());
    let arguments = Arguments::try_parse_from(&given).unwrap_or_else(|error| refuse(&error, &given));
    arguments.manner.settle();
    note_traces(arguments.manner.traces());
    crate::tls::install_tls();
    let directory = arguments.command.directory().to_owned();
    let ended = arguments.command.run().and_then(|exit| match terminal::lost() {
        None => Ok(exit),
        Some(why) => Err(Problem::unprinted(why)),
    });
    let exit = ended.unwrap_or_else(|problem| {
        print_problem(&problem, &problem.commands(&directory));
        problem.exit()
    });
    exit.into()
}

/// Whether these words, with the name of the program before them, are a command.
///
/// # Errors
/// With what is wrong with them, as it would be said.
pub fn understood<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Result<(), String> {
    let given = spelt_out(words.into_iter().map(|word| OsString::from(word.as_ref())));
    Arguments::try_parse_from(given).map(drop).map_err(|error| error.to_string())
}

/// Ends with what is wrong with the arguments, or with the help that they ask for.
fn refuse(error: &clap::Error, given: &[OsString]) -> ! {
    let manner = Manner::of_words(given);
    manner.settle();
    if !error.use_stderr() || !terminal::is_for_programs() {
        error.exit();
    }
    let problem = Problem::arguments(error);
    print_problem(&problem, &Commands::at("."));
    std::process::exit(problem.exit().code().into())
}

/// Options that take several values, in the commands that pick and assess.
const SEVERAL: [&str; 4] = ["--fix", "--onto", "--introduced", "--branches"];

/// `--onto a b` as `--onto a --onto b`. Were clap told that these take many values, it would either take the next
/// option for one of them or not let us say what is wrong with a name that looks like an option.
fn spelt_out(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let given: Vec<OsString> = given.into_iter().collect();
    let is_option = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    let command = (1..given.len()).find(|at| !is_option(&given[*at]) && given[at - 1] != "--color");
    let Some(at) = command.filter(|at| given[*at] == "backport" || given[*at] == "assess") else {
        return given;
    };
    let mut given = given.into_iter();
    let mut spelt: Vec<OsString> = given.by_ref().take(at + 1).collect();
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
fn note_traces(otherwise: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LOCKGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(otherwise));
    // An error only says that somebody traces already.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

impl Command {
    /// The directory of the release that it is about: what is advised must work from where the user stands.
    fn directory(&self) -> &Path {
        match self {
            Command::Run(arguments) => arguments.place.path(),
            Command::Resume(arguments) => arguments.place.path(),
            Command::Status(arguments) => arguments.place.path(),
            Command::Log(arguments) => arguments.place.path(),
            Command::Show(arguments) => arguments.place.path(),
            Command::Report(arguments) => arguments.place.path(),
            Command::Approve(arguments) => arguments.place.path(),
            Command::Confirm(arguments) => arguments.place.path(),
            Command::Waive(arguments) => arguments.place.path(),
            Command::Withdraw(arguments) => arguments.place.path(),
            Command::Resolve(arguments) => arguments.place.path(),
            Command::Amend(arguments) => arguments.place.path(),
            Command::DiscloseNow(arguments) => arguments.place.path(),
            Command::Abort(arguments) => arguments.place.path(),
            Command::Init(arguments) => arguments.place.path(),
            Command::Doctor(arguments) => arguments.place.path(),
            Command::Plan(_)
            | Command::Rehearse(_)
            | Command::Emulate(_)
            | Command::Backport(_)
            | Command::Assess(_)
            | Command::Matrix(_)
            | Command::Worker(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man(_) => Path::new("."),
        }
    }

    /// Does it and prints its answer.
    fn run(self) -> Result<Exit, Problem> {
        let home = Home::find(self.directory());
        let is_rehearsal = matches!(self, Command::Rehearse(_)) || home.kind == HomeKind::Rehearsal;
        let answer = match self {
            Command::Emulate(arguments) => return awaited(arguments.run()),
            Command::Matrix(arguments) => return awaited(arguments.run()),
            Command::Worker(arguments) => awaited(arguments.run()),
            Command::Init(arguments) => awaited(arguments.run()),
            Command::Plan(arguments) => awaited(arguments.run()),
            Command::Doctor(arguments) => awaited(arguments.run()),
            Command::Rehearse(arguments) => awaited(arguments.run()),
            Command::Run(arguments) => awaited(arguments.run()),
            Command::Resume(arguments) => awaited(arguments.run()),
            Command::Amend(arguments) => awaited(arguments.run()),
            Command::DiscloseNow(arguments) => awaited(arguments.run()),
            Command::Status(arguments) => arguments.run(),
            Command::Log(arguments) => arguments.run(),
            Command::Show(arguments) => arguments.run(),
            Command::Report(arguments) => arguments.run(),
            Command::Approve(arguments) => awaited(arguments.run()),
            Command::Confirm(arguments) => awaited(arguments.run()),
            Command::Waive(arguments) => awaited(arguments.run()),
            Command::Withdraw(arguments) => awaited(arguments.run()),
            Command::Resolve(arguments) => awaited(arguments.run()),
            Command::Abort(arguments) => awaited(arguments.run()),
            Command::Backport(arguments) => arguments.run(),
            Command::Assess(arguments) => arguments.run(),
            Command::Schema(arguments) => arguments.run(),
            Command::Completions(arguments) => arguments.run(),
            Command::Man(arguments) => arguments.run(Arguments::command()),
        }?;
        let answer = match (is_rehearsal, server(&home)) {
            (true, _) => answer.of_rehearsal(),
            (false, Some(host)) => answer.of_server(&host),
            (false, None) => answer,
        };
        answer.print();
        Ok(answer.exit())
    }
}

/// The server that has the pages of the repositories, as the catalog of now says; `None` where it cannot be read.
fn server(home: &Home) -> Option<String> {
    let source = Source::read(&home.files.join("catalog.toml"), "catalog").ok()?;
    Some(Catalog::load(&source).ok()?.endpoints.host())
}

/// Runs what talks to services.
fn awaited<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
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
        assert_eq!(
            spelt("lockgate --color never -q backport --onto x y"),
            "lockgate --color never -q backport --onto x --onto y"
        );
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
