//! `lockgate doctor`: everything that the day needs, looked at before it; nothing is changed and no mail is sent.

use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::exit::Exit;
use super::mirrors::MirrorOptions;
use super::place::PlaceArgument;
use super::problem::Problem;
use super::{temporary, terminal, world};
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::control::{Home, HomeKind};
use crate::folder::Folder;
use crate::input::InputError;
use crate::planning::{
    Examination, Finding, Grade, InputFiles, UnreadableFiles, examine, examine_here, examine_services,
    mail_server,
};
use crate::rehearsal::{self, RehearsalWorld};
use crate::wording::counted;

/// Looks at everything that the day needs (token, mail, tools, approvals, branches) and says what is missing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate doctor\n  lockgate doctor --dir fixtures/demo --json\n\nNothing is changed anywhere: the mail \
    server is greeted, and gets no mail. The exit code is 2 where a fault was found that would stop the release."
)]
pub(super) struct DoctorCommand {
    #[command(flatten)]
    pub(super) place: PlaceArgument,
    #[command(flatten)]
    mirrors: MirrorOptions,
}

impl DoctorCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        let Examination { mut findings, plan, faults } = match (InputFiles::load(&home.files), home.kind) {
            (Err(error), _) if !is_a_release(&home) => return Err(error.into()),
            (Err(error), kind) => self.without_files(&home, kind, error).await,
            (Ok(files), HomeKind::Real) => self.examined(&files).await?,
            (Ok(files), HomeKind::Rehearsal) => kept(&home, &files).await?,
        };
        let commands = Commands::at(self.place.path());
        let stands_against =
            faults.into_iter().map(|fault| found(&fault.about, &fault.error.into(), &commands));
        findings.extend(stands_against);
        findings.extend(plan.map(|plan| planned(plan.step_count())));
        let faults = findings.iter().filter(|finding| finding.grade == Grade::Fault).count();
        let lines: Vec<String> = findings.iter().map(line).collect();
        let (exit, summary) = match faults {
            0 => (Exit::Done, "nothing was found that would stop the release".to_owned()),
            some => (Exit::BadInput, format!("{} would stop the release", counted(some, "fault"))),
        };
        let answer = Answer::new(exit, lines.join("\n")).and(summary);
        answer.with(&json!({ "findings": findings, "faults": faults }))
    }

    /// A file that cannot be read hides neither the others nor the services that the catalog names.
    async fn without_files(&self, home: &Home, kind: HomeKind, error: InputError) -> Examination {
        let commands = Commands::at(self.place.path());
        let UnreadableFiles { faults, catalog } = UnreadableFiles::look(&home.files, error);
        let told = |(about, error): (String, InputError)| found(&about, &error.into(), &commands);
        let mut findings: Vec<Finding> = faults.into_iter().map(told).collect();
        let is_emulated =
            kind == HomeKind::Rehearsal || rehearsal::has_world(self.place.path(), &self.mirrors.mirrors());
        if let Some(catalog) = catalog.filter(|_| !is_emulated) {
            findings.extend(self.services(&catalog, &commands).await);
        }
        let what = "repositories and advisories were not compared with the files, which cannot be read";
        findings.push(Finding::new("plan", Grade::Note, what).with("mend them, and look again"));
        Examination { findings, plan: None, faults: Vec::new() }
    }

    /// The services that a catalog names.
    async fn services(&self, catalog: &Catalog, commands: &Commands) -> Vec<Finding> {
        let mail = match world::mailer(catalog, &Clock::system()) {
            Ok(mailer) => mail_server(mailer.try_server().await),
            Err(problem) => found("mail", &problem, commands),
        };
        let world = match temporary::folder("doctor") {
            Ok(out) => world::without_mail(catalog, &Folder::at(out.path())).await,
            Err(problem) => Err(problem),
        };
        match world {
            Ok(world) => examine_services(&world, catalog, mail).await,
            Err(problem) => vec![found("services", &problem, commands), mail],
        }
    }

    async fn examined(&self, files: &InputFiles) -> Result<Examination, Problem> {
        let out = temporary::folder("doctor")?;
        let mirrors = self.mirrors.mirrors();
        if rehearsal::has_world(self.place.path(), &mirrors) {
            terminal::note("looked at in an emulated world: nothing outside of this machine was asked");
            return Ok(rehearsal::examined(&Home::rehearsal(out.path()), files, &mirrors).await?);
        }
        Ok(self.examined_for_real(files, &Folder::at(out.path())).await)
    }

    /// What is given of one service is looked at although that of another cannot be used.
    async fn examined_for_real(&self, files: &InputFiles, folder: &Folder) -> Examination {
        let catalog = &files.inputs().catalog;
        let commands = Commands::at(self.place.path());
        let mail = match world::mailer(catalog, &Clock::system()) {
            Ok(mailer) => mail_server(mailer.try_server().await),
            Err(problem) => found("mail", &problem, &commands),
        };
        let mut examination = match world::without_mail(catalog, folder).await {
            Ok(world) => examine(&world, folder, files, mail).await,
            Err(problem) => {
                let mut findings = vec![found("services", &problem, &commands)];
                findings.extend(examine_here(files, mail));
                Examination { findings, plan: None, faults: Vec::new() }
            }
        };
        let example = files.check_addresses().err().map(Problem::from);
        let example = example.map(|problem| found("addresses", &problem, &commands));
        examination.findings.extend(example);
        examination
    }
}

/// Whether any of its files is there; else it is another directory that was meant.
fn is_a_release(home: &Home) -> bool {
    ["catalog.toml", "release.toml"].iter().any(|name| home.files.join(name).is_file())
}

/// What is found in the world of a kept rehearsal.
async fn kept(home: &Home, files: &InputFiles) -> Result<Examination, Problem> {
    terminal::note(
        "looked at in the world that the rehearsal kept: nothing outside of this machine was asked",
    );
    let out = temporary::folder("doctor")?;
    let _lock = home.lock()?;
    let emulated = RehearsalWorld::open(home, None).await?;
    let found = match emulated.connect().await {
        Ok(world) => {
            let mail = mail_server(world.mailer.try_server().await);
            Ok(examine(&world, &Folder::at(out.path()), files, mail).await)
        }
        Err(error) => Err(error.into()),
    };
    emulated.close().await;
    found
}

fn planned(steps: usize) -> Finding {
    Finding::new("plan", Grade::Good, format!("it can be made: {}", counted(steps, "step")))
}

/// A problem as what was found: its message in a line, and what to do about it.
fn found(about: &str, problem: &Problem, commands: &Commands) -> Finding {
    let finding = Finding::new(about, Grade::Fault, problem.to_string());
    match commands.hint(problem.advice()) {
        remedy if remedy.is_empty() => finding,
        remedy => finding.with(remedy),
    }
}

fn line(finding: &Finding) -> String {
    let mark = match finding.grade {
        Grade::Good => "ok   ",
        Grade::Note => "note ",
        Grade::Fault => "FAULT",
    };
    let told = terminal::filled(&format!("{mark}  {}: {}", finding.about, finding.what), "       ");
    match &finding.remedy {
        Some(remedy) => format!("{told}\n{}", terminal::filled(&format!("       -> {remedy}"), "          ")),
        None => told,
    }
}
