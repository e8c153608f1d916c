//! Which released versions carry a vulnerability: the verdict on every tag of a line.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use git2::{Oid, Sort};

use super::assess::{AssessRequest, Assessor, Verdict};
use crate::git::plumbing::{WhileDoing, lookup, oid};
use crate::git::{GitError, Reference, Store};
use crate::ids::CommitId;
use crate::numbering::{Version, version_at_end};

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

/// Where a tag stands among branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagPlace {
    /// The history of this head holds it.
    On(usize),
    /// It is one commit beside this head's history, as projects make that add built files to a release.
    Beside(usize),
    /// Neither.
    Elsewhere,
}

/// Where each tag stands among these heads. A tag that several histories hold belongs to the oldest line, for what was
/// released before the lines parted: the one that shares least with the default branch, and of two the one with fewer tags. The
/// default branch comes after them, since it holds the beginning of every line, and those that are `newer` than it come last,
/// since they hold all of its own. All histories are walked at once, for they share most of their commits.
///
/// # Errors
/// [`GitError::Missing`] if a head is not here.
pub fn place_tags(
    store: &Store,
    heads: &[CommitId],
    (default, newer): (Option<usize>, &BTreeSet<usize>),
    tags: &[Reference],
) -> Result<Vec<TagPlace>, GitError> {
    let reach = reach(store, heads)?;
    let ids: Vec<Oid> = tags.iter().map(|tag| oid(&tag.commit)).collect::<Result<_, _>>()?;
    let held = |index: &usize| {
        ids.iter().filter(|id| reach.get(id).is_some_and(|heads| heads.contains(index))).count()
    };
    let shared = shared_with(default, &reach, heads.len());
    let mut order: Vec<usize> = (0..heads.len()).collect();
    order.sort_by_cached_key(|index| {
        (newer.contains(index), Some(*index) == default, shared[*index], held(index), *index)
    });
    let tagged: HashSet<Oid> = ids.iter().copied().collect();
    let first = |id: &Oid| {
        let holders = reach.get(id)?;
        order.iter().copied().find(|index| holders.contains(index))
    };
    let place = |id: &Oid| {
        let on = first(id).map(TagPlace::On);
        on.or_else(|| first(&beside(store, &reach, &tagged, *id)?).map(TagPlace::Beside))
    };
    Ok(ids.iter().map(|id| place(id).unwrap_or(TagPlace::Elsewhere)).collect())
}

/// How many commits the history of each head shares with the default branch: a line that parted earlier shares fewer, however many
/// releases it has had since.
fn shared_with(
    default: Option<usize>,
    reach: &HashMap<Oid, Rc<BTreeSet<usize>>>,
    heads: usize,
) -> Vec<usize> {
    let mut shared = vec![0; heads];
    let Some(default) = default else { return shared };
    for holders in reach.values().filter(|holders| holders.contains(&default)) {
        holders.iter().for_each(|head| shared[*head] += 1);
    }
    shared
}

/// The commit of a branch beside which a commit stands: nothing but the commit itself and other releases lie between
/// them.
fn beside(
    store: &Store,
    reach: &HashMap<Oid, Rc<BTreeSet<usize>>>,
    tagged: &HashSet<Oid>,
    commit: Oid,
) -> Option<Oid> {
    let mut seen = HashSet::from([commit]);
    let mut waiting = VecDeque::from([commit]);
    while let Some(id) = waiting.pop_front() {
        if reach.contains_key(&id) {
            return Some(id);
        }
        if id != commit && !tagged.contains(&id) {
            return None;
        }
        // A commit that this clone lacks ends the search.
        let found = store.raw().find_commit(id).ok()?;
        waiting.extend(found.parent_ids().filter(|parent| seen.insert(*parent)));
    }
    None
}

