//! The actions of the tree under test, which act reads by itself: nothing of them stands in the workflow that it is given.
//!
//! What they ask for is looked at here by the same rule as the workflow: what hangs on something that only act says is not run.
//! And act fetches every action that a step of theirs names, also of one that never runs: those are found here, too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use github_actions_models::common::Uses;

use super::asking::{asks_for_act, program_asks_for_act, shows};
use super::refusal::{Refusal, hangs_on_act, pinned_condition, refusal};
use crate::matrix::{Contexts, Object, Value, action_inputs, pinned_tree, read_yaml, resolve_tree};
use crate::runner::executor::AttemptEnd;

/// Local actions that use each other are followed so far.
const DEEPEST: usize = 10;

/// A look at the actions of a tree that the steps of a job use.
pub(super) struct LocalLook<'a> {
    tree: &'a Path,
    /// The actions of other repositories that may be needed.
    needed: BTreeSet<String>,
    /// Those that a step names which never runs.
    behind: BTreeSet<String>,
}

impl<'a> LocalLook<'a> {
    pub(super) fn in_tree(tree: &'a Path) -> LocalLook<'a> {
        LocalLook { tree, needed: BTreeSet::new(), behind: BTreeSet::new() }
    }

    /// Looks at what a step of the job uses.
    pub(super) fn at(&mut self, step: &Value, contexts: &Contexts) -> Result<(), Refusal> {
        self.used(step, contexts, 0)
    }

    /// The actions of other repositories that nothing needs.
    pub(super) fn idle(self) -> Vec<String> {
        self.behind.difference(&self.needed).cloned().collect()
    }

    fn used(&mut self, step: &Value, contexts: &Contexts, depth: usize) -> Result<(), Refusal> {
        let uses = step.get("uses").to_text();
        if let Ok(Uses::Repository(_)) = Uses::parse(&uses) {
            self.needed.insert(uses);
            return Ok(());
        }
        let Some(folder) = folder_of(&uses) else { return Ok(()) };
        let Some(action) = read_action(self.tree, folder).filter(|_| depth < DEEPEST) else {
            return Err(AttemptEnd::Unavailable(format!(
                "the action `{uses}`, which is not in the tree: what it does under act alone cannot be seen"
            )));
        };
        let (path, action) = action;
        let runs = action.get("runs");
        if runs.get("using").to_text().starts_with("node") {
            return program(&path, &runs);
        }
        let with = resolve_tree(&step.get("with"), contexts).unwrap_or(Value::Null);
        let declared = action.get("inputs");
        for (name, input) in declared.as_object().into_iter().flat_map(Object::iter) {
            if with.get(name).is_null() {
                pinned_tree(&input.get("default"), contexts, &shows_inside).map_err(refusal)?;
            }
        }
        let inner = contexts.clone().with("inputs", action_inputs(&declared, &with, contexts));
        pinned_tree(&action.get("outputs"), &inner, &shows_inside).map_err(refusal)?;
        steps_of(&action).iter().try_for_each(|step| self.inner(step, &inner, depth + 1))
    }

    /// A step of an action.
    fn inner(&mut self, step: &Value, contexts: &Contexts, depth: usize) -> Result<(), Refusal> {
        if pinned_condition(&step.get("if"), contexts, &shows_inside)?.as_deref() == Some("false") {
            self.never(step, depth);
            return Ok(());
        }
        if asks_for_act(&step.get("run").to_text()) {
            return Err(hangs_on_act());
        }
        let others = step.as_object().into_iter().flat_map(Object::iter);
        for (_, value) in others.filter(|(key, _)| !["if", "name"].contains(key)) {
            pinned_tree(value, contexts, &shows_inside).map_err(refusal)?;
        }
        self.used(step, contexts, depth)
    }

    /// A step that never runs, whatever it uses.
    fn never(&mut self, step: &Value, depth: usize) {
        let uses = step.get("uses").to_text();
        if let Ok(Uses::Repository(_)) = Uses::parse(&uses) {
            self.behind.insert(uses);
            return;
        }
        let action = folder_of(&uses).filter(|_| depth < DEEPEST).and_then(|at| read_action(self.tree, at));
        action.iter().flat_map(|(_, action)| steps_of(action)).for_each(|step| self.never(&step, depth + 1));
    }
}

/// What an action shows to its steps: what it was given is known, or was let pass with the step that gives it.
fn shows_inside(context: &str) -> bool {
    shows(context) || context.starts_with("inputs")
}

/// Looks at an action in JavaScript.
fn program(folder: &Path, runs: &Value) -> Result<(), Refusal> {
    let files = ["pre", "main", "post"].map(|name| runs.get(name).to_text());
    let asks = |file: &String| {
        let program = std::fs::read(folder.join(file)).unwrap_or_default();
        program_asks_for_act(&String::from_utf8_lossy(&program))
    };
    if files.iter().filter(|file| !file.is_empty()).any(asks) { Err(hangs_on_act()) } else { Ok(()) }
}

/// Whether the step that this path leads to is a script: by places or ids, outermost first.
pub(super) fn is_script(steps: &[Value], path: &[String], tree: &Path) -> bool {
    is_script_below(steps, path, tree, 0)
}

fn is_script_below(steps: &[Value], path: &[String], tree: &Path, depth: usize) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let by_id = steps.iter().find(|step| step.get("id").to_text() == *first);
    let by_place = || first.parse::<usize>().ok().and_then(|at| steps.get(at));
    let Some(step) = by_id.or_else(by_place) else { return false };
    if rest.is_empty() {
        return !step.get("run").to_text().trim().is_empty();
    }
    let uses = step.get("uses").to_text();
    let action = folder_of(&uses).filter(|_| depth < DEEPEST).and_then(|folder| read_action(tree, folder));
    action.is_some_and(|(_, action)| is_script_below(&steps_of(&action), rest, tree, depth + 1))
}

