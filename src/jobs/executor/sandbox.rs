//! Namespaces for one command, made by the `unshare` program of util-linux: what it sees of the file system, and what not.
//!
//! In place of the home directory, the temporary directories and the run's folder the command finds empty ones, with
//! the checkout, the tools on PATH, and what the catalog lists put back where they were. It cannot undo this: the mounts
//! belong to a user namespace above its own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::confined;
use super::mount::Mount;
use super::mounts::{How, Mounts};
use super::tools::{CACHES, CARGO, SHARED, TOOLS};
use crate::jobs::command::VisiblePath;
use crate::private_folder::private_folder;

/// What is to be run, and what of the machine it may see.
pub(super) struct Seen<'a> {
    pub(super) checkout: &'a Path,
    pub(super) program: &'a Path,
    pub(super) visible: &'a [VisiblePath],
    /// Whether everything else is read-only: a suite of the catalog may write where its user may, a CI entry, which
    /// somebody else wrote for a machine that is thrown away, may not.
    pub(super) frozen: bool,
    /// Whether landlock confines it besides.
    pub(super) confined: bool,
    pub(super) environment: &'a BTreeMap<OsString, OsString>,
}

/// A file system for one command. Its own temporary and home directories go away with this value.
pub(super) struct Sandbox {
    room: TempDir,
    /// Nothing where there are none.
    namespaces: Option<Namespaces>,
}

/// The programs that make the namespaces of commands.
#[derive(Debug, Clone)]
pub(super) struct Makers {
    /// The one of util-linux that begins with it.
    pub(super) unshare: PathBuf,
    /// Ours, which goes on inside.
    pub(super) program: PathBuf,
    /// The one of iproute2 that makes `localhost` where there is no network, if it is there.
    pub(super) ip: Option<PathBuf>,
}

/// What the namespaces of a command are made of.
struct Namespaces {
    makers: Makers,
    mounts: Vec<Mount>,
    /// Where landlock lets the command write; nowhere stands for no landlock.
    writable: Vec<PathBuf>,
}

impl Sandbox {
    /// Prepares one that hides the run's folder beside what is private to the user.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn prepare(makers: &Makers, run: &Path, seen: &Seen<'_>) -> io::Result<Sandbox> {
        let room = private_folder("lockgate-room-")?;
        let hidden = hidden(run, seen.environment);
        let mut mounts = Mounts::new(fs::canonicalize(room.path())?, hidden, seen.frozen)?;
        mounts.show(seen.checkout, How::Open)?;
        for (path, how) in shown(seen) {
            mounts.show(&path, how)?;
        }
        mounts.empty_credentials(home(seen.environment).as_deref())?;
        let writable = if seen.confined { mounts.writable() } else { Vec::new() };
        let namespaces = Namespaces { makers: makers.clone(), mounts: mounts.in_order()?, writable };
        Ok(Sandbox { room, namespaces: Some(namespaces) })
    }

    /// What comes before the program and its arguments: nothing where there are no namespaces.
    pub(super) fn launcher(&self, network: bool) -> Vec<OsString> {
        self.namespaces.as_ref().map_or_else(Vec::new, |namespaces| namespaces.launcher(network))
    }

    /// The same for a command without a network that shares what it has in its place with others: the process that holds it.
    pub(super) fn launcher_within(&self, holder: u32) -> Vec<OsString> {
        let Some(namespaces) = &self.namespaces else { return Vec::new() };
        // Both are programs of util-linux.
        let enter = namespaces.makers.unshare.with_file_name("nsenter").into_os_string();
        let target = format!("--target={holder}");
        let where_to = [&target, "--user", "--net", "--preserve-credentials", "--"].map(OsString::from);
        let own = namespaces.launcher_with(&["--mount"], false);
        [enter].into_iter().chain(where_to).chain(own).collect()
    }

    /// An own home and temporary directory for a command that has no namespaces; the tools of the real home are
    /// found through links.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn of_directories(environment: &mut BTreeMap<OsString, OsString>) -> io::Result<Sandbox> {
        let room = private_folder("lockgate-room-")?;
        let (own, temporary) = (room.path().join("home"), room.path().join("tmp"));
        fs::create_dir(&own)?;
        fs::create_dir(&temporary)?;
        for (home, name) in home(environment)
            .iter()
            .flat_map(|home| TOOLS.iter().chain(&CACHES).map(move |name| (home, name)))
        {
            let (tool, link) = (home.join(name), own.join(name));
            if tool.exists() {
                link.parent().map_or(Ok(()), fs::create_dir_all)?;
                std::os::unix::fs::symlink(&tool, &link)?;
            }
        }
        environment.insert("HOME".into(), own.into());
        environment.insert("TMPDIR".into(), temporary.into());
        Ok(Sandbox { room, namespaces: None })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Go makes its module cache read-only, which would keep it here.
        writable(self.room.path());
    }
}

