//! Driving a run: takes steps until it is finished or held, and says what holds it.

use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::exit::Exit;
use super::problem::Problem;
use super::{identity, later, progress, status, terminal};
use crate::control::{self, DecideError, Decided, DecisionRequest, Home, Opened, Refusal, Ruling, Waiting};
use crate::ids::{Login, StepName};
use crate::next_action::NextAction;
use crate::report::{Report, Status};
use crate::run::{Lock, LockError, StopReason};
use crate::runner::Crew;
use crate::steps::{Blame, QuestionKind};
use crate::world::World;

/// Drives the run as far as it goes, for the person at this terminal. The lock must be held, and whoever calls listens for Ctrl-C.
pub(super) async fn drive(
    opened: Opened,
    world: &Arc<World>,
    waiting: Waiting,
) -> Result<StopReason, Problem> {
    let reporters = vec![progress::reporter(&opened)];
    Ok(control::drive(opened, world, reporters, waiting).await?)
}

/// Does what takes steps, for the person at this terminal, who is told what is safe and how to continue where they stop it with
/// Ctrl-C. Whatever acts at that moment is looked at when the run is resumed, as after any other end. What was given to workers is
/// taken back before this returns.
pub(super) async fn or_stopped<T, E: Into<Problem>>(
    work: impl Future<Output = Result<T, E>>,
    crew: Option<&dyn Crew>,
) -> Result<T, Problem> {
    let ended = tokio::select! {
        ended = work => ended.map_err(Into::into),
        _ = tokio::signal::ctrl_c() => Err(Problem::stopped()),
    };
    if let Some(crew) = crew {
        crew.at_rest().await;
    }
    ended
}

/// Closes the folder of a run to all but its owner, and says so where it was open.
pub(super) fn close(home: &Home) -> Result<(), Problem> {
    if home.close()? {
        note_closed(home);
    }
    Ok(())
}

/// That the folder was open to others, and is not any more.
pub(super) fn note_closed(home: &Home) {
    let place = home.folder.root().display();
    terminal::note(format!(
        "others could look into `{place}`, which is to hold what is under embargo; it is closed to all but you now"
    ));
}

/// Says how the run ended, writes the report if it is over, and gives the exit code.
pub(super) fn conclude(home: &Home, ended: StopReason) -> Result<Answer, Problem> {
    let opened = home.open()?;
    let commands = Commands::of(&opened);
    match ended {
        StopReason::Finished => {
            let report = Report::from(&opened.plan, &opened.events);
            let place = home.folder.report();
            Answer::done(report.to_string())
                .prose()
                .aside(format!("report: {}", place.display()))
                .with(&report)
        }
        StopReason::Aborted => {
            let effects = commands.word(&NextAction::ShowEffects);
            let answer = Answer::new(Exit::Decision, status::called_off(&commands)).prose().next([effects]);
            answer.with(&status::of(&opened))
        }
        StopReason::Held => {
            let status = status::of(&opened);
            let told = status::holds(&status, &commands, opened.now());
            let answer = Answer::new(held(&status), told).prose().and_perhaps(later::asked_later(&opened));
            answer.advised(&status.next, &commands).with(&status)
        }
    }
}

/// The same answer with what follows a decision.
pub(super) fn continued(answer: Answer, opened: &Opened) -> Answer {
    let commands = Commands::of(opened);
    let resume = commands.word(&NextAction::Resume);
    let answer = answer.and_perhaps(later::asked_later(opened));
    answer.and(format!("continue with: {resume}")).next([resume])
}

/// Opens a run in order to continue it by another plan, which `next` does. It is read again once it is locked: somebody may have
/// driven it until then. The process that drives a run keeps its plan: it must have ended.
pub(super) fn open_to_amend(home: &Home, next: NextAction) -> Result<(Lock, Opened), Problem> {
    // Where there is no run, that is said, and not that it cannot be locked.
    drop(home.open()?);
    let lock = match home.lock() {
        Err(LockError::Held { owner }) => return Err(Problem::under_way(&owner, next)),
        lock => lock?,
    };
    Ok((lock, home.open()?))
}

