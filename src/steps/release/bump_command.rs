//! Raising a version by the project's own command, in a checkout that is thrown away.

use super::checkout::{Checkout, NewFile};
use crate::ids::{CommitId, RepoName, TreeId};
use crate::jobs::{CommandLine, TestCommand, TimeLimit};
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::in_store;
use crate::version::{BumpCommand, glob_matches};

/// Runs the command on the tree of `base` and gives the tree that it leaves.
pub(in crate::steps) async fn run(
    context: &StepContext,
    repo: &RepoName,
    base: &CommitId,
    command: &BumpCommand,
    to: &Version,
) -> Result<TreeId, StepError> {
    let commit = base.clone();
    let tree = in_store(context, repo, move |store| Ok(store.tree_of(&commit)?)).await?;
    let checkout = Checkout::of(context, repo, tree.clone()).await?;
    let run = CommandLine::Argv(command.arguments(to));
    let task = TestCommand::plain("bump".to_owned(), run, TimeLimit::default());
    let results = checkout.run(context, &[task]).await;
    if let Some(failed) = results.iter().find(|result| !result.outcome.passed()) {
        return Err(StepError::input(
            format!("the bump command of `{repo}` failed: {failed}"),
            Advice::then("see its log and fix what it needs on this machine, then", NextAction::Resume),
        ));
    }
    let mut changes = checkout.changes(context, repo).await?;
    for file in checkout.new_files(context, repo).await? {
        if taken(command, &file, to)? {
            changes.push((file.path, Some(file.content)));
        }
    }
    in_store(context, repo, move |store| {
        let changes: Vec<(&str, Option<&[u8]>)> =
            changes.iter().map(|(path, bytes)| (path.as_str(), bytes.as_deref())).collect();
        Ok(store.with_files(&tree, &changes)?)
    })
    .await
}

/// Above this many bytes a file is not taken for text that people would read.
const LARGE: usize = 1 << 20;

/// Whether a new file belongs to the bump: the catalog names it, or names none and it is text.
fn taken(command: &BumpCommand, file: &NewFile, to: &Version) -> Result<bool, StepError> {
    if let Some(made) = &command.makes {
        let named = |glob: &String| glob_matches(&glob.replace("{version}", to.as_str()), &file.path);
        return Ok(made.iter().any(named));
    }
    if file.content.len() > LARGE || file.content.contains(&0) {
        return Err(StepError::input(
            format!("the bump command made `{}`, which does not look like a part of a release", file.path),
            "name the new files of the release with `makes` in the version rule (`makes = []` for none), or put this \
             one into `.gitignore`",
        ));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbering::semver;

    fn takes(makes: &str, path: &str, content: &[u8]) -> Result<bool, String> {
        let rule = format!(
            "run = ['x']\n{makes}\nversion = {{ kind = 'regex', file = 'V', pattern = '(?<version>.+)' }}"
        );
        let command: BumpCommand = toml::from_str(&rule).unwrap();
        let file = NewFile { path: path.to_owned(), content: content.to_vec() };
        taken(&command, &file, &semver("1.2.4")).map_err(|error| error.message)
    }

    #[test]
    fn new_text_belongs_to_the_bump_unless_the_catalog_names_others() {
        assert_eq!(takes("", "docs/1.2.4.md", b"news"), Ok(true));
        let makes = "makes = ['docs/{version}.md', 'api/*.json']";
        assert_eq!(takes(makes, "docs/1.2.4.md", b"news"), Ok(true));
        assert_eq!(takes(makes, "api/v1.json", b"\0"), Ok(true));
        assert_eq!(takes(makes, "docs/1.2.3.md", b"news"), Ok(false));
        assert_eq!(takes("makes = []", "a.o", b"\0"), Ok(false));
    }

    #[test]
    fn what_looks_like_something_built_is_named() {
        let message = takes("", "pump.o", b"\x7fELF\0").unwrap_err();
        assert!(message.contains("made `pump.o`"), "{message}");
    }
}
