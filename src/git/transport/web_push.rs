//! Pushes by our own HTTP: what `git push --porcelain --atomic --force-with-lease=…` does, and would have printed.
//!
//! What was refused before it was sent is refused here, too. Once the commands are on their way nothing is sent again, and
//! git is not asked in our place: an answer that does not come leaves open what happened.

use std::path::Path;

use axum::body::Body;
use bytes::Bytes;
use git2::Oid;

use super::command::GitExit;
use super::headers::Headers;
use super::outgoing_pack::OutgoingPack;
use super::packet_lines::packet;
use super::push::RefUpdate;
use super::receive_pack::{Advertised, Report};
use super::web::{AGENT, Failure, Service, Talk, said};

/// What becomes of one reference.
struct Order<'u> {
    name: &'u str,
    /// Where it is; zero where it is not.
    old: Oid,
    /// Where it goes; zero where it goes away.
    new: Oid,
    fate: Fate,
}

#[derive(PartialEq, Eq)]
enum Fate {
    /// It is there already.
    UpToDate,
    /// It is changed.
    Changed,
    /// It is not asked for, in git's words.
    Rejected(&'static str),
    /// The server did not do it, in git's words and its own.
    Refused(String),
}

/// Pushes, and tells of it as git does.
pub(super) async fn push(talk: &Talk<'_>, store: &Path, updates: &[RefUpdate]) -> Result<GitExit, Failure> {
    let there = Advertised::read(&talk.abilities(Service::ReceivePack).await?)?;
    let mut orders = orders(updates, &there)?;
    let sent: Vec<&Order<'_>> = orders.iter().filter(|order| order.fate == Fate::Changed).collect();
    if sent.is_empty() {
        return Ok(ended(&orders, String::new()));
    }
    if !there.can("atomic") {
        return Err(said("fatal: the receiving end does not support --atomic push"));
    }
    if !there.can("report-status") {
        return Err(Failure::NotPlain);
    }
    let on_bands = there.can("side-band-64k");
    let question = question(talk, store, &sent, &there).await?;
    let answer = talk.answer(Service::ReceivePack, question).await?;
    let report = Report::read(&talk.whole(answer).await?, on_bands)?;
    for order in &mut orders {
        order.learn(&report);
    }
    Ok(ended(&orders, report.stderr))
}

/// What is to be done to each, all together or not at all.
fn orders<'u>(updates: &'u [RefUpdate], there: &Advertised) -> Result<Vec<Order<'u>>, Failure> {
    let orders: Result<Vec<Order<'u>>, Failure> =
        updates.iter().map(|update| Order::of(update, there)).collect();
    let mut orders = orders?;
    // git's order, in which servers tell of them: what is there by name, and behind it what is new.
    orders.sort_by_key(|order| if order.old.is_zero() { (true, "") } else { (false, order.name) });
    if orders.iter().any(|order| matches!(order.fate, Fate::Rejected(_))) {
        for order in orders.iter_mut().filter(|order| order.fate == Fate::Changed) {
            order.fate = Fate::Rejected("atomic push failed");
        }
    }
    Ok(orders)
}

impl Order<'_> {
    fn of<'u>(update: &'u RefUpdate, there: &Advertised) -> Result<Order<'u>, Failure> {
        let id = |id: Option<&str>| id.map_or(Ok(Oid::ZERO_SHA1), Oid::from_str);
        let (new, expected) = (id(update.target()), id(update.expected().map(|old| old.as_str())));
        let (Ok(new), Ok(expected)) = (new, expected) else { return Err(Failure::NotPlain) };
        let old = there.references.get(update.name()).copied().unwrap_or(Oid::ZERO_SHA1);
        let fate = if !new.is_zero() && old == new {
            Fate::UpToDate
        } else if old != expected {
            Fate::Rejected("stale info")
        } else if new.is_zero() && !there.can("delete-refs") {
            Fate::Rejected("remote does not support deleting refs")
        } else {
            Fate::Changed
        };
        Ok(Order { name: update.name(), old, new, fate })
    }

    fn learn(&mut self, report: &Report) {
        if self.fate == Fate::Changed {
            match report.fates.get(self.name) {
                Some(Ok(())) => {}
                Some(Err(reason)) => self.fate = Fate::Refused(format!("[remote rejected] ({reason})")),
                None => {
                    let silent = "[remote failure] (remote failed to report status)";
                    self.fate = Fate::Refused(silent.to_owned());
                }
            }
        }
    }

    /// A line of `git push --porcelain`.
    fn printed(&self) -> String {
        let from = if self.new.is_zero() { String::new() } else { self.new.to_string() };
        let (flag, summary) = match &self.fate {
            Fate::UpToDate => ('=', "[up to date]".to_owned()),
            Fate::Changed if self.new.is_zero() => ('-', "[deleted]".to_owned()),
            Fate::Changed if self.old.is_zero() => ('*', "[new reference]".to_owned()),
            Fate::Changed => ('+', format!("{}...{}", self.old, self.new)),
            Fate::Rejected(reason) => ('!', format!("[rejected] ({reason})")),
            Fate::Refused(summary) => ('!', summary.clone()),
        };
        format!("{flag}\t{from}:{}\t{summary}\n", self.name)
    }
}

fn ended(orders: &[Order<'_>], stderr: String) -> GitExit {
    let failed = |order: &Order<'_>| matches!(order.fate, Fate::Rejected(_) | Fate::Refused(_));
    let code = Some(i32::from(orders.iter().any(failed)));
    let stdout = orders.iter().map(Order::printed).collect();
    GitExit { code, stdout, stderr, headers: Headers::default() }
}

/// The commands, and the objects that the server lacks for them.
async fn question(
    talk: &Talk<'_>,
    store: &Path,
    orders: &[&Order<'_>],
    there: &Advertised,
) -> Result<Body, Failure> {
    let wanted = ["side-band-64k", "quiet"].into_iter().filter(|ability| there.can(ability));
    let wanted: Vec<&str> = ["report-status"].into_iter().chain(wanted).collect();
    let abilities = format!("\0 {} atomic object-format=sha1 agent={AGENT}", wanted.join(" "));
    let line = |(index, order): (usize, &&Order<'_>)| {
        let abilities = if index == 0 { abilities.as_str() } else { "" };
        packet(&format!("{} {} {}{abilities}", order.old, order.new, order.name))
    };
    let commands: String = orders.iter().enumerate().map(line).collect();
    let commands = Bytes::from(commands + "0000");
    let wanted: Vec<Oid> = orders.iter().map(|order| order.new).filter(|new| !new.is_zero()).collect();
    if wanted.is_empty() {
        return Ok(Body::from(commands));
    }
    let pack = OutgoingPack::begin(store, wanted, there.known.clone()).await.ok_or(Failure::NotPlain)?;
    Ok(pack.behind(commands, talk.progress.clone()))
}
