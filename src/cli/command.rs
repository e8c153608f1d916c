//! Actions as commands, as they must be typed from where the user stands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::written;
use crate::control::{Home, HomeKind, Opened};
use crate::ids::{Digest, Login, StepName};
use crate::kinds::StepKind;
use crate::next_action::{Advice, NextAction, ResolveFrom};
use crate::plan::ApprovalRule;
use crate::steps::Approvals;
use crate::wording::quoted;

/// Words actions on the release in one directory.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    directory: PathBuf,
    people: People,
    /// Whether a process drives it: then it continues by itself.
    is_driven: bool,
}

/// Who is expected to type a command. Whoever else does writes their own name there.
#[derive(Debug, Clone, Default)]
struct People {
    /// The incident manager.
    manager: Option<Login>,
    /// Of each gate: what it wants, and what was approved. Who has approved something is not asked again for it.
    gates: BTreeMap<String, GateApprovals>,
}

#[derive(Debug, Clone)]
struct GateApprovals {
    wanted: Vec<ApprovalRule>,
    given: Vec<(Login, Digest)>,
}

impl People {
    fn of(opened: &Opened) -> People {
        let inputs = &opened.plan.inputs;
        let gates = opened.plan.of_kind(StepKind::Gate).filter_map(|step| {
            let name = step.asks.clone()?;
            let given = opened.state.facts.approvals.get(&step.name).cloned().unwrap_or_default();
            let wanted = inputs.approval_rules(&name);
            Some((name, GateApprovals { wanted, given }))
        });
        People { manager: Some(inputs.release.manager.clone()), gates: gates.collect() }
    }

    fn manager(&self) -> &str {
        self.manager.as_ref().map_or(written::PERSON, Login::as_str)
    }

    fn next_approver(&self, gate: &str, digest: &Digest) -> String {
        let approvals = self.gates.get(gate).map(|gate| Approvals::by(&gate.wanted, &gate.given, digest));
        let wanted = approvals.and_then(|approvals| approvals.wanting.into_iter().next());
        let next = wanted.and_then(|wanted| wanted.from.into_iter().next());
        next.map_or_else(|| written::PERSON.to_owned(), |login| login.to_string())
    }
}

/// A directory as it is typed from where the user stands.
fn shown_place(directory: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    match directory.strip_prefix(&here).unwrap_or(directory) {
        here if here.as_os_str().is_empty() => ".".to_owned(),
        short => quoted(&short.display().to_string()),
    }
}

impl Commands {
    /// For the release in this directory.
    pub(super) fn at(directory: impl Into<PathBuf>) -> Commands {
        Commands { directory: directory.into(), people: People::default(), is_driven: false }
    }

    /// For the release in this directory, and for its people, if it was started.
    pub(super) fn known(directory: impl Into<PathBuf>) -> Commands {
        let directory = directory.into();
        let home = Home::find(&directory);
        let commands = home.open().map_or_else(|_| Commands::at(directory), |opened| Commands::of(&opened));
        Commands { is_driven: home.driver().ok().flatten().is_some(), ..commands }
    }

    /// For a run that was opened.
    pub(super) fn of(opened: &Opened) -> Commands {
        let directory = opened.home().directory().to_owned();
        Commands { directory, people: People::of(opened), is_driven: false }
    }

    /// The command that does it.
    pub(super) fn word(&self, action: &NextAction) -> String {
        let manager = self.people.manager();
        match action {
            NextAction::Approve { gate, digest } => {
                let who = self.people.next_approver(gate, digest);
                self.about(&format!("approve {gate} --as {who} --digest {}", digest.short()))
            }
            NextAction::Confirm { step } => self.about(&format!("confirm {step} --as {manager}")),
            NextAction::ConfirmAll { steps } => {
                let names: Vec<&str> = steps.iter().map(StepName::as_str).collect();
                self.about(&format!("confirm {} --as {manager}", names.join(" ")))
            }
            NextAction::SendAgain { step } => {
                self.about(&format!("confirm {step} --send-again --as {manager}"))
            }
            NextAction::Waive { step, reason } => {
                let reason = reason.as_deref().map_or_else(|| written::REASON.to_owned(), quoted);
                self.about(&format!("waive {step} --as {manager} --reason {reason}"))
            }
            NextAction::Resolve { step, from: ResolveFrom::Markers } => {
                self.about(&format!("resolve {step}"))
            }
            NextAction::Resolve { step, from: ResolveFrom::Proposal } => {
                self.about(&format!("resolve {step} --proposal"))
            }
            NextAction::HandIn { step, by } => self.about(&format!("resolve {step} --done --as {by}")),
            NextAction::Withdraw { step, by } => self.about(&format!("withdraw {step} --as {by}")),
            NextAction::Continue if self.is_driven => self.about("status"),
            NextAction::Resume | NextAction::Continue => self.about("resume"),
            NextAction::Amend { digest: None } => self.about("amend"),
            NextAction::Amend { digest: Some(digest) } => {
                self.about(&format!("amend --as {manager} --digest {}", digest.short()))
            }
            NextAction::DiscloseNow => self.about("disclose-now"),
            NextAction::Abort => self.about(&format!("abort --as {manager} --reason WHY")),
            NextAction::ShowEffects => self.about("abort"),
            NextAction::Start => self.start(),
            NextAction::ShowStatus => self.about("status"),
            NextAction::ShowHistory => self.about("log"),
        }
    }

