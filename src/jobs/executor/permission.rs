//! Whether this machine lets us make namespaces, found out by making some.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use super::confined;
use super::sandbox::{Makers, Sandbox, Seen};
use crate::jobs::isolation::Isolation;
use crate::private_folder::private_folder;

/// How long the smallest command may take in there.
const PATIENCE: Duration = Duration::from_secs(20);

/// The programs that make namespaces, where they are allowed to; else why not, and what would allow it.
pub(super) type Permission = Result<Makers, Denied>;

/// Why there are no namespaces.
#[derive(Debug, Clone)]
pub(super) struct Denied {
    pub(super) why: String,
    pub(super) remedy: String,
}

impl Denied {
    fn new(why: impl Into<String>, remedy: impl Into<String>) -> Denied {
        Denied { why: why.into(), remedy: remedy.into() }
    }

    /// The error of a command that is not to run without.
    pub(super) fn when_required(&self) -> std::io::Error {
        let Denied { why, remedy } = self;
        std::io::Error::other(format!("it must be isolated, and cannot be here: {why}; {remedy}"))
    }

    /// What there is instead.
    pub(super) fn level(&self) -> Isolation {
        Isolation::Environment { why: self.why.clone(), remedy: self.remedy.clone() }
    }
}

/// Runs `true` as a suite would be run.
pub(super) async fn try_it(run: &Path, environment: &BTreeMap<OsString, OsString>) -> Permission {
    if !cfg!(target_os = "linux") {
        return Err(Denied::new("this system has no namespaces", "prove the targets on Linux"));
    }
    let unshare = which::which("unshare")
        .map_err(|_| Denied::new("`unshare` is not on PATH", "install util-linux, which has it"))?;
    let program = confined::program()
        .ok_or_else(|| Denied::new("it is not known where this program is", "start it by its path"))?;
    let makers = Makers { unshare, program, ip: ip() };
    match tried(&makers, run, false, environment).await {
        Ok(output) if output.status.success() => Ok(makers),
        Ok(output) => Err(refused(&last_line(&output.stderr))),
        Err(error) => Err(refused(&error.to_string())),
    }
}

/// Also where only the administrator has it on the path.
fn ip() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let all = std::env::join_paths(std::env::split_paths(&path).chain(system)).ok()?;
    which::which_in("ip", Some(all), "/").ok()
}

/// The version of landlock that confines commands beside their namespaces, if that works in them; or why none does.
pub(super) async fn try_landlock(
    makers: &Makers,
    run: &Path,
    environment: &BTreeMap<OsString, OsString>,
) -> Result<u8, String> {
    let version = confined::landlock(&makers.program)?;
    match tried(makers, run, true, environment).await {
        Ok(output) if output.status.success() => Ok(version),
        Ok(output) => Err(last_line(&output.stderr)),
        Err(error) => Err(error.to_string()),
    }
}

async fn tried(
    makers: &Makers,
    run: &Path,
    confined: bool,
    environment: &BTreeMap<OsString, OsString>,
) -> std::io::Result<Output> {
    let checkout = private_folder("lockgate-")?;
    let seen = Seen {
        checkout: checkout.path(),
        program: Path::new("/bin/sh"),
        visible: &[],
        // A command that is confined is one that may write nowhere else.
        frozen: confined,
        confined,
        environment,
    };
    let sandbox = Sandbox::prepare(makers, run, &seen)?;
    let mut command = tokio::process::Command::new(&makers.unshare);
    command
        .args(sandbox.launcher(true).iter().skip(1))
        .args(["/bin/sh", "-c", "exit 0"])
        .current_dir(checkout.path());
    command.env_clear().envs(environment).stdin(Stdio::null()).kill_on_drop(true);
    tokio::time::timeout(PATIENCE, command.output()).await.map_err(|_| std::io::ErrorKind::TimedOut)?
}

fn last_line(said: &[u8]) -> String {
    String::from_utf8_lossy(said).lines().next_back().unwrap_or("namespaces are refused").trim().to_owned()
}

fn refused(said: &str) -> Denied {
    let said = said.to_owned();
    let setting = |name: &str| std::fs::read_to_string(format!("/proc/sys/{name}")).unwrap_or_default();
    let remedy = if setting("kernel/apparmor_restrict_unprivileged_userns").trim() == "1" {
        "allow them: `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or give `unshare` an AppArmor profile"
    } else if setting("kernel/unprivileged_userns_clone").trim() == "0" {
        "allow them: `sysctl -w kernel.unprivileged_userns_clone=1`"
    } else if setting("user/max_user_namespaces").trim() == "0" {
        "allow them: `sysctl -w user.max_user_namespaces=15000`"
    } else {
        "util-linux 2.38 or later is needed, and in a container the right to make namespaces and to mount `/proc` \
         (`--security-opt seccomp=unconfined --security-opt systempaths=unconfined`)"
    };
    Denied::new(said, remedy)
}
