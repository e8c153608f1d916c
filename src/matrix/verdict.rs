//! The one verdict of an entry.

/// The one verdict of an entry, in the words that are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryVerdict {
    /// This machine can run it.
    RunHere,
    /// Another machine is needed: its operating system, architecture, processor or label.
    RunOn,
    /// A tool is missing here.
    NeedsTool,
    /// It needs the network.
    NeedsNetwork,
    /// It publishes, deploys or comments: it is never run for a test.
    SideEffect,
    /// Something in it is not understood or cannot be done.
    Unsupported,
    /// It hangs on a condition that cannot be known, or on a job that does.
    Conditional,
    /// Its matrix is made by another job.
    Dynamic,
    /// It calls a workflow of another repository.
    RemoteReusable,
    /// Its condition is false.
    IfFalse,
    /// What it needs is skipped.
    NeedsSkipped,
    /// The event does not start it.
    NotTriggered,
    /// GitHub refuses it.
    Invalid,
}

impl EntryVerdict {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            EntryVerdict::RunHere => "here",
            EntryVerdict::RunOn => "on another machine",
            EntryVerdict::NeedsTool => "tool missing",
            EntryVerdict::NeedsNetwork => "needs network",
            EntryVerdict::SideEffect => "side effect",
            EntryVerdict::Unsupported => "unsupported",
            EntryVerdict::Conditional => "conditional",
            EntryVerdict::Dynamic => "dynamic (unresolved)",
            EntryVerdict::RemoteReusable => "unsupported: remote workflow",
            EntryVerdict::IfFalse => "condition false",
            EntryVerdict::NeedsSkipped => "condition false: needs skipped",
            EntryVerdict::NotTriggered => "not triggered",
            EntryVerdict::Invalid => "refused by GitHub",
        }
    }
}
