//! The steps that run while others do, as far as they have come.

use std::rc::Rc;

use futures::StreamExt as _;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::Notify;

use super::ready_script::ReadyScript;
use crate::jobs::JobOutcome;
use crate::matrix::Value;

/// How a script ended, and the outputs that it printed.
pub(super) type Ended = (JobOutcome, Vec<(String, String)>);

/// The steps that run while others do.
#[derive(Default)]
pub(super) struct Behind<'a> {
    pub(super) running: FuturesUnordered<LocalBoxFuture<'a, (usize, Ended)>>,
    /// Those that were not waited for yet.
    pub(super) open: Vec<OpenBehind>,
}

/// A step that was set off and not waited for.
pub(super) struct OpenBehind {
    pub(super) step: Value,
    /// Its place among the records.
    pub(super) at: usize,
    pub(super) script: Rc<ReadyScript>,
    pub(super) stop: Rc<Notify>,
    pub(super) ended: Option<Ended>,
}

impl Behind<'_> {
    /// Does something while they run.
    pub(super) async fn meanwhile<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = std::pin::pin!(what);
        loop {
            tokio::select! {
                done = &mut what => return done,
                Some((at, ended)) = self.running.next() => self.take_in(at, ended),
            }
        }
    }

    /// Waits until this one has ended.
    pub(super) async fn wait_for(&mut self, at: usize) {
        let waits = |behind: &Self| behind.open.iter().any(|open| open.at == at && open.ended.is_none());
        while waits(self) {
            match self.running.next().await {
                Some((at, ended)) => self.take_in(at, ended),
                None => return,
            }
        }
    }

    fn take_in(&mut self, at: usize, ended: Ended) {
        if let Some(open) = self.open.iter_mut().find(|open| open.at == at) {
            open.ended = Some(ended);
        }
    }

    pub(super) fn take(&mut self, at: usize) -> Option<OpenBehind> {
        let place = self.open.iter().position(|open| open.at == at)?;
        Some(self.open.remove(place))
    }

    pub(super) fn of_id(&self, id: &str) -> Option<usize> {
        self.open
            .iter()
            .find(|open| open.step.get("id").to_text().eq_ignore_ascii_case(id))
            .map(|open| open.at)
    }

    pub(super) fn all(&self) -> Vec<usize> {
        self.open.iter().map(|open| open.at).collect()
    }
}

/// What is written for a key, if it is there: `wait-all` has no value.
pub(super) fn written(step: &Value, key: &str) -> Option<Value> {
    step.as_object().filter(|step| step.contains(key)).map(|_| step.get(key))
}

/// Whether a step only waits for others or ends them.
pub(super) fn is_control(step: &Value) -> bool {
    ["wait", "wait-all", "cancel"].iter().any(|key| written(step, key).is_some())
}
