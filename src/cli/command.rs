//! The commands that are printed, as they must be typed from where the user stands.

use std::path::Path;

use crate::control::Opened;

/// A text with the commands of ours in it, as they must be typed for this release.
pub(super) fn typed(opened: &Opened, text: &str) -> String {
    in_directory(text, opened.home().directory())
}

/// The commands that take the directory as their argument; the others take `--dir`.
const DIRECTORY_IS_ARGUMENT: [&str; 4] = ["resume", "abort", "status", "log"];
/// The commands that are printed and need to know the directory.
const COMMANDS: [&str; 8] = ["resume", "abort", "status", "log", "approve", "confirm", "waive", "resolve"];

/// Adds the directory to the commands of ours in a text, unless it is the one in which the user stands.
fn in_directory(text: &str, directory: &Path) -> String {
    if directory == Path::new(".") {
        return text.to_owned();
    }
    let directory = quoted(directory);
    // A text that is a command and no more is read from left to right: what differs stands first.
    let alone = text.starts_with("lockgate ") && !text.contains(['`', ',']);
    let mut parts = text.split("lockgate ");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let word: String = part.chars().take_while(char::is_ascii_lowercase).collect();
        whole += "lockgate ";
        if !COMMANDS.contains(&word.as_str()) {
            whole += part;
        } else if DIRECTORY_IS_ARGUMENT.contains(&word.as_str()) {
            whole += &format!("{word} {directory}{}", &part[word.len()..]);
        } else if alone {
            whole += &format!("{part} --dir {directory}");
        } else {
            whole += &format!("{word} --dir {directory}{}", &part[word.len()..]);
        }
    }
    whole
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+@:,=".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bp_17_printed_commands_work_from_where_the_user_stands() {
        let here = Path::new(".");
        assert_eq!(in_directory("lockgate resume", here), "lockgate resume");
        let out = Path::new("OUT");
        assert_eq!(in_directory("lockgate resume", out), "lockgate resume OUT");
        assert_eq!(
            in_directory("lockgate approve ready --as NAME", out),
            "lockgate approve ready --as NAME --dir OUT"
        );
        assert_eq!(in_directory("or push the resolved branch", out), "or push the resolved branch");
        assert_eq!(
            in_directory("mend it, then `lockgate resume`", out),
            "mend it, then `lockgate resume OUT`"
        );
        assert_eq!(
            in_directory("to go on without: lockgate waive prove/x --as NAME", out),
            "to go on without: lockgate waive --dir OUT prove/x --as NAME"
        );
        assert_eq!(in_directory("lockgate abort --as NAME", out), "lockgate abort OUT --as NAME");
        assert_eq!(
            in_directory("a branch that lockgate did not make", out),
            "a branch that lockgate did not make"
        );
        assert_eq!(in_directory("lockgate resume", Path::new("my release")), "lockgate resume 'my release'");
    }
}
