//! What stands in for well-known actions.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use super::job_run::JobRun;
use super::step::OpenStep;
use super::tool_outputs::{of_empty_cache, of_tool};
use super::trouble::{Trouble, known};
use crate::git::{FetchDepth, work_copy};
use crate::jobs::{JobOutcome, RoomCommand};
use crate::matrix::{EventKind, Object, Place, StandIn, Value, stand_in, without_submodules};
use crate::runner::executor::StepDeed;

impl JobRun<'_> {
    /// Does what an action of another repository would do, as far as something here stands in for it.
    pub(super) async fn stand_in(
        &mut self,
        open: &OpenStep<'_>,
        (slug, reference): (&str, &str),
        with: &Value,
    ) -> Result<Object, Trouble> {
        let found = stand_in(slug, reference, &without_submodules(with), self.machine)
            .map_err(|place| refused(slug, &place))?;
        let note = match &found {
            StandIn::Checkout => "the tree under test",
            StandIn::Cache => "no cache: as if it were empty",
            StandIn::Upload | StandIn::Download => "a folder of this run",
            StandIn::Tool { .. } => "the one that is on this machine",
            StandIn::LeftOut => "left out",
        };
        self.is(open.at, StepDeed::StandIn, note);
        self.order.room.note(&format!("[lockgate: {slug}: {note}]"))?;
        match found {
            StandIn::Checkout => self.check_out(with).await,
            StandIn::Cache => no_cache(slug, with),
            StandIn::Upload => self.upload(with),
            StandIn::Download => self.download(with),
            StandIn::Tool { program, version } => self.tool(slug, (program, version.as_deref()), with),
            StandIn::LeftOut => Ok(Object::default()),
        }
    }

    async fn check_out(&self, with: &Value) -> Result<Object, Trouble> {
        let order = &self.order;
        self.must_be_under_test(&with.get("ref"))?;
        let path = known(with.get("path"))?.to_text();
        let folder = order.workspace.tree().join(path.trim_start_matches("./"));
        if !folder.starts_with(order.workspace.tree()) || path.split('/').any(|part| part == "..") {
            return Err(Trouble::Fails(format!("the path `{path}` is not below the workspace")));
        }
        order.workspace.make_folder(&folder).map_err(|error| Trouble::Fails(error.to_string()))?;
        let depth = match known(with.get("fetch-depth"))?.to_text().trim().parse::<u32>() {
            Ok(0) => FetchDepth::Whole,
            Ok(depth) => FetchDepth::Commits(depth),
            Err(_) => FetchDepth::Commits(1),
        };
        let branch = (order.event.kind == EventKind::Push).then_some(order.event.branch.as_str());
        work_copy(&order.tree.repository, &order.tree.commit, branch, depth, &folder)
            .await
            .map_err(|error| Trouble::Unavailable(format!("the checkout: {error}")))?;
        self.only_parts(&folder, with).await?;
        for build in order.workspace.give_builds(&folder)? {
            order.room.note(&format!("[lockgate: `{build}` begins as the warm-up on the base left it]"))?;
        }
        match known(with.get("submodules"))?.to_text().as_str() {
            "" | "false" => {}
            how => self.submodules(&folder, how == "recursive").await?,
        }
        Ok(Object::from_iter([("commit".to_owned(), Value::text(order.tree.commit.as_str()))]))
    }

    /// Leaves out what `sparse-checkout` does not name: what is there besides would let a job pass that does not at GitHub.
    async fn only_parts(&self, folder: &Path, with: &Value) -> Result<(), Trouble> {
        let written = known(with.get("sparse-checkout"))?.to_text();
        let parts: Vec<&str> = written.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if parts.is_empty() {
            return Ok(());
        }
        let cone = known(with.get("sparse-checkout-cone-mode"))?.to_text() != "false";
        let mode = if cone { "--cone" } else { "--no-cone" };
        let argv = ["git", "sparse-checkout", "set", mode].into_iter().chain(parts);
        match self.git(&argv.map(str::to_owned).collect::<Vec<_>>(), folder).await {
            JobOutcome::Passed => Ok(()),
            other => Err(Trouble::Unavailable(format!("a sparse checkout: git {other}"))),
        }
    }

    /// Calls git in a checkout, inside of the sandbox.
    pub(super) async fn git(&self, argv: &[String], folder: &Path) -> JobOutcome {
        let command = RoomCommand {
            argv,
            folder,
            environment: &BTreeMap::from([("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned())]),
            network: self.order.network,
            limit: self.deadline.saturating_duration_since(Instant::now()),
            stop: None,
        };
        self.order.room.run(command).await
    }

    /// A checkout of something else than what is under test is not made. The head of a pull request is that.
    fn must_be_under_test(&self, reference: &Value) -> Result<(), Trouble> {
        if let Value::Unknown(unknown) = reference {
            let of_head = ["github.event.pull_request.head", "github.head_ref", "github.ref"];
            let is_head = of_head.iter().any(|head| unknown.source.starts_with(head));
            return if is_head { Ok(()) } else { Err(Trouble::Undecided(unknown.source.clone())) };
        }
        let (text, branch) = (reference.to_text(), &self.order.event.branch);
        let full = format!("refs/heads/{branch}");
        let is_it = ["", branch, &full, self.order.tree.commit.as_str()].contains(&text.as_str());
        if is_it { Ok(()) } else { Err(Trouble::Unavailable(format!("a checkout of `{text}`"))) }
    }

    /// The tool that is here, and what the action would say of it.
    fn tool(
        &mut self,
        slug: &str,
        (program, version): (&str, Option<&str>),
        with: &Value,
    ) -> Result<Object, Trouble> {
        let path = which::which_in(program, self.order.room.variable("PATH"), "/").ok();
        if program == "python3" {
            self.show_python()?;
        }
        if slug.eq_ignore_ascii_case("actions/setup-python")
            && with.get("update-environment").to_text() != "false"
            && let Some(home) = path.as_deref().and_then(python_home)
        {
            let home = home.to_string_lossy();
            for name in ["pythonLocation", "Python_ROOT_DIR", "Python2_ROOT_DIR", "Python3_ROOT_DIR"] {
                self.variables.insert(name.to_owned(), home.clone().into_owned());
            }
        }
        Ok(of_tool(slug, version, path.as_deref(), with))
    }

    /// After `setup-python` there is a `python`, whatever this machine calls it.
    fn show_python(&mut self) -> Result<(), Trouble> {
        let path = self.order.room.variable("PATH");
        let (Ok(python), Err(_)) =
            (which::which_in("python3", path, "/"), which::which_in("python", path, "/"))
        else {
            return Ok(());
        };
        let folder = self.order.workspace.tools().join("python");
        self.order.workspace.make_folder(&folder)?;
        let link = folder.join("python");
        if !link.exists() {
            std::os::unix::fs::symlink(python, link)?;
        }
        self.folders.insert(0, folder.to_string_lossy().into_owned());
        Ok(())
    }
}

/// Where a Python is installed, or its environment is; not known of a script in front of it.
fn python_home(program: &Path) -> Option<&Path> {
    let begin = std::fs::File::open(program).and_then(|mut file| {
        let mut begin = [0; 2];
        file.read_exact(&mut begin).map(|()| begin)
    });
    let folder = program.parent().filter(|folder| folder.ends_with("bin"))?;
    folder.parent().filter(|_| begin.is_ok_and(|begin| begin != *b"#!"))
}

fn no_cache(slug: &str, with: &Value) -> Result<Object, Trouble> {
    let must_hit = with.get("fail-on-cache-miss").to_text() == "true";
    if must_hit {
        // That nothing is in the cache says nothing about the tree.
        Err(Trouble::Unavailable("a cache that must have a hit: there is none here".to_owned()))
    } else {
        Ok(of_empty_cache(slug))
    }
}

fn refused(slug: &str, place: &Place) -> Trouble {
    Trouble::Unavailable(match place {
        Place::Tool(tool) => format!("`{slug}`: {tool} is not here"),
        Place::Network(what) => format!("{what}: it would be fetched"),
        Place::Effect(what) => format!("{what}: others would see it"),
        other => other.reason(),
    })
}
