//! The objects that the other side of a push lacks, packed and passed on as they are packed.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt as _};
use git2::{ErrorClass, ErrorCode, ObjectType, Oid, PackBuilder, Repository, Sort, Tree};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::silence::Progress;
use crate::git::objects::store::Store;

/// How much is passed on at once.
const PIECE: usize = 64 << 10;

/// How much may wait to be sent.
const WAITING: usize = 8;

/// A piece of it, or that there will be no more.
type Piece = io::Result<Bytes>;

/// A pack in the making.
pub(super) struct OutgoingPack {
    beginning: Bytes,
    /// `None` where that is all of it.
    rest: Option<(Bytes, Receiver<Piece>)>,
}

impl OutgoingPack {
    /// Packs what these objects need and the other side does not have. `None` if the store lacks some of it.
    pub(super) async fn begin(store: &Path, wanted: Vec<Oid>, known: Vec<Oid>) -> Option<OutgoingPack> {
        let (sender, mut rest) = channel(WAITING);
        let store = store.to_owned();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = pack(&store, &wanted, &known, &sender) {
                // Nobody waits for it any more: then there is nobody to be told.
                let _ = sender.blocking_send(Err(io::Error::other(error)));
            }
        });
        let beginning = rest.recv().await?.ok()?;
        let rest = match rest.recv().await {
            Some(second) => Some((second.ok()?, rest)),
            None => None,
        };
        Some(OutgoingPack { beginning, rest })
    }

    /// The body of a request: this behind something else. A small one says how long it is.
    pub(super) fn behind(self, before: Bytes, progress: Progress) -> Body {
        let whole = Bytes::from([before, self.beginning].concat());
        let Some((second, mut rest)) = self.rest else { return Body::from(whole) };
        let more = stream::poll_fn(move |context| rest.poll_recv(context));
        let pieces = stream::iter([Ok(whole), Ok(second)]).chain(more);
        Body::from_stream(pieces.inspect(move |_| progress.happened()))
    }
}

fn pack(store: &Path, wanted: &[Oid], known: &[Oid], to: &Sender<Piece>) -> Result<(), git2::Error> {
    let store = Store::open(store).map_err(|error| git2::Error::from_str(&error.to_string()))?;
    let mut gathering =
        Gathering { git: store.raw(), pack: store.raw().packbuilder()?, gathered: HashSet::new() };
    gathering.histories(wanted, known)?;
    let mut piece = BytesMut::with_capacity(PIECE);
    gathering.pack.foreach(|bytes| {
        piece.extend_from_slice(bytes);
        piece.len() < PIECE || to.blocking_send(Ok(piece.split().freeze())).is_ok()
    })?;
    to.blocking_send(Ok(piece.freeze())).map_err(|_| {
        git2::Error::new(ErrorCode::User, ErrorClass::Callback, "nobody waits for the pack any more")
    })
}

/// What goes into the pack.
struct Gathering<'g> {
    git: &'g Repository,
    pack: PackBuilder<'g>,
    gathered: HashSet<Oid>,
}

impl Gathering<'_> {
    /// All that these lead to, without what the known ones lead to.
    fn histories(&mut self, wanted: &[Oid], known: &[Oid]) -> Result<(), git2::Error> {
        let mut walk = self.git.revwalk()?;
        // What a tree is compared with is there before it.
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        for id in wanted {
            let commit = self.tags(*id)?;
            walk.push(commit)?;
        }
        let odb = self.git.odb()?;
        let known = known.iter().filter(|id| odb.exists(**id));
        for id in known {
            let commit = self.git.find_object(*id, None).and_then(|object| object.peel(ObjectType::Commit));
            if let Ok(commit) = commit {
                walk.hide(commit.id())?;
            }
        }
        for commit in walk {
            self.commit(commit?)?;
        }
        Ok(())
    }

    /// The commit that an annotated tag is of, with the tags on the way there.
    fn tags(&mut self, id: Oid) -> Result<Oid, git2::Error> {
        let mut object = self.git.find_object(id, None)?;
        while let Some(tag) = object.as_tag() {
            self.take(object.id(), "")?;
            object = tag.target()?;
        }
        Ok(object.id())
    }

    /// A commit, and of its files those that none of its parents has at the same place: those are there, or go along.
    fn commit(&mut self, id: Oid) -> Result<(), git2::Error> {
        self.take(id, "")?;
        let commit = self.git.find_commit(id)?;
        let parents: Result<Vec<Tree<'_>>, git2::Error> =
            commit.parent_ids().map(|id| self.git.find_commit(id)?.tree()).collect();
        self.tree(commit.tree_id(), &parents?, "")
    }

    fn tree(&mut self, id: Oid, there: &[Tree<'_>], path: &str) -> Result<(), git2::Error> {
        if there.iter().any(|tree| tree.id() == id) || !self.take(id, path)? {
            return Ok(());
        }
        for entry in &self.git.find_tree(id)? {
            let same = |tree: &Tree<'_>| tree.get_name_bytes(entry.name_bytes()).map(|there| there.id());
            let before: Vec<Oid> = there.iter().filter_map(same).collect();
            if before.contains(&entry.id()) {
                continue;
            }
            let path = format!("{path}/{}", String::from_utf8_lossy(entry.name_bytes()));
            match entry.kind() {
                Some(ObjectType::Tree) => {
                    let before: Vec<Tree<'_>> =
                        before.into_iter().filter_map(|id| self.git.find_tree(id).ok()).collect();
                    self.tree(entry.id(), &before, &path)?;
                }
                Some(ObjectType::Blob) => drop(self.take(entry.id(), &path)?),
                // A submodule's commit is another repository's.
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes an object; whether it was not there yet. Of objects with similar names one may be told by the other.
    fn take(&mut self, id: Oid, name: &str) -> Result<bool, git2::Error> {
        let is_new = self.gathered.insert(id);
        if is_new {
            self.pack.insert_object(id, Some(name))?;
        }
        Ok(is_new)
    }
}
