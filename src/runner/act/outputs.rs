//! The outputs of the job, which act does not tell: a last step of ours writes them down, and puts by what tests left in files.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::matrix::{Object, Value};
use crate::runner::workspace::Workspace;
use crate::wording::quoted;

/// The id of the step. No other step has it: a job whose step is called so is refused.
pub(super) const STEP: &str = "lockgate-outputs";
/// More is no output.
const MOST: u64 = 16 << 20;

/// The outputs of a job, by name.
pub(super) struct WantedOutputs {
    names: Vec<String>,
    file: PathBuf,
}

impl WantedOutputs {
    pub(super) fn of(outputs: &Value, workspace: &Workspace) -> WantedOutputs {
        let names = outputs.as_object().into_iter().flat_map(Object::iter);
        let names = names.map(|(name, _)| name.to_owned()).collect();
        WantedOutputs { names, file: workspace.commands().join("outputs") }
    }

    /// The step that writes them down. What it is given was pinned already.
    pub(super) fn step(&self, outputs: &Value, tree: &Path) -> serde_json::Value {
        let variable = |at: usize| format!("LOCKGATE_OUTPUT_{at}");
        let env: serde_json::Map<String, serde_json::Value> = self
            .names
            .iter()
            .enumerate()
            .map(|(at, name)| (variable(at), outputs.get(name).to_text().into()))
            .collect();
        let words = (0..self.names.len()).map(|at| format!(" \"${}\"", variable(at)));
        let print = match words.collect::<String>() {
            none if none.is_empty() => String::new(),
            words => format!("printf '%s\\0'{words} > {}\n", quoted(&self.file.to_string_lossy())),
        };
        let tests = format!(
            "find . -name '*.xml' -type f -not -path './.git/*' -print0 | tar --null -T - -cf - | tar -xf - -C {} || :\n",
            quoted(&tree.to_string_lossy())
        );
        serde_json::json!({
            "id": STEP, "name": STEP, "if": "${{ always() }}", "shell": "sh", "env": env, "run": print + &tests,
        })
    }

    /// What was written down: nothing where the step did not come to it.
    pub(super) fn read(&self, workspace: &Workspace) -> Object {
        let mut bytes = Vec::new();
        // A step may have put a link there.
        let is_own = workspace.holds(&self.file) && self.file.is_file();
        if let Some(file) = is_own.then(|| File::open(&self.file).ok()).flatten() {
            let _ = file.take(MOST).read_to_end(&mut bytes);
        }
        let texts = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        self.names.iter().cloned().zip(texts.map(|text| Value::text(&text))).collect()
    }
}
