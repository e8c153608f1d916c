//! Entries of a CI matrix, spread over the machines of a team. A coordinator puts jobs into queues of a NATS server with
//! JetStream; workers take what they can run, run it with the same executor and sandbox as at home, and say what came of
//! it. Workers reach the server from inside; nobody needs to reach them.
//!
//! The server carries everything and is trusted with nothing: what people's machines execute is signed by a key that they
//! were told to trust, and what is under embargo is encrypted to the workers of one run.
//!
//! - `key`, `trust`, `envelope`, `sealed`: who somebody is, who is trusted, what is signed, what is encrypted;
//! - `message`, `subject`: what is said, and where; `server`: the connection;
//! - `coordinator`: who is there, which queue an entry goes to, what of the answers counts;
//! - `worker`: takes jobs, and gives them back when it is stopped;
//! - `server_config`: a configuration of the server that gives each of them only the subjects that it needs.

mod coordinator;
mod envelope;
mod error;
mod invalid_key;
mod key;
mod kit;
mod message;
mod sealed;
mod server;
mod server_config;
mod subject;
mod trust;
mod wire;
mod worker;

pub use coordinator::{Coordinator, CrewSettings, Sending, Team};
pub use error::WorkersError;
pub use key::SigningKey;
pub use server::ServerAddress;
pub use server_config::server_config;
pub use trust::Trusted;
pub use worker::{WorkerSettings, work};
