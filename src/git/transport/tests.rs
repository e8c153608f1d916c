//! Transport between real repositories in a temporary directory.

mod over_http;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::command::Limits;
use super::error::Rejection;
use super::push::PushOutcome;
use super::*;
use crate::egress::Permit;
use crate::failure::{Effect, Persistence, RetryAfter, ServiceError as _};
use crate::ids::{CommitId, RepoName};

struct RemoteAndStore {
    directory: tempfile::TempDir,
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl RemoteAndStore {
    /// A remote `brightwater/sluice` and a bare store with three commits in a row.
    fn new() -> (RemoteAndStore, [CommitId; 3]) {
        let place = RemoteAndStore { directory: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(place.remote()).unwrap();
        git(&place.remote(), &["init", "-q", "--bare"]);
        std::fs::create_dir_all(place.store()).unwrap();
        git(&place.store(), &["init", "-q", "--bare"]);
        let tree = git(&place.store(), &["mktree"]);
        let one = git(&place.store(), &["commit-tree", "-m", "one", &tree]);
        let two = git(&place.store(), &["commit-tree", "-m", "two", "-p", &one, &tree]);
        let other = git(&place.store(), &["commit-tree", "-m", "other", &tree]);
        (place, [one, two, other].map(|id| id.parse().unwrap()))
    }

    fn remote(&self) -> PathBuf {
        self.directory.path().join("git/brightwater/sluice.git")
    }

    fn store(&self) -> PathBuf {
        self.directory.path().join("store.git")
    }

    fn transport(&self) -> Transport {
        Transport::new(
            url::Url::from_directory_path(self.directory.path().join("git")).unwrap(),
            String::new(),
        )
    }

    async fn push(&self, updates: &[RefUpdate]) -> Result<Vec<PushOutcome>, TransportError> {
        self.transport().push(&self.store(), &repo(), updates, &Permit::Private).await
    }

    async fn refs(&self) -> Vec<String> {
        self.transport().ls_remote(&repo(), &[]).await.unwrap().into_keys().collect()
    }
}

fn repo() -> RepoName {
    "brightwater/sluice".parse().unwrap()
}

fn create(name: &str, new: &CommitId) -> RefUpdate {
    RefUpdate::Create { name: name.into(), new: new.clone() }
}

#[tokio::test]
async fn bp_22_a_branch_is_created_once_and_the_same_again_is_no_change() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    assert!(place.push(&[create("refs/heads/fix", &one)]).await.unwrap()[0].changed);
    assert!(!place.push(&[create("refs/heads/fix", &one)]).await.unwrap()[0].changed);
    let error = place.push(&[create("refs/heads/fix", &two)]).await.unwrap_err();
    assert!(matches!(error, TransportError::Rejected { reason: Rejection::Stale, .. }), "{error}");
    assert_eq!(error.effect(), Effect::None);
}

/// A hook of the remote that ends the remote's side of the transfer with the connection still open.
fn breaks_off(place: &RemoteAndStore, hook: &str) {
    let hook = place.remote().join("hooks").join(hook);
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nkill -9 $PPID\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn bp_24_a_push_that_fails_with_the_branch_there_is_recovered() {
    let (place, [one, ..]) = RemoteAndStore::new();
    breaks_off(&place, "post-receive");
    let outcomes = place.push(&[create("refs/heads/fix", &one)]).await.unwrap();
    assert_eq!(outcomes, [PushOutcome { name: "refs/heads/fix".into(), changed: true }]);
    assert_eq!(place.refs().await, ["refs/heads/fix"]);
    // A branch that goes is there no more: that is what was wanted, too.
    place.push(&[RefUpdate::Delete { name: "refs/heads/fix".into(), old: one }]).await.unwrap();
    assert!(place.refs().await.is_empty());
}

#[tokio::test]
async fn bp_24_a_push_that_fails_without_the_branch_names_the_remote_and_the_exit_code() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    place.push(&[create("refs/heads/other", &one)]).await.unwrap();
    breaks_off(&place, "pre-receive");
    let moved = RefUpdate::Replace { name: "refs/heads/other".into(), old: one.clone(), new: two };
    for wanted in [create("refs/heads/fix", &one), moved] {
        let error = place.push(&[wanted]).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{error}");
        let told = error.to_string();
        assert!(told.contains("brightwater/sluice.git") && told.contains("exit code"), "{told}");
    }
    assert_eq!(git(&place.remote(), &["for-each-ref", "--format=%(objectname)"]), one.as_str());
}

#[tokio::test]
async fn a_push_of_several_is_all_or_nothing() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    place.push(&[create("refs/heads/b", &one)]).await.unwrap();
    let updates = [create("refs/heads/a", &one), create("refs/heads/b", &two)];
    let error = place.push(&updates).await.unwrap_err();
    assert!(matches!(&error, TransportError::Rejected { name, .. } if name == "refs/heads/b"), "{error}");
    assert_eq!(place.refs().await, ["refs/heads/b"]);
}

