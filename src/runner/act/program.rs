//! The program: where it is, and whether its version is one whose words are known.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use semver::{Version, VersionReq};

/// The versions whose answers are understood.
const ACCEPTED: &str = ">=0.2.89, <0.3";

/// `act` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActProgram {
    pub(super) path: PathBuf,
    version: Version,
}

impl ActProgram {
    /// What is looked for, in words.
    pub const WANTED: &str = "act 0.2.89 or a later 0.2";

    /// The one on the path; or which one is missing.
    ///
    /// # Errors
    /// What is needed, and what is there in its place.
    pub fn find() -> Result<ActProgram, String> {
        which::which("act").map_err(|_| format!("{}: there is no `act` on the path", Self::WANTED)).and_then(
            |path| {
                let version = version_of(&path).ok_or_else(|| {
                    format!("{}: `{}` does not say its version", Self::WANTED, path.display())
                })?;
                ActProgram { path, version }.accepted()
            },
        )
    }

    fn accepted(self) -> Result<ActProgram, String> {
        let accepts = VersionReq::parse(ACCEPTED).is_ok_and(|accepted| accepted.matches(&self.version));
        if accepts {
            Ok(self)
        } else {
            Err(format!("{}: `{}` is {}", Self::WANTED, self.path.display(), self.version))
        }
    }

    /// As it stands in the evidence: `act 0.2.89`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("act {}", self.version)
    }
}

/// What `act --version` says: `act version 0.2.89`.
fn version_of(path: &Path) -> Option<Version> {
    let output = Command::new(path).arg("--version").stdin(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().strip_prefix("act version ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_whose_words_are_known_are_taken() {
        let taken = |version: &str| {
            ActProgram { path: "/bin/act".into(), version: version.parse().unwrap() }.accepted()
        };
        assert_eq!(taken("0.2.89").unwrap().name(), "act 0.2.89");
        assert!(taken("0.2.90").is_ok());
        let refused = |version: &str| taken(version).unwrap_err();
        assert_eq!(refused("0.2.88"), "act 0.2.89 or a later 0.2: `/bin/act` is 0.2.88");
        assert!(refused("0.3.0").contains("is 0.3.0"));
        assert!(refused("1.0.0").contains("is 1.0.0"));
    }
}