/// Whether a decision would be accepted, as far as the journal tells. Nobody has to be asked who they are for one that is not. What
/// is looked at again at this moment is judged when it has been.
pub(super) fn judged(opened: &Opened, request: &DecisionRequest) -> Result<(), Refusal> {
    match opened.decisions().decide(request) {
        Err(refusal) if !refusal.is_passing() => Err(refusal),
        _ => Ok(()),
    }
}

/// Takes a decision in the name of whoever this token belongs to: here, or by the process that drives the run.
pub(super) async fn decide_as_oneself(home: &Home, request: &DecisionRequest) -> Result<Decided, Problem> {
    let opened = home.open()?;
    judged(&opened, request)?;
    identity::check(&opened, request.who()).await?;
    drop(opened);
    Ok(decide(home, request)?)
}

/// Takes a decision: here, or by the process that drives the run.
pub(super) fn decide(home: &Home, request: &DecisionRequest) -> Result<Decided, DecideError> {
    control::decide(home, request, |owner| {
        terminal::note(format!("waiting for the answer of {owner}; Ctrl-C takes the request back"));
    })
}

/// Takes decisions about steps, and says what follows from each, and once what comes after them.
pub(super) async fn decided(
    home: &Home,
    requests: &[DecisionRequest],
    verb: &str,
) -> Result<Answer, Problem> {
    let (mut answers, mut last) = (Vec::new(), None);
    for request in requests {
        let (answer, decided) = told(home, request, verb).await?;
        answers.push(answer);
        last = Some(decided);
    }
    let answer = Answer::of_all(answers);
    last.map_or(Ok(Answer::nothing()), |decided| followed(answer, home, &decided))
}

/// Takes a decision, and says what it means.
async fn told(home: &Home, request: &DecisionRequest, verb: &str) -> Result<(Answer, Decided), Problem> {
    let decided = decide_as_oneself(home, request).await?;
    let Ruling { by, step, means, asked, .. } = &decided.ruling;
    let about = step.as_ref().map(ToString::to_string).unwrap_or_default();
    let told = format!("{by} {verb} {about}: {means}");
    let answer = match asked {
        Some(question) => Answer::done(terminal::indented(question)).and(told),
        None => Answer::done(told),
    }
    .prose();
    let opened = home.open()?;
    let (answer, take_back) = told_how_to_take_back(answer, &opened, step.as_ref(), by);
    let data = json!({
        "step": step, "by": by, "means": means, "asked": asked, "taken_by": decided.taken_by, "take_back": take_back,
    });
    Ok((answer.with(&data)?, decided))
}

/// The same answer with how it is taken back, as long as it can be.
pub(super) fn told_how_to_take_back(
    answer: Answer,
    opened: &Opened,
    step: Option<&StepName>,
    by: &Login,
) -> (Answer, Option<String>) {
    let Some(step) = step.filter(|step| opened.decisions().can_withdraw(step, by)) else {
        return (answer, None);
    };
    let action = NextAction::Withdraw { step: step.clone(), by: by.clone() };
    let command = Commands::of(opened).word(&action);
    (
        answer.and(format!("until the release goes on with it, it is taken back with: {command}")),
        Some(command),
    )
}

/// The same answer with what follows: whoever drives the run continues by itself, and else people do.
pub(super) fn followed(answer: Answer, home: &Home, decided: &Decided) -> Result<Answer, Problem> {
    Ok(match &decided.taken_by {
        Some(owner) => {
            answer.and(format!("{owner} drives the release and has taken it in; it continues there"))
        }
        None => continued(answer, &home.open()?),
    })
}

/// The exit code of a run that is held: the gravest of what holds it.
pub(super) fn held(status: &Status) -> Exit {
    let blamed = |blame: Blame| status.failed.iter().any(|failed| failed.blame == blame);
    let decision = status.asked.iter().any(|asked| match asked.question.kind {
        QuestionKind::Conflict { .. } | QuestionKind::Decision | QuestionKind::Tree { .. } => true,
        QuestionKind::Approval { .. } | QuestionKind::Confirmation => false,
    });
    if blamed(Blame::Internal) {
        Exit::Internal
    } else if decision {
        Exit::Decision
    } else if blamed(Blame::Input) {
        Exit::BadInput
    } else if blamed(Blame::Outside) {
        Exit::Outside
    } else {
        Exit::Waiting
    }
}
