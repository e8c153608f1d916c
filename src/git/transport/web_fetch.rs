//! Fetches by our own HTTP: what `git fetch --no-tags` does with references of a server, into a repository that has some of the
//! history.
//!
//! The second version of the protocol alone: <https://git-scm.com/docs/protocol-v2>, "fetch". A first fetch is left to git, which
//! takes in large histories faster, and so are partial and shallow repositories. Copies of private sides are made here, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use git2::Oid;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::command::GitExit;
use super::headers::Headers;
use super::listings::Patterns;
use super::new_objects::each_new_object;
use super::packet_lines::{Packet, first_packet, packet};
use super::web::{AGENT, Failure, Service, Talk, remote_lines, said};
use super::web_listing::list;
use crate::git::objects::store::Store;

/// How many commits are named at once of those that are here; with each question that did not suffice more.
const NAMED: [usize; 3] = [64, 256, 2048];

/// How much of a pack may wait to be taken in.
const WAITING: usize = 16;

/// What goes where: from a name, or a beginning of names, to another.
struct Refspec<'r> {
    from: &'r str,
    to: &'r str,
    is_of_many: bool,
}

/// What a repository has of a history.
#[derive(Default)]
struct Here {
    /// Where its references lead, tags at their own object and at their commit.
    tips: BTreeSet<Oid>,
    /// Commits, new ones first.
    commits: Vec<Oid>,
}

