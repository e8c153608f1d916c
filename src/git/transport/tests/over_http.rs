//! Transport by our own HTTP, with a server that is git itself.

use std::process::Stdio;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;

use super::*;

/// What a server was asked: the head in a line, and the body.
type Asked = Arc<Mutex<Vec<(String, Bytes)>>>;

/// A server that is git, below the place's folder `git`; it keeps what it was asked.
async fn served(place: &RemoteAndStore) -> (Transport, Asked) {
    let asked = Asked::default();
    let state = (place.directory.path().join("git"), Arc::clone(&asked));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().fallback(by_git).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (Transport::new(base, "t0ken".to_owned()), asked)
}

async fn by_git(State((root, asked)): State<(PathBuf, Asked)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let agent = header("user-agent").unwrap();
    asked.lock().unwrap().push((format!("{} {} {agent}", parts.method, parts.uri), body.clone()));
    let (repository, rest) = parts.uri.path().split_once(".git/").unwrap();
    let lists = rest == "info/refs";
    let service =
        if lists { parts.uri.query().unwrap().trim_start_matches("service=") } else { rest }.to_owned();
    let mut git = Command::new("git");
    git.args(["-c", "uploadpack.allowAnySHA1InWant=true", service.trim_start_matches("git-")]);
    git.arg("--stateless-rpc").args(lists.then_some("--advertise-refs"));
    git.arg(root.join(format!("{}.git", repository.trim_start_matches('/'))));
    git.env("GIT_PROTOCOL", header("git-protocol").unwrap_or_default());
    let mut git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = git.stdin.take().unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &body));
        git.wait_with_output().unwrap().stdout
    });
    let kind = if lists { "advertisement" } else { "result" };
    let line = format!("# service={service}\n");
    let before = if lists { format!("{:04x}{line}0000", line.len() + 4) } else { String::new() };
    let body = [before.into_bytes(), answer.await.unwrap()].concat();
    let of_git = format!("application/x-{service}-{kind}");
    Response::builder().header("content-type", of_git).body(Body::from(body)).unwrap()
}

fn all_were_ours(asked: &Asked) {
    for (head, _) in asked.lock().unwrap().iter() {
        assert!(head.contains("git/lockgate-"), "{head}");
    }
}

/// How many objects the last pack had.
fn packed(asked: &Asked) -> u32 {
    let asked = asked.lock().unwrap();
    let (_, body) = asked.iter().rev().find(|(head, _)| head.starts_with("POST")).unwrap();
    let at = body.windows(4).position(|bytes| bytes == b"PACK").unwrap();
    u32::from_be_bytes(body[at + 8..at + 12].try_into().unwrap())
}

/// A commit with these files, in the store.
fn commit(place: &RemoteAndStore, parents: &[&CommitId], files: &[(&str, &str)]) -> CommitId {
    let store = place.store();
    let work = place.directory.path().join("work");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work).unwrap();
    for (path, text) in files {
        let path = work.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let work = work.to_str().unwrap();
    git(&store, &["--work-tree", work, "add", "--all", work]);
    let tree = git(&store, &["write-tree"]);
    let parents = parents.iter().flat_map(|parent| ["-p", parent.as_str()]);
    let words: Vec<&str> = ["commit-tree", "-m", "a change", &tree].into_iter().chain(parents).collect();
    git(&store, &words).parse().unwrap()
}

