//! Steps that run while others do: `background`, `parallel`, and what waits for them or ends them
//! (`BackgroundStepCoordinator.cs`). What they set and how they ended counts once they were waited for.

use std::rc::Rc;

use tokio::sync::Notify;

use super::behind::{OpenBehind, written};
use super::job_run::JobRun;
use super::scope::StepScope;
use super::step::OpenStep;
use super::trouble::{Trouble, truth};
use crate::matrix::{Object, Value};
use crate::runner::executor::{StepDeed, StepOutcome};

impl JobRun<'_> {
    /// Runs a group of steps at the same time, and waits for all of them.
    pub(super) async fn side_by_side(
        &mut self,
        steps: &[Value],
        scope: &mut StepScope,
    ) -> Result<(), Trouble> {
        let before = self.behind.all();
        for step in steps {
            self.set_off(step, scope).await?;
        }
        let group: Vec<usize> = self.behind.all().into_iter().filter(|at| !before.contains(at)).collect();
        for at in group {
            self.wait_for(at, scope).await?;
        }
        Ok(())
    }

    /// Starts a step and does not wait for it. An action is run to its end before the next step begins: it is one of the orders
    /// in which both may run.
    pub(super) async fn set_off(&mut self, step: &Value, scope: &mut StepScope) -> Result<(), Trouble> {
        let run = step.get("run");
        if run.is_null() {
            return self.step(step, scope).await;
        }
        if !self.order.network {
            self.order.room.share_loopback().await?;
        }
        let at = self.new_record(step);
        let (contexts, variables) = self.contexts(scope, &step.get("env"))?;
        if !self.begins(step, &contexts, scope, at)? {
            return Ok(());
        }
        let open = OpenStep { step, contexts: &contexts, variables: &variables, at };
        let script = match self.ready(&open, &run, scope) {
            Ok(script) => Rc::new(script),
            Err(Trouble::Fails(why)) => {
                return self.conclude(step, scope, at, (Object::default(), Some(why)));
            }
            Err(trouble) => return Err(trouble),
        };
        let (deed, note) = script.deed();
        self.is(at, deed, note);
        let stop = Rc::new(Notify::new());
        let (room, network) = (self.order.room, self.order.network);
        let (running, told) = (Rc::clone(&script), Rc::clone(&stop));
        self.behind
            .running
            .push(Box::pin(async move { (at, running.run(room, network, Some(&told)).await) }));
        self.behind.open.push(OpenBehind { step: step.clone(), at, script, stop, ended: None });
        // It begins now, and not when something is waited for.
        self.behind.meanwhile(tokio::task::yield_now()).await;
        Ok(())
    }

    /// A step that waits for others, or ends one. It always does, whatever failed before.
    pub(super) async fn control(&mut self, step: &Value, scope: &mut StepScope) -> Result<(), Trouble> {
        let at = self.new_record(step);
        self.is(at, StepDeed::StandIn, "");
        let ids = |written: &Value| -> Vec<String> {
            let many = written.as_items().map(|items| items.iter().map(Value::to_text).collect());
            many.unwrap_or_else(|| vec![written.to_text()])
        };
        let failed_before = (scope.failed, self.failed);
        if let Some(id) = written(step, "cancel") {
            self.cancel(&id.to_text(), scope).await?;
        } else if let Some(named) = written(step, "wait") {
            for id in ids(&named) {
                if let Some(at) = self.behind.of_id(&id) {
                    self.wait_for(at, scope).await?;
                }
            }
        } else {
            self.wait_for_all(scope).await?;
        }
        let contexts = self.contexts(scope, &Value::Null)?.0;
        if truth(&step.get("continue-on-error"), &contexts)? {
            (scope.failed, self.failed) = failed_before;
        }
        self.record(at, StepOutcome::Success, "");
        Ok(())
    }

    /// Waits for all that were set off: a job does so at its end.
    pub(super) async fn wait_for_all(&mut self, scope: &mut StepScope) -> Result<(), Trouble> {
        for at in self.behind.all() {
            self.wait_for(at, scope).await?;
        }
        Ok(())
    }

    async fn wait_for(&mut self, at: usize, scope: &mut StepScope) -> Result<(), Trouble> {
        self.behind.wait_for(at).await;
        let Some(OpenBehind { step, script, ended: Some((outcome, printed)), .. }) = self.behind.take(at)
        else {
            return Ok(());
        };
        let ended = match self.ended(&script.files, &outcome, printed) {
            Ok(outputs) => (outputs, None),
            Err((Trouble::Fails(why), outputs)) => (outputs, Some(why)),
            Err((trouble, _)) => {
                self.record(at, StepOutcome::Failure, "");
                return Err(trouble);
            }
        };
        self.conclude(&step, scope, at, ended)
    }

    /// Tells a step to stop. That it was stopped is no failure; what it did before counts.
    async fn cancel(&mut self, id: &str, scope: &mut StepScope) -> Result<(), Trouble> {
        let Some(at) = self.behind.of_id(id) else { return Ok(()) };
        let runs = self.behind.open.iter().find(|open| open.at == at && open.ended.is_none());
        let Some(stop) = runs.map(|open| Rc::clone(&open.stop)) else {
            return self.wait_for(at, scope).await;
        };
        stop.notify_one();
        self.behind.wait_for(at).await;
        let Some(OpenBehind { step, script, ended: Some((outcome, printed)), .. }) = self.behind.take(at)
        else {
            return Ok(());
        };
        let outputs = match self.ended(&script.files, &outcome, printed) {
            Ok(outputs) | Err((_, outputs)) => outputs,
        };
        // A script that was cut off proves nothing.
        self.record(at, StepOutcome::Skipped, "it was told to stop by another step");
        scope.remember(&step.get("id").to_text(), outputs, "cancelled", "cancelled");
        Ok(())
    }
}
