//! Which released versions carry a vulnerability: the verdict on every tag of a line.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use git2::{Oid, Sort};

use super::assess::{AssessRequest, Assessor, Verdict};
use crate::git::plumbing::{WhileDoing, lookup, oid};
use crate::git::{GitError, Reference, Store};
use crate::ids::CommitId;

/// A released tag, and whether it is affected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TagVerdict {
    /// The tag without `refs/tags/`.
    pub tag: String,
    /// Its commit.
    pub commit: CommitId,
    /// The verdict on it.
    pub verdict: Verdict,
}

/// The tags of each head, in the order of the heads. A tag that several histories hold belongs to the one with the
/// fewest: the oldest line, for what was released before the lines parted. The default branch comes last, since it
/// holds the beginning of every line.
///
/// # Errors
/// [`GitError::Missing`] if a head is not here.
pub fn tags_by_line(store: &Store, heads: &[CommitId]) -> Result<Vec<Vec<Reference>>, GitError> {
    let tags = store.references("refs/tags/")?;
    let holders = holders(store, heads, &tags)?;
    let held = |index: &usize| holders.iter().filter(|heads| heads.contains(index)).count();
    let default = store.resolve("HEAD").ok();
    let mut order: Vec<usize> = (0..heads.len()).collect();
    order.sort_by_cached_key(|index| (heads.get(*index) == default.as_ref(), held(index), *index));
    let mut lines = vec![Vec::new(); heads.len()];
    for (tag, holders) in tags.into_iter().zip(holders) {
        if let Some(first) = order.iter().find(|index| holders.contains(index)) {
            lines[*first].push(tag);
        }
    }
    Ok(lines)
}

/// For each tag, the heads whose histories hold it, by their places. All histories are walked at once, for they share
/// most of their commits.
fn holders(store: &Store, heads: &[CommitId], tags: &[Reference]) -> Result<Vec<BTreeSet<usize>>, GitError> {
    let mut walk = store.raw().revwalk().doing(|| "walk the history".to_owned())?;
    walk.set_sorting(Sort::TOPOLOGICAL).doing(|| "order the history".to_owned())?;
    let mut reach: HashMap<Oid, Rc<BTreeSet<usize>>> = HashMap::new();
    for (index, head) in heads.iter().enumerate() {
        let id = oid(head)?;
        walk.push(id).map_err(|source| lookup(id, source))?;
        join(&mut reach, id, &Rc::new(BTreeSet::from([index])));
    }
    let wanted: HashSet<Oid> = tags.iter().map(|tag| oid(&tag.commit)).collect::<Result<_, _>>()?;
    let mut found = HashMap::new();
    for id in walk {
        let id = id.doing(|| "walk the history".to_owned())?;
        // Children come first, so everything that leads here has been told by now.
        let Some(from) = reach.remove(&id) else { continue };
        let commit = store.raw().find_commit(id).map_err(|source| lookup(id, source))?;
        commit.parent_ids().for_each(|parent| join(&mut reach, parent, &from));
        if wanted.contains(&id) {
            found.insert(id, from);
        }
    }
    let of = |tag: &Reference| {
        let heads = found.get(&oid(&tag.commit)?);
        Ok(heads.map(|heads| BTreeSet::clone(heads)).unwrap_or_default())
    };
    tags.iter().map(of).collect()
}

/// Along a line nothing changes, and one set serves all of it.
fn join(reach: &mut HashMap<Oid, Rc<BTreeSet<usize>>>, commit: Oid, heads: &Rc<BTreeSet<usize>>) {
    match reach.entry(commit) {
        Entry::Vacant(entry) => {
            entry.insert(Rc::clone(heads));
        }
        Entry::Occupied(mut entry) if !entry.get().is_superset(heads) => {
            let both = entry.get().union(heads).copied().collect();
            entry.insert(Rc::new(both));
        }
        Entry::Occupied(_) => {}
    }
}

impl Assessor {
    /// The verdict on each tag.
    ///
    /// # Errors
    /// As [`Assessor::assess`].
    pub fn assess_tags(
        &mut self,
        request: &AssessRequest,
        tags: &[Reference],
    ) -> Result<Vec<TagVerdict>, GitError> {
        let mut verdicts = Vec::new();
        for tag in tags {
            let assessed = self.assess(&AssessRequest { head: tag.commit.clone(), ..request.clone() })?;
            let name = tag.name.strip_prefix("refs/tags/").unwrap_or(&tag.name).to_owned();
            verdicts.push(TagVerdict { tag: name, commit: tag.commit.clone(), verdict: assessed.verdict });
        }
        Ok(verdicts)
    }
}