#[tokio::test]
async fn what_is_pushed_arrives_whole_and_without_what_is_there() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    let store = place.store();
    let push = async |updates: &[RefUpdate]| {
        transport.push(&store, &repo(), updates, &Permit::Private).await.unwrap()
    };
    let files = [("readme", "one\n"), ("src/a/b/deep", "1\n"), ("src/other", "2\n"), ("docs/x", "3\n")];
    let base = commit(&place, &[&one], &files);
    let pushed = push(&[create("refs/heads/main", &base)]).await;
    assert!(pushed[0].changed);
    // Both commits, the empty tree of the first one, and of the second one five trees and four files.
    assert_eq!(packed(&asked), 12);
    assert!(!push(&[create("refs/heads/main", &base)]).await[0].changed, "it was there");
    let mut changed = files;
    changed[1].1 = "another\n";
    let fix = commit(&place, &[&base], &changed);
    git(&store, &["tag", "-a", "-m", "v1", "v1", fix.as_str()]);
    let tag = git(&store, &["rev-parse", "v1"]).parse().unwrap();
    let tag = RefUpdate::CreateTag { name: "refs/tags/v1".into(), tag, commit: fix.clone() };
    push(&[create("refs/heads/fix", &fix), tag]).await;
    // The tag, the commit, the file, and the trees above it.
    assert_eq!(packed(&asked), 7);
    let side = commit(&place, &[&base], &[("readme", "two\n")]);
    let merge = commit(&place, &[&fix, &side], &[("readme", "two\n"), ("src/a/b/deep", "another\n")]);
    let (name, old) = ("refs/heads/main".to_owned(), base);
    push(&[RefUpdate::Advance { name, old, new: merge.clone() }]).await;
    push(&[RefUpdate::Delete { name: "refs/heads/fix".into(), old: fix.clone() }]).await;
    all_were_ours(&asked);
    let listed = git(&place.remote(), &["for-each-ref", "--format=%(objectname)%(*objectname) %(refname)"]);
    assert!(listed.contains(&format!("{merge} refs/heads/main")), "{listed}");
    assert!(listed.contains(&format!("{fix} refs/tags/v1")) && !listed.contains("heads/fix"), "{listed}");
    git(&place.remote(), &["fsck", "--strict", "--full"]);
}

/// More than what is passed on at once, which is not kept in memory as a whole.
#[tokio::test]
async fn a_large_pack_is_sent_as_it_is_made() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    let mut state = 1_u64;
    let noise: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{state:016x}")
    })
    .take(40_000)
    .collect();
    let large = commit(&place, &[&one], &[("noise", &noise), ("small", "1\n")]);
    let updates = [create("refs/heads/large", &large)];
    transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap();
    all_were_ours(&asked);
    assert!(asked.lock().unwrap().iter().any(|(_, body)| body.len() > 200_000));
    git(&place.remote(), &["fsck", "--strict", "--full"]);
}

/// A refusal means the same, in the same words, whether git pushed or we did.
#[tokio::test]
async fn what_is_refused_is_told_as_git_tells_it() {
    let (place, [one, two, other]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    place.push(&[create("refs/heads/line", &one)]).await.unwrap();
    let line = "refs/heads/line".to_owned();
    let stale = [
        create("refs/heads/new", &one),
        RefUpdate::Replace { name: line.clone(), old: two.clone(), new: other.clone() },
    ];
    let gone = [RefUpdate::Delete { name: "refs/heads/none".into(), old: one.clone() }];
    let hook = place.remote().join("hooks/update");
    let advanced = [create("refs/heads/new", &one), RefUpdate::Advance { name: line, old: one, new: two }];
    let refuse = |script: &str| {
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, script).unwrap();
        std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    };
    for (updates, script) in [
        (&stale[..], "#!/bin/sh\n"),
        (&gone, "#!/bin/sh\n"),
        (&advanced, "#!/bin/sh\n[ $1 != refs/heads/line ] || { echo no, not there; exit 1; }\n"),
        (&advanced, "#!/bin/sh\necho 'error: GH006: Protected branch update failed.' >&2; exit 1\n"),
    ] {
        refuse(script);
        let by_git = place.push(updates).await.unwrap_err();
        let ours = transport.push(&place.store(), &repo(), updates, &Permit::Private).await.unwrap_err();
        let rest = |error: &TransportError| {
            let text = error.to_string();
            text.split_once(".git`").unwrap().1.to_owned()
        };
        assert_eq!(rest(&ours), rest(&by_git));
        assert_eq!((ours.effect(), ours.persistence()), (by_git.effect(), by_git.persistence()));
    }
    all_were_ours(&asked);
    assert_eq!(place.refs().await, ["refs/heads/line"]);
}

