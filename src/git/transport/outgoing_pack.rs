//! The objects that the other side of a push lacks, packed and passed on as they are packed.

use std::io;
use std::path::Path;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt as _};
use git2::{ErrorClass, ErrorCode, Oid};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::new_objects::each_new_object;
use super::silence::Progress;
use crate::git::objects::store::Store;

/// How much is passed on at once.
const PIECE: usize = 64 << 10;

/// How much may wait to be sent.
const WAITING: usize = 8;

/// How many objects are packed by several threads.
const MANY: usize = 5000;

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
    let mut pack = store.raw().packbuilder()?;
    // Of objects with similar names one may be told by the other.
    let mut take = |id, name: &str| pack.insert_object(id, Some(name));
    each_new_object(store.raw(), wanted, known.iter().copied(), &mut take)?;
    if pack.object_count() > MANY {
        pack.set_threads(0);
    }
    let mut piece = BytesMut::with_capacity(PIECE);
    pack.foreach(|bytes| {
        piece.extend_from_slice(bytes);
        piece.len() < PIECE || to.blocking_send(Ok(piece.split().freeze())).is_ok()
    })?;
    to.blocking_send(Ok(piece.freeze())).map_err(|_| {
        git2::Error::new(ErrorCode::User, ErrorClass::Callback, "nobody waits for the pack any more")
    })
}
