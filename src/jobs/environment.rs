//! What a test command sees of the manager's environment: a short list, and never a token.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::command::TestCommand;
use crate::ids::Digest;

/// The variables that are passed on. A list of what is allowed, because nobody can list what is secret.
const ALLOWED: [&str; 22] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TERM",
    "TZ",
    "TMPDIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];

/// The environment that test commands start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// What may be passed on of the environment of this process.
    #[must_use]
    pub fn of_this_process() -> Environment {
        Environment::allowed(std::env::vars_os())
    }

    /// What may be passed on of these variables.
    #[must_use]
    pub fn allowed<K: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Environment {
        let passed = |name: &OsString| {
            name.to_str().is_some_and(|name| ALLOWED.contains(&name) || name.starts_with("LC_"))
        };
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Environment(variables.filter(|(name, _)| passed(name)).collect())
    }

    /// What the result of a command may depend on, beside the command itself: the variables that it starts from, and the
    /// kind of machine. The terminal does not count, or resuming from another one would prove everything again.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut text = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH).into_bytes();
        for (name, value) in self.0.iter().filter(|(name, _)| *name != "TERM") {
            text.extend([b"\0", name.as_encoded_bytes(), b"=", value.as_encoded_bytes()].concat());
        }
        Digest::of(text)
    }

    /// The variables.
    pub(super) fn variables(&self) -> &BTreeMap<OsString, OsString> {
        &self.0
    }

    /// The whole environment of one command in one checkout.
    ///
    /// Cargo builds inside the checkout whatever the configuration above it says, so that two targets never
    /// share a build; build tools are told how many cores the command may keep busy.
    pub(super) fn of_command(&self, command: &TestCommand, checkout: &Path) -> BTreeMap<OsString, OsString> {
        let cores = command.cores.to_string();
        let mut variables = self.0.clone();
        variables.insert("CARGO_TARGET_DIR".into(), checkout.join("target").into());
        variables.insert("CARGO_BUILD_JOBS".into(), cores.clone().into());
        variables.insert("CMAKE_BUILD_PARALLEL_LEVEL".into(), cores.into());
        // A suite that runs git must not wait for a password that nobody will type.
        variables.insert("GIT_TERMINAL_PROMPT".into(), "0".into());
        variables.extend(command.env.iter().map(|(name, value)| (name.into(), value.into())));
        variables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_ci_marks_are_not_passed_on() {
        let passed = Environment::allowed([
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("GH_TOKEN", "x"),
            ("GITHUB_TOKEN", "x"),
            ("CARGO_REGISTRY_TOKEN", "x"),
            ("SSH_AUTH_SOCK", "x"),
            ("GIT_DIR", "x"),
            ("CI", "true"),
        ]);
        assert_eq!(passed, Environment::allowed([("PATH", "/bin"), ("LC_ALL", "C")]));
        assert_eq!(passed.0.len(), 2);
    }

    #[test]
    fn a_digest_is_of_what_a_suite_may_depend_on() {
        let digest = |variables: &[(&str, &str)]| Environment::allowed(variables.iter().copied()).digest();
        let base = digest(&[("PATH", "/bin"), ("TERM", "xterm")]);
        assert_eq!(digest(&[("PATH", "/bin"), ("TERM", "dumb"), ("GH_TOKEN", "x")]), base);
        assert_ne!(digest(&[("PATH", "/usr/bin"), ("TERM", "xterm")]), base);
        assert_ne!(digest(&[("PATH", "/bin"), ("LC_ALL", "C")]), base);
    }

    #[test]
    fn target_directory_is_the_checkouts_unless_the_catalog_says_otherwise() {
        let mut command: TestCommand = toml::from_str("name = 'x'\nrun = 'y'\ncores = 3").unwrap();
        let base = Environment::allowed([("CARGO_TARGET_DIR", "/shared")]);
        let variables = base.of_command(&command, Path::new("/co"));
        assert_eq!(variables[&OsString::from("CARGO_TARGET_DIR")], "/co/target");
        assert_eq!(variables[&OsString::from("CARGO_BUILD_JOBS")], "3");
        command.env.insert("CARGO_TARGET_DIR".into(), "/mine".into());
        let variables = base.of_command(&command, Path::new("/co"));
        assert_eq!(variables[&OsString::from("CARGO_TARGET_DIR")], "/mine");
    }
}
