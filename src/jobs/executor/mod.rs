//! What runs jobs on this machine, and remembers what came of them.

mod batch;
mod by_line;
mod checkout;
mod confined;
mod first_process;
mod headroom;
mod local;
mod log;
mod loopback;
mod machine;
mod masking;
mod memory;
mod mount;
mod mounts;
mod permission;
mod process;
mod programs;
mod recording;
mod records;
mod room;
mod sandbox;
mod survivors;
mod tools;
mod variables;

pub use by_line::ByLine;
pub use checkout::JobCheckout;
pub use confined::{Confined, confine_by, confined};
pub use local::Executor;
pub use records::{write_fleeting, write_whole};
pub use room::{CommandRoom, RoomCommand, RoomWish};