#[tokio::test]
async fn rd_02_a_branch_that_moved_is_left_alone() {
    let (place, [one, two, other]) = RemoteAndStore::new();
    let name = "refs/heads/line".to_owned();
    place.push(&[create(&name, &one)]).await.unwrap();
    let advance = RefUpdate::Advance { name: name.clone(), old: one.clone(), new: two.clone() };
    place.push(std::slice::from_ref(&advance)).await.unwrap();
    let late = RefUpdate::Replace { name: name.clone(), old: one.clone(), new: other.clone() };
    assert!(place.push(&[late]).await.is_err());
    let sideways = RefUpdate::Advance { name: name.clone(), old: two.clone(), new: other.clone() };
    let error = place.push(&[sideways]).await.unwrap_err();
    assert!(matches!(error, TransportError::NotFastForward { .. }), "{error}");
    place.push(&[RefUpdate::Delete { name, old: two }]).await.unwrap();
    assert!(place.refs().await.is_empty());
}

#[tokio::test]
async fn a_hook_of_the_remote_is_named_as_the_reason() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let hook = place.remote().join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho 'GH006: Protected branch update failed'\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let error = place.push(&[create("refs/heads/main", &one)]).await.unwrap_err();
    assert!(matches!(error, TransportError::Rejected { reason: Rejection::Protected, .. }), "{error}");
    assert!(error.to_string().contains("GH006"), "{error}");
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn annotated_tags_are_listed_at_their_commit_and_names_are_exact() {
    let (place, [one, ..]) = RemoteAndStore::new();
    place
        .push(&[create("refs/heads/main", &one), create("refs/heads/x/refs/heads/main", &one)])
        .await
        .unwrap();
    git(&place.remote(), &["tag", "-a", "-m", "v1", "v1", one.as_str()]);
    let found = place.transport().ls_remote(&repo(), &["refs/heads/main", "refs/tags/v1"]).await.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found["refs/tags/v1"], one);
}

#[tokio::test]
async fn fetch_and_backup_bring_everything_asked_for() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    place.push(&[create("refs/heads/main", &one), create("refs/pull/1/head", &two)]).await.unwrap();
    let store = place.directory.path().join("other.git");
    std::fs::create_dir_all(&store).unwrap();
    git(&store, &["init", "-q", "--bare"]);
    place.transport().fetch(&store, &repo(), &["+refs/heads/*:refs/remotes/sluice/*"]).await.unwrap();
    assert_eq!(git(&store, &["rev-parse", "refs/remotes/sluice/main"]), one.to_string());
    let path = place.directory.path().join("kept/sluice.git");
    let backup = place.transport().mirror_backup(&repo(), &path, None).await.unwrap();
    assert_eq!(backup.refs, 2);
    assert_eq!(git(&path, &["rev-parse", "refs/pull/1/head"]), two.to_string());
    let error = place.transport().mirror_backup(&repo(), &path, None).await.unwrap_err();
    assert!(matches!(error, TransportError::BackupExists { .. }), "{error}");
}

#[tokio::test]
async fn a_store_that_rewrites_addresses_is_not_pushed_from() {
    let (place, [one, ..]) = RemoteAndStore::new();
    git(
        &place.store(),
        &["config", "url.https://elsewhere.example/.pushInsteadOf", place.directory.path().to_str().unwrap()],
    );
    let error = place.push(&[create("refs/heads/main", &one)]).await.unwrap_err();
    assert!(matches!(error, TransportError::Redirected { .. }), "{error}");
}

