//! What is known of a mail: whether it was sent, and what came of sending it.

use jiff::Timestamp;

/// Whether a mail was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was.
    Yes {
        /// When, where that is known.
        when: Option<Timestamp>,
    },
    /// It was not.
    No,
    /// Nobody can tell from here; a person must look (at the list's archive) before it is sent again.
    Unknown {
        /// Why.
        why: String,
    },
}

/// What came of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is handed over.
    Sent,
    /// It had been, earlier.
    AlreadySent,
}
