//! Fixes whose message names the commit that brought the fault.

use std::collections::BTreeMap;

use lockgate::CommitId;
use lockgate::{Noise, Store};
use regex::Regex;

use super::project::{Commit, Project};
use super::{Question, Truth};
use crate::table::Failure;

/// How near to a fix a line must have been worked on. What is long out of support differs in everything.
const WEEKS: i64 = 26;

/// Fixes and the commit that each says it mends.
struct Named<'a> {
    fix: &'a Commit,
    introduced: &'a Commit,
}

pub(super) fn questions(store: &Store, project: &Project) -> Result<Vec<Question>, Failure> {
    let mut questions = Vec::new();
    for named in named(store, project)? {
        for line in &project.lines {
            let Some(head) = line.state_before(named.fix.time) else { continue };
            if !line.is_alive_at(named.fix.time, WEEKS) || store.is_ancestor(&named.fix.id, head)? {
                continue;
            }
            let inherited = store.is_ancestor(&named.introduced.id, head)?;
            // A line to which the commit was carried at some time is left out: it may have been later.
            if !inherited && line.says_it_has(named.introduced) {
                continue;
            }
            let truth = if inherited { Truth::Affected } else { Truth::NotAffected };
            questions.push(Question {
                fix: vec![named.fix.id.clone()],
                head: head.clone(),
                truth,
                about: format!("{} ({} named)", line.name, named.introduced.id.short()),
            });
        }
    }
    Ok(questions)
}

/// Fixes that name exactly one commit of the default branch, by id or by the number of its pull request.
fn named<'a>(store: &Store, project: &'a Project) -> Result<Vec<Named<'a>>, Failure> {
    let by_id = project.by_id();
    let by_pull: BTreeMap<&str, &Commit> =
        project.default.iter().filter_map(|commit| Some((pull(&commit.subject)?, commit))).collect();
    // A trailer, or a word for a fault and then where it came from: `introduced in #12` alone may speak of a feature.
    let trailer = Regex::new(r"(?im)^fixes:? ([0-9a-f]{7,40})\b")?;
    let sentence = Regex::new(
        r"(?i)\b(?:regress(?:ion|ed)|bug|issue|error|mistake|panic|off-by-one|broken|broke|caused)\W+(?:\w+\W+){0,3}?(?:from|in|by|since)\s+(?:commit\s+)?(#\d+|[0-9a-f]{7,40})\b",
    )?;
    let mut all = Vec::new();
    for fix in project.default.iter().filter(|commit| commit.parents.len() == 1) {
        let mut found: Vec<CommitId> = Vec::new();
        let named = trailer.captures_iter(&fix.body).chain(sentence.captures_iter(&fix.body));
        for one in named.map(|captures| captures[1].to_owned()) {
            let of_pull = one.strip_prefix('#').and_then(|number| by_pull.get(number));
            found.extend(of_pull.map(|commit| commit.id.clone()).or_else(|| store.resolve(&one).ok()));
        }
        found.sort();
        found.dedup();
        if let [one] = found.as_slice()
            && let Some(introduced) = by_id.get(one)
            && introduced.time < fix.time
            && concerns_code(store, fix)?
        {
            all.push(Named { fix, introduced });
        }
    }
    Ok(all)
}

/// Whether a fix changes more than tests, documentation, what others wrote and the like.
fn concerns_code(store: &Store, fix: &Commit) -> Result<bool, Failure> {
    let Some(parent) = fix.parents.first() else { return Ok(false) };
    let paths = store.changed_paths(&store.tree_of(parent)?, &store.tree_of(&fix.id)?)?;
    Ok(paths.iter().any(|path| Noise::of(path).is_none()))
}

/// The number in the `(#123)` that ends a squashed pull request's subject.
fn pull(subject: &str) -> Option<&str> {
    subject.strip_suffix(')')?.rsplit_once("(#").map(|(_, number)| number)
}
