//! The fields of an advisory: a new one, and what a request changes.

use serde_json::Value;

use super::{ApiError, ApiRequest};
use crate::emulator::model::{CveProgress, ForkProgress, StoredAdvisory};
use crate::emulator::spec::StoredAdvisoryState;
use crate::emulator::world::EmulatedWorld;
use crate::ids::{GhsaId, Login, RepoName};

/// GitHub's alphabet of advisory ids.
const LETTERS: &[u8; 20] = b"23456789cfghjmpqrvwx";

fn new_ghsa(world: &mut EmulatedWorld) -> Result<GhsaId, ApiError> {
    loop {
        let mut number = world.new_id()?.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut text = String::from("GHSA");
        for position in 0..12 {
            if position % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(LETTERS[(number % 20) as usize]));
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
pub(crate) fn fill(one: &mut StoredAdvisory, request: &ApiRequest) -> Result<(), ApiError> {
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
        if !vector.starts_with("CVSS:") {
            return Err(invalid("cvss_vector_string"));
        }
        one.cvss_vector = Some(vector.to_owned());
        one.severity = None;
    }
    if let Some(cve) = request.text("cve_id") {
        one.cve_id = Some(cve.parse().map_err(|_| invalid("cve_id"))?);
    }
    if let Some(list) = request.texts("cwe_ids") {
        one.cwe_ids = list;
    }
    if let Some(list) = given("vulnerabilities") {
        let list = list.as_array().ok_or_else(|| invalid("vulnerabilities"))?;
        if list.iter().any(|one| one.pointer("/package/ecosystem").is_none_or(|eco| !is_ecosystem(eco))) {
            return Err(invalid("vulnerabilities"));
        }
        one.vulnerabilities.clone_from(list);
    }
    if let Some(list) = given("credits") {
        one.credits = list.as_array().cloned().ok_or_else(|| invalid("credits"))?;
    }
    Ok(())
}

fn is_ecosystem(value: &Value) -> bool {
    const KNOWN: [&str; 13] = [
        "rubygems", "npm", "pip", "maven", "nuget", "composer", "go", "rust", "erlang", "actions", "pub",
        "other", "swift",
    ];
    value.as_str().is_some_and(|word| KNOWN.contains(&word))
}
