//! A step that runs a script.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::command_files::CommandFiles;
use super::job_run::JobRun;
use super::ready_script::ReadyScript;
use super::scope::StepScope;
use super::shell::ShellCall;
use super::step::OpenStep;
use super::trouble::{Trouble, minutes, text};
use super::variables::of_runner;
use crate::jobs::JobOutcome;
use crate::matrix::{Object, Value, script_effect};

impl JobRun<'_> {
    /// Runs a script. The outputs count although it fails.
    pub(super) async fn script(
        &mut self,
        open: &OpenStep<'_>,
        run: &Value,
        scope: &StepScope,
    ) -> Result<Object, (Trouble, Object)> {
        let no_outputs = |trouble| (trouble, Object::default());
        let ready = self.ready(open, run, scope).map_err(no_outputs)?;
        let (deed, note) = ready.deed();
        self.is(open.at, deed, note);
        let (room, network) = (self.order.room, self.order.network);
        let (outcome, printed) = self.behind.meanwhile(ready.run(room, network, None)).await;
        self.ended(&ready.files, &outcome, printed)
    }

    /// What a script that has ended comes to. Its outputs count although it fails.
    pub(super) fn ended(
        &mut self,
        files: &CommandFiles,
        outcome: &JobOutcome,
        printed: Vec<(String, String)>,
    ) -> Result<Object, (Trouble, Object)> {
        let outputs = self.hear(files, printed).map_err(|trouble| (trouble, Object::default()))?;
        match self.trouble_of(outcome) {
            Some(trouble) => Err((trouble, outputs)),
            None => Ok(outputs),
        }
    }

    pub(super) fn ready(
        &mut self,
        open: &OpenStep<'_>,
        run: &Value,
        scope: &StepScope,
    ) -> Result<ReadyScript, Trouble> {
        let script = text(run, open.contexts)?;
        if let Some(effect) = script_effect(&script) {
            return Err(Trouble::Unavailable(format!("{effect}: others would see it")));
        }
        let mut variables = of_runner(&self.order, &open.contexts.value("github"));
        for (name, value) in open.variables {
            let is_runners = name.starts_with("GITHUB_") || name.starts_with("RUNNER_");
            if !(is_runners && variables.contains_key(name)) {
                variables.insert(name.clone(), value.clone());
            }
        }
        let path = self.path(open.variables)?;
        let call = self.call(&script, open, scope, &path)?;
        variables.insert("PATH".to_owned(), path);
        self.files += 1;
        let place = self.order.workspace.commands().join(self.files.to_string());
        self.order.workspace.make_folder(&self.order.workspace.commands())?;
        let files = CommandFiles::new(place.clone())?;
        files.announce(&mut variables);
        let file = place.join(format!("script{}", call.extension));
        std::fs::write(&file, &call.text)?;
        let folder = self.folder(open, scope)?;
        Ok(ReadyScript {
            argv: call.argv(&file),
            folder,
            variables,
            files,
            limit: self.limit(open)?,
            is_blank: script.trim().is_empty(),
        })
    }

    fn call(
        &self,
        script: &str,
        open: &OpenStep<'_>,
        scope: &StepScope,
        path: &str,
    ) -> Result<ShellCall, Trouble> {
        let own = text(&open.step.get("shell"), open.contexts)?;
        let shell = match &scope.defaults {
            _ if !own.is_empty() => own,
            Some(defaults) => defaults.shell.clone(),
            None => return Err(Trouble::Fails("a `run` of an action needs a `shell`".to_owned())),
        };
        let has_bash = which::which_in("bash", Some(path), "/").is_ok();
        ShellCall::of(script, &shell, has_bash).map_err(Trouble::Fails)
    }

    /// The path on which programs are found.
    fn path(&self, variables: &BTreeMap<String, String>) -> Result<String, Trouble> {
        let usual = self.order.room.variable("PATH").map(|path| path.to_string_lossy().into_owned());
        let usual = variables.get("PATH").cloned().or(usual).unwrap_or_default();
        let offline = self.offline_programs()?.map(|folder| folder.to_string_lossy().into_owned());
        let all = offline.as_deref().into_iter().chain(self.folders.iter().map(String::as_str));
        let all = all.chain([usual.as_str()]).filter(|part| !part.is_empty());
        Ok(all.collect::<Vec<_>>().join(":"))
    }

    fn folder(&self, open: &OpenStep<'_>, scope: &StepScope) -> Result<PathBuf, Trouble> {
        let own = text(&open.step.get("working-directory"), open.contexts)?;
        let default = scope.defaults.as_ref().map(|defaults| defaults.folder.clone()).unwrap_or_default();
        let written = if own.is_empty() { default } else { own };
        let folder = self.order.workspace.tree().join(&written);
        if folder.is_dir() {
            Ok(folder)
        } else {
            Err(Trouble::Fails(format!("the working directory `{written}` does not exist")))
        }
    }

    fn limit(&self, open: &OpenStep<'_>) -> Result<Duration, Trouble> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.out_of_time());
        }
        let own = minutes(&open.step.get("timeout-minutes"), open.contexts)?;
        Ok(own.map_or(left, |minutes| left.min(Duration::from_secs_f64(minutes * 60.0))))
    }

    fn out_of_time(&self) -> Trouble {
        Trouble::OutOfTime("the job ran into its time limit".to_owned())
    }

    fn trouble_of(&self, outcome: &JobOutcome) -> Option<Trouble> {
        match outcome {
            JobOutcome::Passed => None,
            JobOutcome::TimedOut if Instant::now() >= self.deadline => Some(self.out_of_time()),
            JobOutcome::Failed { code } => Some(Trouble::Fails(format!("exit code {code}"))),
            JobOutcome::Unavailable { why } => Some(Trouble::Unavailable(why.clone())),
            other => Some(Trouble::Fails(format!("it {other}"))),
        }
    }

    /// What a step told the runner, by its files and by what it printed.
    fn hear(&mut self, files: &CommandFiles, printed: Vec<(String, String)>) -> Result<Object, Trouble> {
        let summary = files.summary();
        if !summary.trim().is_empty() {
            self.order.room.note(&format!("[lockgate: summary of the step]\n{}", summary.trim_end()))?;
        }
        self.variables.extend(files.variables().map_err(Trouble::Fails)?);
        for folder in files.folders().into_iter().rev() {
            self.folders.insert(0, folder);
        }
        let mut set = printed;
        set.extend(files.outputs().map_err(Trouble::Fails)?);
        Ok(StepScope::outputs(set))
    }
}