#[tokio::test]
async fn bp_45_hooks_of_the_store_do_not_run() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let hook = place.store().join("hooks/pre-push");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    place.push(&[create("refs/heads/main", &one)]).await.unwrap();
}

#[tokio::test]
async fn bp_28_names_that_look_like_options_or_patterns_are_refused() {
    let (place, [one, ..]) = RemoteAndStore::new();
    for name in ["--upload-pack=touch", "refs/heads/*", "refs/heads/a:refs/heads/b", "main"] {
        let error = place.push(&[create(name, &one)]).await.unwrap_err();
        assert!(matches!(error, TransportError::InvalidRef { .. }), "{error}");
    }
    let error = place.transport().fetch(&place.store(), &repo(), &["--upload-pack=touch"]).await.unwrap_err();
    assert!(matches!(error, TransportError::InvalidRef { .. }), "{error}");
}

#[tokio::test]
async fn a_missing_repository_is_not_found() {
    let (place, _) = RemoteAndStore::new();
    let missing: RepoName = "brightwater/none".parse().unwrap();
    let error = place.transport().ls_remote(&missing, &[]).await.unwrap_err();
    assert!(matches!(error, TransportError::NotFound { .. }), "{error}");
}

/// A loopback server that answers one request and keeps its head.
async fn answer_once(status: &'static str) -> (url::Url, tokio::task::JoinHandle<String>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/git", listener.local_addr().unwrap()).parse().unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 8192];
        let count = stream.read(&mut bytes).await.unwrap();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    });
    (base, asked)
}

#[tokio::test]
async fn the_token_goes_in_a_header_at_once_and_is_seen_nowhere() {
    let (base, asked) = answer_once("403 Forbidden").await;
    let transport = Transport::new(base, "ghp_secretTransportToken".to_owned());
    let error = transport.ls_remote(&repo(), &[]).await.unwrap_err();
    assert!(matches!(error, TransportError::AuthFailed { .. }), "{error}");
    let head = asked.await.unwrap();
    assert!(head.starts_with("GET /git/brightwater/sluice.git/info/refs"), "{head}");
    assert!(head.contains("Authorization: Basic eC1hY2Nlc3MtdG9rZW46"), "{head}");
    assert!(head.contains("Git-Protocol: version=2"), "{head}");
    let shown = format!("{error} {error:?} {transport:?}");
    assert!(!shown.contains("ghp_secret") && !shown.contains("eC1hY2Nlc3M"), "{shown}");
}

/// What `git ls-remote` would ask, and no process.
#[tokio::test]
async fn a_list_is_two_requests_of_our_own() {
    let line = |text: &str| format!("{:04x}{text}\n", text.len() + 5);
    let whole = |kind: &str, body: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let (one, two) = ("1".repeat(40), "2".repeat(40));
    let able = ["version 2", "ls-refs=unborn", "object-format=sha1"].map(line).concat();
    let able = whole("advertisement", &format!("{}0000{able}0000", line("# service=git-upload-pack")));
    let refs = [format!("{one} HEAD"), format!("{one} refs/heads/main"), format!("{one} refs/heads/main2")];
    let tag = line(&format!("{two} refs/tags/v1 peeled:{one}"));
    let listed = whole("result", &format!("{}{tag}0000", refs.map(|name| line(&name)).concat()));
    let (base, asked) = server_that(move |request| {
        Some(if request.starts_with("GET") { able.clone() } else { listed.clone() })
    })
    .await;
    let transport = Transport::new(base, "ghp_secretTransportToken".to_owned());
    let found = transport.list(&repo(), &["refs/heads/main", "refs/tags/*"]).await.unwrap();
    let names: Vec<&str> = found.commits.keys().map(String::as_str).collect();
    assert_eq!(names, ["refs/heads/main", "refs/tags/v1"]);
    assert!(found.commits.values().all(|commit| commit.as_str() == one), "{found:?}");
    assert!(found.annotated.contains("refs/tags/v1"));
    let asked = asked.lock().unwrap();
    let [abilities, question] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(
        abilities.starts_with("GET /brightwater/sluice.git/info/refs?service=git-upload-pack HTTP/1.1\r\n")
    );
    assert!(question.starts_with("POST /brightwater/sluice.git/git-upload-pack HTTP/1.1\r\n"), "{question}");
    for request in asked.iter() {
        assert!(request.contains("\r\nAuthorization: Basic eC1hY2Nlc3MtdG9rZW46"), "{request}");
        assert!(request.contains("\r\nGit-Protocol: version=2\r\n"), "{request}");
        assert!(request.contains("\r\nUser-Agent: git/lockgate-"), "{request}");
    }
    assert!(
        question.contains("ref-prefix refs/heads/main\n") && question.contains("ref-prefix refs/tags/\n")
    );
}

