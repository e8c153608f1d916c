//! The second opinion: libgit2's own merge, which differs from ours in diff algorithm and in rename search.
//!
//! It is asked about each text that was merged, right where it is merged; about the touched files together, in trees
//! that hold nothing else, where files were renamed; or about the whole trees, where they are small enough.

use std::collections::{BTreeMap, BTreeSet};

use git2::{MergeOptions, Oid, Repository};

use super::merge::{Merged, Trees};
use super::opinion::{Confirmation, SecondOpinion};
use crate::git::GitError;
use crate::git::plumbing::{Lookup, PathBytes, Sink, TreeChange, Updates, WhileDoing, changes, updated};

/// How many new files libgit2 compares with the vanished ones. Its default of 200 misses renames between lines.
const TARGETS: u32 = 10_000;

/// What the second engine says.
pub(in crate::backport) enum Opinion {
    Agrees(Confirmation),
    Differs(BTreeSet<PathBytes>),
}

/// Asks the second engine about a clean merge whose tree is `ours` with `merged.updates`.
pub(in crate::backport) fn ask(
    repository: &Repository,
    trees: Trees,
    fix: &[TreeChange],
    merged: &Merged,
    result: Oid,
    (scope, sink): (SecondOpinion, &Sink),
) -> Result<Opinion, GitError> {
    let renamed = !merged.fix_renames.is_empty() || !merged.followed.is_empty();
    match scope {
        SecondOpinion::None => Ok(Opinion::Agrees(Confirmation::NotAsked)),
        SecondOpinion::TouchedFiles if !merged.differing.is_empty() => {
            Ok(Opinion::Differs(merged.differing.clone()))
        }
        SecondOpinion::TouchedFiles if !renamed => Ok(Opinion::Agrees(match merged.content_merges {
            0 => Confirmation::SameFiles,
            _ => Confirmation::SecondEngine,
        })),
        SecondOpinion::TouchedFiles => {
            sink.release(repository)?;
            let (small, wanted) = only_touched(repository, trees, fix, merged)?;
            compare(repository, small, wanted, Confirmation::SecondEngine)
        }
        SecondOpinion::WholeTree => {
            sink.release(repository)?;
            compare(repository, trees, result, Confirmation::SecondEngineWholeTree)
        }
    }
}

fn compare(
    repository: &Repository,
    trees: Trees,
    wanted: Oid,
    good: Confirmation,
) -> Result<Opinion, GitError> {
    let open = |id| repository.find_tree(id).doing(|| format!("read tree {id}"));
    let mut options = MergeOptions::new();
    options.find_renames(true).target_limit(TARGETS);
    let (base, ours, theirs) = (open(trees.base)?, open(trees.ours)?, open(trees.theirs)?);
    let Ok(mut index) = repository.merge_trees(&base, &ours, &theirs, Some(&options)) else {
        // libgit2 gives up where a blob is not in this clone; then there is no second opinion to be had.
        return Ok(Opinion::Agrees(Confirmation::NotAsked));
    };
    if index.has_conflicts() {
        let conflicts = index.conflicts().doing(|| "read the second engine's conflicts".to_owned())?;
        let paths = conflicts.flatten().filter_map(|conflict| {
            conflict.our.or(conflict.their).or(conflict.ancestor).map(|entry| entry.path)
        });
        return Ok(Opinion::Differs(paths.collect()));
    }
    let theirs = index.write_tree_to(repository).doing(|| "write the second engine's tree".to_owned())?;
    if theirs == wanted {
        return Ok(Opinion::Agrees(good));
    }
    let differing = changes(repository, wanted, theirs)?;
    Ok(Opinion::Differs(differing.into_iter().map(|change| change.path).collect()))
}

/// The three trees and the result, cut down to the files that the fix or the merge touched.
fn only_touched(
    repository: &Repository,
    trees: Trees,
    fix: &[TreeChange],
    merged: &Merged,
) -> Result<(Trees, Oid), GitError> {
    let mut paths: BTreeSet<&[u8]> = merged.updates.keys().map(Vec::as_slice).collect();
    paths.extend(fix.iter().map(|change| change.path.as_slice()));
    paths.extend(merged.followed.iter().map(|rename| rename.to.as_slice()));
    let empty = repository.treebuilder(None).and_then(|builder| builder.write());
    let empty = empty.doing(|| "write the empty tree".to_owned())?;
    let cut = |tree: Oid| -> Result<Updates, GitError> {
        let mut lookup = Lookup::new(repository, tree)?;
        let mut kept = BTreeMap::new();
        for path in &paths {
            if let Some(entry) = lookup.file(path)? {
                kept.insert(path.to_vec(), Some(entry));
            }
        }
        Ok(kept)
    };
    let write = |files: &Updates| updated(repository, empty, files);
    let ours = cut(trees.ours)?;
    let mut result = ours.clone();
    result.extend(merged.updates.clone());
    let small =
        Trees { base: write(&cut(trees.base)?)?, ours: write(&ours)?, theirs: write(&cut(trees.theirs)?)? };
    Ok((small, write(&result)?))
}