/// What was sent may have been done: it is looked at, and sent again by nobody.
#[tokio::test]
async fn an_answer_that_is_lost_is_neither_asked_for_again_nor_taken_for_a_failure() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    breaks_off(&place, "post-receive");
    let updates = [create("refs/heads/fix", &one)];
    let pushed = transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap();
    assert!(pushed[0].changed);
    breaks_off(&place, "pre-receive");
    let updates = [create("refs/heads/other", &one)];
    let error = transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap_err();
    assert_eq!((error.effect(), error.persistence()), (Effect::Unknown, Persistence::TRANSIENT), "{error}");
    let is_push = |head: &str| head.starts_with("POST") && head.contains("receive-pack");
    assert_eq!(asked.lock().unwrap().iter().filter(|(head, _)| is_push(head)).count(), 2);
    all_were_ours(&asked);
}

/// A store that has some of the history, and the references that it gets beside.
fn store_with(place: &RemoteAndStore, references: &[(&str, &CommitId)]) -> PathBuf {
    let store = place.directory.path().join("other.git");
    std::fs::create_dir_all(&store).unwrap();
    git(&store, &["init", "-q", "--bare"]);
    for (name, commit) in references {
        let from = place.store();
        git(&from, &["update-ref", "refs/lent", commit.as_str()]);
        git(&store, &["fetch", "-q", from.to_str().unwrap(), &format!("refs/lent:{name}")]);
    }
    store
}

#[tokio::test]
async fn what_is_fetched_is_there_whole_and_each_reference_where_the_server_has_it() {
    let (place, [one, two, other]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    let base = commit(&place, &[&two], &[("readme", "one\n"), ("src/a", "1\n")]);
    let fix = commit(&place, &[&base], &[("readme", "one\n"), ("src/a", "2\n")]);
    let updates =
        [create("refs/heads/main", &base), create("refs/heads/fix/x", &fix), create("refs/other/y", &other)];
    place.push(&updates).await.unwrap();
    git(&place.remote(), &["tag", "-a", "-m", "v1", "v1", fix.as_str()]);
    let store = store_with(&place, &[("refs/heads/main", &one), ("refs/side", &other)]);
    let all = ["+refs/heads/*:refs/got/*", "+refs/tags/v1:refs/tags/v1", "+refs/other/y:refs/got/y"];
    transport.fetch(&store, &repo(), &all).await.unwrap();
    for (name, at) in [("main", &base), ("fix/x", &fix), ("y", &other)] {
        assert_eq!(git(&store, &["rev-parse", &format!("refs/got/{name}")]), at.as_str());
    }
    assert_eq!(git(&store, &["rev-parse", "v1^{commit}"]), fix.as_str());
    git(&store, &["fsck", "--strict", "--full"]);
    all_were_ours(&asked);
    // What is there is not asked for again, and what moved back is followed.
    let before = asked.lock().unwrap().len();
    transport.fetch(&store, &repo(), &all[..1]).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), before + 2, "a list, and nothing else");
    git(&place.remote(), &["update-ref", "refs/heads/main", one.as_str()]);
    transport.fetch(&store, &repo(), &all[..1]).await.unwrap();
    assert_eq!(git(&store, &["rev-parse", "refs/got/main"]), one.as_str());
    let error = transport.fetch(&store, &repo(), &["+refs/heads/none:refs/got/none"]).await.unwrap_err();
    assert!(matches!(error, TransportError::Garbled { .. }), "{error}");
    all_were_ours(&asked);
}

