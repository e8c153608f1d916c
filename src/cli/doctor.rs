//! `lockgate doctor`: everything that the day needs, looked at before it; nothing is changed and no mail is sent.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::command::Commands;
use super::exit::Exit;
use super::mirrors::MirrorOptions;
use super::problem::Problem;
use super::{temporary, terminal, world};
use crate::control::Home;
use crate::folder::Folder;
use crate::planning::{Examination, Finding, Grade, InputFiles, examine};
use crate::rehearsal;
use crate::wording::counted;

/// Looks at everything that the day needs (token, mail, tools, approvals, branches) and says what is missing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate doctor\n  lockgate doctor fixtures/demo --json\n\nNothing is changed anywhere: the mail \
    server is greeted, and gets no mail. The exit code is 2 where a fault was found that would stop the release."
)]
pub(super) struct DoctorCommand {
    /// The directory with `catalog.toml` and `release.toml`.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    #[command(flatten)]
    mirrors: MirrorOptions,
    /// For programs.
    #[arg(long)]
    json: bool,
}

impl DoctorCommand {
    pub(super) async fn run(&self) -> Result<Exit, Problem> {
        let files = InputFiles::load(&self.dir)?;
        let Examination { mut findings, plan } = self.examined(&files).await?;
        findings.push(planned(
            plan.map(|plan| plan.step_count()).map_err(Problem::from),
            &Commands::at(&self.dir),
        ));
        let faults = findings.iter().filter(|finding| finding.grade == Grade::Fault).count();
        if self.json {
            terminal::out(serde_json::to_string_pretty(&json!({ "findings": findings, "faults": faults }))?);
        } else {
            findings.iter().for_each(|finding| terminal::out(line(finding)));
            terminal::out(match faults {
                0 => "nothing was found that would stop the release".to_owned(),
                some => format!("{} would stop the release", counted(some, "fault")),
            });
        }
        Ok(if faults == 0 { Exit::Done } else { Exit::BadInput })
    }

    async fn examined(&self, files: &InputFiles) -> Result<Examination, Problem> {
        let out = temporary::folder("doctor")?;
        let mirrors = self.mirrors.mirrors();
        if rehearsal::has_world(&self.dir, &mirrors) {
            terminal::note("looked at in an emulated world: nothing outside of this machine was asked");
            return Ok(rehearsal::examined(&Home::rehearsal(out.path()), files, &mirrors).await?);
        }
        let folder = Folder::at(out.path());
        let world = world::connect(world::endpoints(&files.inputs().catalog, &folder)?).await?;
        Ok(examine(&world, &folder, files).await)
    }
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
