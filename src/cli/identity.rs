//! Whoever decides in somebody's name is that somebody, as far as GitHub can tell.

use super::command::Commands;
use super::exit::Exit;
use super::problem::Problem;
use super::{terminal, world};
use crate::control::{HomeKind, Opened};
use crate::github::Class;
use crate::ids::Login;
use crate::run::Proof;
use crate::steps::QuestionKind;

/// Asks GitHub, once, whose token this is; it must be that of whoever decides. In a rehearsal people are whoever they say.
pub(super) async fn check(opened: &Opened, name: &Login) -> Result<Option<Proof>, Problem> {
    if opened.home().kind == HomeKind::Rehearsal {
        return Ok(None);
    }
    let github = world::github(&opened.plan.inputs.catalog).await?;
    match github.account().await {
        Ok(account) if account.login == *name => Ok(Some(Proof::Token)),
        Ok(account) => {
            Err(stranger(opened, &format!("the token is that of `{}`, not of `{name}`", account.login), name))
        }
        Err(error) if matches!(error.class, Class::Forbidden { .. }) => {
            Err(stranger(opened, "the token is no person's, so nobody can decide with it", name))
        }
        Err(error) => {
            Err(Problem::outside(&error)
                .hinted("check the token in GH_TOKEN and the network, then try again"))
        }
    }
}

/// The same for a decision that lets nothing through, and must be possible also while GitHub is not.
pub(super) async fn check_if_possible(opened: &Opened, name: &Login) -> Result<(), Problem> {
    match check(opened, name).await {
        Err(problem) if problem.exit() == Exit::Outside => {
            terminal::note(format!(
                "GitHub cannot tell whose token this is; recorded as `{name}`: {problem}"
            ));
            Ok(())
        }
        other => other.map(drop),
    }
}

/// What somebody else's token is told. A gate that asks can be approved on a machine of their own.
fn stranger(opened: &Opened, message: &str, name: &Login) -> Problem {
    let problem = Problem::input(message, format!("decide with the token of `{name}`, in GH_TOKEN"));
    let gate = opened.state.questions().find_map(|(step, question)| {
        let is_gate = matches!(question.kind, QuestionKind::Approval { .. });
        opened.plan.step(step).filter(|_| is_gate)?.asks.as_deref()
    });
    let Some(gate) = gate else { return problem };
    let request = Commands::of(opened).request(gate);
    problem.or(format!(
        "have `{name}` approve gate {gate} on a machine of theirs: `{request}` here, \
         `lockgate approve --sign --what {gate}.json --as {name}` there"
    ))
}
