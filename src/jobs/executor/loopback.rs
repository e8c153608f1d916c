//! A network that leads nowhere, for commands of one room that run at the same time: a server and what talks to it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Says that it is ready, and stays until its input is closed: also where we are killed.
const HOLD: &str = "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up 2>/dev/null; echo ready; read -r _";

/// A process that holds a user and a network namespace. They go away with this value.
pub(super) struct Loopback {
    holder: Child,
}

impl Loopback {
    /// # Errors
    /// When the namespaces cannot be made.
    pub(super) async fn make(
        unshare: &Path,
        environment: &BTreeMap<OsString, OsString>,
    ) -> io::Result<Loopback> {
        let mut holder = Command::new(unshare)
            .args(["--user", "--map-root-user", "--net", "--", "/bin/sh", "-c", HOLD])
            .env_clear()
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let said = holder.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).await?;
        match line.trim() {
            "ready" => Ok(Loopback { holder }),
            _ => Err(io::Error::other("no network of its own can be made for steps that run side by side")),
        }
    }

    /// The process that holds it.
    pub(super) fn id(&self) -> u32 {
        self.holder.id().unwrap_or_default()
    }
}
