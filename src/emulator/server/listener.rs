//! The front: one listener for the API (`/api/`), git (`/git/`) and the registries (`/registry/`).

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

use super::state::{CONTROL, ServerState};
use super::trouble::{self, may_become_stale};
use super::{git_http, git_list, registry, requests};
use crate::clock::Clock;
use crate::emulator::faults::{Asked, FaultRule};
use crate::emulator::setup;
use crate::emulator::spec::{FaultSpec, FaultyWire, WorldSpec};
use crate::emulator::world::{EmulatedWorld, EmulatorError, at};

/// How the keys of a scenario's faults begin.
const SCENARIO: &str = "scenario-";

/// An emulated world, laid out on disk and not yet reachable.
pub struct Emulator {
    shared: Arc<ServerState>,
}

impl Emulator {
    /// Lays out a new world in `dir` (made if it is not there) as `spec` says; `clock` should start at
    /// `spec.start`.
    ///
    /// # Errors
    /// The directory holds a world, the specification contradicts itself, a source is missing, or the disk or
    /// git refuses.
    pub fn create(dir: &Path, spec: &WorldSpec, clock: Clock) -> Result<Emulator, EmulatorError> {
        // Mirrors may be partial clones: a tree may name blobs that are only promised.
        git2::opts::strict_object_creation(false);
        let world = setup::create(dir, spec, clock)?;
        Emulator::around(dir, world)
    }

    /// Opens the world in `dir` again, also after it was killed. `clock` makes its clock from the last saved
    /// time, so that simulated time continues where it was.
    ///
    /// # Errors
    /// There is no world, or the disk or git refuses.
    pub fn open(dir: &Path, clock: impl FnOnce(Timestamp) -> Clock) -> Result<Emulator, EmulatorError> {
        git2::opts::strict_object_creation(false);
        let world = setup::open(dir, clock)?;
        Emulator::around(dir, world)
    }

    /// Replaces what goes wrong by order of a scenario with these faults; what the world's own description says stays.
    ///
    /// # Errors
    /// A fault cannot be, or the disk refuses.
    pub fn disturb(&self, faults: &[FaultSpec]) -> Result<(), EmulatorError> {
        let mut world = self.shared.world();
        world.faults.remove_within(SCENARIO);
        for (number, fault) in faults.iter().enumerate() {
            let fault = FaultRule::new(fault.clone())
                .map_err(|error| EmulatorError::specification(error.to_string()))?;
            world.faults.insert(format!("{SCENARIO}{number:06}"), fault);
        }
        world.commit()
    }

    fn around(dir: &Path, world: EmulatedWorld) -> Result<Emulator, EmulatorError> {
        Ok(Emulator { shared: Arc::new(ServerState::new(dir, world)?) })
    }

    /// Starts answering on `listener`, until the returned value is shut down or dropped.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn serve(self, listener: TcpListener) -> Result<Serving, EmulatorError> {
        let address = listener.local_addr().map_err(at(&self.shared.dir))?;
        let shared = Arc::clone(&self.shared);
        let app = Router::new().fallback(route).with_state(self.shared);
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let ended = async {
                // A dropped sender means the same as a message.
                let _ = stopped.await;
            };
            axum::serve(listener, app).with_graceful_shutdown(ended).await
        });
        Serving::new(address, shared, stop, task)
    }
}

/// A world that answers requests.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    /// The base of the REST API, ending in `/`.
    pub api_base: Url,
    /// The git host: `{git_base}OWNER/REPO.git`; it ends in `/`.
    pub git_base: Url,
    /// The base of the registries, ending in `/`: below it `cargo/`, `npm/` and `pypi/`.
    pub registry_base: Url,
    pub(super) shared: Arc<ServerState>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Serving {
    /// Notes every exchange from here on in this file, a line of JSON each; no header is kept, and so no token. With `anew` what was
    /// in the file is gone.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn record_to(&self, path: &Path, anew: bool) -> Result<(), EmulatorError> {
        self.shared.log.record_to(path, anew)
    }

    fn new(
        address: SocketAddr,
        shared: Arc<ServerState>,
        stop: oneshot::Sender<()>,
        task: tokio::task::JoinHandle<std::io::Result<()>>,
    ) -> Result<Serving, EmulatorError> {
        let base = |path: &str| {
            Url::parse(&format!("http://{address}/{path}"))
                .map_err(|error| EmulatorError::Specification { reason: error.to_string() })
        };
        Ok(Serving {
            address,
            api_base: base("api/")?,
            git_base: base("git/")?,
            registry_base: base("registry/")?,
            shared,
            stop: Some(stop),
            task: Some(task),
        })
    }

    /// Stops answering new connections, lets requests under way end, and returns.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only if the server has ended already.
            let _ = stop.send(());
        }
        if let Some(task) = self.task.take() {
            // Idle keep-alive connections would hold it: everything is on disk, so a moment is enough.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(500), task).await;
        }
    }
}

/// The first segment decides. `Host: api.…` (gh through a proxy with `GH_HOST=github.localhost`) means the API.
async fn route(State(shared): State<Arc<ServerState>>, mut request: Request<Body>) -> Response {
    let host = requests::host(&request);
    let (wire, path) = addressed(&host, request.uri().path());
    let method = request.method().to_string();
    let with_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.clone(),
    };
    if path.starts_with(CONTROL) {
        return requests::answer(shared, request, &path, &host).await;
    }
    let mut asked = Asked { wire, method: &method, path: &with_query, is_read: method == "GET" };
    if wire == FaultyWire::Git && method == "POST" {
        asked.is_read = true;
        if may_become_stale(&shared, &asked) {
            (request, asked.is_read) = git_list::whole(request).await;
        }
    }
    let work = {
        let shared = Arc::clone(&shared);
        async move {
            match wire {
                FaultyWire::Api => requests::answer(shared, request, &path, &host).await,
                FaultyWire::Registry => registry::answer(&shared, below(&path), &host),
                FaultyWire::Git | FaultyWire::Mail => git_http::answer(shared, request, below(&path)).await,
            }
        }
    };
    trouble::answered(&shared, &asked, work).await
}

/// Whose request it is, and its path there.
fn addressed(host: &str, path: &str) -> (FaultyWire, String) {
    let api = path.strip_prefix("/api/v3/").or_else(|| path.strip_prefix("/api/"));
    if host.starts_with("api.") {
        (FaultyWire::Api, path.to_owned())
    } else if let Some(rest) = api {
        (FaultyWire::Api, format!("/{rest}"))
    } else if let Some(rest) = path.strip_prefix("/registry/") {
        (FaultyWire::Registry, format!("/{rest}"))
    } else {
        (FaultyWire::Git, format!("/{}", path.strip_prefix("/git/").unwrap_or(below(path))))
    }
}

fn below(path: &str) -> &str {
    path.trim_start_matches('/')
}
