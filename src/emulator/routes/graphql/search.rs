//! A search for pull requests, as far as `gh` needs it: `repo:`, `is:`, `state:`, people, branches, labels, and words.

use serde_json::{Value, json};

use super::document::Asked;
use super::error::GraphQlError;
use super::project::{connection, cut};
use super::pull::{pull, state};
use crate::emulator::model::StoredPull;
use crate::emulator::routes::ApiRequest;
use crate::emulator::world::EmulatedWorld;

/// What is found, newest first.
pub(super) fn answer(
    world: &mut EmulatedWorld,
    request: &ApiRequest,
    asked: &Asked,
) -> Result<Value, GraphQlError> {
    let viewer = request.login().map_err(GraphQlError::from_rest)?;
    let terms = terms(asked.text("query"));
    if let Some(word) = terms.iter().find(|term| ["OR", "NOT"].contains(&term.as_str())) {
        return Err(GraphQlError::query(format!("the emulated search knows no `{word}`")));
    }
    let fits = |one: &&StoredPull| {
        request.repository(world, &one.repo).is_ok()
            && terms.iter().all(|term| says(one, term, viewer.as_str()))
    };
    let mut found: Vec<&StoredPull> = world.pulls.values().filter(fits).collect();
    found.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.number)));
    let keys: Vec<String> = found.into_iter().map(StoredPull::document).collect();
    let nodes: Result<Vec<Value>, _> = keys.iter().map(|key| pull(world, request, key)).collect();
    let mut all = connection("SearchResultItem", nodes?);
    all["issueCount"] = json!(keys.len());
    Ok(cut(&all, asked))
}

/// The words of a query; one in double quotes may have blanks in it.
fn terms(query: &str) -> Vec<String> {
    let (mut terms, mut term, mut quoted) = (Vec::new(), String::new(), false);
    for letter in query.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => terms.push(std::mem::take(&mut term)),
            letter => term.push(letter),
        }
    }
    terms.push(term);
    // All terms must fit, whether or not that is said.
    terms.retain(|term| !["", "(", ")", "AND"].contains(&term.as_str()));
    terms
}

/// Whether a pull request is what a term asks for. A qualifier that is none is a word.
fn says(one: &StoredPull, term: &str, viewer: &str) -> bool {
    let Some((qualifier, value)) = term.split_once(':') else { return mentions(one, term) };
    let is_one = |login: &str| login.eq_ignore_ascii_case(if value == "@me" { viewer } else { value });
    match (qualifier, value) {
        ("repo", _) => one.repo.as_str().eq_ignore_ascii_case(value),
        ("is" | "type", "pr") => true,
        ("is" | "type", "issue") => false,
        ("is" | "state", "open") => one.is_open(),
        ("is" | "state", "closed") => !one.is_open(),
        ("is", "merged") => state(one) == "MERGED",
        ("is", "draft") => one.draft,
        ("draft", _) => one.draft == (value == "true"),
        ("archived", _) => value == "false",
        ("author", _) => is_one(one.author.as_str()),
        ("assignee", _) => one.assignees.iter().any(|login| is_one(login.as_str())),
        ("review-requested", _) => one.requested_reviewers.iter().any(|login| is_one(login.as_str())),
        ("label", _) => one.labels.iter().any(|label| label.eq_ignore_ascii_case(value)),
        ("base", _) => one.base_branch == value,
        ("head", _) => one.head_branch == value,
        _ => mentions(one, term),
    }
}

fn mentions(one: &StoredPull, word: &str) -> bool {
    let word = word.to_lowercase();
    let texts = [Some(one.title.as_str()), one.body.as_deref()];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_is_one_term() {
        assert_eq!(
            terms("( fix ) label:\"help wanted\" AND repo:a/b"),
            ["fix", "label:help wanted", "repo:a/b"]
        );
    }
}