fn folder_of(uses: &str) -> Option<&str> {
    uses.strip_prefix("./")
}

fn steps_of(action: &Value) -> Vec<Value> {
    action.get("runs").get("steps").as_items().map(<[Value]>::to_vec).unwrap_or_default()
}

/// The action in a folder of the tree, and where it is.
fn read_action(tree: &Path, folder: &str) -> Option<(PathBuf, Value)> {
    let place = tree.join(folder);
    let files = ["yml", "yaml"].map(|end| place.join(format!("action.{end}")));
    let text = files.iter().find_map(|file| std::fs::read_to_string(file).ok())?;
    Some((place, read_yaml(folder, &text).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{FileHashes, Known, Status};

    fn contexts() -> Contexts {
        let unknown = |name: &str| Value::unknown(name, Known::Nothing);
        let status =
            Status { success: Value::unknown_bool("success()"), failure: Value::unknown_bool("failure()") };
        let github = Value::open("github", [("ref", Value::text("refs/heads/main"))]);
        Contexts::of([("github", github), ("steps", unknown("steps")), ("env", unknown("env"))])
            .with_status(status)
            .with_hash_files(FileHashes::Later)
    }

    /// The idle actions of a job whose one step uses the action of these steps, which may use `./inner`; or why it is not run.
    fn looked(steps: &str, inner: &str) -> Result<Vec<String>, Refusal> {
        let tree = tempfile::tempdir().unwrap();
        for (name, steps) in [("outer", steps), ("inner", inner)] {
            let text = format!(
                "inputs: {{ quick: {{ default: 'no' }} }}\nruns:\n  using: composite\n  steps: [{steps}]\n"
            );
            std::fs::create_dir(tree.path().join(name)).unwrap();
            std::fs::write(tree.path().join(name).join("action.yml"), text).unwrap();
        }
        let mut look = LocalLook::in_tree(tree.path());
        let step = read_yaml("step", "uses: ./outer\nwith: { word: '${{ steps.a.outputs.b }}' }\n").unwrap();
        look.at(&step, &contexts()).map(|()| look.idle())
    }

    #[test]
    fn what_an_action_of_the_tree_asks_act_alone_is_no_answer() {
        let hangs = |steps: &str, inner: &str| matches!(looked(steps, inner), Err(AttemptEnd::Undecided(_)));
        for asks in [
            "{ if: '!env.ACT', shell: sh, run: make test }",
            "{ if: \"github.actor != 'nektos/act'\", shell: sh, run: make test }",
            "{ shell: sh, run: 'test -n \"$ACT\" || make test' }",
            "{ shell: sh, run: make test, env: { SKIP: '${{ env.ACT }}' } }",
        ] {
            assert!(hangs(asks, ""), "{asks}");
            assert!(hangs("{ uses: ./inner }", asks), "{asks}");
            let never = "{ if: \"inputs.quick == 'yes'\", uses: ./inner }";
            assert_eq!(looked(never, asks), Ok(vec![]), "it is not come to");
        }
        let plain = "{ if: \"inputs.word != '' && env.FLAGS && github.ref == 'refs/heads/main'\", shell: sh, run: make }";
        assert_eq!(looked(plain, ""), Ok(vec![]));
        assert!(matches!(looked("{ uses: ./made-later }", ""), Err(AttemptEnd::Unavailable(_))));
    }

    #[test]
    fn what_only_a_step_names_that_never_runs_is_not_needed() {
        let never = |uses: &str| format!("{{ if: \"inputs.quick == 'yes'\", uses: {uses} }}");
        assert_eq!(looked(&never("acme/one@v1"), "").unwrap(), ["acme/one@v1"]);
        assert_eq!(looked(&never("./inner"), "{ uses: acme/two/sub@v2 }").unwrap(), ["acme/two/sub@v2"]);
        let both = format!("{}, {{ if: 'steps.x.outputs.y', uses: acme/one@v1 }}", never("acme/one@v1"));
        assert_eq!(looked(&both, "").unwrap(), Vec::<String>::new(), "another step may need it");
    }
}