/// The tags that each head's history holds, in the order of the heads; a version of another line is given to that.
///
/// # Errors
/// [`GitError::Missing`] if a head is not here.
pub fn tags_by_line(store: &Store, heads: &[CommitId]) -> Result<Vec<Vec<Reference>>, GitError> {
    let tags = store.references("refs/tags/")?;
    let default = store.resolve("HEAD").ok();
    let default = heads.iter().position(|head| Some(head) == default.as_ref());
    let places = place_tags(store, heads, (default, &BTreeSet::new()), &tags)?;
    let mut lines = vec![Vec::new(); heads.len()];
    for (tag, place) in tags.into_iter().zip(places) {
        if let TagPlace::On(head) = place {
            lines[head].push(tag);
        }
    }
    Ok(between_their_own(lines, default))
}

/// The tags of each line; those of the default branch of which a version stands between two of another line are given to that: it was
/// released there before the line had its branch, say.
fn between_their_own(mut lines: Vec<Vec<Reference>>, default: Option<usize>) -> Vec<Vec<Reference>> {
    let Some(default) = default else { return lines };
    let mut all: Vec<(String, Version, usize, Reference)> = Vec::new();
    for (line, tags) in lines.iter().enumerate() {
        let read = tags.iter().filter_map(|tag| {
            let (before, version) = version_at_end(&tag.name)?;
            Some((before.trim_end_matches(['v', 'V']).to_owned(), version, line, tag.clone()))
        });
        all.extend(read);
    }
    all.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    for three in all.windows(3) {
        let [below, (prefix, _, line, tag), above] = three else { continue };
        let of_one_line = below.2 == above.2 && below.2 != default;
        if *line == default && of_one_line && below.0 == *prefix && above.0 == *prefix {
            lines[default].retain(|other| other.name != tag.name);
            lines[below.2].push(tag.clone());
        }
    }
    lines
}

/// For each commit, the heads whose histories hold it, by their places.
fn reach(store: &Store, heads: &[CommitId]) -> Result<HashMap<Oid, Rc<BTreeSet<usize>>>, GitError> {
    let mut walk = store.raw().revwalk().doing(|| "walk the history".to_owned())?;
    walk.set_sorting(Sort::TOPOLOGICAL).doing(|| "order the history".to_owned())?;
    let mut reach: HashMap<Oid, Rc<BTreeSet<usize>>> = HashMap::new();
    for (index, head) in heads.iter().enumerate() {
        let id = oid(head)?;
        walk.push(id).map_err(|source| lookup(id, source))?;
        join(&mut reach, id, &Rc::new(BTreeSet::from([index])));
    }
    for id in walk {
        let id = id.doing(|| "walk the history".to_owned())?;
        // Children come first, so everything that leads here has been told by now.
        let Some(from) = reach.get(&id).map(Rc::clone) else { continue };
        let commit = store.raw().find_commit(id).map_err(|source| lookup(id, source))?;
        commit.parent_ids().for_each(|parent| join(&mut reach, parent, &from));
    }
    Ok(reach)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_between_two_of_another_line_is_of_that_line() {
        let tag =
            |name: &&str| Reference { name: (*name).to_owned(), commit: "a".repeat(40).parse().unwrap() };
        let lines = |lines: [&[&str]; 2]| lines.map(|tags| tags.iter().map(tag).collect::<Vec<_>>()).to_vec();
        let names = |lines: Vec<Vec<Reference>>| -> Vec<Vec<String>> {
            lines.into_iter().map(|tags| tags.into_iter().map(|tag| tag.name).collect()).collect()
        };
        let given =
            between_their_own(lines([&["v1.1.0", "v2.0.0", "api/v1.1.1"], &["v1.0.0", "1.2.0"]]), Some(0));
        assert_eq!(names(given), [&["v2.0.0", "api/v1.1.1"][..], &["v1.0.0", "1.2.0", "v1.1.0"]]);
        for apart in [
            lines([&["v1.3.0", "v2.0.0"], &["v1.0.0", "v1.2.0"]]),
            lines([&["v1.0.0", "v1.1.0"], &["v1.0.1"]]),
        ] {
            assert_eq!(between_their_own(apart.clone(), Some(0)), apart);
        }
    }
}
