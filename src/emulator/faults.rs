//! What goes wrong on purpose: rules that strike the n-th matching request.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::spec::{FaultAnswer, FaultEffect, FaultSpec, FaultyWire};

/// A rule and how often it was met.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FaultRule {
    spec: FaultSpec,
    met: u32,
}

/// The answer that a fault gives in place of the real one.
pub(crate) struct Strike {
    /// Whether the work is done.
    pub(crate) effect: FaultEffect,
    /// What comes in place of the answer.
    pub(crate) answer: FaultAnswer,
    /// The status, where one comes.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: String,
    /// Its headers.
    pub(crate) headers: BTreeMap<String, String>,
}

/// A request, as far as faults ask.
pub(crate) struct Asked<'a> {
    /// The service.
    pub(crate) wire: FaultyWire,
    /// The HTTP method; the word of the wire where it has none.
    pub(crate) method: &'a str,
    /// The path after the service's base.
    pub(crate) path: &'a str,
    /// Whether its answer says how things are, and can be one of before.
    pub(crate) is_read: bool,
}

/// What a fault cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ImpossibleFault {
    /// The path is no regular expression.
    #[error("`path` is not a regular expression: {0}")]
    Path(#[from] regex::Error),
    /// It answers with a status that there is not.
    #[error("a fault that answers needs a `status` from 200 to 599")]
    Status,
    /// Only what reads can be stale.
    #[error(
        "only reads of the API and of registries (`method = \"GET\"`) and what `git-upload-pack` lists can be stale"
    )]
    Stale,
}

impl FaultRule {
    /// A rule that nothing has met.
    ///
    /// # Errors
    /// When it says what cannot be.
    pub fn new(spec: FaultSpec) -> Result<FaultRule, ImpossibleFault> {
        Regex::new(&spec.path)?;
        let has_status = spec.status.is_some_and(|status| (200..600).contains(&status));
        if spec.answer == FaultAnswer::Status && !has_status {
            return Err(ImpossibleFault::Status);
        }
        let reading = match spec.wire {
            FaultyWire::Api | FaultyWire::Registry => Some("GET"),
            FaultyWire::Git => Some("POST"),
            FaultyWire::Mail => None,
        };
        let reads = |how| spec.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(how));
        if spec.answer == FaultAnswer::Stale && !reading.is_some_and(reads) {
            return Err(ImpossibleFault::Stale);
        }
        Ok(FaultRule { spec, met: 0 })
    }

    /// Whether it replaces the answers of the API with others: these are put in their place where they are made.
    pub(crate) fn replaces_answers(&self) -> bool {
        self.spec.wire == FaultyWire::Api && self.spec.answer == FaultAnswer::Status
    }

    /// Whether it makes reads stale.
    pub(crate) fn makes_stale(&self) -> bool {
        self.spec.answer == FaultAnswer::Stale
    }

    /// Whether it strikes mail.
    pub(crate) fn is_of_mail(&self) -> bool {
        self.spec.wire == FaultyWire::Mail
    }

    /// Whether it says something about this request.
    pub(crate) fn concerns(&self, asked: &Asked<'_>) -> bool {
        if self.spec.wire != asked.wire || (self.makes_stale() && !asked.is_read) {
            return false;
        }
        let is_method = |wanted: &str| wanted.eq_ignore_ascii_case(asked.method);
        self.spec.method.as_deref().is_none_or(is_method)
            && Regex::new(&self.spec.path).is_ok_and(|pattern| pattern.is_match(asked.path))
    }

    /// Counts a request that it concerns, and strikes if it is its turn.
    pub(crate) fn meet(&mut self) -> Option<Strike> {
        self.met = self.met.saturating_add(1);
        let turn = self.met > self.spec.after && self.met - self.spec.after <= self.spec.times;
        turn.then(|| {
            let mut headers = self.spec.headers.clone();
            let status = self.spec.status.unwrap_or(200);
            let body = self.spec.body.clone().unwrap_or_else(|| default_body(status));
            if !headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
                let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
                headers.insert("content-type".to_owned(), format!("{kind}; charset=utf-8"));
            }
            Strike { effect: self.spec.effect, answer: self.spec.answer, status, body, headers }
        })
    }
}

/// What GitHub sends: its front's pages in HTML, its rate limits as JSON.
fn default_body(status: u16) -> String {
    match status {
        500 => r#"{"message":"Server Error","documentation_url":"https://docs.github.com/rest","status":"500"}"#
            .to_owned(),
        502 => "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n\
                <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
            .to_owned(),
        503 | 504 => "<!DOCTYPE html>\n<html>\n<head><title>Unicorn! &middot; GitHub</title></head>\n<body>\n\
                      <p><strong>No server is currently available to service your request.</strong></p>\n</body>\n</html>\n"
            .to_owned(),
        403 | 429 => "{\"message\":\"You have exceeded a secondary rate limit and have been temporarily blocked from content \
                      creation. Please retry your request again later.\",\"documentation_url\":\
                      \"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits\"}"
            .to_owned(),
        404 => r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#.to_owned(),
        401 => r#"{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}"#
            .to_owned(),
        status => format!(
            "{{\"message\":\"Injected fault\",\"documentation_url\":\"https://docs.github.com/rest\",\"status\":\"{status}\"}}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_strikes_from_its_turn_and_as_often_as_said() {
        let spec: FaultSpec =
            toml::from_str("method = 'POST'\npath = '/pulls$'\nafter = 1\ntimes = 2\nstatus = 502").unwrap();
        let mut fault = FaultRule::new(spec).unwrap();
        let asked = |wire, method| Asked { wire, method, path: "/repos/a/b/pulls", is_read: method == "GET" };
        assert!(fault.concerns(&asked(FaultyWire::Api, "POST")));
        assert!(!fault.concerns(&asked(FaultyWire::Api, "GET")));
        assert!(!fault.concerns(&asked(FaultyWire::Git, "POST")));
        let struck: Vec<bool> = (0..4).map(|_| fault.meet().is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |text: &str| FaultRule::new(toml::from_str(text).unwrap()).unwrap_err().to_string();
        assert!(refused("path = '['\nstatus = 500").contains("not a regular expression"));
        assert!(refused("path = 'x'").contains("from 200 to 599"));
        assert!(refused("path = 'x'\nmethod = 'PUT'\nanswer = 'stale'").contains("only reads"));
        assert!(refused("path = 'x'\nwire = 'git'\nmethod = 'GET'\nanswer = 'stale'").contains("only reads"));
        assert!(refused("path = 'x'\nwire = 'mail'\nanswer = 'stale'").contains("only reads"));
    }

    #[test]
    fn of_git_only_lists_are_stale() {
        let spec = toml::from_str("wire = 'git'\npath = 'upload-pack$'\nanswer = 'stale'").unwrap();
        let fault = FaultRule::new(spec).unwrap();
        let asked = |is_read| Asked {
            wire: FaultyWire::Git,
            method: "POST",
            path: "/a/b.git/git-upload-pack",
            is_read,
        };
        assert!(fault.concerns(&asked(true)) && !fault.concerns(&asked(false)));
    }
}
