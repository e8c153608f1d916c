//! What people say of tags, as plan and gate show it.

use super::graph::Plan;
use crate::ids::RepoName;
use crate::release::TagAnswer;
use crate::wording::counted;

impl Plan {
    /// What the release file says of the tags of each repository, a line for each entry; repositories without any are left
    /// out.
    #[must_use]
    pub fn answered_tags(&self) -> Vec<(&RepoName, Vec<String>)> {
        let repos = self.snapshot.repos.iter().map(|(name, state)| {
            let answers = self.inputs.release.tag_answers(name).map(|(_, answer)| {
                let count = answer.of(state.tags.keys()).len();
                let by = answer.by.as_ref().unwrap_or(&self.inputs.release.manager);
                format!("{}, by {by}{}", said(answer, count), reason(answer))
            });
            (name, answers.collect())
        });
        repos.filter(|(_, answers): &(_, Vec<String>)| !answers.is_empty()).collect()
    }
}

fn said(answer: &TagAnswer, count: usize) -> String {
    let name = &answer.name;
    let tags = if answer.is_of_a_form() { format!(" ({})", counted(count, "tag")) } else { String::new() };
    let package = answer.package.as_ref().map_or(String::new(), |package| format!(" of {package}"));
    let from = answer.line.as_ref().map_or(String::new(), |line| format!(" released from {line}"));
    match &answer.version {
        None if answer.ignore.is_some() => format!("`{name}`{tags}: no version"),
        None => format!("`{name}`:{from}"),
        Some(version) => format!("`{name}`: {version}{package}{from}"),
    }
}

fn reason(answer: &TagAnswer) -> String {
    answer.ignore.as_ref().map_or(String::new(), |reason| format!(": {reason}"))
}
