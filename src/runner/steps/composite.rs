//! An action of the repository that consists of steps.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::job_run::JobRun;
use super::scope::StepScope;
use super::step::OpenStep;
use super::trouble::{Trouble, known};
use crate::git::{FetchDepth, work_copy};
use crate::matrix::{Object, Value, action_inputs, read_yaml, resolve};
use crate::private_folder::private_folder;
use crate::runner::executor::StepDeed;

/// Actions that use each other are followed so far.
const DEEPEST: usize = 10;

impl JobRun<'_> {
    /// Runs the steps of an action.
    pub(super) async fn composite(
        &mut self,
        open: &OpenStep<'_>,
        uses: &str,
        with: &Value,
        scope: &StepScope,
    ) -> Result<Object, (Trouble, Object)> {
        let no_outputs = |trouble| (trouble, Object::default());
        self.is(open.at, StepDeed::Action, "");
        let folder = self.folder_of(uses).await.map_err(no_outputs)?;
        let here = self.order.workspace.holds(&folder);
        let action = read_action(here.then_some(&folder), uses).map_err(no_outputs)?;
        if scope.within.len() >= DEEPEST || scope.within.iter().any(|other| other == uses) {
            return Err(no_outputs(Trouble::Fails(format!("the action `{uses}` uses itself"))));
        }
        let inputs = action_inputs(&action.get("inputs"), with, open.contexts);
        let mut inner = StepScope {
            contexts: scope.contexts.clone().with("inputs", inputs),
            steps: Object::default(),
            failed: false,
            variables: self.own_variables(open, scope),
            within: scope.within.iter().cloned().chain([uses.to_owned()]).collect(),
            action_path: Some(folder),
            defaults: None,
        };
        let steps = action.get("runs").get("steps").as_items().map(<[Value]>::to_vec).unwrap_or_default();
        self.steps(steps, &mut inner).await.map_err(no_outputs)?;
        let outputs = self.action_outputs(&action, &inner).map_err(no_outputs)?;
        match inner.failed {
            true => Err((Trouble::Fails("a step of the action failed".to_owned()), outputs)),
            false => Ok(outputs),
        }
    }

    /// Where an action of the repository is: in the workspace, or with `$/` in the tree under test, whatever is checked out.
    async fn folder_of(&mut self, uses: &str) -> Result<PathBuf, Trouble> {
        let Some(path) = uses.strip_prefix("$/") else {
            return Ok(self.order.workspace.tree().join(uses.trim_start_matches("./")));
        };
        let whole = match &self.whole_tree {
            Some(whole) => whole.clone(),
            None => self.copied_tree(uses).await?,
        };
        Ok(whole.join(path))
    }

    /// All of the tree under test, made where no step can have put anything that git would heed.
    async fn copied_tree(&mut self, uses: &str) -> Result<PathBuf, Trouble> {
        let made = private_folder("lockgate-self-")?;
        let (tree, depth) = (self.order.tree, FetchDepth::Commits(1));
        let copied = work_copy(&tree.repository, &tree.commit, None, depth, made.path()).await;
        copied.map_err(|error| Trouble::Unavailable(format!("the action `{uses}`: {error}")))?;
        let place = self.order.workspace.take_in(made.path(), made.path())?;
        self.whole_tree = Some(place.clone());
        Ok(place)
    }

    /// What the step gives to the steps of its action. What is only passed on stays open to changes by these.
    fn own_variables(&self, open: &OpenStep<'_>, scope: &StepScope) -> BTreeMap<String, String> {
        let differs = |name: &String, value: &String| self.variables.get(name) != Some(value);
        let own = open.variables.iter().filter(|(name, value)| differs(name, value));
        let own = own.map(|(name, value)| (name.clone(), value.clone()));
        scope.variables.clone().into_iter().chain(own).collect()
    }

    fn action_outputs(&self, action: &Value, inner: &StepScope) -> Result<Object, Trouble> {
        let contexts = self.contexts(inner, &Value::Null)?.0;
        let declared = action.get("outputs");
        let declared = declared.as_object().into_iter().flat_map(Object::iter);
        let one = |(name, output): (&str, &Value)| {
            let value = known(resolve(&output.get("value").to_text(), &contexts)?)?;
            Ok((name.to_owned(), Value::text(&value.to_text())))
        };
        declared.map(one).collect()
    }
}

/// The action as it stands in the workspace: what a step before it wrote counts.
fn read_action(folder: Option<&PathBuf>, uses: &str) -> Result<Value, Trouble> {
    let files =
        folder.into_iter().flat_map(|folder| ["action.yml", "action.yaml"].map(|name| folder.join(name)));
    // A link may lead anywhere.
    let mut files = files.filter(|file| file.symlink_metadata().is_ok_and(|found| found.is_file()));
    let text = files.find_map(|file| std::fs::read_to_string(file).ok());
    let text = text.ok_or_else(|| {
        Trouble::Fails(format!("the action `{uses}` is not in the workspace; is there a checkout before it?"))
    })?;
    let action = read_yaml(uses, &text).map_err(|problem| Trouble::Fails(problem.to_string()))?;
    match action.get("runs").get("using").to_text().as_str() {
        "composite" => Ok(action),
        using => Err(Trouble::Unavailable(format!("the action `{uses}` in `{using}`"))),
    }
}