/// What is cut or of an older server is asked for again, by git.
#[tokio::test]
async fn a_list_that_is_not_plain_is_left_to_git() {
    let (place, [one, ..]) = RemoteAndStore::new();
    place.push(&[create("refs/heads/main", &one)]).await.unwrap();
    let first = format!("001e# service=git-upload-pack\n0000{}0000", {
        let line = format!("{one} refs/heads/main\0agent=git/1.9\n");
        format!("{:04x}{line}", line.len() + 4)
    });
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: {}\r\n\r\n{first}",
        first.len()
    );
    let (base, asked) = server(Some(answer)).await;
    let transport = Transport::new(base, "t0ken".to_owned());
    let found = transport.ls_remote(&repo(), &["refs/heads/main"]).await.unwrap();
    assert_eq!(found.get("refs/heads/main"), Some(&one));
    let asked = asked.lock().unwrap();
    let by: Vec<bool> = asked.iter().map(|request| request.contains("User-Agent: git/lockgate-")).collect();
    assert_eq!(by, [true, false], "{asked:?}");
}

#[tokio::test]
async fn a_remote_that_does_not_answer_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let transport =
        Transport::new(base, "t0ken".to_owned()).with_limits(limits(Duration::from_millis(200), 60));
    let error = transport.ls_remote(&repo(), &[]).await.unwrap_err();
    assert!(matches!(error, TransportError::TimedOut { .. }), "{error}");
}

fn limits(whole: Duration, silence: u64) -> Limits {
    Limits { whole, silence: Duration::from_secs(silence) }
}

/// A server that answers every request alike, and the requests that it got. Without an answer it says nothing.
async fn server(answer: Option<String>) -> (url::Url, Arc<Mutex<Vec<String>>>) {
    server_that(move |_| answer.clone()).await
}

/// A server that answers so, and the requests that it got.
async fn server_that(
    answer: impl Fn(&str) -> Option<String> + Clone + Send + 'static,
) -> (url::Url, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, seen) = (answer.clone(), Arc::clone(&seen));
            tokio::spawn(async move {
                let mut bytes = vec![0; 8192];
                while let Ok(count) = stream.read(&mut bytes).await
                    && count > 0
                {
                    let request = String::from_utf8_lossy(&bytes[..count]).into_owned();
                    let answer = answer(&request);
                    seen.lock().unwrap().push(request);
                    let Some(answer) = answer else { continue };
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (base, asked)
}

#[tokio::test]
async fn en_07_a_remote_that_falls_silent_is_given_up_before_its_time_is_over() {
    let (base, _) = server(None).await;
    let whole = Duration::from_secs(300);
    let transport = Transport::new(base, "t0ken".to_owned()).with_limits(limits(whole, 1));
    let begun = std::time::Instant::now();
    let error = transport.ls_remote(&repo(), &[]).await.unwrap_err();
    assert_eq!(error.persistence(), Persistence::TRANSIENT, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(60), "{error}");
}

/// One that says little, and goes on saying it, is not silent.
#[tokio::test]
async fn en_07_a_slow_remote_that_says_something_is_waited_for() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let line = |text: &str| format!("{:04x}{text}\n", text.len() + 5);
    let answer = |kind: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-receive-pack-{kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let none = "0".repeat(40);
    let able = line(&format!("{none} capabilities^{{}}\0report-status atomic"));
    let listed = answer("advertisement", &format!("{}0000{able}0000", line("# service=git-receive-pack")));
    let told = answer("result", &format!("{}{}0000", line("unpack ok"), line("ok refs/heads/fix")));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (listed, told) = (listed.clone(), told.clone());
            tokio::spawn(async move {
                let mut bytes = [0; 8192];
                while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    if bytes[..count].starts_with(b"GET") {
                        stream.write_all(listed.as_bytes()).await.unwrap();
                    } else if bytes[..count].starts_with(b"POST") {
                        let (head, body) = told.split_at(told.find("\r\n\r\n").unwrap() + 4);
                        stream.write_all(head.as_bytes()).await.unwrap();
                        for byte in body.as_bytes() {
                            tokio::time::sleep(Duration::from_millis(80)).await;
                            stream.write_all(&[*byte]).await.unwrap();
                        }
                    }
                }
            });
        }
    });
    let transport = Transport::new(base, "t0ken".to_owned()).with_limits(limits(Duration::from_secs(120), 1));
    let begun = std::time::Instant::now();
    let updates = [create("refs/heads/fix", &one)];
    let pushed = transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap();
    assert!(pushed[0].changed, "{pushed:?}");
    assert!(begun.elapsed() > Duration::from_secs(3), "it was slow for longer than it may be silent");
}

