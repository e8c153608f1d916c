//! `lockgate approve`: shows what a gate asks to approve, and records the approval of exactly that.

use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::answer::Answer;
use super::command::Commands;
use super::drive::{decide, followed, judged, told_how_to_take_back};
use super::exit::Exit;
use super::place::PlaceOption;
use super::problem::Problem;
use super::{completing, fit, identity, signed_approval, terminal, written};
use crate::control::{self, ApprovalPaper, DecisionRequest, Home, OpenGate, Opened, Refusal};
use crate::ids::Login;
use crate::next_action::NextAction;
use crate::run::Proof;
use crate::steps::REMARK;
use crate::wording::counted;

/// Approves what a gate shows, by its digest. The approval lapses when what it was given for changes.
///
/// Who approves is who they are: the name must be that of the token in GH_TOKEN, or the approval is signed with an SSH key that
/// GitHub publishes for that name.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate approve ready                  (only shows it)\n  lockgate approve ready --as mara\n  lockgate approve release-day --as ines --digest 3f9a2c\n\n\
    On a machine of one's own, without a token of this release:\n  lockgate approve ready --request ready.json              (here: writes what is shown)\n  \
    lockgate approve --sign --what ready.json --as ines      (there: shows it, and signs)\n  \
    lockgate approve --from approval-ready-ines.json         (here: takes it in)\n\n\
    `lockgate run` and `lockgate status` print the digest. With `--digest` the approval is refused if the gate shows \
    something else by now."
)]
pub(super) struct ApproveCommand {
    /// The gate: `ready` or `release-day`.
    #[arg(required_unless_present_any = ["what", "from"], add = ArgValueCandidates::new(completing::gates))]
    gate: Option<String>,
    /// Your name on GitHub; it must be among the release's approvers. Without it, nothing is recorded.
    #[arg(long = "as", value_name = "NAME", value_parser = written::person, add = ArgValueCandidates::new(completing::people))]
    name: Option<Login>,
    /// What you have read, by the beginning of its digest.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// Show all that the digest is of, every text whole, and not one screen of it.
    #[arg(long)]
    long: bool,
    /// Write what the gate shows into this file, for somebody who approves it on a machine of their own.
    #[arg(long, value_name = "FILE", requires = "gate", conflicts_with_all = ["name", "sign", "from"])]
    request: Option<PathBuf>,
    /// Sign the approval with your SSH key and write it into a file, in place of recording it.
    #[arg(long, requires = "name")]
    sign: bool,
    /// What is signed: the file that `--request` wrote. Without it, what the gate shows here.
    #[arg(long, value_name = "FILE", requires = "sign", conflicts_with = "gate")]
    what: Option<PathBuf>,
    /// The SSH key that signs; else the one that git signs with, or the usual one in `~/.ssh`.
    #[arg(long, value_name = "FILE", requires = "sign")]
    key: Option<PathBuf>,
    /// Where the signed approval goes; else `approval-GATE-NAME.json`.
    #[arg(long, value_name = "FILE", requires = "sign")]
    out: Option<PathBuf>,
    /// Take in an approval that somebody signed. GitHub is asked for their keys.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gate", "name", "digest", "sign"])]
    from: Option<PathBuf>,
    #[command(flatten)]
    pub(super) place: PlaceOption,
}

