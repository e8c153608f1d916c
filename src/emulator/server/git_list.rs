//! What git asks for when it lists references, for faults that make lists old: the answer of before is given to whoever asks, so it
//! must hold every reference.
//!
//! <https://git-scm.com/docs/protocol-v2>, "ls-refs".

use std::io::Read as _;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use flate2::read::GzDecoder;

const COMMAND: &[u8] = b"command=ls-refs";
const PREFIX: &[u8] = b"ref-prefix ";

/// A request that lists references, asking for all of them, and that it is one; any other as it is.
pub(super) async fn whole(request: Request<Body>) -> (Request<Body>, bool) {
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Some(all) = asking_for_all(&unpacked(&bytes)) else {
        return (Request::from_parts(parts, Body::from(bytes)), false);
    };
    parts.headers.remove(CONTENT_ENCODING);
    parts.headers.remove(CONTENT_LENGTH);
    (Request::from_parts(parts, Body::from(all)), true)
}

/// git compresses what is long.
fn unpacked(bytes: &Bytes) -> Vec<u8> {
    let mut plain = Vec::new();
    match GzDecoder::new(bytes.as_ref()).read_to_end(&mut plain) {
        Ok(_) => plain,
        Err(_) => bytes.to_vec(),
    }
}

/// The lines of the request without those that name what is wanted; `None` where it is no list, or not written as git does.
fn asking_for_all(text: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut all, mut lists) = (text, Vec::new(), false);
    while !rest.is_empty() {
        let length = usize::from_str_radix(std::str::from_utf8(rest.get(..4)?).ok()?, 16).ok()?;
        // Lengths below 4 are marks without a text.
        let line = rest.get(..length.max(4))?;
        let said = line.get(4..)?;
        lists |= said.starts_with(COMMAND);
        if !said.starts_with(PREFIX) {
            all.extend_from_slice(line);
        }
        rest = rest.get(line.len()..)?;
    }
    lists.then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_asks_for_all_and_a_fetch_stays_as_it_is() {
        let asked = b"0014command=ls-refs\n0001000csymrefs\n001bref-prefix refs/heads/\n0000";
        assert_eq!(asking_for_all(asked).unwrap(), b"0014command=ls-refs\n0001000csymrefs\n0000");
        assert!(asking_for_all(b"0012command=fetch\n0000").is_none());
        assert!(asking_for_all(b"no lines").is_none());
    }
}
