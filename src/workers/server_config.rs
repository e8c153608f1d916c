//! A configuration of the server: who may say what where. Everybody is known by their key; nobody has a password.

use std::fmt::Write as _;

use super::key::PublicKey;
use super::subject::{CARDS, KITS, OFFERS, READER, card, inbox};
use super::trust::Trusted;

/// What a server needs for these coordinators and workers.
#[must_use]
pub fn server_config(coordinators: &Trusted, workers: &Trusted) -> String {
    let mut users = String::new();
    for (key, name) in coordinators.iter() {
        user(&mut users, key, &format!("coordinator {name}"), &of_coordinator(key));
    }
    for (key, name) in workers.iter() {
        user(&mut users, key, &format!("worker {name}"), &of_worker(key));
    }
    format!(
        "# Who may do what, for lockgate. The rest of the server's configuration stands beside it.\n\
         jetstream {{\n  store_dir: \"/var/lib/nats\"\n}}\n\
         authorization {{\n  timeout: 5\n  users: [\n{users}  ]\n}}\n"
    )
}

/// What somebody may say, and hear.
struct Rights {
    publish: Vec<String>,
    /// What of that not.
    but_not: Vec<String>,
    subscribe: Vec<String>,
}

/// A coordinator makes and empties streams. Runs of others it can disturb, but neither read nor answer.
fn of_coordinator(key: &PublicKey) -> Rights {
    Rights {
        publish: vec![
            OFFERS.to_owned(),
            "lockgate.*.job.*".to_owned(),
            "$JS.API.>".to_owned(),
            "$JS.ACK.>".to_owned(),
            format!("$O.{KITS}.>"),
        ],
        but_not: Vec::new(),
        subscribe: vec![CARDS.to_owned(), format!("{}.>", inbox(key))],
    }
}

/// A worker shows its card, takes jobs, answers, and reads what is sealed to it.
fn of_worker(key: &PublicKey) -> Rights {
    let kits = format!("OBJ_{KITS}");
    Rights {
        publish: vec![
            card(key),
            format!("lockgate.*.answer.{key}"),
            "$JS.API.CONSUMER.MSG.NEXT.*.*".to_owned(),
            "$JS.ACK.>".to_owned(),
            format!("$JS.API.STREAM.INFO.{kits}"),
            format!("$JS.API.STREAM.MSG.GET.{kits}"),
            format!("$JS.API.DIRECT.GET.{kits}.>"),
            format!("$JS.API.CONSUMER.CREATE.{kits}"),
            format!("$JS.API.CONSUMER.CREATE.{kits}.>"),
            format!("$JS.API.CONSUMER.DELETE.{kits}.>"),
            // Without it what is large would stop in the middle.
            format!("$JS.FC.{kits}.>"),
        ],
        // What others answer is for the coordinator.
        but_not: vec![format!("$JS.API.CONSUMER.MSG.NEXT.*.{READER}"), format!("$JS.ACK.*.{READER}.>")],
        subscribe: vec![OFFERS.to_owned(), format!("{}.>", inbox(key))],
    }
}

fn user(into: &mut String, key: &PublicKey, who: &str, rights: &Rights) {
    let list = |subjects: &[String]| {
        subjects.iter().map(|subject| format!("\"{subject}\"")).collect::<Vec<_>>().join(", ")
    };
    let _ = write!(
        into,
        "    # {who}\n    {{\n      nkey: {key}\n      permissions: {{\n        publish: {{\n          allow: [{}]\n          deny: [{}]\n        }}\n        subscribe: [{}]\n      }}\n    }}\n",
        list(&rights.publish),
        list(&rights.but_not),
        list(&rights.subscribe)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the manual: everybody can have made them.
    fn example(byte: u8, name: &str) -> Trusted {
        let pair = nkeys::KeyPair::new_from_raw(nkeys::KeyPairType::User, [byte; 32]).unwrap();
        Trusted::of(&format!("{} {name}", pair.public_key())).unwrap()
    }

    #[test]
    fn the_manual_shows_what_is_printed() {
        let printed = server_config(&example(1, "mara"), &example(2, "mac-mini"));
        let manual = include_str!("../../docs/src/workers.md");
        assert!(manual.contains(&format!("```text\n{printed}```\n")), "the manual should have:\n{printed}");
    }
}
