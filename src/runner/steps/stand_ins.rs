//! What stands in for well-known actions.

use std::io::Read;
use std::path::Path;

use super::job_run::JobRun;
use super::step::OpenStep;
use super::tool_outputs::{of_empty_cache, of_tool};
use super::trouble::Trouble;
use crate::matrix::{Object, Place, StandIn, Value, stand_in, without_submodules};
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
