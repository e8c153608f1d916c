//! A worker: it shows who it is, takes jobs of the runs of coordinators that it trusts, runs them as they are run at home,
//! and says what came of them.
//!
//! - `work`: its one loop; `runs`: the runs that it knows, and how far it is with each;
//! - `taking`: jobs, and whether they are what they say; `running`: one to its end;
//! - `checkout`: the commits of a run, on this machine;
//! - `plans`: what it planned of them already;
//! - `job`: one entry from the order to the evidence; `logs`: what it prints, while it does.

mod checkout;
mod job;
mod logs;
mod plans;
mod running;
mod runs;
mod settings;
mod taking;
mod work;

pub use settings::WorkerSettings;
pub use work::work;
