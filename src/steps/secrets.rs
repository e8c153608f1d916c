//! What is under embargo, collected from plan, facts and stores for the leak guard.

use std::collections::{BTreeMap, BTreeSet};

use super::context::StepContext;
use super::error::StepError;
use super::local::in_store;
use super::output::{ImportedSeries, Output};
use crate::egress::{LeakGuard, Secret, SecretKind};
use crate::git::Store;
use crate::ids::{CommitId, RepoName, TreeId};
use crate::kinds::StepKind;
use crate::plan::{Inputs, Plan};
use crate::release::CveWish;

/// A guard that knows everything of this release that must not be public yet.
///
/// # Errors
/// When the commits of a fix cannot be read: what is not known cannot be guarded.
pub(super) async fn guard(context: &StepContext) -> Result<LeakGuard, StepError> {
    let mut secrets: Vec<Secret> = named(&context.plan).collect();
    secrets.extend(assigned(context));
    let forbidden = &context.plan.inputs.release.forbidden_words;
    secrets.extend(forbidden.iter().filter_map(|words| Secret::new(SecretKind::Forbidden, words)));
    for (repo, commits) in fixes(context) {
        let read = move |store: &Store| Ok((removed_lines(store, &commits)?, messages(store, &commits)?));
        let (lines, messages) = in_store(context, &repo, read).await?;
        secrets.extend(lines.iter().filter_map(|line| Secret::new(SecretKind::FixLine, line)));
        secrets.extend(messages.iter().flat_map(|message| sentences_of_a_message(message)));
    }
    for (repo, commits) in private_commits(context) {
        secrets.extend(commits.iter().filter_map(|id| Secret::new(SecretKind::PrivateCommit, id.as_str())));
        let lines = in_store(context, &repo, move |store| new_lines(store, &commits)).await?;
        secrets.extend(lines.iter().filter_map(|line| Secret::new(SecretKind::FixLine, line)));
    }
    Ok(LeakGuard::new(secrets))
}

/// What the files and the snapshot name.
fn named(plan: &Plan) -> impl Iterator<Item = Secret> {
    plan.inputs.release.advisories.iter().flat_map(|advisory| {
        let mut found = vec![
            Secret::new(SecretKind::Advisory, advisory.id.as_str()),
            Secret::new(SecretKind::Title, &advisory.summary),
        ];
        found.extend(sentences(&advisory.description).map(Some));
        if let CveWish::Given(cve) = &advisory.cve {
            found.push(Secret::new(SecretKind::Cve, cve.as_str()));
        }
        let seen = plan.snapshot.advisories.get(&advisory.id);
        found.extend(
            seen.and_then(|seen| seen.cve.as_ref()).map(|cve| Secret::new(SecretKind::Cve, cve.as_str())),
        );
        let reporter = advisory.reporter.iter().filter(|login| !is_public_name(&plan.inputs, login.as_str()));
        found.extend(reporter.map(|login| Secret::new(SecretKind::Reporter, login.as_str())));
        let private = advisory.fixes.iter().filter_map(|fix| plan.inputs.catalog.repo(&fix.repo));
        found.extend(private.map(|repo| {
            let private = plan.inputs.private_repo(repo, &advisory.id);
            Secret::new(SecretKind::PrivateRepository, private.as_str())
        }));
        found.into_iter().flatten()
    })
}

/// The sentences of a text that are long enough to tell it.
fn sentences(text: &str) -> impl Iterator<Item = Secret> {
    let whole = text.replace('\n', " ");
    let ends = ['.', '!', '?', ';'];
    let sentences: Vec<String> = whole
        .split_inclusive(ends)
        .map(|sentence| sentence.trim_end_matches(ends).trim().to_owned())
        .collect();
    sentences.into_iter().filter_map(|sentence| Secret::new(SecretKind::Sentence, &sentence))
}

/// What a commit says of itself: its subject as a title, and the sentences below it, without trailers.
fn sentences_of_a_message(message: &str) -> Vec<Secret> {
    let mut lines = message.trim().lines();
    let subject = lines.next().and_then(|subject| Secret::new(SecretKind::Sentence, subject));
    let is_trailer =
        |line: &&str| line.split_once(": ").is_some_and(|(key, _)| key.contains('-') && !key.contains(' '));
    let body: Vec<&str> = lines.filter(|line| !is_trailer(line)).collect();
    let paragraphs = body.join("\n");
    subject.into_iter().chain(paragraphs.split("\n\n").flat_map(sentences)).collect()
}

/// The messages of these commits.
fn messages(store: &Store, commits: &BTreeSet<CommitId>) -> Result<Vec<String>, StepError> {
    commits.iter().map(|commit| Ok(store.commit_info(commit)?.message)).collect()
}

/// Whether everything that the project publishes names this login: it is the project's own name, or that of somebody who
/// has a part in the release. To look for it would stop every text.
fn is_public_name(inputs: &Inputs, login: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '-').map(str::to_lowercase).collect()
    };
    let projects = inputs.catalog.repos.iter().flat_map(|repo| {
        let names = [repo.name.owner(), repo.name.name(), &repo.project];
        names.into_iter().flat_map(words).collect::<Vec<_>>()
    });
    let people = inputs.approvers().iter().chain([&inputs.release.manager]);
    projects
        .chain(words(&inputs.catalog.organisation))
        .chain(people.map(|login| login.as_str().to_lowercase()))
        .any(|name| name == login.to_lowercase())
}

