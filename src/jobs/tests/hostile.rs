//! Suites that look around, stay, and talk too much. What needs namespaces is tried where there are some.

use std::fs;

use super::bench::{Bench, bench, bench_at_home, seconds, shell};
use crate::jobs::result::JobOutcome;
use crate::jobs::{Isolation, IsolationWish, TestResult};

/// What a suite printed.
fn printed(result: &TestResult) -> String {
    fs::read_to_string(result.log.as_ref().unwrap()).unwrap()
}

/// Whether this machine allows namespaces; the tests of those pass by without, and say so.
async fn allowed(bench: &Bench) -> bool {
    let isolation = bench.executor.isolation().await;
    if let Isolation::Environment { why, .. } = &isolation {
        tracing::warn!(why, "not tried: no namespaces here");
    }
    isolation.is_whole()
}

#[tokio::test]
async fn a_suite_sees_no_secret_of_the_home_and_nothing_of_the_run() {
    let home = tempfile::tempdir().unwrap();
    for (file, text) in [
        (".netrc", "canary-netrc"),
        (".cargo/credentials.toml", "canary-cargo"),
        (".cargo/config.toml", "tool"),
        (".m2/settings", "shared"),
    ] {
        fs::create_dir_all(home.path().join(file).parent().unwrap()).unwrap();
        fs::write(home.path().join(file), text).unwrap();
    }
    let bench = bench_at_home(home.path().to_str().unwrap());
    if !allowed(&bench).await {
        return;
    }
    let journal = bench.logs.path().join("journal.db");
    fs::write(&journal, "canary-journal").unwrap();
    let line = format!(
        "cat ~/.netrc {} || :; ls -A ~ {} || :; cat ~/.cargo/*; cat ~/.m2/settings; umount ~ || :; unshare -Urm umount ~ || :; cat ~/.netrc || :",
        journal.display(),
        bench.logs.path().display()
    );
    let mut command = shell("curious", &line);
    command.visible = vec!["~/.m2".to_owned().try_into().unwrap()];
    let result = bench.run(command).await;
    let text = printed(&result);
    assert!(!text.contains("canary"), "{text}");
    assert!(text.contains("tool") && text.contains("shared"), "the tools are there: {text}");
    assert!(matches!(result.isolation, Some(Isolation::Namespaces { network: true, .. })));
}

#[tokio::test]
async fn a_suite_sees_no_other_process_and_may_be_cut_off_the_network() {
    let bench = bench();
    if !allowed(&bench).await {
        return;
    }
    let mut command = shell(
        "curious",
        "ls -d /proc/[0-9]* | wc -l; ls /sys/class/net /proc/sys/net/ipv4/conf; cat /proc/net/dev",
    );
    command.network = false;
    let result = bench.run(command).await;
    let text = printed(&result);
    let processes: usize = text.lines().next().unwrap().trim().parse().unwrap();
    assert!(processes < 8, "{text}");
    assert!(text.contains(" lo:") && !text.contains(" eth0:"), "{text}");
    assert!(matches!(result.isolation, Some(Isolation::Namespaces { network: false, .. })));
}

/// A socket leads out of namespaces, also where everything is read-only: that of a container engine leads everywhere.
#[tokio::test]
async fn a_suite_reaches_no_service_by_its_socket() {
    let bench = bench();
    let path = format!("/run/lockgate-test-{}.sock", std::process::id());
    let (true, Ok(_service)) = (allowed(&bench).await, std::os::unix::net::UnixListener::bind(&path)) else {
        tracing::warn!("not tried: no namespaces here, or nobody may listen in /run");
        return;
    };
    let result = bench.run(shell("curious", "find /run -type s; cat /etc/resolv.conf > /dev/null")).await;
    fs::remove_file(&path).unwrap();
    assert_eq!((result.outcome.clone(), printed(&result).trim()), (JobOutcome::Passed, ""));
}

#[tokio::test]
async fn what_leaves_its_group_is_ended_with_its_suite() {
    let bench = bench();
    for (time, wish) in [(611, IsolationWish::Available), (612, IsolationWish::None)] {
        let time = seconds(time);
        let line = format!("setsid sh -c 'setsid sleep {time} & setsid sleep {time} & wait' & sleep 0.1");
        let mut command = shell("daemon", &line);
        command.isolation = wish;
        let result = bench.run(command).await;
        assert_eq!(result.outcome, JobOutcome::Passed);
        assert!(bench.gone(&time).await, "it outlived its suite, {wish:?}");
    }
}

#[tokio::test]
async fn half_a_gigabyte_of_output_leaves_a_short_log_with_its_beginning_and_end() {
    let bench = bench();
    let result = bench.run(shell("chatty", "echo begin; head -c 500000000 /dev/zero; echo; echo end")).await;
    assert_eq!(result.outcome, JobOutcome::Passed);
    let log = fs::read(result.log.as_ref().unwrap()).unwrap();
    assert!(log.len() < 13 << 20, "{} bytes", log.len());
    assert!(log.starts_with(b"begin\n") && log.ends_with(b"\nend\n"));
    let note = format!("[lockgate: {} bytes are left out here]", 500_000_011 - (12 << 20));
    assert!(String::from_utf8_lossy(&log).contains(&note), "{note}");
    assert_eq!(result.tail.last().unwrap(), "end");
}

#[tokio::test]
async fn a_suite_cannot_empty_its_own_log() {
    let bench = bench();
    let result =
        bench.run(shell("shy", "echo told; : > /proc/self/fd/1 || :; : > /proc/self/fd/2 || :")).await;
    assert!(printed(&result).contains("told"));
}

#[tokio::test]
async fn a_suite_for_which_the_catalog_wants_nothing_sees_everything() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(".netrc"), "seen").unwrap();
    let bench = bench_at_home(home.path().to_str().unwrap());
    let mut command = shell("open", "cat ~/.netrc");
    command.isolation = IsolationWish::None;
    let result = bench.run(command).await;
    assert_eq!((result.isolation, result.tail), (Some(Isolation::Waived), vec!["seen".to_owned()]));
}
