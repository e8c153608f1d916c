//! Mails as their readers see them.

use super::announcement::Acknowledgement;
use super::error::MailError;
use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use super::*;
use crate::clock::Clock;
use crate::egress::Permit;
use crate::failure::{Effect, Persistence, ServiceError as _};

fn clock() -> Clock {
    Clock::simulated("2026-03-09T17:00:00Z".parse().unwrap())
}

fn notice() -> AdvanceNotice {
    AdvanceNotice {
        project: "WAMR".into(),
        disclosure_date: "2026-03-09".into(),
        disclosure_time: "2026-03-09 17:00 UTC".into(),
        highest_severity: "high".into(),
        lines: vec![SupportedLine { name: "WAMR".into(), line: "2.4.x".into() }],
    }
}

fn release_of(versions: &[&str]) -> SecurityRelease {
    let releases = versions.iter().map(|version| ReleaseLine {
        name: "WAMR".into(),
        repository: "brightwater/sluice".into(),
        version: (*version).to_owned(),
        url: format!("https://github.example/releases/tag/WAMR-{version}"),
        date: "2026-03-09".into(),
    });
    let advisory = |cve: Option<&str>, last: char| AdvisoryLine {
        ghsa: format!("GHSA-23cf-ghjm-pqr{last}"),
        cve: cve.map(str::to_owned),
        url: format!("https://github.example/advisories/{last}"),
        severity: "high".into(),
        summary: format!("Überlauf {last}"),
    };
    SecurityRelease {
        project: "WAMR".into(),
        date: "2026-03-09".into(),
        highest_severity: "high".into(),
        releases: releases.collect(),
        advisories: vec![advisory(Some("CVE-2026-1234"), 'v'), advisory(None, 'w')],
    }
}

fn message(text: Rendered) -> Message {
    let to = ["sec-announce@example.org".to_owned()];
    Message::new(NewMessage {
        release: "spring",
        kind: "release",
        from: "Lock <lock@example.org>",
        to: &to,
        text,
    })
    .unwrap()
}

#[test]
fn every_built_in_template_renders_with_its_facts() {
    for name in ["wamr-advance", "wasmtime-advance", "github-advance"] {
        let mail = Template::built_in(name).unwrap().render(&notice()).unwrap();
        assert!(mail.subject.contains("WAMR") && mail.body.contains("high"), "{mail:?}");
        assert!(mail.body.contains("2026-03-09"), "{mail:?}");
    }
    for name in ["wamr-release", "wasmtime-release", "github-release"] {
        let mail = Template::built_in(name).unwrap().render(&release_of(&["2.4.3", "2.3.2"])).unwrap();
        for seen in ["2.4.3", "2.3.2", "advisories/v", "advisories/w"] {
            assert!(mail.body.contains(seen), "{seen} in {mail:?}");
        }
    }
    let facts = Acknowledgement { project: "WAMR".into(), incident_manager: "Ada".into() };
    assert!(Template::built_in("acknowledgement").unwrap().render(&facts).unwrap().body.contains("Ada"));
}

#[test]
fn the_release_mail_reads_as_the_runbook_has_it() {
    let mail = Template::built_in("wamr-release").unwrap().render(&release_of(&["2.4.3"])).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.body), @r"
    [Updated 2026-03-09] WAMR security release available

    [Updated 2026-03-09] Security release available.

    WAMR release version 2.4.3 is now available.
    The binary release can be found on GitHub at
    https://github.example/releases/tag/WAMR-2.4.3.

    This release addresses the following security issues rated high:

    https://github.example/advisories/v
    https://github.example/advisories/w

    We'll be conducting a full review of our security practices to ensure ample
    notification is provided for future security releases.
    ");
}

#[test]
fn a_mail_for_before_the_gate_cannot_name_an_advisory() {
    let own = Template::of_user("advance.txt", "Subject: soon\n\n{{ project }}\n{{ advisories }}\n");
    let error = own.render(&notice()).unwrap_err().to_string();
    assert!(error.contains("advance.txt`, line 4: `advisories` is not known here"), "{error}");
    assert!(error.contains("`highest_severity`"), "{error}");
}

#[test]
fn broken_templates_are_explained() {
    let render =
        |source: &str| Template::of_user("mine.txt", source).render(&notice()).unwrap_err().to_string();
    assert!(
        render("Subject: a\n\n{% for x in %}").contains("line 3"),
        "{}",
        render("Subject: a\n\n{% for x in %}")
    );
    assert!(render("Dear all,\n\nhello").contains("Subject"));
    let unknown = Template::built_in("wamr-advanced").unwrap_err().to_string();
    assert!(unknown.contains("`wamr-advance`"), "{unknown}");
}

