//! Mails as their readers see them.

use super::error::MailError;
use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use super::smtp::SmtpPatience;
use super::template::Rendered;
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
        projects: vec!["WAMR".into()],
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
        fixed_in: versions.iter().map(|version| format!("WAMR {version}")).collect(),
        no_fix: vec!["Sluice 1.0.x: no fix; move to 2.4.2".into()],
    };
    SecurityRelease {
        project: "WAMR".into(),
        projects: vec!["WAMR".into()],
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
fn grammar_follows_the_number_of_releases_and_projects() {
    let release = |versions: &[&str]| {
        MailTemplate::built_in("wasmtime-release").unwrap().render(&release_of(versions)).unwrap().body
    };
    assert!(release(&["2.4.3"]).contains("This release fixes"));
    assert!(release(&["2.4.3", "2.3.2"]).contains("These releases fix"));
    let two = AdvanceNotice { projects: vec!["WAMR".into(), "Weir".into()], ..notice() };
    let advance =
        |facts: &AdvanceNotice| MailTemplate::built_in("wamr-advance").unwrap().render(facts).unwrap().body;
    assert!(advance(&notice()).contains("project would"));
    assert!(advance(&two).contains("projects would"));
}

#[test]
fn one_rating_is_stated_for_all_only_where_all_have_it() {
    let render = |facts: &SecurityRelease| MailTemplate::built_in("wamr-release").unwrap().render(facts);
    let mut release = release_of(&["2.4.3"]);
    assert!(render(&release).unwrap().body.contains("security issues rated high:"));
    release.advisories[1].severity = "low".into();
    assert!(render(&release).unwrap().body.contains("security issues:"));
}

#[test]
fn a_mail_for_before_the_gate_cannot_name_an_advisory() {
    let own = MailTemplate::of_user("advance.txt", "Subject: soon\n\n{{ project }}\n{{ advisories }}\n");
    let error = own.render(&notice()).unwrap_err().to_string();
    assert!(error.contains("advance.txt`, line 4: `advisories` is not known here"), "{error}");
    assert!(error.contains("`highest_severity`"), "{error}");
}

#[test]
fn broken_templates_are_explained() {
    let render =
        |source: &str| MailTemplate::of_user("mine.txt", source).render(&notice()).unwrap_err().to_string();
    assert!(
        render("Subject: a\n\n{% for x in %}").contains("line 3"),
        "{}",
        render("Subject: a\n\n{% for x in %}")
    );
    assert!(render("Dear all,\n\nhello").contains("Subject"));
    let unknown = MailTemplate::built_in("wamr-advanced").unwrap_err().to_string();
    assert!(unknown.contains("`wamr-advance`"), "{unknown}");
}

#[tokio::test]
async fn rd_19_a_mail_is_found_again_and_not_sent_twice() {
    let directory = tempfile::tempdir().unwrap();
    let mailer = Mailer::directory(directory.path().join("mail"), clock());
    let text = MailTemplate::built_in("wasmtime-release").unwrap().render(&release_of(&["2.4.3"])).unwrap();
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

/// What a mail server does instead of what it is asked for.
#[derive(Debug, Clone, Copy)]
enum ServerManner {
    /// It answers this to a command that begins so.
    Answers(&'static str, &'static str),
    /// It hangs up on a command that begins so.
    HangsUp(&'static str),
    /// It says nothing any more from a command that begins so.
    Silent(&'static str),
    /// It answers a command that begins so letter by letter, and never comes to the end.
    Drips(&'static str),
    /// It says this, whatever it is, on the first line of the mail, and hangs up.
    BreaksOff(&'static str),
}

/// The lines that a client sends, the greeting and the final dot among them.
async fn converse(stream: tokio::net::TcpStream, manner: ServerManner) {
    let mut stream = BufReader::new(stream);
    let (mut line, mut in_data) = ("CONNECT".to_owned(), false);
    loop {
        let ended = in_data && line == ".\r\n";
        let command = if ended { "DOT" } else { &*line };
        let usual = match command {
            "CONNECT" => "220 test\r\n",
            command if command.starts_with("DATA") => "354 go on\r\n",
            _ => "250 test\r\n",
        };
        if ended || !in_data {
            let answer = match manner {
                ServerManner::Answers(to, answer) if command.starts_with(to) => answer,
                ServerManner::HangsUp(on) if command.starts_with(on) => return,
                ServerManner::Silent(on) if command.starts_with(on) => std::future::pending().await,
                ServerManner::Drips(on) if command.starts_with(on) => return drip(stream).await,
                _ => usual,
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
            in_data = answer.starts_with("354");
        }
        if let (ServerManner::BreaksOff(words), true) = (manner, in_data && !line.is_empty()) {
            stream.write_all(words.as_bytes()).await.unwrap();
            return;
        }
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

/// Line after line of an answer that goes on, a letter at a time, until nobody listens any more.
async fn drip(mut stream: BufReader<tokio::net::TcpStream>) {
    for letter in b"250-more\r\n".iter().cycle() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        if stream.write_all(&[*letter]).await.is_err() {
            return;
        }
    }
}

async fn server(manner: ServerManner) -> Mailer {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, manner));
        }
    });
    let settings =
        SmtpSettings { host: "127.0.0.1".into(), port: Some(port), security: Security::Plain, login: None };
    let short = std::time::Duration::from_millis(300);
    let patience = SmtpPatience { answer: short, taking: short, whole: short * 3 };
    Mailer::smtp(settings, clock()).unwrap().with_patience(patience)
}

/// RD-19: only what happens after the final dot leaves a mail's fate open, and only what is put off is asked again.
#[rstest::rstest]
#[case(ServerManner::Answers("CONNECT", "554 not you\r\n"), Effect::None, Persistence::Permanent, "not you")]
#[case(ServerManner::Answers("CONNECT", "421 later\r\n"), Effect::None, Persistence::Deferred, "later")]
#[case(ServerManner::Silent("CONNECT"), Effect::None, Persistence::TRANSIENT, "no whole answer")]
#[case(ServerManner::Silent("EHLO"), Effect::None, Persistence::TRANSIENT, "no whole answer")]
#[case(
    ServerManner::Answers("MAIL", "550 not from you\r\n"),
    Effect::None,
    Persistence::Permanent,
    "not from you"
)]
#[case(
    ServerManner::Answers("RCPT", "550 no such list\r\n"),
    Effect::None,
    Persistence::Permanent,
    "recipient sec-announce@example.org: "
)]
#[case(
    ServerManner::Answers("RCPT", "451 greylisted\r\n"),
    Effect::None,
    Persistence::Deferred,
    "greylisted"
)]
#[case(ServerManner::HangsUp("RCPT"), Effect::None, Persistence::TRANSIENT, "recipient")]
#[case(ServerManner::Silent("DATA"), Effect::None, Persistence::TRANSIENT, "no whole answer")]
#[case(ServerManner::BreaksOff(""), Effect::None, Persistence::TRANSIENT, "before the mail was whole")]
#[case(ServerManner::BreaksOff("552 too big\r\n"), Effect::None, Persistence::Permanent, "too big")]
#[case(ServerManner::BreaksOff("421 closing\r\n"), Effect::None, Persistence::Deferred, "closing")]
#[case(ServerManner::Answers("DOT", "552 too big\r\n"), Effect::None, Persistence::Permanent, "too big")]
#[case(ServerManner::Answers("DOT", "452 full\r\n"), Effect::None, Persistence::Deferred, "full")]
#[case(ServerManner::Drips("CONNECT"), Effect::None, Persistence::TRANSIENT, "no whole answer")]
#[case(ServerManner::Drips("RCPT"), Effect::None, Persistence::TRANSIENT, "no whole answer")]
#[case(ServerManner::Drips("DOT"), Effect::Unknown, Persistence::TRANSIENT, "may have been sent")]
#[case(ServerManner::HangsUp("DOT"), Effect::Unknown, Persistence::TRANSIENT, "may have been sent")]
#[case(ServerManner::Silent("DOT"), Effect::Unknown, Persistence::TRANSIENT, "may have been sent")]
#[case(
    ServerManner::Answers("DOT", "<html>\r\n"),
    Effect::Unknown,
    Persistence::TRANSIENT,
    "may have been sent"
)]
#[tokio::test]
async fn rd_19_the_fate_of_a_mail_is_told(
    #[case] manner: ServerManner,
    #[case] effect: Effect,
    #[case] persistence: Persistence,
    #[case] told: &str,
) {
    let mail = message(Rendered { subject: "a".into(), body: "b\n".into() });
    let mailer = server(manner).await;
    let begun = std::time::Instant::now();
    let error = mailer.send(&mail, &Permit::Private).await.unwrap_err();
    assert_eq!((error.effect(), error.persistence()), (effect, persistence), "{error}");
    assert!(error.to_string().contains(told), "{error}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{error}");
    assert!(matches!(mailer.lookup(&mail), Sent::Unknown { why } if why.contains(mail.id())));
}

#[tokio::test]
async fn a_mail_that_the_server_takes_is_sent_although_it_says_no_goodbye() {
    let mail = message(Rendered { subject: "a".into(), body: "b\n".into() });
    let sent = server(ServerManner::HangsUp("QUIT")).await.send(&mail, &Permit::Private).await;
    assert_eq!(sent.unwrap(), Delivery::Sent);
}

#[tokio::test]
async fn nobody_listening_and_bare_passwords() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let login = Some(SmtpLogin { user: "u".into(), password: "mailSecret".to_owned().into() });
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
