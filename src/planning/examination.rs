//! What would go wrong on the day, looked for before it: every part by itself, so that all is found at once. Nothing is
//! changed anywhere, and no mail is sent.

use serde::Serialize;

use super::clock_check::look_at_clock;
use super::dispatch_check::{DispatchFault, look_at_dispatches};
use super::faults::{PlanFault, plan_and_faults};
use super::files::InputFiles;
use super::people_check::look_at_people;
use super::places::PlanningError;
use super::rights::{TokenFault, look_at_token};
use super::survey_error::SurveyError;
use super::taken_versions::{TakenVersion, look_at_versions};
use crate::catalog::{Catalog, Repo};
use crate::folder::Folder;
use crate::github::ChecksVerdict;
use crate::plan::{Plan, RefusedCommit, Target};
use crate::wording::{counted, with_causes};
use crate::world::World;

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about: `token`, `mail`, a repository, a branch.
    pub about: String,
    /// How grave it is.
    pub grade: Grade,
    /// What was found.
    pub what: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it should be.
    Good,
    /// Somebody should know it.
    Note,
    /// The release would stop at it.
    Fault,
}

/// All that was found.
#[derive(Debug)]
pub struct Examination {
    /// What was looked at, in the order of the day.
    pub findings: Vec<Finding>,
    /// The plan, where there is one.
    pub plan: Option<Box<Plan>>,
    /// All that stands against it.
    pub faults: Vec<PlanFault>,
}