/// More is here than is named in one question, and what both sides have is behind all that.
#[tokio::test]
async fn what_both_sides_have_is_found_however_much_stands_before_it() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    let there = commit(&place, &[&two], &[("there", "1\n")]);
    place.push(&[create("refs/heads/main", &there)]).await.unwrap();
    let mut here = one;
    for number in 0..100 {
        here = commit(&place, &[&here], &[("here", &number.to_string())]);
    }
    let store = store_with(&place, &[("refs/heads/main", &here)]);
    transport.fetch(&store, &repo(), &["+refs/heads/main:refs/got/main"]).await.unwrap();
    assert_eq!(git(&store, &["rev-parse", "refs/got/main"]), there.as_str());
    git(&store, &["fsck", "--strict", "--full"]);
    let questions =
        asked.lock().unwrap().iter().filter(|(head, _)| head.contains("git-upload-pack ")).count();
    assert!(questions >= 3, "a list and some questions: {questions}");
    all_were_ours(&asked);
}

/// What is not of the plain form is git's business: a first fetch, references that may not be forced, a shallow repository.
#[tokio::test]
async fn a_fetch_that_is_not_plain_is_left_to_git() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    place.push(&[create("refs/heads/main", &two)]).await.unwrap();
    let empty = store_with(&place, &[]);
    transport.fetch(&empty, &repo(), &["+refs/heads/*:refs/got/*"]).await.unwrap();
    transport.fetch(&empty, &repo(), &["refs/heads/main:refs/got/main"]).await.unwrap();
    std::fs::write(empty.join("shallow"), format!("{one}\n")).unwrap();
    transport.fetch(&empty, &repo(), &["+refs/heads/main:refs/got/again"]).await.unwrap();
    assert_eq!(git(&empty, &["rev-parse", "refs/got/again"]), two.as_str());
    assert!(asked.lock().unwrap().iter().all(|(head, _)| !head.contains("git/lockgate-")));
}

#[tokio::test]
async fn a_backup_has_everything_and_borrows_what_it_may() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    let (transport, asked) = served(&place).await;
    let fix = commit(&place, &[&two], &[("readme", "one\n")]);
    place.push(&[create("refs/heads/main", &two), create("refs/pull/1/head", &fix)]).await.unwrap();
    git(&place.remote(), &["tag", "-a", "-m", "v1", "v1", one.as_str()]);
    let lender = store_with(&place, &[("refs/heads/main", &two)]);
    for lender in [None, Some(lender.as_path())] {
        let path = place.directory.path().join(format!("kept/{}.git", lender.is_some()));
        let backup = transport.mirror_backup(&repo(), &path, lender).await.unwrap();
        assert_eq!(backup.refs, 3);
        assert_eq!(git(&path, &["rev-parse", "HEAD", "refs/pull/1/head"]), format!("{two}\n{fix}"));
        assert_eq!(git(&path, &["rev-parse", "v1^{commit}"]), one.as_str());
        assert_eq!(path.join("objects/info/alternates").exists(), lender.is_some());
        git(&path, &["fsck", "--strict", "--full"]);
    }
    all_were_ours(&asked);
}

/// A mirror that was made without its large files lends what it has, and git knows how.
#[tokio::test]
async fn a_backup_that_borrows_from_a_partial_repository_is_left_to_git() {
    let (place, [_, two, _]) = RemoteAndStore::new();
    let (transport, _) = served(&place).await;
    place.push(&[create("refs/heads/main", &two)]).await.unwrap();
    let lender = store_with(&place, &[("refs/heads/main", &two)]);
    std::fs::write(lender.join("objects/info/promised"), "").unwrap();
    let path = place.directory.path().join("kept/partial.git");
    let backup = transport.mirror_backup(&repo(), &path, Some(&lender)).await.unwrap();
    assert_eq!(backup.refs, 1);
    assert_eq!(git(&path, &["rev-parse", "refs/heads/main"]), two.as_str());
}