/// Makes every folder below writable, so that it can be removed.
fn writable(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            writable(&entry.path());
        }
    }
}

impl Namespaces {
    fn launcher(&self, network: bool) -> Vec<OsString> {
        let own_network = (!network).then_some("--net");
        let namespaces: Vec<&str> =
            ["--user", "--map-root-user", "--mount"].into_iter().chain(own_network).collect();
        self.launcher_with(&namespaces, network)
    }

    /// The words that make these namespaces beside that of processes.
    fn launcher_with(&self, own: &[&str], network: bool) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![self.makers.unshare.clone().into_os_string()];
        words.extend(own.iter().map(Into::into));
        let loopback = self.makers.ip.as_deref().filter(|_| !network);
        words.extend(["--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "--"].map(OsString::from));
        words.extend(confined::words(&self.makers.program, loopback, &self.mounts, &self.writable));
        words
    }
}

fn home(environment: &BTreeMap<OsString, OsString>) -> Option<PathBuf> {
    let home = environment.get(OsStr::new("HOME")).map(PathBuf::from)?;
    home.is_absolute().then_some(home)
}

/// The folders that are private to the user or to the run, or lead to services: those that are there and hold no part of the
/// system.
fn hidden(run: &Path, environment: &BTreeMap<OsString, OsString>) -> Vec<PathBuf> {
    let wanted = [
        Some(run.to_owned()),
        home(environment),
        Some(std::env::temp_dir()),
        Some("/tmp".into()),
        Some("/var/tmp".into()),
        // What is shared there stays, and the next attempt finds it.
        Some("/dev/shm".into()),
        // Where services listen, a container engine among them: a socket leads out of every namespace, read-only or not.
        Some("/run".into()),
    ];
    let mut hidden: Vec<PathBuf> =
        wanted.into_iter().flatten().filter_map(|path| fs::canonicalize(path).ok()).collect();
    hidden.retain(|path| {
        path.is_dir()
            && !["/usr", "/bin", "/etc", "/proc", "/dev"]
                .iter()
                .any(|system| Path::new(system).starts_with(path))
    });
    hidden.sort();
    // What is within another one is hidden with it.
    hidden.dedup_by(|inner, outer| inner.starts_with(&*outer));
    hidden
}

/// What is put back of what was hidden, and how.
fn shown(seen: &Seen<'_>) -> Vec<(PathBuf, How)> {
    let mut shown = Vec::new();
    let layers = if seen.frozen { layers(seen.environment) } else { Vec::new() };
    if let Some(home) = home(seen.environment) {
        shown.extend(CACHES.iter().map(|name| (home.join(name), How::Open)));
        shown.extend(TOOLS.iter().map(|name| (home.join(name), How::Fixed)));
        let below = seen.visible.iter().filter_map(|path| path.as_str().strip_prefix("~/"));
        shown.extend(below.map(|below| (home.join(below), How::Open)));
    }
    // Names are looked up by what it says, and it may be kept among the sockets.
    shown.push((PathBuf::from("/etc/resolv.conf"), How::Fixed));
    let absolute = seen.visible.iter().map(|path| Path::new(path.as_str())).filter(|path| path.is_absolute());
    shown.extend(absolute.map(|path| (path.to_owned(), How::Open)));
    for name in ["CARGO_HOME", "RUSTUP_HOME"] {
        shown.extend(seen.environment.get(OsStr::new(name)).map(|path| (PathBuf::from(path), How::Open)));
    }
    let path = seen.environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    let folders = std::env::split_paths(&path).map(|path| (path, How::Fixed));
    shown.extend(folders);
    shown.extend(
        seen.program
            .parent()
            .filter(|folder| !folder.starts_with(seen.checkout))
            .map(|folder| (folder.to_owned(), How::Fixed)),
    );
    shown.retain(|(path, _)| !layers.iter().any(|layer| path.starts_with(layer)));
    let shared = layers.iter().flat_map(|layer| SHARED.map(|name| (layer.join(name), How::Open)));
    let shared: Vec<_> = shared.collect();
    shown.into_iter().chain(layers.into_iter().map(|path| (path, How::Layer))).chain(shared).collect()
}

/// The folders of which a CI entry, which installs toolchains and programs, sees a layer of its own: what it changes there
/// nobody else sees, and it goes away with its room.
fn layers(environment: &BTreeMap<OsString, OsString>) -> Vec<PathBuf> {
    let home = home(environment);
    let of_home = home.iter().flat_map(|home| TOOLS.iter().chain(&[CARGO]).map(move |name| home.join(name)));
    let named =
        ["CARGO_HOME", "RUSTUP_HOME"].map(|name| environment.get(OsStr::new(name)).map(PathBuf::from));
    of_home.chain(named.into_iter().flatten()).collect()
}
