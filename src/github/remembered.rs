//! Answers that GitHub need not send again: a read names the version that is known here, and if nothing has changed GitHub says
//! so in place of an answer. Such a read is as fresh as any other, and does not count towards the hourly limit.
//!
//! GitHub's documentation, "Best practices for using the REST API", "Use conditional requests if appropriate".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::ETAG;
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::call::{ApiResponse, Call};

/// The most bytes of answers that are kept, with their headers: those are often more than the body. Beyond them everything is forgotten, and read once more.
const KEPT: usize = 32 << 20;

/// Answers by the address that they were read from.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    by_address: HashMap<Url, Arc<Known>>,
    bytes: usize,
}

/// An answer, and the version that its server called it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) version: HeaderValue,
    status: u16,
    headers: HeaderMap,
    body: Arc<str>,
}

impl Known {
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        self.body.len() + headers.sum::<usize>()
    }

    /// The same answer to another call.
    pub(super) fn answer(&self, call: &Call) -> ApiResponse {
        ApiResponse {
            request: call.request(),
            status: self.status,
            headers: self.headers.clone(),
            body: Arc::clone(&self.body),
        }
    }
}

impl Remembered {
    /// What is known of a read.
    pub(super) fn of(&self, call: &Call) -> Option<Arc<Known>> {
        if call.method != Method::GET {
            return None;
        }
        self.lock().by_address.get(&call.url).cloned()
    }

    /// Keeps an answer that is whole, if it was read and says which version it is.
    pub(super) fn keep(&self, call: &Call, answer: &ApiResponse) {
        let Some(version) = answer.headers.get(ETAG).filter(|_| call.method == Method::GET) else { return };
        let known = Known {
            version: version.clone(),
            status: answer.status,
            headers: answer.headers.clone(),
            body: Arc::clone(&answer.body),
        };
        self.lock().insert(call.url.clone(), known);
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers {
    fn insert(&mut self, address: Url, known: Known) {
        self.bytes += known.size();
        if self.bytes > KEPT {
            *self = Answers { bytes: known.size(), ..Answers::default() };
        }
        if let Some(before) = self.by_address.insert(address, Arc::new(known)) {
            self.bytes -= before.size();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let mut answers = Answers::default();
        let known = |length: usize| Known {
            version: HeaderValue::from_static("\"1\""),
            status: 200,
            headers: HeaderMap::new(),
            body: "x".repeat(length).into(),
        };
        let address = |name: &str| -> Url { format!("https://api.example/{name}").parse().unwrap() };
        answers.insert(address("a"), known(KEPT / 2));
        answers.insert(address("a"), known(10));
        assert_eq!((answers.by_address.len(), answers.bytes), (1, 10), "the older one is counted no more");
        let headers = [("link", "12345"), ("date", "1")]
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
        let told = Known { headers: HeaderMap::from_iter(headers), ..known(10) };
        assert_eq!(told.size(), 10 + "link".len() + 5 + "date".len() + 1);
        answers.insert(address("b"), known(KEPT - 5));
        assert_eq!((answers.by_address.len(), answers.bytes), (1, KEPT - 5));
        assert!(answers.by_address.contains_key(&address("b")));
    }
}
