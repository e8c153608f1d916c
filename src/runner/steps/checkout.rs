//! The checkout of the tree under test.
//!
//! Git reads what a repository says about itself, down to programs that it starts, and a step may have put anything into the
//! workspace. So the repository is made where no step reaches it, and everything that happens in the workspace happens inside of the
//! sandbox.

use std::path::Path;
use std::time::Instant;

use super::job_run::JobRun;
use super::trouble::{Trouble, known};
use crate::git::{FetchDepth, checkout_command, repository_with};
use crate::jobs::{JobOutcome, RoomCommand};
use crate::matrix::{EventKind, Object, Value};
use crate::private_folder::private_folder;

/// Puts a repository (`$2`) into a folder (`$1`), with what submodules were made of before (`$3`, which may be nothing), and makes
/// its files by the rest.
const UNPACK: &str = r#"
folder=$1 repository=$2 modules=$3
shift 3
rm -rf "$folder/.git"
mv "$repository" "$folder/.git"
if [ -d "$modules" ]; then mv "$modules" "$folder/.git/modules"; fi
cd "$folder"
exec "$@"
"#;

/// No settings of anybody have a say in a checkout.
const SETTINGS: [(&str, &str); 4] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
];

impl JobRun<'_> {
    /// Checks out the tree under test as the action would.
    pub(super) async fn check_out(&self, with: &Value) -> Result<Object, Trouble> {
        let order = self.order;
        self.must_be_under_test(&with.get("ref"))?;
        let path = known(with.get("path"))?.to_text();
        let folder = order.workspace.tree().join(path.trim_start_matches("./"));
        if !folder.starts_with(order.workspace.tree()) || path.split('/').any(|part| part == "..") {
            return Err(Trouble::Fails(format!("the path `{path}` is not below the workspace")));
        }
        order.workspace.make_folder(&folder).map_err(|error| Trouble::Fails(error.to_string()))?;
        let modules = match known(with.get("submodules"))?.to_text().as_str() {
            "" | "false" => None,
            how => Some(how == "recursive"),
        };
        let missing = self.unpack(&folder, depth(with)?, modules).await?;
        self.only_parts(&folder, with).await?;
        for build in order.workspace.give_builds(&folder)? {
            order.room.note(&format!("[lockgate: `{build}` begins as the warm-up on the base left it]"))?;
        }
        if let Some(recursive) = modules {
            self.submodules(&folder, recursive, missing).await?;
        }
        Ok(Object::from_iter([("commit".to_owned(), Value::text(order.tree.commit.as_str()))]))
    }

    /// Makes the repository and its files. The names of the submodules that this machine lacks, or nothing where an earlier
    /// attempt has left what they are made of.
    async fn unpack(
        &self,
        folder: &Path,
        depth: FetchDepth,
        modules: Option<bool>,
    ) -> Result<Option<Vec<String>>, Trouble> {
        let order = self.order;
        let (tree, branch) = (order.tree, order.event.branch.as_str());
        let made = private_folder("lockgate-checkout-")?;
        repository_with(&tree.repository, &tree.commit, depth, made.path())
            .await
            .map_err(|error| Trouble::Unavailable(format!("the checkout: {error}")))?;
        let git_dir = made.path().join(".git");
        let missing = match modules {
            Some(recursive) if !order.workspace.modules().is_dir() => {
                Some(self.lend(&git_dir, recursive).await?)
            }
            _ => None,
        };
        let repository = order.workspace.take_in(made.path(), &git_dir)?;
        let kept = modules.map(|_| order.workspace.modules()).unwrap_or_default();
        let mut argv = ["/bin/sh", "-eu", "-c", UNPACK, "sh"].map(str::to_owned).to_vec();
        argv.extend([folder, &repository, &kept].map(|path| path.to_string_lossy().into_owned()));
        let branch = (order.event.kind == EventKind::Push).then_some(branch);
        argv.extend(checkout_command(&tree.commit, branch));
        match self.git_with(&SETTINGS, &argv, order.workspace.root()).await {
            JobOutcome::Passed => Ok(missing),
            other => Err(Trouble::Unavailable(format!("the checkout: git {other}"))),
        }
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
        self.git_with(&[("GIT_TERMINAL_PROMPT", "0")], argv, folder).await
    }

    async fn git_with(&self, settings: &[(&str, &str)], argv: &[String], folder: &Path) -> JobOutcome {
        let named = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = settings.iter().map(named).collect();
        let command = RoomCommand {
            argv,
            folder,
            environment: &environment,
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
}

fn depth(with: &Value) -> Result<FetchDepth, Trouble> {
    Ok(match known(with.get("fetch-depth"))?.to_text().trim().parse::<u32>() {
        Ok(0) => FetchDepth::Whole,
        Ok(depth) => FetchDepth::Commits(depth),
        Err(_) => FetchDepth::Commits(1),
    })
}