impl<'r> Refspec<'r> {
    /// One that is forced, and names both sides in full.
    fn read(text: &'r str) -> Option<Refspec<'r>> {
        let (from, to) = text.strip_prefix('+')?.split_once(':')?;
        let is_of_many = from.ends_with('*');
        let is_plain = |name: &str| name.starts_with("refs/") && !name.contains('*');
        let (from, to) =
            if is_of_many { (from.strip_suffix('*')?, to.strip_suffix('*')?) } else { (from, to) };
        (is_plain(from) && is_plain(to)).then_some(Refspec { from, to, is_of_many })
    }

    fn pattern(&self) -> String {
        if self.is_of_many { format!("{}*", self.from) } else { self.from.to_owned() }
    }
}

/// Fetches, and tells of it as git does.
pub(super) async fn fetch(talk: &Talk<'_>, store: &Path, refspecs: &[&str]) -> Result<GitExit, Failure> {
    let refspecs: Option<Vec<Refspec<'_>>> = refspecs.iter().map(|text| Refspec::read(text)).collect();
    let refspecs = refspecs.ok_or(Failure::NotPlain)?;
    let here = blocking(store, |store| Here::of(&store)).await?;
    let here = here.filter(|here| !here.tips.is_empty()).ok_or(Failure::NotPlain)?;
    let wanted = wanted(talk, &refspecs).await?;
    bring_in(talk, store, here, wanted.references).await
}

/// Makes a copy of a repository with all its references, as `git clone --mirror` does. What `lender` has is borrowed.
pub(super) async fn mirror(talk: &Talk<'_>, copy: &Path, lender: Option<&Path>) -> Result<GitExit, Failure> {
    let mirrored = mirrored(talk, copy, lender).await;
    if matches!(mirrored, Err(Failure::NotPlain)) {
        // git makes it instead, where nothing is yet.
        let _ = tokio::fs::remove_dir_all(copy).await;
    }
    mirrored
}

async fn mirrored(talk: &Talk<'_>, copy: &Path, lender: Option<&Path>) -> Result<GitExit, Failure> {
    let (place, lender, remote) = (copy.to_owned(), lender.map(Path::to_owned), talk.remote().to_owned());
    let made = tokio::task::spawn_blocking(move || make_mirror(&place, lender.as_deref(), &remote)).await;
    let here = made.ok().flatten().ok_or(Failure::NotPlain)?;
    let everything = Refspec { from: "refs/", to: "refs/", is_of_many: true };
    let wanted = wanted(talk, &[everything]).await?;
    let head = wanted.head_branch();
    let ended = bring_in(talk, copy, here, wanted.references).await?;
    let set = move |store: Store| head.map_or(Ok(()), |head| store.raw().set_head(&head));
    match blocking(copy, set).await? {
        Ok(()) => Ok(ended),
        Err(error) => Err(said(&format!("fatal: {}", error.message()))),
    }
}

/// An empty mirror, and what it has all the same; `None` where what is lent is not whole.
fn make_mirror(copy: &Path, lender: Option<&Path>, remote: &str) -> Option<Here> {
    let (store, here) = match lender {
        Some(lender) => (Store::create_borrowing(copy, lender).ok()?, Here::of(&Store::open(lender).ok()?)?),
        None => (Store::create(copy).ok()?, Here::default()),
    };
    let git = store.raw();
    if git.find_remote("origin").is_err() {
        git.remote_with_fetch("origin", remote, "+refs/*:refs/*").ok()?;
        git.config().and_then(|mut settings| settings.set_bool("remote.origin.mirror", true)).ok()?;
    }
    Some(here)
}

async fn bring_in(
    talk: &Talk<'_>,
    store: &Path,
    here: Here,
    wanted: BTreeMap<String, Oid>,
) -> Result<GitExit, Failure> {
    let lacking: BTreeSet<Oid> = wanted.values().filter(|id| !here.tips.contains(id)).copied().collect();
    let mut stderr = String::new();
    if !lacking.is_empty() {
        stderr = bring(talk, store, &lacking, &here).await?;
    }
    let lacking: Vec<Oid> = lacking.into_iter().collect();
    let written = blocking(store, move |store| write(&store, &lacking, &here, &wanted)).await?;
    match written {
        Ok(()) => Ok(GitExit { code: Some(0), stdout: String::new(), stderr, headers: Headers::default() }),
        Err(error) => Err(said(&format!("{stderr}error: {}", error.message()))),
    }
}

/// What is asked for.
struct Wanted {
    /// By the names that they get here.
    references: BTreeMap<String, Oid>,
    head: Option<Oid>,
}

impl Wanted {
    /// A branch that the head of the server may be.
    fn head_branch(&self) -> Option<String> {
        let is_head = |name: &&String| {
            name.starts_with("refs/heads/") && self.references.get(*name) == self.head.as_ref()
        };
        let usual = |name: &&String| !["refs/heads/main", "refs/heads/master"].contains(&name.as_str());
        self.references.keys().filter(is_head).min_by_key(usual).cloned()
    }
}

/// What the server has of these.
async fn wanted(talk: &Talk<'_>, refspecs: &[Refspec<'_>]) -> Result<Wanted, Failure> {
    let patterns: Patterns = refspecs.iter().map(Refspec::pattern).collect();
    let listed = list(talk, &patterns, &["ls-refs", "fetch"]).await?.stdout;
    let there = listed.lines().filter_map(|line| line.split_once('\t'));
    let there: BTreeMap<&str, &str> =
        there.map(|(id, name)| (name, id)).filter(|(name, _)| !name.ends_with("^{}")).collect();
    let head = there.get("HEAD").and_then(|id| Oid::from_str(id).ok());
    let mut references = BTreeMap::new();
    for Refspec { from, to, is_of_many } in refspecs {
        let mut found = false;
        for (name, id) in &there {
            let rest = name.strip_prefix(from).filter(|rest| *is_of_many || rest.is_empty());
            let Some(rest) = rest else { continue };
            let id = Oid::from_str(id).map_err(|_| Failure::NotPlain)?;
            found = true;
            if references.insert(format!("{to}{rest}"), id).is_some_and(|other| other != id) {
                return Err(Failure::NotPlain);
            }
        }
        if !found && !is_of_many {
            return Err(said(&format!("fatal: couldn't find remote ref {from}")));
        }
    }
    Ok(Wanted { references, head })
}

/// Brings what is lacking: asks until the server knows what is here, or all that is asked with is named.
async fn bring(
    talk: &Talk<'_>,
    store: &Path,
    lacking: &BTreeSet<Oid>,
    here: &Here,
) -> Result<String, Failure> {
    let mut common: Vec<Oid> = Vec::new();
    let mut named = 0;
    for upto in NAMED.into_iter().map(|upto| upto.min(here.commits.len())) {
        if upto <= named {
            continue;
        }
        let haves: Vec<Oid> = common.iter().chain(&here.commits[named..upto]).copied().collect();
        let mut answer = Answer::to(talk, &question(lacking, &haves, false)).await?;
        named = upto;
        if answer.acknowledged(talk, &mut common).await? {
            return answer.take_in(talk, store).await;
        }
    }
    let mut answer = Answer::to(talk, &question(lacking, &common, true)).await?;
    answer.begins(talk).await?;
    answer.take_in(talk, store).await
}

