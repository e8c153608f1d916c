//! The commit that raises a line's version: the same commit whenever it is made again from the same head.

use super::purpose::Purpose;
use super::tree_files::{TreeFiles, with_changes};
use super::{bump_command, packages, purpose};
use crate::catalog::ReleaseRule;
use crate::git::Store;
use crate::ids::{CommitId, RepoName, TreeId};
use crate::next_action::{Advice, NextAction};
use crate::numbering::Version;
use crate::steps::context::StepContext;
use crate::steps::error::StepError;
use crate::steps::local::{committer, in_store};
use crate::steps::patch::idle::released_before;
use crate::steps::patch::left_out::gets_nothing;
use crate::steps::publish::public::release;
use crate::version::{BumpMethod, DependencyRule, NotesRule, VersionError, Versioning};

/// A version bump, made in the store.
#[derive(Debug, Clone)]
pub(in crate::steps) struct Bump {
    pub(in crate::steps) commit: CommitId,
    /// The lines that it adds, for the leak guard.
    pub(in crate::steps) added: Vec<String>,
    /// What everybody sees of the commit itself, for the guard as well: its message, and who wrote and committed it.
    pub(in crate::steps) seen: String,
}

impl Bump {
    /// The bump that stands in the store as this commit.
    pub(in crate::steps) fn of(store: &Store, commit: CommitId) -> Result<Bump, StepError> {
        let info = store.commit_info(&commit)?;
        let people = [&info.author, &info.committer].map(|who| format!("{} <{}>", who.name, who.email));
        let seen = [info.message].into_iter().chain(people).collect::<Vec<_>>().join("\n");
        Ok(Bump { added: store.added_lines(&commit)?, commit, seen })
    }
}

/// The title of the bump, its pull request and its merge.
pub(in crate::steps) fn title(context: &StepContext) -> Result<String, StepError> {
    purpose::title(context)
}

/// What stands below the title: the marker by which the project's own CI knows a release, if it wants one. Not a
/// word about the fixes.
pub(in crate::steps) fn body(context: &StepContext) -> Result<String, StepError> {
    if Purpose::of(context) == Purpose::Development {
        return Ok(String::new());
    }
    let rule = context.inputs().release_rule(context.repo()?);
    Ok(rule.and_then(ReleaseRule::marker).map(ToOwned::to_owned).unwrap_or_default())
}

/// Why a line at a commit that states this version gets no bump: it is the one that is released, those of its packages are
/// there, too, and nothing waits for a marked commit. A project that releases by one (Wasmtime's 48.0.0, stated since its branch was cut) would wait for its tag
/// without end.
pub(in crate::steps) async fn needless(
    context: &StepContext,
    commit: &CommitId,
    stated: Option<&Version>,
) -> Result<Option<String>, StepError> {
    let to = purpose::to(context)?;
    let is_there = stated == Some(to)
        && body(context)?.is_empty()
        && packages::behind(context, commit).await?.is_empty();
    if is_there {
        return Ok(Some(format!("{} states {to} already", context.target_subject())));
    }
    let is_taken_back = stated.is_none()
        && Purpose::of(context) == Purpose::Development
        && versioning(context)?.is_in_files()
        && packages::behind(context, commit).await?.is_empty();
    Ok(is_taken_back.then(|| format!("{} states no version any more", context.target_subject())))
}

/// Makes the bump on this head of the line. Nobody sees it yet.
pub(in crate::steps) async fn make(context: &StepContext, head: &CommitId) -> Result<Bump, StepError> {
    let versioning = versioning(context)?;
    let name = context.repo()?.name.clone();
    let to = purpose::to(context)?.clone();
    let base = head.clone();
    let raised = match versioning.method() {
        // No file states another version: only what it carries is raised.
        _ if match version_at(context, &base).await? {
            Some(stated) => stated == to,
            None => !versioning.is_in_files(),
        } =>
        {
            let base = base.clone();
            in_store(context, &name, move |store| Ok(store.tree_of(&base)?)).await?
        }
        BumpMethod::Run(command) => bump_command::run(context, &name, &base, command, &to).await?,
        BumpMethod::Rewrite => {
            let (versioning, base, to) = (versioning.clone(), base.clone(), to.clone());
            in_store(context, &name, move |store| {
                let tree = store.tree_of(&base)?;
                let changes = versioning.write(&TreeFiles::in_tree(store, tree.clone()), &to)?;
                Ok(with_changes(store, &tree, &changes)?)
            })
            .await?
        }
    };
    let packages = packages::raised(context)?;
    let carried = match Purpose::of(context) {
        Purpose::Release => carried(context)?,
        // What the line carries stays as it was released.
        Purpose::Development => Vec::new(),
    };
    let message = message(&title(context)?, &body(context)?);
    let who = committer(context)?;
    let coming = coming(context)?;
    in_store(context, &name, move |store| {
        let tree = packages::raise(store, raised, &packages)?;
        let tree = carry(store, tree, &carried)?;
        let tree = coming.map_or_else(|| Ok(tree.clone()), |coming| coming.headed(store, &tree))?;
        let left = stated(&versioning, &TreeFiles::in_tree(store, tree.clone()))?;
        if let Some(left) = left.filter(|left| *left != to) {
            return Err(StepError::input(
                format!("the bump left version {left} in place of {to}"),
                "correct the version rule or command in the catalog",
            ));
        }
        Bump::of(store, store.commit_as(&tree, &[base], &message, &who.signature, &who)?)
    })
    .await
}

