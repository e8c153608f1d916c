//! What runs jobs on this machine, and remembers what came of them.

mod batch;
mod checkout;
mod local;
mod log;
mod machine;
mod memory;
mod process;
mod programs;
mod records;
mod survivors;

pub use checkout::JobCheckout;
pub use local::Executor;