/// The CVE ids that were assigned during the run.
fn assigned(context: &StepContext) -> impl Iterator<Item = Secret> {
    context.facts.outputs.values().filter_map(|output| match output {
        Output::Cve(Some(cve)) => Secret::new(SecretKind::Cve, cve.as_str()),
        _ => None,
    })
}

/// The commits of the fixes as they were written, by the repository whose store has them.
fn fixes(context: &StepContext) -> BTreeMap<RepoName, BTreeSet<CommitId>> {
    let mut found: BTreeMap<RepoName, BTreeSet<CommitId>> = BTreeMap::new();
    for step in context.plan.of_kind(StepKind::ImportFix) {
        let (Some(repo), Some(output)) = (&step.subject.repo, context.facts.outputs.get(&step.name)) else {
            continue;
        };
        if let Output::Commits(commits) | Output::Series(ImportedSeries { commits, .. }) = output {
            found.entry(repo.clone()).or_default().extend(commits.iter().cloned());
        }
    }
    found
}

/// Every commit that only the private side and this machine have, by the repository whose store has it.
fn private_commits(context: &StepContext) -> BTreeMap<RepoName, BTreeSet<CommitId>> {
    let mut found: BTreeMap<RepoName, BTreeSet<CommitId>> = BTreeMap::new();
    // A bump below the fixes is public before them.
    let bumps: Vec<&CommitId> = context.facts.outputs.values().filter_map(bump_of).collect();
    for (name, output) in context.facts.outputs.iter() {
        // A merge that was tried ahead holds what the line has gained since, and the bump.
        let step = context.plan.step(name).filter(|step| step.kind != StepKind::PrepareMerge);
        let Some(repo) = step.and_then(|step| step.subject.repo.clone()) else { continue };
        let commits: Vec<CommitId> = match output {
            Output::Commits(commits) | Output::Series(ImportedSeries { commits, .. }) => commits.clone(),
            Output::Patch(patch) => {
                let commits = patch.commits.iter().map(|commit| &commit.commit);
                commits.filter(|commit| !bumps.contains(commit)).cloned().collect()
            }
            _ => continue,
        };
        found.entry(repo).or_default().extend(commits);
    }
    found
}

fn bump_of(output: &Output) -> Option<&CommitId> {
    if let Output::Bump(bump) = output { Some(&bump.commit) } else { None }
}

/// The lines that the commits add and that their files did not have before: those reveal the fix. A line that a file
/// already had is public.
fn new_lines(store: &Store, commits: &BTreeSet<CommitId>) -> Result<BTreeSet<String>, StepError> {
    let mut lines = BTreeSet::new();
    for commit in commits {
        let known = lines_before(store, commit)?;
        let added = store.added_lines(commit)?;
        lines.extend(
            added.into_iter().map(|line| line.trim().to_owned()).filter(|line| !known.contains(line)),
        );
    }
    Ok(lines)
}

/// The lines that the commits take away, and that their files do not have after them: they are public, but not that they
/// are the ones.
fn removed_lines(store: &Store, commits: &BTreeSet<CommitId>) -> Result<BTreeSet<String>, StepError> {
    let mut lines = BTreeSet::new();
    for commit in commits {
        let info = store.commit_info(commit)?;
        let Some(parent) = info.parents.first() else { continue };
        let kept = lines_of(store, &info.tree, &store.changed_paths(&store.tree_of(parent)?, &info.tree)?)?;
        let before = lines_before(store, commit)?;
        let removed = store.removed_lines(commit)?.into_iter().map(|line| line.trim().to_owned());
        lines.extend(removed.filter(|line| before.contains(line) && !kept.contains(line)));
    }
    Ok(lines)
}

/// The lines of the files that a commit touches, as they stood before it.
fn lines_before(store: &Store, commit: &CommitId) -> Result<BTreeSet<String>, StepError> {
    let info = store.commit_info(commit)?;
    let Some(parent) = info.parents.first() else { return Ok(BTreeSet::new()) };
    let before = store.tree_of(parent)?;
    lines_of(store, &before, &store.changed_paths(&before, &info.tree)?)
}

fn lines_of(store: &Store, tree: &TreeId, paths: &[String]) -> Result<BTreeSet<String>, StepError> {
    let mut lines = BTreeSet::new();
    for path in paths {
        let bytes = store.read_file_in_tree(tree, path)?.unwrap_or_default();
        lines.extend(String::from_utf8_lossy(&bytes).lines().map(|line| line.trim().to_owned()));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Signature;

    #[test]
    fn only_lines_that_were_not_public_reveal_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("s.git")).unwrap();
        let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
        let commit = |text: &str, parents: &[CommitId]| {
            let tree =
                store.with_files(&store.empty_tree().unwrap(), &[("a.c", Some(text.as_bytes()))]).unwrap();
            store.commit(&tree, parents, "x", &who, &who).unwrap()
        };
        let before = commit("int open(void);\nint close(void);\n", &[]);
        let fix = commit("int close(void);\nint open(void);\n  int limit(int depth);\n", &[before]);
        let lines = new_lines(&store, &BTreeSet::from([fix.clone()])).unwrap();
        assert_eq!(lines.into_iter().collect::<Vec<_>>(), ["int limit(int depth);"]);
        let later = commit("int close(void);\n", std::slice::from_ref(&fix));
        let lines = removed_lines(&store, &BTreeSet::from([fix, later])).unwrap();
        assert_eq!(lines.into_iter().collect::<Vec<_>>(), ["int limit(int depth);", "int open(void);"]);
    }
}
