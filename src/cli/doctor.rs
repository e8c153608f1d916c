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
use crate::control::{Home, HomeKind};
use crate::folder::Folder;
use crate::planning::{Examination, Finding, Grade, InputFiles, examine};
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
        let files = InputFiles::load(&home.files)?;
        let Examination { mut findings, plan } = match home.kind {
            HomeKind::Real => self.examined(&files).await?,
            HomeKind::Rehearsal => kept(&home, &files).await?,
        };
        findings.push(planned(
            plan.map(|plan| plan.step_count()).map_err(Problem::from),
            &Commands::at(self.place.path()),
        ));
        let faults = findings.iter().filter(|finding| finding.grade == Grade::Fault).count();
        let lines: Vec<String> = findings.iter().map(line).collect();
        let (exit, summary) = match faults {
            0 => (Exit::Done, "nothing was found that would stop the release".to_owned()),
            some => (Exit::BadInput, format!("{} would stop the release", counted(some, "fault"))),
        };
        let answer = Answer::new(exit, lines.join("\n")).and(summary);
        answer.with(&json!({ "findings": findings, "faults": faults }))
    }

    async fn examined(&self, files: &InputFiles) -> Result<Examination, Problem> {
        let out = temporary::folder("doctor")?;
        let mirrors = self.mirrors.mirrors();
        if rehearsal::has_world(self.place.path(), &mirrors) {
            terminal::note("looked at in an emulated world: nothing outside of this machine was asked");
            return Ok(rehearsal::examined(&Home::rehearsal(out.path()), files, &mirrors).await?);
        }
        let folder = Folder::at(out.path());
        let world = world::connect(world::endpoints(&files.inputs().catalog, &folder, None).await?).await?;
        Ok(examine(&world, &folder, files).await)
    }
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
        Ok(world) => Ok(examine(&world, &Folder::at(out.path()), files).await),
        Err(error) => Err(error.into()),
    };
    emulated.close().await;
    found
}

fn planned(steps: Result<usize, Problem>, commands: &Commands) -> Finding {
    let about = "plan".to_owned();
    match steps {
        Ok(steps) => {
            let what = format!("it can be made: {}", counted(steps, "step"));
            Finding { about, grade: Grade::Good, what, remedy: None }
        }
        Err(problem) => {
            let mut lines = problem.lines(commands).into_iter();
            let what = lines.next().unwrap_or_default();
            let rest: Vec<String> = lines.collect();
            let remedy = (!rest.is_empty()).then(|| rest.join(" "));
            Finding { about, grade: Grade::Fault, what, remedy }
        }
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
