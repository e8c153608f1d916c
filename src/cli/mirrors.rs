//! `--mirror OWNER/REPO=PATH`: the user's own copies of repositories, read and never written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use crate::ids::{InvalidId, RepoName};
use crate::rehearsal::Mirrors;
use crate::wording::quoted;

/// The mirrors given on the command line.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct MirrorOptions {
    /// Your own copy of a repository (a bare mirror or a clone), read instead of the network and never written to; may
    /// be given several times.
    #[arg(long = "mirror", value_name = "OWNER/REPO=PATH")]
    given: Vec<Mirror>,
}

#[derive(Debug, Clone)]
struct Mirror {
    repo: RepoName,
    path: PathBuf,
}

impl FromStr for Mirror {
    type Err = String;

    fn from_str(text: &str) -> Result<Mirror, String> {
        let (repo, path) = text.split_once('=').ok_or("write it as OWNER/REPO=PATH")?;
        let repo = repo.parse().map_err(|error: InvalidId| error.to_string())?;
        let path = PathBuf::from(path);
        if path.join("HEAD").is_file() || path.join(".git").exists() {
            return Ok(Mirror { repo, path });
        }
        Err(format!("there is no git repository at `{}`; `git clone --mirror` makes one", path.display()))
    }
}

impl MirrorOptions {
    pub(super) fn mirrors(&self) -> Mirrors {
        self.paths().into_iter().collect()
    }

    /// The same as they are.
    pub(super) fn paths(&self) -> BTreeMap<RepoName, PathBuf> {
        self.given.iter().map(|mirror| (mirror.repo.clone(), mirror.path.clone())).collect()
    }

    /// The options as they are typed, each with a blank before it.
    pub(super) fn arguments(&self) -> String {
        self.given.iter().map(|mirror| typed(&mirror.repo, &mirror.path)).collect()
    }
}

/// One of them as it is typed, with a blank before it.
pub(super) fn typed(repo: &RepoName, path: &Path) -> String {
    format!(" --mirror {}", quoted(&format!("{repo}={}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_is_a_repository_and_a_path() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("HEAD"), "ref: refs/heads/main\n").unwrap();
        let mirror: Mirror = format!("brightwater/sluice={}", folder.path().display()).parse().unwrap();
        assert_eq!(mirror.repo.as_str(), "brightwater/sluice");
        assert!("brightwater/sluice".parse::<Mirror>().unwrap_err().contains("OWNER/REPO=PATH"));
        assert!("brightwater/sluice=/nowhere".parse::<Mirror>().unwrap_err().contains("no git repository"));
    }
}