impl Finding {
    /// A finding without a remedy.
    #[must_use]
    pub fn new(about: impl Into<String>, grade: Grade, what: impl Into<String>) -> Finding {
        Finding { about: about.into(), grade, what: what.into(), remedy: None }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with(mut self, remedy: impl Into<String>) -> Finding {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Looks at everything that the release of these files needs; `mail` is what was found of the mail server.
pub async fn examine(world: &World, folder: &Folder, files: &InputFiles, mail: Finding) -> Examination {
    let token = match look_at_token(world, files.inputs()).await {
        Ok(looked) => token(world, looked),
        Err(error) => {
            // Whatever else would be asked of GitHub is refused for the same reason, and not known to be wrong.
            let error = PlanningError::Survey(SurveyError::GitHub(error));
            let mut findings = examine_here(files, mail);
            let what =
                "repositories and advisories were not looked at: GitHub did not answer about the token";
            findings.push(Finding::new("plan", Grade::Note, what).with("mend that, and look again"));
            let faults = vec![PlanFault { about: "token".to_owned(), error }];
            return Examination { findings, plan: None, faults };
        }
    };
    let mut findings = vec![token, clock(world).await, people(world, files).await];
    findings.extend(examine_here(files, mail));
    let (plan, faults) = plan_and_faults(world, folder, files).await;
    if let Some(plan) = &plan {
        findings.extend(approvals(plan));
        findings.extend(plan.targets.iter().flat_map(|target| commits(plan, target)));
        findings.extend(dispatches(world, folder, plan).await);
        findings.extend(versions(world, plan).await);
        for target in &plan.targets {
            findings.extend(health(world, target).await);
        }
    }
    Examination { findings, plan: plan.map(Box::new), faults }
}

/// What can be looked at where only the catalog can be read, behind what was found of the mail server.
pub async fn examine_services(world: &World, catalog: &Catalog, mail: Finding) -> Vec<Finding> {
    let token = match world.github.try_token().await {
        Ok(_) => Finding::new("token", Grade::Good, "GitHub takes it"),
        Err(error) => Finding::new("token", Grade::Fault, with_causes(&error)),
    };
    let mut findings = vec![token, clock(world).await, mail];
    for repo in &catalog.repos {
        findings.extend(tools(repo));
        findings.push(match world.github.repository(&repo.name).await {
            Ok(Some(_)) => Finding::new(repo.name.as_str(), Grade::Good, "it is there"),
            Ok(None) => Finding::new(repo.name.as_str(), Grade::Fault, "this token does not see it")
                .with("correct its name in the catalog, or let the token see it"),
            Err(error) => Finding::new(repo.name.as_str(), Grade::Note, with_causes(&error)),
        });
    }
    findings
}

/// What can be looked at without GitHub, behind what was found of the mail server.
#[must_use]
pub fn examine_here(files: &InputFiles, mail: Finding) -> Vec<Finding> {
    let tools = files.inputs().catalog.repos.iter().flat_map(tools);
    std::iter::once(mail).chain(tools).collect()
}

fn token(world: &World, looked: Result<(), TokenFault>) -> Finding {
    match looked {
        Ok(()) if world.github.acts_as_app() => {
            Finding::new("token", Grade::Good, "it is made for a GitHub App, again before it expires")
        }
        Ok(()) => Finding::new("token", Grade::Good, "it is a person's, lasts beyond the day and may write"),
        Err(fault) => Finding::new("token", Grade::Fault, fault.to_string()).with(fault.remedy()),
    }
}

async fn people(world: &World, files: &InputFiles) -> Finding {
    match look_at_people(&world.github, files.inputs()).await {
        Ok(unknown) => match unknown.first() {
            None => Finding::new("people", Grade::Good, "GitHub knows everybody who leads or approves"),
            Some(first) => {
                let names: Vec<String> = unknown.iter().map(|login| format!("`{login}`")).collect();
                let what = format!("GitHub knows nobody who is called {}", names.join(" or "));
                let remedy = files.place_unknown(first).hint;
                let finding = Finding::new("people", Grade::Fault, what);
                Finding { remedy, ..finding }
            }
        },
        Err(error) => Finding::new("people", Grade::Note, with_causes(&error)),
    }
}

async fn clock(world: &World) -> Finding {
    match look_at_clock(world).await {
        Ok(None) => Finding::new("clock", Grade::Good, "it goes with that of GitHub"),
        Ok(Some(fault)) => Finding::new("clock", Grade::Fault, fault.to_string()).with(fault.remedy()),
        Err(error) => Finding::new("clock", Grade::Note, with_causes(&error)),
    }
}

/// The workflows that are dispatched on the day, where GitHub would not start one.
async fn dispatches(world: &World, folder: &Folder, plan: &Plan) -> Vec<Finding> {
    match look_at_dispatches(world, folder, plan).await {
        Ok(faults) => {
            let told =
                |fault: DispatchFault| Finding::new(fault.about, Grade::Fault, fault.what).with(fault.remedy);
            faults.into_iter().map(told).collect()
        }
        Err(error) => vec![Finding::new("workflows", Grade::Note, with_causes(&error))],
    }
}

/// The versions that registries have already.
async fn versions(world: &World, plan: &Plan) -> Vec<Finding> {
    match look_at_versions(world, plan).await {
        Ok(taken) => {
            let told = |taken: TakenVersion| {
                let about = format!("{} {}", taken.repo, taken.branch);
                Finding::new(about, Grade::Fault, taken.what).with(taken.remedy)
            };
            taken.into_iter().map(told).collect()
        }
        Err(error) => vec![Finding::new("registries", Grade::Note, with_causes(&error))],
    }
}

/// What became of the try to greet the mail server.
pub fn mail_server(tried: Result<String, impl std::error::Error>) -> Finding {
    match tried {
        Ok(what) => Finding::new("mail", Grade::Good, what),
        Err(error) => Finding::new("mail", Grade::Fault, with_causes(&error))
            .with("correct `mail.smtp` in catalog.toml and LOCKGATE_SMTP_PASSWORD"),
    }
}

/// The programs that suites need, where this machine lacks one.
fn tools(repo: &Repo) -> Vec<Finding> {
    let needed = repo.tests.iter().flat_map(|test| test.needs.iter().map(move |program| (test, program)));
    let missing = needed.filter(|(_, program)| which::which(program).is_err());
    let found = missing.map(|(test, program)| {
        let what = format!("the suite `{}` needs `{program}`, which is not on PATH", test.name);
        Finding::new(repo.name.as_str(), Grade::Fault, what)
            .with(format!("install `{program}` on this machine"))
    });
    found.collect()
}

/// The approvals that people will have to give, all at once.
fn approvals(plan: &Plan) -> Option<Finding> {
    let needed = plan
        .targets
        .iter()
        .filter(|target| plan.branch_rules(target).is_some_and(|rules| rules.approvals() > 0));
    let pulls: usize = needed.map(|target| plan.pull_count(target)).sum();
    let what =
        format!("{} will need approval by somebody else than who opens them", counted(pulls, "pull request"));
    (pulls > 0).then(|| {
        Finding::new("reviews", Grade::Note, what).with("ask the `reviewers` of the catalog to be there")
    })
}

/// The commits that rulesets refuse.
fn commits(plan: &Plan, target: &Target) -> Vec<Finding> {
    let told = |one: RefusedCommit| {
        let (ruleset, because) = (&one.refusal.ruleset, &one.refusal.because);
        let what = format!("{}: the ruleset `{ruleset}` {because}", one.what);
        Finding::new(format!("{} {}", target.repo, target.branch), Grade::Fault, what).with(one.remedy)
    };
    plan.refused_commits(target).into_iter().map(told).collect()
}

/// What the checks of a branch say now: one that is red will not turn green by the fix.
async fn health(world: &World, target: &Target) -> Option<Finding> {
    let about = format!("{} {}", target.repo, target.branch);
    let checks = world.github.checks(&target.repo, &target.base).await;
    match checks.map(|checks| checks.verdict(&[])) {
        Ok(ChecksVerdict::Red(red)) => {
            let names: Vec<&str> = red.iter().map(|check| check.name.as_str()).collect();
            let what = format!("checks of its head {} are red: {}", target.base.short(), names.join(", "));
            let remedy =
                "mend the branch before the day, or the pull requests will be red for a reason of their own";
            Some(Finding::new(about, Grade::Note, what).with(remedy))
        }
        Ok(ChecksVerdict::Green) => {
            Some(Finding::new(about, Grade::Good, "the checks of its head are green"))
        }
        Ok(ChecksVerdict::Absent | ChecksVerdict::Waiting(_)) => None,
        Err(error) => Some(Finding::new(about, Grade::Note, with_causes(&error))),
    }
}
