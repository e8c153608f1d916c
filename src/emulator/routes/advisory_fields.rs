//! The fields of an advisory: a new one, and what a request changes.

use cvss::Cvss;
use serde_json::Value;

use super::{ApiError, ApiRequest};
use crate::emulator::model::{CveProgress, ForkProgress, StoredAdvisory};
use crate::emulator::spec::StoredAdvisoryState;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{GHSA_ALPHABET, GhsaId, Login, RepoName};
use crate::weakness::check_weakness;

fn new_ghsa(world: &mut EmulatedWorld) -> Result<GhsaId, ApiError> {
    loop {
        let mut number = world.new_id()?.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut text = String::from("GHSA");
        for position in 0..12 {
            if position % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(GHSA_ALPHABET.as_bytes()[(number % 20) as usize]));
            number /= 20;
        }
        if let Ok(ghsa) = text.parse::<GhsaId>()
            && world.advisories.get(ghsa.as_str()).is_none()
        {
            return Ok(ghsa);
        }
    }
}

/// A draft without any text.
pub(crate) fn blank(
    world: &mut EmulatedWorld,
    repo: &RepoName,
    author: Login,
) -> Result<StoredAdvisory, ApiError> {
    Ok(StoredAdvisory {
        ghsa: new_ghsa(world)?,
        repo: repo.clone(),
        state: StoredAdvisoryState::Draft,
        summary: String::new(),
        description: String::new(),
        severity: None,
        cvss_vector: None,
        cwe_ids: Vec::new(),
        vulnerabilities: Vec::new(),
        credits: Vec::new(),
        collaborating_users: Vec::new(),
        collaborating_teams: Vec::new(),
        author,
        reported: false,
        publisher: None,
        cve_id: None,
        cve_request: CveProgress::None,
        fork: ForkProgress::None,
        created_at: world.now,
        updated_at: world.now,
        published_at: None,
        closed_at: None,
    })
}

/// Takes the fields of a request: arrays replace the whole array; severity and vector exclude each other.
pub(crate) fn fill(
    world: &EmulatedWorld,
    one: &mut StoredAdvisory,
    request: &ApiRequest,
) -> Result<(), ApiError> {
    let invalid = |field: &str| ApiError::invalid("RepositoryAdvisory", field, "invalid");
    let given = |field: &str| request.body.get(field).filter(|value| !value.is_null());
    if given("severity").is_some() && given("cvss_vector_string").is_some() {
        return Err(ApiError::custom(
            "RepositoryAdvisory",
            "You must choose between setting severity or cvss_vector_string.",
        ));
    }
    if let Some(text) = request.text("summary") {
        if text.chars().count() > 1024 {
            return Err(ApiError::invalid("RepositoryAdvisory", "summary", "too_long"));
        }
        one.summary = text.to_owned();
    }
    if let Some(text) = request.text("description") {
        one.description = text.to_owned();
    }
    if let Some(severity) = request.text("severity") {
        if !["critical", "high", "medium", "low"].contains(&severity) {
            return Err(invalid("severity"));
        }
        one.severity = Some(severity.to_owned());
        one.cvss_vector = None;
    }
    if let Some(vector) = request.text("cvss_vector_string") {
        let parsed: Cvss = vector.parse().map_err(|_| invalid("cvss_vector_string"))?;
        one.cvss_vector = Some(vector.to_owned());
        // The severity follows the vector.
        one.severity = Some(parsed.severity().as_str().to_owned()).filter(|word| word != "none");
    }
    if let Some(cve) = request.text("cve_id") {
        one.cve_id = Some(cve.parse().map_err(|_| invalid("cve_id"))?);
    }
    if let Some(list) = request.texts("cwe_ids") {
        if list.iter().any(|id| check_weakness(id).is_err()) {
            return Err(invalid("cwe_ids"));
        }
        one.cwe_ids = list;
    }
    if let Some(list) = given("vulnerabilities") {
        let list = list.as_array().ok_or_else(|| invalid("vulnerabilities"))?;
        if list.iter().any(|one| one.pointer("/package/ecosystem").is_none_or(|eco| !is_ecosystem(eco))) {
            return Err(invalid("vulnerabilities"));
        }
        let ranges = list.iter().filter_map(|one| one["vulnerable_version_range"].as_str());
        if let Some(wrong) = ranges.into_iter().find(|range| !is_range(range)) {
            return Err(ApiError::custom(
                "RepositoryAdvisory",
                format!("vulnerable_version_range {wrong} is invalid"),
            ));
        }
        one.vulnerabilities.clone_from(list);
    }
    if let Some(list) = given("credits") {
        let list = list.as_array().cloned().ok_or_else(|| invalid("credits"))?;
        if !list.iter().all(|credit| is_credit(world, credit)) {
            return Err(invalid("credits"));
        }
        one.credits = list;
    }
    Ok(())
}

/// Whether it names somebody who is there, for something that GitHub knows.
fn is_credit(world: &EmulatedWorld, credit: &Value) -> bool {
    const KINDS: [&str; 10] = [
        "analyst",
        "finder",
        "reporter",
        "coordinator",
        "remediation_developer",
        "remediation_reviewer",
        "remediation_verifier",
        "tool",
        "sponsor",
        "other",
    ];
    let login = credit["login"].as_str().and_then(|login| login.parse::<Login>().ok());
    let is_known = login.is_some_and(|login| world.account(&login).is_some());
    is_known && credit["type"].as_str().is_some_and(|kind| KINDS.contains(&kind))
}

/// `>= 1.0.0, < 1.2.3`, `= 1.0`, `< 2`: at most two bounds (documentation, "Best practices for writing repository security
/// advisories").
fn is_range(range: &str) -> bool {
    let bounds: Vec<&str> = range.split(',').map(str::trim).collect();
    let is_bound = |bound: &&str| {
        let operator = bound.trim_start_matches(['<', '>', '=']);
        let sign = &bound[..bound.len() - operator.len()];
        let version = operator.trim();
        ["<", "<=", ">", ">=", "="].contains(&sign)
            && !version.is_empty()
            && !version.contains(char::is_whitespace)
    };
    bounds.len() <= 2 && bounds.iter().all(is_bound)
}

fn is_ecosystem(value: &Value) -> bool {
    const KNOWN: [&str; 13] = [
        "rubygems", "npm", "pip", "maven", "nuget", "composer", "go", "rust", "erlang", "actions", "pub",
        "other", "swift",
    ];
    value.as_str().is_some_and(|word| KNOWN.contains(&word))
}
