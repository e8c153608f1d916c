//! A server for tests: gives scripted answers one after the other, and keeps the requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Client, Endpoint};
use crate::clock::Clock;

/// One answer of the script. Status 0 breaks the connection instead.
pub(super) struct Scripted {
    pub(super) status: u16,
    /// `name: value`
    pub(super) headers: Vec<String>,
    pub(super) body: String,
}

/// An answer without headers of its own.
pub(super) fn answer(status: u16, body: impl ToString) -> Scripted {
    Scripted { status, headers: Vec::new(), body: body.to_string() }
}

impl Scripted {
    pub(super) fn header(mut self, header: impl ToString) -> Scripted {
        self.headers.push(header.to_string());
        self
    }
}

/// The server; ends with the test's runtime.
pub(super) struct Script {
    pub(super) address: std::net::SocketAddr,
    pub(super) clock: Clock,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<VecDeque<Scripted>>>,
}

/// The token that tests use.
pub(super) const TOKEN: &str = "ghp_scriptedTokenThatMustNotBeSeen";

impl Script {
    pub(super) async fn of(answers: impl IntoIterator<Item = Scripted>) -> Script {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let (seen, next) = (asked.clone(), answers.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, next.clone(), seen.clone()));
            }
        });
        let clock = Clock::simulated("2026-03-02T09:00:00Z".parse().unwrap());
        Script { address, clock, asked, answers }
    }

    /// Appends answers.
    pub(super) fn then(&self, answers: impl IntoIterator<Item = Scripted>) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// A client of this server, below a path prefix.
    pub(super) async fn client(&self) -> Client {
        let api = format!("http://{}/api/v3", self.address).parse().unwrap();
        Client::connect(Endpoint::new(api, TOKEN.to_owned(), self.clock.clone())).await.unwrap()
    }

    /// The requests as they came, head and body.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The first lines of the requests, without the prefix.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |request: &String| request.lines().next().unwrap_or_default().replace(" HTTP/1.1", "");
        self.asked().iter().map(line).map(|line| line.replace("/api/v3", "")).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: Arc<Mutex<VecDeque<Scripted>>>,
    asked: Arc<Mutex<Vec<String>>>,
) {
    while let Some(request) = read(&mut stream).await {
        asked.lock().unwrap().push(request);
        let next = answers.lock().unwrap().pop_front();
        let Scripted { status, headers, body } = next.unwrap_or_else(|| answer(500, "the script has ended"));
        if status == 0 {
            return; // The connection breaks before the answer.
        }
        let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
        for header in headers {
            text.push_str(&format!("{header}\r\n"));
        }
        text.push_str(&format!("\r\n{body}"));
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    }
}