fn question(lacking: &BTreeSet<Oid>, haves: &[Oid], done: bool) -> String {
    let able = packet("command=fetch") + &packet(&format!("agent={AGENT}")) + &packet("object-format=sha1");
    let mut question = able + "0001" + &["thin-pack", "no-progress", "ofs-delta"].map(packet).concat();
    question.extend(lacking.iter().map(|id| packet(&format!("want {id}"))));
    question.extend(haves.iter().map(|id| packet(&format!("have {id}"))));
    question + if done { "0009done\n0000" } else { "0000" }
}

/// An answer that is read as it comes.
struct Answer {
    pieces: BodyDataStream,
    read: Vec<u8>,
    stderr: String,
}

impl Answer {
    async fn to(talk: &Talk<'_>, question: &str) -> Result<Answer, Failure> {
        let answer = talk.answer(Service::UploadPack, Body::from(question.to_owned())).await?;
        Ok(Answer { pieces: answer.into_body().into_data_stream(), read: Vec::new(), stderr: String::new() })
    }

    /// The next piece of it.
    async fn next(&mut self, talk: &Talk<'_>) -> Result<Packet<Bytes>, Failure> {
        loop {
            if let Some((piece, behind)) = first_packet(&self.read) {
                let piece = match piece {
                    Packet::Line(line) => Packet::Line(Bytes::copy_from_slice(line)),
                    Packet::Flush => Packet::Flush,
                    Packet::Delimiter => Packet::Delimiter,
                };
                let taken = self.read.len() - behind.len();
                self.read.drain(..taken);
                return Ok(piece);
            }
            let is_cut = self.read.len() < 4 || self.read[..4].iter().all(u8::is_ascii_hexdigit);
            match talk.piece(&mut self.pieces).await? {
                Some(more) if is_cut => self.read.extend_from_slice(&more),
                Some(_) => return Err(said("fatal: protocol error: bad line length character")),
                None => return Err(said("fatal: the remote end hung up unexpectedly")),
            }
        }
    }

    /// Reads which commits the server has, too; whether a pack follows.
    async fn acknowledged(&mut self, talk: &Talk<'_>, common: &mut Vec<Oid>) -> Result<bool, Failure> {
        self.section(talk, b"acknowledgments").await?;
        loop {
            match self.next(talk).await? {
                Packet::Line(line) => {
                    let line = String::from_utf8_lossy(&line);
                    if let Some(id) = line.trim_end().strip_prefix("ACK ") {
                        common.push(Oid::from_str(id).map_err(|_| said("fatal: protocol error: bad ACK"))?);
                    }
                }
                Packet::Delimiter => {
                    self.section(talk, b"packfile").await?;
                    return Ok(true);
                }
                Packet::Flush => return Ok(false),
            }
        }
    }

    /// Reads that the pack begins.
    async fn begins(&mut self, talk: &Talk<'_>) -> Result<(), Failure> {
        self.section(talk, b"packfile").await
    }

    async fn section(&mut self, talk: &Talk<'_>, name: &[u8]) -> Result<(), Failure> {
        match self.next(talk).await? {
            Packet::Line(line) if line.strip_suffix(b"\n").unwrap_or(&line) == name => Ok(()),
            Packet::Line(line) => {
                let line = String::from_utf8_lossy(&line);
                Err(said(&match line.trim_end().strip_prefix("ERR ") {
                    Some(words) => format!("fatal: remote error: {words}"),
                    None => format!("fatal: protocol error: expected '{}'", String::from_utf8_lossy(name)),
                }))
            }
            _ => Err(said("fatal: protocol error: a section is missing")),
        }
    }

