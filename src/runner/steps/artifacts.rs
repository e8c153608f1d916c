//! Artifacts: files that one job puts by and another takes, in a folder of this run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::found_files::{below, found, is_hidden};
use super::job_run::JobRun;
use super::trouble::{Trouble, known};
use crate::matrix::{Object, Value};

/// What `name` is where nothing is written.
const USUAL_NAME: &str = "artifact";
/// Who made which artifact. No artifact is called so.
const OWNERS: &str = ".owners";

impl JobRun<'_> {
    pub(super) fn upload(&self, with: &Value) -> Result<Object, Trouble> {
        let name = name_of(with)?.unwrap_or_else(|| USUAL_NAME.to_owned());
        let written = known(with.get("path"))?.to_text();
        let found = found(&self.order.workspace.tree(), &written).map_err(Trouble::Fails)?;
        if found.files.is_empty() {
            let missing = format!("no files were found with `{}`", written.trim());
            return match known(with.get("if-no-files-found"))?.to_text().as_str() {
                "error" => Err(Trouble::Fails(missing)),
                _ => {
                    Ok(self.order.room.note(&format!("[lockgate: {missing}]")).map(|()| Object::default())?)
                }
            };
        }
        let place = self.place(&name, known(with.get("overwrite"))?.to_text() == "true")?;
        let with_hidden = known(with.get("include-hidden-files"))?.to_text() == "true";
        let wanted = |file: &&PathBuf| {
            self.order.workspace.holds(file) && (with_hidden || !is_hidden(file, &found.root))
        };
        for file in found.files.iter().filter(wanted) {
            copy(file, &place.join(file.strip_prefix(&found.root).unwrap_or(file)))?;
        }
        Ok(Object::from_iter([("artifact-id".to_owned(), Value::text(&name))]))
    }

    pub(super) fn download(&self, with: &Value) -> Result<Object, Trouble> {
        if !with.get("run-id").is_null() || !with.get("repository").is_null() {
            return Err(Trouble::Unavailable("an artifact of another run".to_owned()));
        }
        let path = known(with.get("path"))?.to_text();
        let target = self.order.workspace.tree().join(&path);
        if let Some(name) = name_of(with)? {
            let from = self.order.artifacts.join(&name);
            if !from.is_dir() {
                // Whether the job that makes it would have made it is not known: it may not have run here, or not on this tree.
                return Err(Trouble::Unavailable(format!("the artifact `{name}`, which no job made here")));
            }
            self.take(&from, &target)?;
        } else {
            self.download_several(with, &target)?;
        }
        let place = Value::text(&target.to_string_lossy());
        Ok(Object::from_iter([("download-path".to_owned(), place)]))
    }

    fn download_several(&self, with: &Value, target: &Path) -> Result<(), Trouble> {
        let pattern = known(with.get("pattern"))?.to_text();
        let pattern = if pattern.is_empty() { "*" } else { &pattern };
        let pattern = glob::Pattern::new(pattern).map_err(|error| Trouble::Fails(error.to_string()))?;
        let merged = known(with.get("merge-multiple"))?.to_text() == "true";
        for entry in fs::read_dir(self.order.artifacts).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if pattern.matches(&name) && name != OWNERS {
                let target = if merged { target.to_owned() } else { target.join(&name) };
                self.take(&entry.path(), &target)?;
            }
        }
        Ok(())
    }
}

impl JobRun<'_> {
    /// An empty place for an artifact. What an earlier attempt at this entry put by is replaced; what another entry did, is
    /// not.
    fn place(&self, name: &str, overwrite: bool) -> Result<PathBuf, Trouble> {
        let (place, owner) = (self.order.artifacts.join(name), self.order.artifacts.join(OWNERS).join(name));
        let entry = &self.order.entry.name;
        let is_own = fs::read_to_string(&owner).is_ok_and(|owner| owner == *entry);
        if place.exists() && !overwrite && !is_own {
            return Err(Trouble::Fails(format!("an artifact `{name}` is there already")));
        }
        let _ = fs::remove_dir_all(&place);
        owner.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(owner, entry)?;
        fs::create_dir_all(&place)?;
        Ok(place)
    }

    /// Copies an artifact into the workspace, through no link that leads out of it.
    fn take(&self, from: &Path, to: &Path) -> Result<(), Trouble> {
        let mut files = Vec::new();
        below(from, &mut files);
        self.order.workspace.make_folder(to).map_err(|error| Trouble::Fails(error.to_string()))?;
        for file in files {
            let place = to.join(file.strip_prefix(from).unwrap_or(&file));
            let folder = place.parent().unwrap_or(to);
            self.order.workspace.make_folder(folder).map_err(|error| Trouble::Fails(error.to_string()))?;
            let _ = fs::remove_file(&place);
            fs::copy(&file, &place)?;
        }
        Ok(())
    }
}

/// The name of an artifact: a file name, as GitHub has it.
fn name_of(with: &Value) -> Result<Option<String>, Trouble> {
    let name = known(with.get("name"))?.to_text();
    if name.contains(['"', ':', '<', '>', '|', '*', '?', '\r', '\n', '\\', '/'])
        || [".", "..", OWNERS].contains(&name.as_str())
    {
        return Err(Trouble::Fails(format!("`{name}` is no name of an artifact")));
    }
    Ok((!name.is_empty()).then_some(name))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::copy(from, to).map(drop)
}
