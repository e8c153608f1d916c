//! Mail: rendered from templates, sent once, looked up before it is sent again.
//!
//! A rehearsal writes files where a real run speaks SMTP; everything above sees one [`Mailer`].

mod announcement;
mod archive;
mod delivery;
mod directory;
mod error;
mod final_dot;
mod mailer;
mod message;
mod smtp;
mod smtp_fault;
mod template;
mod trouble;

#[cfg(test)]
mod tests;

pub use announcement::{
    Acknowledgement, AdvanceNotice, AdvisoryLine, ReleaseLine, SecurityRelease, SupportedLine,
};
pub use archive::Archived;
pub use delivery::{Delivery, Sent};
pub use error::MailError;
pub use mailer::Mailer;
pub use message::{Message, MessageError, NewMessage};
pub use smtp::{Security, SmtpLogin, SmtpSettings};
pub use template::{MailTemplate, TemplateError};
pub use trouble::{MailTrouble, Troublemaker};
