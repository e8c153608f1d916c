//! Addresses that are examples: what `init` leaves for people to fill in, and what nobody can be reached at. A rehearsal may send to
//! them; for a real release they were forgotten.

use url::{Host, Url};

use super::files::InputFiles;
use crate::ids::Login;
use crate::input::{InputError, KeyPart};

/// Top-level domains that are no one's (RFC 2606 section 2, RFC 6761 section 6).
const RESERVED: [&str; 4] = ["example", "invalid", "test", "localhost"];
/// Names that are examples everywhere (RFC 2606, section 3).
const EXAMPLES: [&str; 3] = ["example.com", "example.net", "example.org"];

impl InputFiles {
    /// Every address that mails come from or go to is one that somebody may have, and so are the people. Where GitHub is on this
    /// machine, it is an emulated one, and nobody is written to.
    ///
    /// # Errors
    /// For the first that is an example, with its place in the catalog.
    pub fn check_addresses(&self) -> Result<(), InputError> {
        let catalog = &self.inputs().catalog;
        if is_on_this_machine(&catalog.endpoints.api) {
            return Ok(());
        }
        let key = |key: &'static str| vec![KeyPart::Key("mail"), KeyPart::Key(key)];
        let listed = |path: Vec<KeyPart<'static>>, at: usize| [path, vec![KeyPart::Index(at)]].concat();
        let mail = &catalog.mail;
        let mut all: Vec<(Vec<KeyPart<'_>>, &String)> = vec![(key("from"), &mail.from)];
        all.extend(mail.announce.iter().enumerate().map(|(at, to)| (listed(key("announce"), at), to)));
        for (name, recipients) in &mail.recipients {
            let at = |at: usize| {
                vec![KeyPart::Key("mail"), KeyPart::Key("recipients"), KeyPart::Key(name), KeyPart::Index(at)]
            };
            all.extend(recipients.iter().enumerate().map(|(index, to)| (at(index), to)));
        }
        if let Some((path, address)) = all.into_iter().find(|(_, address)| is_example(address)) {
            let message = format!("`{address}` is an example, and no address at which anybody is reached");
            let hint = "write the address that is meant; a rehearsal takes this one";
            return Err(self.catalog.error_at(&path, message, hint));
        }
        match catalog.maintainers.iter().position(|login| login.is_somebody()) {
            None => Ok(()),
            Some(at) => Err(self.catalog.error_at(
                &[KeyPart::Key("maintainers"), KeyPart::Index(at)],
                format!("`{}` stands for a maintainer's login", Login::SOMEBODY),
                "write the logins of those who may lead a release and approve its gates",
            )),
        }
    }
}

/// Whether an address, with or without a name before it, is at a name that is reserved for examples.
fn is_example(address: &str) -> bool {
    let domain = address.trim().trim_end_matches('>').rsplit('@').next().unwrap_or_default();
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let is_at = |name: &str| domain == *name || domain.ends_with(&format!(".{name}"));
    RESERVED.into_iter().chain(EXAMPLES).any(is_at)
}

fn is_on_this_machine(address: &str) -> bool {
    let Ok(url) = address.parse::<Url>() else { return false };
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_examples_and_names_that_hold_them_are_not() {
        for address in [
            "announce@project.example",
            "Acme security <security@acme.example>",
            "a@example.com",
            "a@lists.example.org",
            "a@b.invalid",
            "a@TEST",
            "a@b.Test.",
        ] {
            assert!(is_example(address), "{address}");
        }
        for address in ["a@example.com.acme.dev", "a@myexample.com", "a@contest.dev", "example@acme.dev"] {
            assert!(!is_example(address), "{address}");
        }
    }

    #[test]
    fn emulated_github_is_on_this_machine() {
        for there in ["http://127.0.0.1:3999/api/", "http://localhost/api", "http://[::1]:80/"] {
            assert!(is_on_this_machine(there), "{there}");
        }
        assert!(!is_on_this_machine("https://api.github.com") && !is_on_this_machine("nowhere"));
    }
}
