//! One answer for many who ask: while a place is being asked, further questions gather, and the next answer is for all of
//! them. A step asks about one branch, and a release has hundreds, which come to a step together.
//!
//! No answer is given that was begun before its question was put: what is seen is as fresh as if each had asked alone.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

/// How often others are let go first, which may be about to ask the same.
const YIELDS: usize = 8;

/// What can be asked in one go.
pub trait Question: Clone + Default {
    /// Asks for what another one asks for, too.
    fn join(&mut self, other: &Self);
}

/// All who ask the same ask for the same.
impl Question for () {
    fn join(&mut self, (): &()) {}
}

/// Who asks, by place.
#[derive(Debug)]
pub struct SharedAnswers<P, Q, A>(Arc<Mutex<Places<P, Q, A>>>);

type Places<P, Q, A> = HashMap<P, Asked<Q, A>>;

/// What is asked of one place.
#[derive(Debug)]
struct Asked<Q, A> {
    /// Held while the place is asked.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// What is asked next: others may still join.
    next: Arc<Round<Q, A>>,
}

/// Questions that one answer serves.
#[derive(Debug)]
struct Round<Q, A> {
    wanted: Mutex<Option<Q>>,
    found: OnceCell<A>,
}

impl<P: Clone + Eq + Hash, Q: Question, A: Clone> SharedAnswers<P, Q, A> {
    /// What `ask`, begun after this call, here or for somebody else, answered to this question and those that joined it. An answer
    /// that failed is shared like any other: of a place that says nothing, all know it when one has waited.
    pub async fn ask(&self, place: &P, question: &Q, ask: impl AsyncFnOnce(Q) -> A) -> A {
        let (turn, round) = self.join(place, question);
        let mine = turn.lock_owned().await;
        for _ in 0..YIELDS {
            tokio::task::yield_now().await;
        }
        self.close(place, &round);
        let found = round.found.get_or_init(async || ask(round.asked()).await).await.clone();
        drop(mine);
        self.forget(place);
        found
    }

    fn join(&self, place: &P, question: &Q) -> (Arc<tokio::sync::Mutex<()>>, Arc<Round<Q, A>>) {
        let mut places = lock(&self.0);
        let asked = places.entry(place.clone()).or_default();
        asked.next.add(question);
        (Arc::clone(&asked.turn), Arc::clone(&asked.next))
    }

    /// From now on nobody joins these.
    fn close(&self, place: &P, round: &Arc<Round<Q, A>>) {
        let mut places = lock(&self.0);
        if let Some(asked) = places.get_mut(place)
            && Arc::ptr_eq(&asked.next, round)
        {
            asked.next = Arc::default();
        }
    }

    /// A place that nobody waits for is not kept.
    fn forget(&self, place: &P) {
        let mut places = lock(&self.0);
        if places.get(place).is_some_and(|asked| Arc::strong_count(&asked.turn) == 1) {
            places.remove(place);
        }
    }
}

impl<Q: Question, A> Round<Q, A> {
    fn add(&self, question: &Q) {
        match &mut *lock(&self.wanted) {
            Some(already) => already.join(question),
            none => *none = Some(question.clone()),
        }
    }

    fn asked(&self) -> Q {
        lock(&self.wanted).clone().unwrap_or_default()
    }
}

impl<P, Q, A> Clone for SharedAnswers<P, Q, A> {
    fn clone(&self) -> Self {
        SharedAnswers(Arc::clone(&self.0))
    }
}

impl<P, Q, A> Default for SharedAnswers<P, Q, A> {
    fn default() -> Self {
        SharedAnswers(Arc::default())
    }
}

impl<Q, A> Default for Asked<Q, A> {
    fn default() -> Self {
        Asked { turn: Arc::default(), next: Arc::default() }
    }
}

impl<Q, A> Default for Round<Q, A> {
    fn default() -> Self {
        Round { wanted: Mutex::default(), found: OnceCell::new() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tokio::sync::Notify;

    use super::*;

    #[derive(Clone, Default, Debug, PartialEq, Eq)]
    struct Words(BTreeSet<String>);

    impl Question for Words {
        fn join(&mut self, other: &Words) {
            self.0.extend(other.0.iter().cloned());
        }
    }

    fn words(words: &[&str]) -> Words {
        Words(words.iter().map(ToString::to_string).collect())
    }

    #[tokio::test]
    async fn who_asks_while_a_place_is_asked_shares_the_next_answer() {
        let (answers, begun, go) = (SharedAnswers::default(), Notify::new(), Notify::new());
        let asked_for = Mutex::new(Vec::new());
        let ask = async |question: &[&str], is_first: bool| {
            let ask = async |asked: Words| {
                lock(&asked_for).push(asked.clone());
                if is_first {
                    begun.notify_one();
                    go.notified().await;
                }
                asked
            };
            answers.ask(&"there", &words(question), ask).await
        };
        let others = async {
            begun.notified().await;
            let release = async { go.notify_one() };
            tokio::join!(ask(&["b"], false), ask(&["c", "x"], false), release)
        };
        let (a, (b, c, ())) = tokio::join!(ask(&["a"], true), others);
        let together = words(&["b", "c", "x"]);
        assert_eq!((&a, &b, &c), (&words(&["a"]), &together, &together));
        assert_eq!(*lock(&asked_for), [words(&["a"]), together]);
        ask(&["b"], false).await;
        assert_eq!(lock(&asked_for).len(), 3, "an answer was given again later");
        assert!(lock(&answers.0).is_empty(), "a place is kept that nobody asks");
    }

    #[tokio::test]
    async fn those_of_one_moment_ask_once() {
        let answers: SharedAnswers<_, _, Words> = SharedAnswers::default();
        let count = Mutex::new(0);
        let ask = async |word: &str| {
            let ask = async |asked| {
                *lock(&count) += 1;
                asked
            };
            answers.ask(&"there", &words(&[word]), ask).await
        };
        let (a, b, c) = tokio::join!(ask("a"), ask("b"), ask("c"));
        assert_eq!([a, b, c], [(); 3].map(|()| words(&["a", "b", "c"])));
        assert_eq!(*lock(&count), 1);
    }

    #[tokio::test]
    async fn what_failed_is_told_to_all_of_its_moment_and_asked_again_later() {
        let answers: SharedAnswers<&str, (), Result<u8, &str>> = SharedAnswers::default();
        let count = Mutex::new(0);
        let ask = async || {
            let ask = async |()| {
                *lock(&count) += 1;
                Err("silent")
            };
            answers.ask(&"there", &(), ask).await
        };
        let (a, b) = tokio::join!(ask(), ask());
        assert_eq!((a, b, *lock(&count)), (Err("silent"), Err("silent"), 1));
        assert_eq!(answers.ask(&"there", &(), async |()| Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn who_gives_up_while_asking_leaves_the_question_to_the_next() {
        let answers: SharedAnswers<&str, (), u8> = SharedAnswers::default();
        let never = answers.ask(&"there", &(), async |()| std::future::pending().await);
        let other = answers.ask(&"there", &(), async |()| 2);
        let first = tokio::time::timeout(std::time::Duration::from_millis(1), never);
        assert_eq!(tokio::join!(first, other).1, 2);
    }
}
