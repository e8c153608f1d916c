//! What goes wrong on purpose: rules that strike the n-th matching request.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::spec::{FaultEffect, FaultSpec};

/// A rule and how often it was met.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FaultRule {
    spec: FaultSpec,
    met: u32,
}

/// The answer that a fault gives in place of the real one.
pub(crate) struct Strike {
    pub(crate) effect: FaultEffect,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) headers: BTreeMap<String, String>,
}

impl FaultRule {
    /// A rule that nothing has met.
    pub(crate) fn new(spec: FaultSpec) -> Result<FaultRule, regex::Error> {
        Regex::new(&spec.path)?;
        Ok(FaultRule { spec, met: 0 })
    }

    /// Whether it says something about this request.
    pub(crate) fn concerns(&self, method: &str, path: &str) -> bool {
        let method = self.spec.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        method && Regex::new(&self.spec.path).is_ok_and(|pattern| pattern.is_match(path))
    }

    /// Counts a request that it concerns, and strikes if it is its turn.
    pub(crate) fn meet(&mut self) -> Option<Strike> {
        self.met = self.met.saturating_add(1);
        let turn = self.met > self.spec.after && self.met - self.spec.after <= self.spec.times;
        turn.then(|| {
            let mut headers = self.spec.headers.clone();
            let body = self.spec.body.clone().unwrap_or_else(|| default_body(self.spec.status));
            if !headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
                let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
                headers.insert("content-type".to_owned(), format!("{kind}; charset=utf-8"));
            }
            Strike { effect: self.spec.effect, status: self.spec.status, body, headers }
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
        assert!(fault.concerns("POST", "/repos/a/b/pulls"));
        assert!(!fault.concerns("GET", "/repos/a/b/pulls"));
        let struck: Vec<bool> = (0..4).map(|_| fault.meet().is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
    }
}
