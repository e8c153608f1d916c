//! The workers of a release: asked once who they are, and given one tree after the other.

use std::fmt;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, LocalBoxFuture};
use secrecy::ExposeSecret as _;
use tokio::sync::watch;

use super::coordinate::Coordinator;
use super::crew::Crew;
use super::placing::{Placing, hindrance};
use super::roll_call::RollCall;
use super::settings::CrewSettings;
use crate::matrix::{Capabilities, CiEntry, CiEvent, CiPlan};
use crate::runner::{self, CrewError, CrewWork, Errand, ExecutorChoice, MatrixRun};
use crate::wording::with_causes;
use crate::workers::error::WorkersError;
use crate::workers::sealed::Opener;
use crate::workers::subject::RunId;

/// How long it is waited at the end for what is left at the server to be taken away.
const AT_REST: Duration = Duration::from_secs(10);

/// Hears what people may want to know.
type Say = Box<dyn Fn(&str) + Send + Sync>;

/// The workers of a team.
pub struct Team {
    settings: CrewSettings,
    crew: Crew,
    say: Say,
    /// How many trees are given away at this moment.
    open: watch::Sender<usize>,
}

/// A tree that is given away, until this goes away.
struct Open<'a>(&'a watch::Sender<usize>);

impl<'a> Open<'a> {
    fn of(count: &'a watch::Sender<usize>) -> Open<'a> {
        count.send_modify(|open| *open += 1);
        Open(count)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

impl Team {
    /// Asks who is there.
    ///
    /// # Errors
    /// The server cannot be used, or no worker that is trusted answers.
    pub async fn ask(settings: CrewSettings, say: Say) -> Result<Team, WorkersError> {
        let question = RunId::new(Opener::new().secret().expose_secret());
        let RollCall { crew, .. } = RollCall::of(&settings, &question, &*say).await?;
        Ok(Team { settings, crew, say, open: watch::Sender::new(0) })
    }

    async fn given_away(
        &self,
        errand: Errand<'_>,
        work: &dyn CrewWork,
        stop: LocalBoxFuture<'_, ()>,
    ) -> Result<Option<MatrixRun>, WorkersError> {
        let _open = Open::of(&self.open);
        let stop = stop.shared();
        let joined = tokio::select! {
            joined = Coordinator::join(&self.settings, errand, &*self.say) => joined,
            () = stop.clone() => return Ok(None),
        };
        joined?.run(work, stop).await
    }
}

impl fmt::Debug for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Team").field("crew", &self.crew.in_words()).finish_non_exhaustive()
    }
}

impl runner::Crew for Team {
    fn in_words(&self) -> Vec<String> {
        self.crew.in_words()
    }

    fn plan(
        &self,
        event: &CiEvent,
        executor: ExecutorChoice,
        plan: &dyn Fn(&Capabilities) -> CiPlan,
    ) -> CiPlan {
        let empty = || CiPlan { event: event.clone(), workflows: Vec::new() };
        Placing::of_crew(&self.crew, executor, plan).map_or_else(empty, |placing| placing.plan)
    }

    fn hindrance(&self, entry: &CiEntry) -> Option<&'static str> {
        hindrance(entry)
    }

    fn prove<'a>(
        &'a self,
        errand: Errand<'a>,
        work: &'a dyn CrewWork,
        stop: LocalBoxFuture<'a, ()>,
    ) -> LocalBoxFuture<'a, Result<Option<MatrixRun>, CrewError>> {
        Box::pin(async {
            self.given_away(errand, work, stop).await.map_err(|error| CrewError {
                message: with_causes(&error),
                hint: "see that the server and the workers run; nothing is lost, and what was proven is not run again"
                    .to_owned(),
            })
        })
    }

    fn at_rest(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let mut open = self.open.subscribe();
            let _ = tokio::time::timeout(AT_REST, open.wait_for(|open| *open == 0)).await;
        })
    }
}