    /// A rehearsal is started again from the files that it was made of.
    fn start(&self) -> String {
        let home = Home::find(&self.directory);
        if home.kind == HomeKind::Real {
            return self.about("run");
        }
        let origin = home.origin().map_or_else(|| written::PLACE.to_owned(), |origin| shown_place(&origin));
        let asks = if home.asks() { " --ask" } else { "" };
        format!(
            "lockgate rehearse --dir {origin} --keep {}{asks}",
            quoted(&self.directory.display().to_string())
        )
    }

    /// The command that rehearses the release, with these further arguments.
    pub(super) fn rehearse(&self, arguments: &str) -> String {
        self.about(&format!("rehearse{arguments}"))
    }

    /// The command that computes the plan, with these further arguments.
    pub(super) fn plan(&self, arguments: &str) -> String {
        self.about(&format!("plan{arguments}"))
    }

    /// The command that writes a release to practise with, with these further arguments.
    pub(super) fn practise(&self, arguments: &str) -> String {
        self.about(&format!("init --practice{arguments}"))
    }

    /// The command that ends the wait for the announced hour, for what was shown.
    pub(super) fn disclose_now(&self, at: Timestamp, shown: &Digest) -> String {
        let (manager, digest) = (self.people.manager(), shown.short());
        self.about(&format!("disclose-now --at {at} --as {manager} --reason WHY --digest {digest}"))
    }

    /// The command that shows what a gate is about, on one screen, and approves nothing.
    pub(super) fn look_at_gate(&self, gate: &StepName) -> String {
        self.about(&format!("approve {gate}"))
    }

    /// The command that shows all that a gate is about.
    pub(super) fn long(&self, gate: &str) -> String {
        self.about(&format!("approve {gate} --long"))
    }

    /// Who is expected to approve what a gate shows next.
    pub(super) fn next_approver(&self, gate: &str, digest: &Digest) -> String {
        self.people.next_approver(gate, digest)
    }

    /// The command that calls the release off without asking again.
    pub(super) fn call_off(&self, name: &Login, reason: &str) -> String {
        self.about(&format!("abort --as {name} --reason {} --yes", quoted(reason)))
    }

    /// The command that takes back what a release left which was called off.
    pub(super) fn undo(&self) -> String {
        self.about("abort --undo")
    }

    /// The command that takes in an approval which somebody signed.
    pub(super) fn approve_from(&self, file: &str) -> String {
        self.about(&format!("approve --from {}", quoted(file)))
    }

    /// The command that writes what a gate shows, for somebody who approves it elsewhere.
    pub(super) fn request(&self, gate: &str) -> String {
        self.about(&format!("approve {gate} --request {gate}.json"))
    }

    /// The command that shows a text or a patch.
    pub(super) fn show(&self, what: &str) -> String {
        self.about(&format!("show {what}"))
    }

    /// Advice in a list that can be pasted into a shell: commands as they are typed, everything else as a comment before.
    pub(super) fn lines(&self, advice: &Advice) -> String {
        let text = self.words(advice).map(|text| format!("# {}", text.replace('\n', "\n# ")));
        let command = advice.action.iter().map(|action| self.word(action));
        text.into_iter().chain(command).collect::<Vec<_>>().join("\n")
    }

    /// Advice in running text.
    pub(super) fn hint(&self, advice: &[Advice]) -> String {
        let quote = |command: String| format!("`{command}`");
        advice.iter().map(|advice| self.worded(advice, quote)).collect::<Vec<_>>().join("; or ")
    }

