//! `lockgate abort --undo`, and the exact commands for what it leaves to people.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::Answer;
use super::command::Commands;
use super::effects::Effects;
use super::exit::Exit;
use super::problem::Problem;
use super::run;
use crate::control::{Home, HomeKind, Opened, TakenBack, undo};
use crate::planning::InputFiles;
use crate::rehearsal::RehearsalWorld;
use crate::world::World;

/// Takes back what is on the private side, and says what is left.
pub(super) async fn take_back(home: &Home) -> Result<Answer, Problem> {
    drop(home.open()?);
    let _lock = home.lock()?;
    let mut opened = home.open()?;
    let done = match home.kind {
        HomeKind::Real => {
            let world: Arc<World> =
                Arc::new(run::connect(home, &InputFiles::load(&home.files)?, None).await?);
            undo(&mut opened, &world).await?
        }
        HomeKind::Rehearsal => {
            let emulated = RehearsalWorld::open(home, None).await?;
            let done = undo(&mut opened, &emulated.connect().await?).await;
            emulated.close().await;
            done?
        }
    };
    conclude(&opened, &done)
}

fn conclude(opened: &Opened, done: &[TakenBack]) -> Result<Answer, Problem> {
    let told: Vec<String> = done
        .iter()
        .map(|one| match &one.outcome {
            Ok(what) => format!("taken back  {}: {what}", one.step),
            Err(error) => format!("FAILED      {}: {}", one.step, error.message),
        })
        .collect();
    let told = if told.is_empty() {
        "nothing on the private side is left to take back".to_owned()
    } else {
        told.join("\n")
    };
    let reason = opened.state.aborted.clone().unwrap_or_default();
    let is_whole = done.iter().all(|one| one.outcome.is_ok());
    let effects = Effects::of(opened)?;
    let rest = effects.called_off(&reason, &Commands::of(opened));
    let taken: Vec<Value> = done
        .iter()
        .map(|one| json!({ "step": one.step, "what": one.outcome.as_ref().ok(), "error": one.outcome.as_ref().err().map(|error| &error.message) }))
        .collect();
    let mut all = effects.data();
    all["taken_back"] = json!(taken);
    rest.before(told).ending(if is_whole { Exit::Done } else { Exit::Outside }).with(&all)
}
