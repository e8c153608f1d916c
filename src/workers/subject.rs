//! Where what is said. All of it is below `lockgate.`, and all that belongs to a run has its id in it, so that two
//! coordinators at one server do not meet.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::key::PublicKey;
use crate::ids::Digest;
use crate::matrix::{Architecture, OperatingSystem};

/// Where coordinators say which runs there are. Whoever hears it shows their card.
pub(super) const OFFERS: &str = "lockgate.offer";
/// Where workers show who they are, one subject each.
pub(super) const CARDS: &str = "lockgate.card.*";
/// The bucket of the object store with what workers need for a run.
pub(super) const KITS: &str = "lockgate-kits";
/// The consumer by which a coordinator reads what is said to it.
pub(super) const READER: &str = "coordinator";

/// One run of one coordinator. It is made of random letters, and is one word of a subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct RunId(String);

/// The queue of a kind of machine: `linux-x64`, or of some machines of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct QueueName(String);

impl RunId {
    /// A new one, of something that is random.
    pub(super) fn new(random: &str) -> RunId {
        RunId(Digest::of(random).short().to_owned())
    }

    /// The stream with the jobs.
    pub(super) fn jobs(&self) -> String {
        format!("lockgate-{self}-jobs")
    }

    /// The stream with what workers say.
    pub(super) fn answers(&self) -> String {
        format!("lockgate-{self}-answers")
    }

    /// All that goes into the stream with the jobs.
    pub(super) fn all_jobs(&self) -> String {
        format!("lockgate.{self}.job.*")
    }

    /// The jobs of a queue.
    pub(super) fn job(&self, queue: &QueueName) -> String {
        format!("lockgate.{self}.job.{queue}")
    }

    /// All that workers say.
    pub(super) fn all_answers(&self) -> String {
        format!("lockgate.{self}.answer.*")
    }

    /// What a worker says.
    pub(super) fn answer(&self, worker: &PublicKey) -> String {
        format!("lockgate.{self}.answer.{worker}")
    }

    /// What a worker needs, as an object of the store. A worker that was started again has another recipient.
    pub(super) fn kit(&self, worker: &PublicKey, recipient: &str) -> String {
        format!("{self}.{worker}.{}", Digest::of(recipient).short())
    }
}

/// Where a worker shows its card.
pub(super) fn card(worker: &PublicKey) -> String {
    format!("lockgate.card.{worker}")
}

/// What answers of the server to somebody begin with: nobody else may listen there.
pub(super) fn inbox(key: &PublicKey) -> String {
    format!("_INBOX_{key}")
}

/// A kind of machine, as in the names of queues and in what is said of them.
pub(super) fn kind_of_machine(system: OperatingSystem, architecture: Architecture) -> String {
    let system = match system {
        OperatingSystem::Linux => "linux",
        OperatingSystem::MacOs => "macos",
        OperatingSystem::Windows => "windows",
    };
    let architecture = match architecture {
        Architecture::X64 => "x64",
        Architecture::Arm64 => "arm64",
    };
    format!("{system}-{architecture}")
}

impl QueueName {
    /// The queue of all machines of a kind.
    pub(super) fn of_kind(kind: &str) -> QueueName {
        QueueName(kind.to_owned())
    }

    /// The queue of these machines of a kind.
    pub(super) fn of_some<'a>(kind: &str, members: impl Iterator<Item = &'a PublicKey>) -> QueueName {
        let members: Vec<&str> = members.map(PublicKey::as_str).collect();
        QueueName(format!("{kind}-{}", &Digest::of(members.join(" ")).short()[..8]))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One word of a subject, so that a name that somebody sends cannot lead elsewhere.
fn word(text: String) -> Result<String, String> {
    let good = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if good && text.len() <= 64 {
        Ok(text)
    } else {
        Err(format!("`{}` is no word of a subject", text.escape_debug()))
    }
}

macro_rules! subject_word {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<$name, String> {
                word(text).map($name)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

subject_word!(RunId);
subject_word!(QueueName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_sent_stay_within_one_word() {
        for wrong in ["", "a.b", "*", ">", "a b", "é"] {
            assert!(RunId::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        let run = RunId::new("x");
        assert_eq!(RunId::try_from(run.to_string()).unwrap(), run);
        let kind = kind_of_machine(OperatingSystem::MacOs, Architecture::Arm64);
        assert_eq!(run.job(&QueueName::of_kind(&kind)), format!("lockgate.{run}.job.macos-arm64"));
    }
}