    /// Advice in a line of its own, to be read.
    pub(super) fn told(&self, advice: &Advice) -> String {
        self.worded(advice, |command| command)
    }

    fn worded(&self, advice: &Advice, shown: impl Fn(String) -> String) -> String {
        let command = advice.action.as_ref().map(|action| shown(self.word(action)));
        let parts: Vec<String> = self.words(advice).into_iter().chain(command).collect();
        parts.join(": ")
    }

    /// The words of advice, with those of its action, where that has some.
    fn words(&self, advice: &Advice) -> Option<String> {
        let of_action = match advice.action {
            Some(NextAction::Continue) if self.is_driven => {
                Some("the process that drives the release continues by itself; to see where it is")
            }
            Some(NextAction::Continue) => Some("to continue"),
            _ => None,
        };
        let parts: Vec<&str> = advice.text.as_deref().into_iter().chain(of_action).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// A command about the release in the directory.
    fn about(&self, command: &str) -> String {
        match self.place() {
            Some(place) => format!("lockgate {command} --dir {place}"),
            None => format!("lockgate {command}"),
        }
    }

    /// The directory, unless it is the one in which the user stands.
    fn place(&self) -> Option<String> {
        (self.directory != Path::new(".")).then(|| quoted(&self.directory.display().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions() -> Vec<NextAction> {
        let step = || "prove/brightwater/gauge/release/1.x".parse().unwrap();
        vec![
            NextAction::Approve { gate: "ready".into(), digest: crate::ids::Digest::of("shown") },
            NextAction::Confirm { step: step() },
            NextAction::ConfirmAll { steps: vec![step(), "stack/brightwater/gauge/main".parse().unwrap()] },
            NextAction::SendAgain { step: step() },
            NextAction::Waive { step: step(), reason: None },
            NextAction::Waive { step: step(), reason: Some("it isn't affected".into()) },
            NextAction::Resolve { step: step(), from: ResolveFrom::Markers },
            NextAction::Resolve { step: step(), from: ResolveFrom::Proposal },
            NextAction::HandIn { step: step(), by: "mara".parse().unwrap() },
            NextAction::Withdraw { step: step(), by: "mara".parse().unwrap() },
            NextAction::Resume,
            NextAction::Amend { digest: None },
            NextAction::Amend { digest: Some(crate::ids::Digest::of("plan")) },
            NextAction::DiscloseNow,
            NextAction::Abort,
            NextAction::ShowEffects,
            NextAction::Start,
            NextAction::ShowStatus,
            NextAction::ShowHistory,
        ]
    }

    #[test]
    fn bp_17_printed_commands_work_from_where_the_user_stands() {
        let worded = |directory: &str| -> String {
            let commands = Commands::at(directory);
            actions().iter().map(|action| commands.word(action) + "\n").collect()
        };
        insta::assert_snapshot!("commands_here", worded("."));
        insta::assert_snapshot!("commands_elsewhere", worded("my release"));
    }

    #[test]
    fn advice_is_worded_in_lists_and_in_running_text() {
        let commands = Commands::at("OUT");
        let advice =
            [Advice::then("restore the branch, then", NextAction::Resume), Advice::from("ask its owner")];
        assert_eq!(commands.lines(&advice[0]), "# restore the branch, then\nlockgate resume --dir OUT");
        assert_eq!(
            commands.hint(&advice),
            "restore the branch, then: `lockgate resume --dir OUT`; or ask its owner"
        );
        assert_eq!(commands.lines(&NextAction::Resume.into()), "lockgate resume --dir OUT");
    }

    #[test]
    fn every_worded_command_is_understood() {
        for action in actions() {
            let command = Commands::at("OUT").word(&action);
            let words = command.strip_prefix("lockgate ").unwrap();
            let plain = words.replace("'it isn'\\''t affected'", "flaky");
            let given = |plain: &str| {
                let given = std::iter::once("lockgate").chain(plain.split(' '));
                <crate::cli::arguments::Arguments as clap::Parser>::try_parse_from(given)
            };
            // What people have to write themselves is not taken for what they wrote.
            let stands_for = given(&plain).err().map(|error| error.to_string());
            assert!(stands_for.as_ref().is_none_or(|error| error.contains(" stands for your ")), "{command}");
            assert_eq!(stands_for.is_some(), plain.contains("NAME"), "{command}");
            let written = plain.replace("WHY", "flaky").replace("NAME", "mara");
            assert!(given(&written).is_ok(), "{command}: {}", given(&written).unwrap_err());
        }
    }
}
