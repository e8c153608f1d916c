//! Lists of a remote's references, asked for by many at once: while a remote is being asked, further questions gather, and one
//! more list answers them all. A step asks about one branch, and a release has hundreds; each list is a process and
//! two requests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::error::TransportError;
use crate::ids::CommitId;

/// What a remote lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteRefs {
    /// The references by full name, annotated tags at their commit.
    pub commits: BTreeMap<String, CommitId>,
    /// Those that are annotated tags.
    pub annotated: BTreeSet<String>,
}

/// Which references are asked for: full names, and beginnings of names with a `*` behind them. None means all.
pub(super) type Patterns = BTreeSet<String>;

impl RemoteRefs {
    /// What `git ls-remote` printed, or the line that cannot be read.
    pub(super) fn read(printed: &str) -> Result<RemoteRefs, String> {
        let mut found = RemoteRefs::default();
        for line in printed.lines() {
            let (id, name) = line.split_once('\t').ok_or(line)?;
            let id: CommitId = id.parse().map_err(|_| line)?;
            let (name, is_annotated) = name.strip_suffix("^{}").map_or((name, false), |name| (name, true));
            // The line of the commit follows the line of its tag.
            found.commits.insert(name.to_owned(), id);
            if is_annotated {
                found.annotated.insert(name.to_owned());
            }
        }
        Ok(found)
    }

    /// Those that are meant. git matches the ends of names, and others may have asked for more.
    fn only(&self, patterns: &Patterns) -> RemoteRefs {
        let is_meant = |name: &str| {
            let covers = |pattern: &String| match pattern.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => name == pattern,
            };
            patterns.is_empty() || patterns.contains(name) || patterns.iter().any(covers)
        };
        let commits = self.commits.iter().filter(|(name, _)| is_meant(name));
        let annotated = self.annotated.iter().filter(|name| is_meant(name));
        RemoteRefs {
            commits: commits.map(|(name, id)| (name.clone(), id.clone())).collect(),
            annotated: annotated.cloned().collect(),
        }
    }
}

/// The remotes of one place, with who asks about them.
#[derive(Debug, Clone, Default)]
pub(super) struct Listings(Arc<Mutex<BTreeMap<String, Questions>>>);

/// What is asked of one remote.
#[derive(Debug, Default)]
struct Questions {
    /// Held while the remote is asked.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// What is asked next: others may still join.
    next: Arc<Shared>,
}

/// Questions that one list answers.
#[derive(Debug, Default)]
struct Shared {
    wanted: Mutex<Option<Patterns>>,
    found: OnceCell<RemoteRefs>,
}

impl Listings {
    /// What the remote has of these, from a list that `list` begins after this call, here or for somebody else.
    ///
    /// # Errors
    /// Those of `list`, of one's own attempt: an error of another one is not shared.
    pub(super) async fn ask(
        &self,
        remote: &str,
        patterns: &Patterns,
        list: impl AsyncFnOnce(Patterns) -> Result<RemoteRefs, TransportError>,
    ) -> Result<RemoteRefs, TransportError> {
        let (turn, shared) = self.join(remote, patterns);
        let _turn = turn.lock().await;
        self.close(remote, &shared);
        let found = shared.found.get_or_try_init(async || list(shared.asked()).await).await?;
        Ok(found.only(patterns))
    }

    fn join(&self, remote: &str, patterns: &Patterns) -> (Arc<tokio::sync::Mutex<()>>, Arc<Shared>) {
        let mut remotes = lock(&self.0);
        let questions = remotes.entry(remote.to_owned()).or_default();
        questions.next.add(patterns);
        (Arc::clone(&questions.turn), Arc::clone(&questions.next))
    }

    /// From now on nobody joins these.
    fn close(&self, remote: &str, shared: &Arc<Shared>) {
        let mut remotes = lock(&self.0);
        if let Some(questions) = remotes.get_mut(remote)
            && Arc::ptr_eq(&questions.next, shared)
        {
            questions.next = Arc::default();
        }
    }
}

impl Shared {
    /// No patterns at all ask for everything, and so do all questions together then.
    fn add(&self, patterns: &Patterns) {
        let mut wanted = lock(&self.wanted);
        match &mut *wanted {
            None => *wanted = Some(patterns.clone()),
            Some(already) if already.is_empty() || patterns.is_empty() => already.clear(),
            Some(already) => already.extend(patterns.iter().cloned()),
        }
    }

    fn asked(&self) -> Patterns {
        lock(&self.wanted).clone().unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    fn refs(names: &[&str]) -> RemoteRefs {
        let id: CommitId = "1".repeat(40).parse().unwrap();
        let commits = names.iter().map(|name| ((*name).to_owned(), id.clone())).collect();
        RemoteRefs { commits, annotated: BTreeSet::new() }
    }

    fn patterns(names: &[&str]) -> Patterns {
        names.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn who_asks_while_a_remote_is_asked_shares_the_next_list() {
        let (listings, begun, go) = (Listings::default(), Notify::new(), Notify::new());
        let lists = Mutex::new(Vec::new());
        let ask = async |names: &[&str], is_first: bool| {
            let list = async |asked: Patterns| {
                let listed: Vec<&str> = asked.iter().map(String::as_str).collect();
                let found = refs(&listed);
                lock(&lists).push(asked);
                if is_first {
                    begun.notify_one();
                    go.notified().await;
                }
                Ok(found)
            };
            listings.ask("there", &patterns(names), list).await.unwrap()
        };
        let others = async {
            begun.notified().await;
            let release = async { go.notify_one() };
            tokio::join!(ask(&["refs/heads/b"], false), ask(&["refs/heads/c", "refs/tags/x"], false), release)
        };
        let (a, (b, c, ())) = tokio::join!(ask(&["refs/heads/a"], true), others);
        assert_eq!((a, b), (refs(&["refs/heads/a"]), refs(&["refs/heads/b"])));
        assert_eq!(c, refs(&["refs/heads/c", "refs/tags/x"]));
        let together = patterns(&["refs/heads/b", "refs/heads/c", "refs/tags/x"]);
        assert_eq!(*lock(&lists), [patterns(&["refs/heads/a"]), together]);
        ask(&["refs/heads/b"], false).await;
        assert_eq!(lock(&lists).len(), 3, "an answer was given again later");
    }

    #[tokio::test]
    async fn a_list_that_failed_is_asked_for_again_by_each() {
        let listings = Listings::default();
        let failed = async |_| Err(TransportError::InvalidRef { name: "none".to_owned() });
        assert!(listings.ask("there", &patterns(&["refs/heads/a"]), failed).await.is_err());
        let found = async |_| Ok(refs(&["refs/heads/a"]));
        assert_eq!(listings.ask("there", &patterns(&[]), found).await.unwrap(), refs(&["refs/heads/a"]));
    }

    #[test]
    fn only_what_is_meant_is_told() {
        let listed = refs(&["refs/heads/a", "refs/heads/x/refs/heads/a", "refs/tags/v1"]);
        assert_eq!(listed.only(&patterns(&["refs/heads/a"])), refs(&["refs/heads/a"]));
        let heads = listed.only(&patterns(&["refs/heads/*"]));
        assert_eq!(heads, refs(&["refs/heads/a", "refs/heads/x/refs/heads/a"]));
        assert_eq!(listed.only(&patterns(&[])), listed);
        let shared = Shared::default();
        shared.add(&patterns(&["refs/heads/a"]));
        shared.add(&patterns(&[]));
        shared.add(&patterns(&["refs/heads/b"]));
        assert_eq!(shared.asked(), patterns(&[]), "who asked for everything gets it");
    }
}
