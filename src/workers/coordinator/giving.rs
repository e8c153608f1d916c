//! Entries are given away, and what comes back is judged.

use std::collections::BTreeSet;
use std::path::Path;

use futures::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;

use super::coordinate::Coordinator;
use super::hearing::log_folder;
use super::jobs::Word;
use super::placing::{hindrance, kind_of, queue_of};
use super::settings::Sending;
use super::supply::{make_queue, put_kit};
use super::verdict::Expected;
use crate::ids::Digest;
use crate::matrix::CiEntry;
use crate::private_folder::private_folder;
use crate::runner::{EntryEvidence, EntryProver, Wish, can_take};
use crate::workers::envelope::signed;
use crate::workers::error::WorkersError;
use crate::workers::key::PublicKey;
use crate::workers::kit::{bundle_of, packed};
use crate::workers::message::{EntryJob, KitHead};
use crate::workers::wire::{SentEntry, SentEvidence, sent_facts};

/// After this nobody runs a job any more.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

impl Coordinator<'_> {
    /// Gives a worker what it needs: sealed to it, and to nobody else.
    pub(super) async fn supply(&self, worker: &PublicKey) -> Result<(), WorkersError> {
        let Some(recipient) = self.crew.borrow().get(worker).map(|member| member.recipient.clone()) else {
            return Ok(());
        };
        let bundle = self.bundle.get_or_try_init(|| self.bundled()).await?;
        let errand = &self.errand;
        let head = KitHead {
            run: self.run.clone(),
            worker: worker.clone(),
            secret: self.opener.secret().expose_secret().to_owned(),
            commit: errand.tree.commit.clone(),
            base: errand.base.as_ref().map(|base| base.commit.clone()),
            is_whole: self.settings.sending == Sending::All,
            repository: errand.event.repository.as_ref().map(|(owner, name)| format!("{owner}/{name}")),
            bundle: Digest::of(bundle),
        };
        let sealed = recipient.seal(&packed(&self.settings.key, &head, bundle)?)?;
        let name = self.run.kit(worker, recipient.as_str());
        self.kits.borrow_mut().insert(name.clone());
        put_kit(&self.server, &name, &sealed).await
    }

    async fn bundled(&self) -> Result<Vec<u8>, WorkersError> {
        let file = |source| WorkersError::File { what: "make", path: std::env::temp_dir(), source };
        let scratch = private_folder("lockgate-bundle-").map_err(file)?;
        let base = match self.settings.sending {
            Sending::Change => self.errand.base.as_ref().map(|base| &base.commit),
            Sending::All => None,
        };
        let tree = &self.errand.tree;
        bundle_of(&tree.repository, &tree.commit, base, scratch.path()).await
    }

    async fn given_away(&self, entry: &CiEntry, doing: &dyn Fn(&str)) -> EntryEvidence {
        let given = self.give_away(entry, doing).await;
        given.unwrap_or_else(|error| EntryEvidence::unavailable(crate::wording::with_causes(&error)))
    }

    async fn give_away(&self, entry: &CiEntry, doing: &dyn Fn(&str)) -> Result<EntryEvidence, WorkersError> {
        let sent = SentEntry::of(entry);
        let able = self.able(&sent);
        let kind = kind_of(entry).unwrap_or_default();
        let queue = queue_of(&kind, &able, &self.crew.borrow());
        let number = self.jobs.borrow_mut().next_number();
        let sealed = self.sealed_job(number, &sent)?;
        let mut words = self.jobs.borrow_mut().add(number, sent, queue.clone(), sealed.clone());
        if self.queues.borrow_mut().insert(queue.clone()) {
            make_queue(&self.server, &self.run, &queue, self.settings.ack_wait).await?;
            self.offer().await;
        }
        doing("waiting for a worker");
        self.server.put(&self.run.job(&queue), &self.once(number), sealed).await;
        while let Some(word) = words.recv().await {
            match word {
                Word::Doing(what) => doing(&what),
                Word::Abandoned(why) => return Ok(EntryEvidence::unavailable(why)),
                Word::Ended(worker, delivery, evidence) => {
                    let logs = log_folder(&self.logs, number, delivery, &worker);
                    return Ok(self.judged(entry, &worker, &logs, *evidence));
                }
            }
        }
        Ok(EntryEvidence::unavailable("the run ended before it".to_owned()))
    }

    fn able(&self, entry: &SentEntry) -> BTreeSet<PublicKey> {
        self.placing.borrow().as_ref().map(|placing| placing.able(entry)).unwrap_or_default()
    }

    fn sealed_job(&self, number: u64, entry: &SentEntry) -> Result<Vec<u8>, WorkersError> {
        let errand = &self.errand;
        let job = EntryJob {
            run: self.run.clone(),
            number,
            entry: entry.clone(),
            event: errand.event.clone(),
            facts: sent_facts(&self.facts.borrow(), &entry.workflow),
            commit: errand.tree.commit.clone(),
            tree: errand.tree.tree.clone(),
            base: errand.base.as_ref().map(|base| base.commit.clone()),
            executor: errand.executor,
            isolation: errand.isolation,
            network: errand.network,
            warm_up: errand.warm_up,
            until: Timestamp::now() + LIFE,
        };
        self.opener.recipient().seal(&signed(&self.settings.key, &job)?)
    }

    fn judged(&self, entry: &CiEntry, worker: &PublicKey, logs: &Path, sent: SentEvidence) -> EntryEvidence {
        let name = self.settings.trusted.name(worker);
        let registered = self.crew.borrow().registered(worker);
        let (Some(registered), Some(evidence)) = (registered, sent.arrived()) else {
            return EntryEvidence::unavailable(format!(
                "what {name} says is not whole, or it has not registered"
            ));
        };
        let expected = Expected {
            entry,
            tested: (&self.errand.tree.commit, &self.errand.tree.tree),
            base: self.errand.base.as_ref().map(|base| (&base.commit, &base.tree)),
            worker: name,
            executor: self.errand.executor,
            registered,
            logs,
        };
        expected.judged(evidence)
    }
}

impl EntryProver for Coordinator<'_> {
    fn takes(&self, entry: &CiEntry, wish: Wish) -> bool {
        let can = can_take(entry.verdict(), wish, self.errand.network || self.errand.warm_up);
        can && hindrance(entry).is_none()
    }

    fn prove<'a>(&'a self, entry: &'a CiEntry, doing: &'a dyn Fn(&str)) -> LocalBoxFuture<'a, EntryEvidence> {
        Box::pin(self.given_away(entry, doing))
    }
}