#[tokio::test]
async fn rd_19_a_mail_is_found_again_and_not_sent_twice() {
    let directory = tempfile::tempdir().unwrap();
    let mailer = Mailer::directory(directory.path().join("mail"), clock());
    let text = Template::built_in("wasmtime-release").unwrap().render(&release_of(&["2.4.3"])).unwrap();
    let mail = message(text.clone());
    assert_eq!(mailer.lookup(&mail), Sent::No);
    assert_eq!(mailer.send(&mail, &Permit::Private).await.unwrap(), Delivery::Sent);
    let again = message(text);
    assert_eq!(mailer.lookup(&again), Sent::Yes { when: Some("2026-03-09T17:00:00Z".parse().unwrap()) });
    assert_eq!(mailer.send(&again, &Permit::Private).await.unwrap(), Delivery::AlreadySent);

    let bytes = std::fs::read(directory.path().join("mail/release.eml")).unwrap();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(parsed.subject(), Some("WAMR security release available"));
    assert_eq!(format!("<{}>", parsed.message_id().unwrap()), mail.id());
    assert!(parsed.body_text(0).unwrap().contains("Überlauf v (high, CVE-2026-1234)"));
    assert_eq!(
        std::fs::read_dir(directory.path().join("mail")).unwrap().count(),
        1,
        "no half-written file is left"
    );
}

#[tokio::test]
async fn another_releases_mail_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let mailer = Mailer::directory(directory.path(), clock());
    let text = Rendered { subject: "a".into(), body: "b\n".into() };
    mailer.send(&message(text.clone()), &Permit::Private).await.unwrap();
    let to = ["sec-announce@example.org".to_owned()];
    let other = NewMessage { release: "autumn", kind: "release", from: "lock@example.org", to: &to, text };
    let error = mailer.send(&Message::new(other).unwrap(), &Permit::Private).await.unwrap_err();
    assert!(matches!(error, MailError::Taken { .. }), "{error}");
}

#[test]
fn ids_are_the_same_each_time_and_tell_nothing() {
    let text = Rendered { subject: "a".into(), body: "b".into() };
    let mail = message(text.clone());
    assert_eq!(mail.id(), message(text).id());
    assert!(!mail.id().contains("spring"));
}

#[test]
fn what_cannot_be_a_mail_is_refused() {
    let text = Rendered { subject: "a\nBcc: x@example.org".into(), body: "b".into() };
    let to = ["x@example.org".to_owned()];
    let new = NewMessage { release: "r", kind: "release", from: "lock@example.org", to: &to, text };
    assert!(matches!(Message::new(new.clone()), Err(MessageError::Subject { .. })));
    assert!(matches!(
        Message::new(NewMessage { kind: "../x", ..new.clone() }),
        Err(MessageError::Kind { .. })
    ));
    assert!(matches!(
        Message::new(NewMessage { to: &[], ..new.clone() }),
        Err(MessageError::NoRecipient { .. })
    ));
    let text = Rendered { subject: "a".into(), body: "b".into() };
    assert!(matches!(
        Message::new(NewMessage { from: "nobody", text, ..new }),
        Err(MessageError::Address { .. })
    ));
}

async fn converse(stream: tokio::net::TcpStream, on_recipient: Option<&'static str>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await.unwrap();
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
        let answer = match (line.get(..4), on_recipient) {
            (Some("RCPT"), Some(answer)) => answer,
            (Some("RCPT"), None) => return,
            _ => "250 test\r\n",
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
        line.clear();
    }
}

/// A mail server that answers `RCPT` as told; with no answer it hangs up.
async fn server(on_recipient: Option<&'static str>) -> Mailer {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, on_recipient));
        }
    });
    let settings =
        SmtpSettings { host: "127.0.0.1".into(), port: Some(port), security: Security::Plain, login: None };
    Mailer::smtp(settings, clock()).unwrap()
}

#[tokio::test]
async fn rd_19_the_fate_of_a_mail_is_told() {
    let mail = message(Rendered { subject: "a".into(), body: "b\n".into() });
    let mailer = server(Some("550 no such list\r\n")).await;
    let refused = mailer.send(&mail, &Permit::Private).await.unwrap_err();
    assert!(matches!(refused, MailError::Refused { .. }), "{refused}");
    assert_eq!((refused.effect(), refused.persistence()), (Effect::None, Persistence::Permanent));
    assert!(matches!(mailer.lookup(&mail), Sent::Unknown { .. }));

    let mailer = server(None).await;
    let broken = mailer.send(&mail, &Permit::Private).await.unwrap_err();
    assert_eq!(broken.effect(), Effect::Unknown, "{broken}");
}

#[tokio::test]
async fn nobody_listening_and_bare_passwords() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let login = Some(Login { user: "u".into(), password: "mailSecret".to_owned().into() });
    let settings =
        SmtpSettings { host: "127.0.0.1".into(), port: Some(port), security: Security::Plain, login };
    assert!(!format!("{settings:?}").contains("mailSecret"));
    let mailer = Mailer::smtp(settings.clone(), clock()).unwrap();
    assert!(!format!("{mailer:?}").contains("mailSecret"));
    let mail = message(Rendered { subject: "a".into(), body: "b\n".into() });
    let error = mailer.send(&mail, &Permit::Private).await.unwrap_err();
    assert!(matches!(error, MailError::NoServer { .. }), "{error}");
    assert_eq!((error.effect(), error.persistence()), (Effect::None, Persistence::TRANSIENT));
    let far = SmtpSettings { host: "mail.example.org".into(), ..settings };
    assert!(matches!(Mailer::smtp(far, clock()), Err(MailError::Settings { .. })));
}
