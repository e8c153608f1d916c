//! The mails of a release.

// The kinds of step.
pub(super) mod acknowledge;
pub(super) mod advance_mail;
pub(super) mod release_mail;

// What they share.
pub(super) mod announcement;
pub(super) mod sending;
pub(super) mod trial;

#[cfg(test)]
mod tests;
