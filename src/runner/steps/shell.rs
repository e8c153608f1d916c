//! How a script is started: the shells of the runner (`ScriptHandlerHelpers.cs`).

use std::path::Path;

/// A script as a file, and the words that start it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShellCall {
    /// What stands in the file.
    pub(super) text: String,
    /// The end of its name.
    pub(super) extension: &'static str,
    /// The program and its arguments; `{0}` is the file.
    words: Vec<String>,
}

impl ShellCall {
    /// Of a script and the shell that is written for it; without one it is `bash -e`, or `sh -e` where there is no bash.
    ///
    /// # Errors
    /// A shell that the runner does not know and that has no place for the file.
    pub(super) fn of(script: &str, shell: &str, has_bash: bool) -> Result<ShellCall, String> {
        let script = script.replace("\r\n", "\n");
        let (line, extension) = match shell.trim() {
            "" if has_bash => ("bash -e {0}", ".sh"),
            "" | "sh" => ("sh -e {0}", ".sh"),
            "bash" => ("bash --noprofile --norc -e -o pipefail {0}", ".sh"),
            "python" => ("python {0}", ".py"),
            "pwsh" | "powershell" => return Ok(power_shell(&script, shell.trim())),
            own if own.contains("{0}") => (own, ""),
            other => {
                return Err(format!("the shell `{other}` is not known, and has no `{{0}}` for the script"));
            }
        };
        let words = line.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect();
        Ok(ShellCall { text: script, extension, words })
    }

    /// The words for a script at this path.
    pub(super) fn argv(&self, path: &Path) -> Vec<String> {
        let path = path.to_string_lossy();
        self.words.iter().map(|word| word.replace("{0}", &path)).collect()
    }
}

fn power_shell(script: &str, program: &str) -> ShellCall {
    let text = format!(
        "$ErrorActionPreference = 'stop'\n{script}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) {{ exit $LASTEXITCODE }}"
    );
    let words = vec![program.to_owned(), "-command".to_owned(), ". '{0}'".to_owned()];
    ShellCall { text, extension: ".ps1", words }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(shell: &str, has_bash: bool) -> String {
        ShellCall::of("true\r\n", shell, has_bash).unwrap().argv(Path::new("/s/1.sh")).join(" ")
    }

    #[test]
    fn shells_are_those_of_the_runner() {
        assert_eq!(words("", true), "bash -e /s/1.sh");
        assert_eq!(words("", false), "sh -e /s/1.sh");
        assert_eq!(words("bash", true), "bash --noprofile --norc -e -o pipefail /s/1.sh");
        assert_eq!(words("sh", true), "sh -e /s/1.sh");
        assert_eq!(words("perl {0}", true), "perl /s/1.sh");
        assert_eq!(words("pwsh", true), "pwsh -command . '/s/1.sh'");
        assert_eq!(ShellCall::of("a\r\nb", "bash", true).unwrap().text, "a\nb");
        assert!(ShellCall::of("a", "zsh", true).unwrap_err().contains("has no `{0}`"));
    }
}
