//! What act answers truly, and what only shows that act runs it.

/// What act fills in by itself, truly: what steps say, where they are, and what files and steps set as variables. The variables that
/// act sets are in its `env`, too, where GitHub has none of them: what asks for one, or for all, is no answer of GitHub's.
pub(super) fn shows(context: &str) -> bool {
    let (head, name) = context.split_at(context.find(['.', '[']).unwrap_or(context.len()));
    let name = name.trim_matches(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    match head {
        "env" => !name.is_empty() && !is_set_by_act(name),
        "runner" => ["os", "arch", "temp", "tool_cache"].contains(&name),
        "steps" | "job" => true,
        _ => ["github.workspace", "github.action_path", "github.event_path"].contains(&context),
    }
}

/// Whether act sets a variable of this name for every step.
fn is_set_by_act(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["ACT", "CI", "HOME", "PATH", "IMAGEOS"].contains(&name.as_str())
        || ["ACTIONS_", "GITHUB_", "RUNNER_"].iter().any(|own| name.starts_with(own))
}

/// Whether a script asks whether act runs it: what it does then, nobody's CI does.
pub(super) fn asks_for_act(script: &str) -> bool {
    script.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').any(|word| word == "ACT")
}

/// Whether a program in JavaScript does.
pub(super) fn program_asks_for_act(program: &str) -> bool {
    ["env.ACT", "env['ACT']", "env[\"ACT\"]"].iter().any(|asked| {
        program.match_indices(asked).any(|(at, found)| {
            let after = program[at + found.len()..].chars().next();
            !after.is_some_and(|sign| sign.is_ascii_alphanumeric() || sign == '_')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_act_sets_for_itself_is_no_answer() {
        for shown in [
            "env.FLAGS",
            "env['FLAGS']",
            "steps.one.outputs.x",
            "job.status",
            "runner.os",
            "github.workspace",
        ] {
            assert!(shows(shown), "{shown}");
        }
        for own in [
            "env",
            "env.ACT",
            "env.act",
            "env['CI']",
            "env.GITHUB_SHA",
            "env.RUNNER_OS",
            "env.PATH",
            "runner.name",
            "runner",
        ] {
            assert!(!shows(own), "{own}");
        }
        assert!(asks_for_act("[ -n \"$ACT\" ] && exit 0") && asks_for_act("test ${ACT:-} || make"));
        assert!(!asks_for_act("echo REACT; ./ACTION"));
    }

    #[test]
    fn a_program_that_asks_for_act_is_told_from_one_with_a_longer_name() {
        for asks in ["if (process.env.ACT) return", "process.env['ACT']", "const x=e.env[\"ACT\"]"] {
            assert!(program_asks_for_act(asks), "{asks}");
        }
        assert!(!program_asks_for_act("process.env.ACTIONS_CACHE_URL; ACT; env.ACT_"));
    }
}