impl ApproveCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        let home = Home::find(self.place.path());
        if let Some(file) = &self.from {
            return signed_approval::take_in(&home, file).await;
        }
        if let (Some(what), Some(name)) = (&self.what, &self.name) {
            return self.sign(&signed_approval::paper(what)?, name);
        }
        let (opened, gate) = control::when_asked(&home, || {
            let opened = home.open()?;
            let gate = opened.decisions().open_gate(self.gate())?;
            Ok((opened, gate))
        })?;
        match (&self.name, &self.request) {
            (Some(name), _) if self.sign => self.sign(&ApprovalPaper::of(&opened.plan, &gate), name),
            (Some(name), _) => self.approve(&opened, &gate, name).await,
            (None, Some(file)) => signed_approval::request(&opened, &gate, file),
            (None, None) => self.show(&opened, &gate),
        }
    }

    fn gate(&self) -> &str {
        self.gate.as_deref().unwrap_or_default()
    }

    fn sign(&self, paper: &ApprovalPaper, name: &Login) -> Result<Answer, Problem> {
        let is_other = |read: &&String| !paper.digest().as_str().starts_with(read.as_str());
        if let Some(read) = self.digest.as_ref().filter(is_other) {
            let shown = paper.digest();
            return Err(Refusal::OtherDigest { read: read.clone(), shown }.into());
        }
        signed_approval::sign(paper, name, self.key.as_deref(), self.out.as_deref())
    }

    fn show(&self, opened: &Opened, gate: &OpenGate) -> Result<Answer, Problem> {
        let approve = NextAction::Approve { gate: self.gate().to_owned(), digest: gate.digest.clone() };
        let approve = Commands::of(opened).word(&approve);
        let shown = Answer::new(Exit::Waiting, self.shown(opened, gate)).prose();
        let data = json!({
            "gate": self.gate(),
            "digest": gate.digest,
            "missing": gate.missing,
            "question": gate.question,
            "summary": gate.summary,
            "mails": gate.mails,
            "shown": gate.shown,
        });
        shown.and(format!("approve it with: {approve}")).next([approve]).with(&data)
    }

    async fn approve(&self, opened: &Opened, gate: &OpenGate, name: &Login) -> Result<Answer, Problem> {
        let is_other = |refusal: &Refusal| matches!(refusal, Refusal::OtherDigest { .. });
        judged(opened, &self.request(gate, name, None)).inspect_err(|refusal| {
            if is_other(refusal) {
                terminal::note(self.shown(opened, gate));
            }
        })?;
        let proof = identity::check(opened, name).await?;
        let decided = decide(opened.home(), &self.request(gate, name, proof))?;
        let (by, still_missing) = (&decided.ruling.by, decided.ruling.still_missing);
        let told = format!("{by} approved gate {} at digest {}", self.gate(), gate.digest.short());
        let answer = match &self.digest {
            // What is approved is what was shown: it is shown here to whoever does not say what they have read.
            None => Answer::done(self.shown(opened, gate)).and(told),
            Some(_) => Answer::done(told),
        }
        .prose();
        let (answer, take_back) =
            told_how_to_take_back(answer, &opened.home().open()?, Some(&gate.step.name), by);
        let data = json!({
            "gate": self.gate(), "digest": gate.digest, "by": by, "missing": still_missing,
            "taken_by": decided.taken_by, "take_back": take_back,
        });
        match still_missing {
            0 => followed(answer, opened.home(), &decided)?,
            more => answer.and(format!("{} needed, from other people", counted(more, "more approval"))),
        }
        .with(&data)
    }

    /// Whoever does not say what they have read approves what they are shown, and nothing else.
    fn request(&self, gate: &OpenGate, name: &Login, proof: Option<Proof>) -> DecisionRequest {
        let read = self.digest.clone().unwrap_or_else(|| gate.digest.to_string());
        DecisionRequest::Approve { gate: self.gate().to_owned(), who: name.clone(), read, proof }
    }

    fn shown(&self, opened: &Opened, gate: &OpenGate) -> String {
        let asked = terminal::indented(&gate.question);
        if self.long {
            return format!("{}\n{asked}digest {}", gate.shown, gate.digest);
        }
        let commands = Commands::of(opened);
        let more = format!(
            "\n  all of it: {}\n  one of it: {}\n    or mail, advisory, pull, notes, range-diff, versions, record\n{asked}",
            commands.long(self.gate()),
            commands.show("diff")
        );
        format!("{}{}", gate.mails, on_one_screen(&gate.summary, &more, terminal::size()))
    }
}

/// As many remarks are shown where nobody says how large the screen is.
const REMARKS: usize = 8;
/// The command that approves follows in up to three lines, and the shell asks for the next one.
const BELOW: usize = 4;

/// What a gate is about and where more of it is, in the lines of a terminal: of what needs review, as much as there is room for.
fn on_one_screen(summary: &str, more: &str, size: Option<(usize, usize)>) -> String {
    let fitted = |text: &str| match size {
        Some((columns, _)) => fit::fit(text, columns),
        None => text.trim_end_matches('\n').to_owned(),
    };
    let (mut lines, more) = (summary.lines().map(fitted).collect::<Vec<_>>(), fitted(more));
    let is_remark = |line: &String| line.trim_start().starts_with(REMARK);
    let mut left_out = 0;
    loop {
        let remarks = lines.iter().filter(|line| is_remark(line)).count();
        let height: usize = lines.iter().chain([&more]).map(|line| line.lines().count().max(1)).sum();
        let fits = match size {
            Some((_, room)) => height + usize::from(left_out > 0) + BELOW <= room,
            None => remarks <= REMARKS,
        };
        let last = lines.iter().rposition(is_remark).filter(|_| !fits && remarks > 1);
        let Some(last) = last else { break };
        lines.remove(last);
        left_out += 1;
    }
    if let Some(last) = lines.iter().rposition(is_remark).filter(|_| left_out > 0) {
        lines.insert(last + 1, format!("  and {} to review", counted(left_out, "further place")));
    }
    format!("{}\n{more}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_needs_review_as_there_is_room_for() {
        let remarks =
            |count: usize| (1..=count).map(|at| format!("  {REMARK}place {at}\n")).collect::<String>();
        let summary = |count: usize| {
            format!("gate ready of x\n  2 branches\n{}  cannot be undone: nothing\n", remarks(count))
        };
        let more = "\n  all of it: lockgate approve ready --long\n    may it go ahead?\n";
        let shown = |count: usize, size| on_one_screen(&summary(count), more, size);
        let told = shown(40, Some((80, 24)));
        assert_eq!(told.lines().count() + BELOW, 24, "{told}");
        assert!(
            told.contains("  NEEDS REVIEW: place 13\n  and 27 further places to review\n  cannot be"),
            "{told}"
        );
        assert!(shown(3, Some((80, 24))).contains("place 3\n  cannot be undone"));
        let narrow = shown(1, Some((20, 5)));
        assert!(
            narrow.contains("NEEDS REVIEW:")
                && narrow.lines().all(|line| line.len() <= 20 || line.contains("lockgate ")),
            "{narrow}"
        );
        assert!(shown(9, None).contains("place 8\n  and 1 further place"), "{}", shown(9, None));
    }
}
