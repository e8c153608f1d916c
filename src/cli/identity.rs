//! Whoever decides in somebody's name is that somebody, as far as GitHub can tell.

use super::exit::Exit;
use super::problem::Problem;
use super::{terminal, world};
use crate::control::{HomeKind, Opened};
use crate::github::Class;
use crate::ids::Login;
use crate::run::Proof;

/// Asks GitHub, once, whose token this is; it must be that of whoever decides. In a rehearsal people are whoever they say.
pub(super) async fn check(opened: &Opened, name: &Login) -> Result<Option<Proof>, Problem> {
    if opened.home().kind == HomeKind::Rehearsal {
        return Ok(None);
    }
    let github = world::github(&opened.plan.inputs.catalog).await?;
    match github.account().await {
        Ok(account) if account.login == *name => Ok(Some(Proof::Token)),
        Ok(account) => {
            Err(stranger(&format!("the token is that of `{}`, not of `{name}`", account.login), name))
        }
        Err(error) if matches!(error.class, Class::Forbidden { .. }) => {
            Err(stranger("the token is no person's, so nobody can decide with it", name))
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

fn stranger(message: &str, name: &Login) -> Problem {
    Problem::input(
        message,
        format!(
            "decide with a token of your own, in GH_TOKEN; or have `{name}` approve on a machine of theirs: \
             `lockgate approve GATE --request FILE` here, `lockgate approve --sign --what FILE --as {name}` there"
        ),
    )
}