/// The version that comes next, as the changelog goes on with it after a release.
struct ComingNotes {
    rule: NotesRule,
    version: Version,
}

/// What the changelog goes on with, if the bump is the one after a release and the catalog says so.
fn coming(context: &StepContext) -> Result<Option<ComingNotes>, StepError> {
    let (repo, release) = (context.repo()?, release(context)?);
    let rule = context.inputs().notes(repo, &context.target()?.branch);
    let rule = rule.filter(|rule| rule.coming.is_some() && Purpose::of(context) == Purpose::Development);
    let version = release.after.as_ref().and_then(|after| after.announces_after(&release.to));
    Ok(rule.cloned().zip(version).map(|(rule, version)| ComingNotes { rule, version }))
}

impl ComingNotes {
    fn headed(&self, store: &Store, tree: &TreeId) -> Result<TreeId, StepError> {
        let changes = self.rule.go_on(&TreeFiles::in_tree(store, tree.clone()), &self.version);
        let changes = changes.map_err(|cause| {
            StepError::input(
                format!("failed to write the heading of {}, which comes next: {cause}", self.version),
                Advice::then("correct `notes` in the catalog, then", NextAction::Amend { digest: None }),
            )
        })?;
        Ok(if changes.is_empty() { tree.clone() } else { with_changes(store, tree, &changes)? })
    }
}

/// The version that the files of a commit state; `None` where no file does.
pub(in crate::steps) async fn version_at(
    context: &StepContext,
    commit: &CommitId,
) -> Result<Option<Version>, StepError> {
    let (versioning, commit) = (versioning(context)?, commit.clone());
    let name = &context.repo()?.name;
    in_store(context, name, move |store| stated(&versioning, &TreeFiles::of(store, &commit)?)).await
}

fn stated(versioning: &Versioning, files: &TreeFiles<'_>) -> Result<Option<Version>, StepError> {
    Ok(versioning.stated(files)?)
}

fn versioning(context: &StepContext) -> Result<Versioning, StepError> {
    let repo = context.repo()?;
    context
        .inputs()
        .versioning(repo, &context.target()?.branch)
        .ok_or_else(|| StepError::internal(format!("nothing says how `{}` carries its version", repo.name)))
}

/// The new versions of other repositories that the line carries, and where each is written.
fn carried(context: &StepContext) -> Result<Vec<(RepoName, Version, DependencyRule)>, StepError> {
    let depends = &context.repo()?.depends;
    let (plan, facts) = (&context.plan, &context.facts);
    let rules = context.target()?.carries.iter().filter_map(|carried| {
        let from = plan.target(&carried.repo, &carried.branch);
        let from = from.filter(|from| !gets_nothing(plan, facts, from))?;
        let dependency = depends.iter().find(|dependency| dependency.on == carried.repo)?;
        let version = released_before(plan, facts, from).unwrap_or(&carried.version).clone();
        Some((carried.repo.clone(), version, dependency.rule.clone()))
    });
    Ok(rules.collect())
}

fn carry(
    store: &Store,
    tree: TreeId,
    carried: &[(RepoName, Version, DependencyRule)],
) -> Result<TreeId, StepError> {
    carried.iter().try_fold(tree, |tree, (_, version, rule)| {
        match rule.write(&TreeFiles::in_tree(store, tree.clone()), version) {
            Ok(changes) => Ok(with_changes(store, &tree, &changes)?),
            // The line has it already: a lock file or an earlier bump brought it.
            Err(VersionError::Unchanged { .. }) => Ok(tree),
            Err(error) => Err(error.into()),
        }
    })
}

/// A commit message of a title and what stands below it.
pub(in crate::steps) fn message(title: &str, body: &str) -> String {
    if body.is_empty() { format!("{title}\n") } else { format!("{title}\n\n{body}\n") }
}

impl From<VersionError> for StepError {
    fn from(error: VersionError) -> StepError {
        StepError::input(
            error.to_string(),
            "correct the version rule in the catalog, or the files of the line",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Trigger;

    #[test]
    fn marker_stands_in_the_message_of_projects_that_release_by_merging() {
        let rule = ReleaseRule::started_by;
        let marked = rule(Trigger::MergeMarker("[release-this]".into()));
        assert_eq!(message("Bump to 1.2.4", marked.marker().unwrap()), "Bump to 1.2.4\n\n[release-this]\n");
        assert_eq!(rule(Trigger::PushTag).marker(), None);
        assert_eq!(message("Bump to 1.2.4", ""), "Bump to 1.2.4\n");
    }
}