    /// Takes the pack in as it comes. What the server says to people is told.
    async fn take_in(mut self, talk: &Talk<'_>, store: &Path) -> Result<String, Failure> {
        let (sender, receiver) = channel(WAITING);
        let taking = tokio::spawn(blocking_owned(store.to_owned(), move |store| index(&store, receiver)));
        let sent = self.pass_on(talk, sender).await;
        let taken = taking.await.map_err(|_| said("fatal: index-pack failed"))?;
        sent?;
        match taken? {
            Ok(()) => Ok(self.stderr),
            Err(error) => Err(said(&format!("{}fatal: bad pack header: {}", self.stderr, error.message()))),
        }
    }

    async fn pass_on(&mut self, talk: &Talk<'_>, to: Sender<Option<Bytes>>) -> Result<(), Failure> {
        loop {
            match self.next(talk).await? {
                Packet::Line(line) => match line.first() {
                    // Who does not take it says why.
                    Some(1) => drop(to.send(Some(line.slice(1..))).await),
                    Some(2) => self.stderr += &remote_lines(&String::from_utf8_lossy(&line[1..])),
                    Some(3) => {
                        let words = String::from_utf8_lossy(&line[1..]);
                        let words = format!("{}{}fatal: early EOF", self.stderr, remote_lines(&words));
                        return Err(said(&words));
                    }
                    _ => return Err(said("fatal: protocol error: bad band")),
                },
                Packet::Flush => {
                    let _ = to.send(None).await;
                    return Ok(());
                }
                Packet::Delimiter => return Err(said("fatal: protocol error: the pack ends early")),
            }
        }
    }
}

/// Writes a pack to the store, or nothing: only a whole one ends with `None`.
fn index(store: &Store, mut pieces: Receiver<Option<Bytes>>) -> Result<(), git2::Error> {
    let odb = store.raw().odb()?;
    let mut writer = odb.packwriter()?;
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Some(bytes) => std::io::Write::write_all(&mut writer, &bytes)
                .map_err(|error| git2::Error::from_str(&error.to_string()))?,
            None => return writer.commit().map(drop),
        }
    }
    Err(git2::Error::from_str("the pack is not whole"))
}

/// Sets the references, once all that they lead to is there.
fn write(
    store: &Store,
    lacking: &[Oid],
    here: &Here,
    wanted: &BTreeMap<String, Oid>,
) -> Result<(), git2::Error> {
    let git = store.raw();
    let odb = git.odb()?;
    each_new_object(git, lacking, here.tips.iter().copied(), &mut |id, _| {
        if odb.exists(id) { Ok(()) } else { Err(git2::Error::from_str("did not send all necessary objects")) }
    })?;
    for (name, id) in wanted {
        if git.find_reference(name).ok().and_then(|there| there.target()) != Some(*id) {
            git.reference(name, *id, true, "fetch")?;
        }
    }
    Ok(())
}

impl Here {
    /// `None` where the repository is not whole.
    fn of(store: &Store) -> Option<Here> {
        let git = store.raw();
        if git.is_shallow() || store.is_promised() {
            return None;
        }
        let mut tips = BTreeSet::new();
        let mut walk = git.revwalk().ok()?;
        walk.set_sorting(git2::Sort::TIME).ok()?;
        for reference in git.references().ok()? {
            let reference = reference.ok()?;
            tips.extend(reference.target());
            if let Ok(commit) = reference.peel_to_commit() {
                tips.insert(commit.id());
                walk.push(commit.id()).ok()?;
            }
        }
        let most = NAMED[NAMED.len() - 1];
        let commits: Result<Vec<Oid>, git2::Error> = walk.take(most).collect();
        Some(Here { tips, commits: commits.ok()? })
    }
}

/// Works on the store without holding up others. One that cannot be opened is left to git.
async fn blocking<T: Send + 'static>(
    store: &Path,
    work: impl FnOnce(Store) -> T + Send + 'static,
) -> Result<T, Failure> {
    blocking_owned(store.to_owned(), work).await
}

async fn blocking_owned<T: Send + 'static>(
    store: std::path::PathBuf,
    work: impl FnOnce(Store) -> T + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(move || Store::open(&store).ok().map(work)).await;
    done.ok().flatten().ok_or(Failure::NotPlain)
}