/// `git send-pack` and `git-remote-http` wait for each other then, with no transfer under way that curl could give up.
#[tokio::test]
async fn a_push_whose_answer_is_half_and_looks_whole_is_given_up() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let whole = |kind: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-receive-pack-{kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let able = "capabilities^{}\0report-status side-band-64k delete-refs atomic ofs-delta";
    let line = |text: &str| format!("{:04x}{text}\n", text.len() + 5);
    let none = "0".repeat(40);
    let listed = format!("{}0000{}0000", line("# service=git-receive-pack"), line(&format!("{none} {able}")));
    let (listed, half) = (whole("advertisement", &listed), whole("result", "0030\u{1}000eunp"));
    let (base, _) =
        server_that(move |asked| Some(if asked.starts_with("GET") { listed.clone() } else { half.clone() }))
            .await;
    let transport = Transport::new(base, "t0ken".to_owned()).with_limits(limits(Duration::from_secs(300), 1));
    let begun = std::time::Instant::now();
    let updates = [create("refs/heads/fix", &one)];
    let error = transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap_err();
    assert_eq!((error.effect(), error.persistence()), (Effect::Unknown, Persistence::TRANSIENT), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(120), "{error}");
}

/// git takes it for the list of an empty repository; of one that has the branch it would mean that somebody deleted it.
#[tokio::test]
async fn what_is_no_answer_of_git_is_not_an_empty_repository() {
    let page = "<!DOCTYPE html><title>Sign in</title>\n";
    for body in ["", page] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let (base, _) = server(Some(answer)).await;
        let transport = Transport::new(base, "t0ken".to_owned());
        let error = transport.ls_remote(&repo(), &["refs/heads/main"]).await.unwrap_err();
        assert!(matches!(error, TransportError::Garbled { .. }), "{error}");
        assert_eq!(error.persistence(), Persistence::TRANSIENT);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_here() {
    let (elsewhere, there) = server(None).await;
    let to = format!("{elsewhere}brightwater/weir.git");
    let redirect = format!(
        "HTTP/1.1 301 Moved Permanently\r\nLocation: {to}/info/refs?service=git-upload-pack\r\n\
         Content-Length: 0\r\n\r\n"
    );
    let (base, here) = server(Some(redirect)).await;
    let transport = Transport::new(base, "t0ken".to_owned());
    let (place, [one, ..]) = RemoteAndStore::new();
    let listed = transport.ls_remote(&repo(), &[]).await.unwrap_err();
    let fetched = transport.fetch(&place.store(), &repo(), &["+refs/heads/*:refs/x/*"]).await.unwrap_err();
    let updates = [create("refs/heads/fix", &one)];
    let pushed = transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap_err();
    for error in [listed, fetched, pushed] {
        assert!(matches!(error, TransportError::Moved { .. }), "{error}");
        assert!(error.to_string().contains(&format!("redirects to `{to}`")), "{error}");
        assert_eq!(error.effect(), Effect::None);
    }
    assert!(here.lock().unwrap().iter().any(|request| request.contains("Authorization")));
    assert!(there.lock().unwrap().is_empty(), "{there:?}");
}

/// GitHub answers 403 for a lack of rights and for a limit, and git tells nothing but the status.
#[tokio::test]
async fn a_limit_is_told_from_a_lack_of_rights_and_waited_for() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let updates = [create("refs/heads/fix", &one)];
    for (answer, expected) in [
        ("403 Forbidden\r\nRetry-After: 45", Some(45)),
        ("429 Too Many Requests\r\nRetry-After: 45", Some(45)),
        ("429 Too Many Requests", Some(60)),
        ("403 Forbidden", None),
    ] {
        let (base, _) = server(Some(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n"))).await;
        let transport = Transport::new(base, "t0ken".to_owned());
        let listed = transport.ls_remote(&repo(), &[]).await.unwrap_err();
        let pushed = transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap_err();
        let expected = match expected {
            Some(seconds) => {
                Persistence::Transient { retry_after: Some(RetryAfter::In(Duration::from_secs(seconds))) }
            }
            None => Persistence::Permanent,
        };
        for error in [listed, pushed] {
            assert_eq!((error.effect(), error.persistence()), (Effect::None, expected), "{error}");
        }
    }
}

/// A limit that is met where something is written, and not where it is asked what is there.
#[tokio::test]
async fn a_limit_of_writing_alone_is_waited_for_and_a_lack_of_rights_is_none() {
    let (place, [one, ..]) = RemoteAndStore::new();
    let updates = [create("refs/heads/fix", &one)];
    let list = "001f# service=git-receive-pack\n0000\
        005d0000000000000000000000000000000000000000 capabilities^{}\0 report-status atomic side-band\n0000";
    let listed = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-receive-pack-advertisement\r\nContent-Length: {}\r\n\r\n{list}",
        list.len()
    );
    for (refusal, expected) in [
        (
            "403 Forbidden\r\nRetry-After: 45",
            Persistence::Transient { retry_after: Some(RetryAfter::In(Duration::from_secs(45))) },
        ),
        ("403 Forbidden", Persistence::Permanent),
    ] {
        let (listed, refused) = (listed.clone(), format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n"));
        let answer =
            move |asked: &str| Some(if asked.starts_with("GET") { listed.clone() } else { refused.clone() });
        let (base, asked) = server_that(answer).await;
        let transport = Transport::new(base, "t0ken".to_owned());
        let error = transport.push(&place.store(), &repo(), &updates, &Permit::Private).await.unwrap_err();
        assert_eq!((error.effect(), error.persistence()), (Effect::None, expected), "{error}");
        assert!(asked.lock().unwrap().iter().any(|request| request.starts_with("POST")), "{asked:?}");
    }
}

/// Several advisories of a branch whose head moved fetch it at the same moment.
#[tokio::test]
async fn fetches_of_a_moved_branch_at_the_same_time_all_succeed() {
    let (place, [one, two, _]) = RemoteAndStore::new();
    let name = "refs/heads/main";
    place.push(&[create(name, &one)]).await.unwrap();
    let transport = place.transport();
    let store = place.store();
    for (old, new) in [(one.clone(), two.clone()), (two, one)] {
        transport.fetch(&store, &repo(), &["+refs/heads/main:refs/lockgate/public/main"]).await.unwrap();
        place.push(&[RefUpdate::Replace { name: name.into(), old, new: new.clone() }]).await.unwrap();
        let fetches = (0..6).map(|_| {
            let (transport, store) = (transport.clone(), store.clone());
            tokio::spawn(async move {
                transport.fetch(&store, &repo(), &["+refs/heads/main:refs/lockgate/public/main"]).await
            })
        });
        for fetch in fetches.collect::<Vec<_>>() {
            fetch.await.unwrap().unwrap();
        }
        assert_eq!(git(&store, &["rev-parse", "refs/lockgate/public/main"]), new.as_str());
    }
}
