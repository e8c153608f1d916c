//! What helps steps do without a network: package managers take what a warm-up left in their caches.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::job_run::JobRun;

/// rustup has no setting for that: it looks for a newer state of a toolchain that is there, and fails. `RUSTUP` is the real one.
const RUSTUP: &str = r#"#!/bin/sh
case "$1 $2" in
  "toolchain install"|"toolchain add"|"toolchain update") words=2;;
  "update "*|"install "*|"upgrade "*) words=1;;
  *) exec "$RUSTUP" "$@";;
esac
value=no here=
for word; do
  case $words$value$word in
    [12]*) words=$((words - 1));;
    0yes*) value=no;;
    0no--profile) value=yes;;
    0no-c|0no--component|0no-t|0no--target) exec "$RUSTUP" "$@";;
    0no-*) ;;
    *) "$RUSTUP" run "$word" rustc --version >/dev/null 2>&1 || exec "$RUSTUP" "$@"; here="$here $word";;
  esac
done
echo "[lockgate: no network: rustup keeps what is here:${here:- all}]"
"#;

impl JobRun<'_> {
    /// The folder in which steps without a network find programs first, if there is one to be found.
    pub(super) fn offline_programs(&self) -> io::Result<Option<PathBuf>> {
        let path = self.order.room.variable("PATH");
        let Some(rustup) = which::which_in("rustup", path, "/").ok().filter(|_| !self.order.network) else {
            return Ok(None);
        };
        let folder = self.order.workspace.tools().join("offline");
        self.order.workspace.make_folder(&folder)?;
        write_program(&folder.join("rustup"), &with_real(&rustup))?;
        Ok(Some(folder))
    }
}

fn with_real(rustup: &Path) -> String {
    let quoted = rustup.to_string_lossy().replace('\'', r"'\''");
    RUSTUP.replacen('\n', &format!("\nRUSTUP='{quoted}'\n"), 1)
}

fn write_program(path: &Path, text: &str) -> io::Result<()> {
    // A step may have put a link there.
    let _ = fs::remove_file(path);
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// A rustup that has one toolchain, and says what it is asked besides.
    const FAKE: &str =
        "#!/bin/sh\n[ \"$1 $2\" = 'run 1.96.0' ] && exit 0\n[ \"$1\" = run ] && exit 1\necho asked \"$@\"\n";

    #[test]
    fn a_toolchain_that_is_here_is_not_looked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let (real, stand_in) = (folder.path().join("it's real"), folder.path().join("rustup"));
        write_program(&real, FAKE).unwrap();
        write_program(&stand_in, &with_real(&real)).unwrap();
        let said = |words: &str| {
            let output = Command::new(&stand_in).args(words.split(' ')).output().unwrap();
            assert!(output.status.success());
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let kept = "[lockgate: no network: rustup keeps what is here: 1.96.0]";
        assert_eq!(said("update 1.96.0 --no-self-update"), kept);
        assert_eq!(said("toolchain install 1.96.0 --profile minimal"), kept);
        assert_eq!(said("update"), "[lockgate: no network: rustup keeps what is here: all]");
        for asked in ["update 1.95.0", "toolchain install 1.96.0 -c clippy", "default 1.96.0", "show"] {
            assert_eq!(said(asked), format!("asked {asked}"));
        }
    }
}
