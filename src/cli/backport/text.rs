//! What `lockgate backport` prints about one branch.

use crate::backport::{BranchAnswer, CarriedBranch, CarriedCommit, Outcome, Pick, Touched, UnusableBranch};

pub(super) fn text(answer: &BranchAnswer) -> String {
    match answer {
        BranchAnswer::Carried(branch) => carried(branch),
        BranchAnswer::Unusable(UnusableBranch { onto, error, hint, .. }) => {
            let hint = hint.map(|hint| format!("    hint: {hint}\n")).unwrap_or_default();
            format!("{onto}: error: {error}\n{hint}")
        }
    }
}

fn carried(branch: &CarriedBranch) -> String {
    let review = if branch.needs_review { ", NEEDS REVIEW" } else { "" };
    let tree = branch.tree.as_ref().map(|tree| format!(", tree {}", tree.short())).unwrap_or_default();
    let mut text = format!("{}: {}{review}{tree}\n", branch.onto, branch.outcome);
    text.extend(branch.commits.iter().map(commit));
    if !branch.proposals.is_empty() {
        let paths = branch.proposals.join(", ");
        text += &format!("    mergiraf proposes a merge of {paths}, for a person to check\n");
    }
    text.extend(branch.touched.iter().map(touched));
    if let Some(written) = &branch.written {
        text += &format!("    written as {written}\n");
    }
    text
}

fn commit(commit: &CarriedCommit) -> String {
    let outcome = commit.pick.as_ref().map_or(String::new(), |pick| match &pick.outcome {
        Outcome::AlreadyFixed { evidence } => evidence.to_string(),
        outcome => outcome.name().to_owned(),
    });
    let mut text = format!("    {} {}: {outcome}\n", commit.fix.short(), commit.state);
    for reason in commit.pick.iter().flat_map(Pick::review_reasons) {
        text += &format!("        {reason}\n");
    }
    for conflict in commit.pick.iter().flat_map(|pick| &pick.conflicts) {
        text += &format!("        {}: {}\n", conflict.path, conflict.kind);
    }
    text
}

fn touched(place: &Touched) -> String {
    let mut text = format!("    {} line {}:\n", place.path, place.line);
    for toucher in &place.on_branch {
        text += &format!("        last touched on the branch by {toucher}\n");
    }
    for toucher in &place.before_fix {
        text += &format!("        the fix builds on {toucher}, which the branch lacks\n");
    }
    text
}
