//! What a failed run of git means, told by its English words: `LC_ALL=C` is set for every run.

use super::command::GitExit;
use super::error::TransportError;

/// What git says of answers that are cut, or none at all. It asks for a reference that was listed a moment ago: one that it
/// cannot find then is missing from the answer.
const GARBLED: [&str; 13] = [
    "expected flush after",
    "hung up upon initial contact",
    "couldn't find remote ref",
    "git-http-push failed",
    "is this a git repository?",
    "invalid server response",
    "protocol error",
    "bad line length",
    "bad pack header",
    "unexpected disconnect",
    "unable to parse remote unpack status",
    "expected 'acknowledgments'",
    "expected shallow/unshallow",
];

/// What servers say of a limit. GitHub answers 429 with "This request was rate-limited due to too many requests", or 403.
const LIMITS: [&str; 5] = [
    "returned error: 429",
    "rate-limited due to too many requests",
    "secondary rate limit",
    "abuse detection",
    "API rate limit exceeded",
];

/// The error that git's end and its words on standard error mean.
pub(super) fn classify(remote: &str, ended: &GitExit) -> TransportError {
    let (remote, code, said) = (remote.to_owned(), ended.code, ended.stderr.as_str());
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let kept = gist(said);
    let redirects = ["301", "302", "303", "307", "308"];
    if redirects.iter().any(|status| has(&[&format!("returned error: {status}"), &format!("HTTP {status}")]))
    {
        TransportError::Moved { remote, to: None }
    } else if has(&LIMITS) {
        TransportError::Limited { remote, retry_after: None, said: kept }
    } else if has(&[
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Permission denied",
        "Invalid username or",
        "returned error: 401",
        "returned error: 403",
    ]) || (said.contains("Permission to ") && said.contains(" denied to "))
    {
        TransportError::AuthFailed { remote, said: kept }
    } else if has(&["Repository not found", "returned error: 404", "does not appear to be a git repository"])
        || (said.contains("repository '") && said.contains("not found"))
        || (said.contains("repository '") && said.contains("does not exist"))
    {
        TransportError::NotFound { remote }
    } else if has(&["possible repository corruption", "missing blob object", "missing tree object"]) {
        TransportError::Incomplete { remote, said: kept }
    } else if has(&[
        "Could not resolve host",
        "Failed to connect",
        "Connection refused",
        "Connection reset",
        "timed out",
        "returned error: 5",
        "early EOF",
        "hung up unexpectedly",
        "unable to access",
        "RPC failed",
        "SSL",
        "Could not read from remote repository",
    ]) {
        TransportError::Unreachable { remote, code, said: kept }
    } else if has(&GARBLED) {
        TransportError::Garbled { remote, said: kept }
    } else {
        TransportError::Failed { remote, code, said: kept }
    }
}

/// Whether git says nothing but the status of a refusal: then it may be a limit as well as a lack of rights.
pub(super) fn is_unexplained(said: &str) -> bool {
    said.contains("returned error: 403") && !said.contains("remote: ")
}

/// The lines that matter, in one: no progress, no hints.
pub(super) fn gist(said: &str) -> String {
    let keep = |line: &&str| {
        !line.is_empty()
            && !line.starts_with("hint:")
            && !line.starts_with("To ")
            && !line.starts_with("Cloning into")
            && !line.contains("objects:")
    };
    let lines: Vec<&str> = said.lines().map(str::trim).filter(keep).collect();
    lines.join("; ").chars().take(600).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::headers::Headers;
    use super::*;

    #[rstest]
    #[case("remote: Repository not found.\nfatal: repository 'https://x/' not found", "is not found")]
    #[case("fatal: could not read Username for 'https://x': terminal prompts disabled", "credentials")]
    #[case(
        "remote: Permission to a/b.git denied to c.\nfatal: unable to access 'u': The requested URL returned error: 403",
        "credentials"
    )]
    #[case("fatal: unable to access 'https://x/': Could not resolve host: x", "cannot be reached")]
    #[case(
        "fatal: unable to access 'https://x/': The requested URL returned error: 502",
        "cannot be reached"
    )]
    #[case("fatal: unable to access 'https://x/': The requested URL returned error: 301", "elsewhere")]
    #[case("error: RPC failed; HTTP 307 curl 22 The requested URL returned error: 307", "elsewhere")]
    #[case("fatal: unable to access 'u': The requested URL returned error: 429", "limits how often")]
    #[case("error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429", "limits how often")]
    #[case(
        "remote: You have exceeded a secondary rate limit.\nfatal: unable to access 'u': The requested URL returned error: 403",
        "limits how often"
    )]
    #[case("fatal: unable to access 'u': The requested URL returned error: 403", "credentials")]
    #[case("fatal: unable to access 'u': Operation too slow. Less than 1 bytes/sec", "cannot be reached")]
    #[case(
        "error: unable to read 6c5d4031\nremote: aborting due to possible repository corruption on the remote side.\nfatal: early EOF",
        "lacks objects"
    )]
    #[case("fatal: expected flush after ref listing", "as a git server does")]
    #[case("fatal: couldn't find remote ref refs/heads/main", "as a git server does")]
    #[case("fatal: the remote end hung up upon initial contact", "as a git server does")]
    #[case(
        "fatal: http://x/info/refs not valid: could not determine hash algorithm; is this a git repository?",
        "as a git server does"
    )]
    #[case("fatal: something else", "git failed")]
    fn gits_words_are_told_apart(#[case] said: &str, #[case] expected: &str) {
        let ended = GitExit {
            code: Some(128),
            stdout: String::new(),
            stderr: said.to_owned(),
            headers: Headers::default(),
        };
        let error = classify("https://x/", &ended);
        assert!(error.to_string().contains(expected), "{error}");
    }
}
