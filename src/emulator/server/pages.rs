//! Plain pages for people who look at a world: what links of reports and mails point to. They show everything that is
//! there, private things too, since the world is the reader's own; GitHub's rules of who sees what hold on the API.

use std::fmt::Write as _;

use axum::body::Body;
use axum::response::Response;

use super::state::ServerState;
use crate::emulator::git::{branches, watched_refs};
use crate::emulator::model::{StoredAdvisory, StoredPull, StoredPullState, StoredRelease};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::RepoName;

/// Where the mails of a rehearsal lie, beside its world.
const MAILS: &str = "mail";

/// The page at a path such as `owner/name/pull/3`; `None` if there is none.
pub(crate) fn page(shared: &ServerState, path: &str) -> Option<Response> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let text = match segments.as_slice() {
        [] => overview(shared),
        [MAILS, name] => mail(shared, name)?,
        [owner, name, rest @ ..] => {
            let repo = format!("{owner}/{name}").parse().ok()?;
            let world = shared.world();
            world.repository(&repo).ok()?;
            of_repository(&world, &repo, rest)?
        }
        [_] => return None,
    };
    let response = Response::builder().status(200).header("content-type", "text/plain; charset=utf-8");
    response.body(Body::from(text)).ok()
}

fn overview(shared: &ServerState) -> String {
    let world = shared.world();
    let mut text = format!("The emulated world at {}\n\nRepositories\n", world.now);
    for repository in world.repositories.values() {
        let _ = writeln!(text, "  /git/{}", repository.name);
    }
    text.push_str("\nAdvisories\n");
    for advisory in world.advisories.values() {
        let StoredAdvisory { ghsa, repo, summary, state, .. } = advisory;
        let _ = writeln!(text, "  /git/{repo}/security/advisories/{ghsa}  {}: {summary}", state.as_str());
    }
    text.push_str("\nMails\n");
    let entries = std::fs::read_dir(shared.dir.join(MAILS)).into_iter().flatten().flatten();
    let mut mails: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    mails.sort();
    for name in mails {
        let _ = writeln!(text, "  /git/{MAILS}/{name}");
    }
    text
}

/// One mail as it was sent. The name comes from an address: it must be one of the folder's own.
fn mail(shared: &ServerState, name: &str) -> Option<String> {
    let entries = std::fs::read_dir(shared.dir.join(MAILS)).ok()?;
    let found = entries.flatten().find(|entry| entry.file_name().to_string_lossy() == name)?;
    std::fs::read_to_string(found.path()).ok()
}

fn of_repository(world: &EmulatedWorld, repo: &RepoName, rest: &[&str]) -> Option<String> {
    match rest {
        ["pull", number] => Some(pull(world.pull(repo, number.parse().ok()?)?)),
        ["releases", "tag", tag @ ..] => {
            let tag = tag.join("/");
            Some(release(world.releases_of(repo).find(|one| one.tag == tag)?))
        }
        ["security", "advisories", ghsa] => {
            let advisory =
                world.advisories.values().find(|one| one.ghsa.as_str().eq_ignore_ascii_case(ghsa))?;
            Some(self::advisory(advisory))
        }
        // Branches, tags and commits are shown by git; the page of the repository names them.
        [] | ["tree" | "commit" | "releases" | "pulls" | "tags" | "security", ..] => {
            repository(world, repo).ok()
        }
        _ => None,
    }
}

fn repository(world: &EmulatedWorld, repo: &RepoName) -> Result<String, EmulatorError> {
    let mut text = format!("{repo}\n\nBranches\n");
    let git = world.git(repo)?;
    for (name, tip) in branches(&git)? {
        let _ = writeln!(text, "  {name} at {tip}");
    }
    text.push_str("\nTags\n");
    for (name, tip) in watched_refs(&git)? {
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            let _ = writeln!(text, "  {tag} at {tip}");
        }
    }
    text.push_str("\nPull requests\n");
    for pull in world.pulls_of(repo) {
        let _ = writeln!(text, "  /git/{repo}/pull/{}  {}: {}", pull.number, state(pull), pull.title);
    }
    text.push_str("\nReleases\n");
    for release in world.releases_of(repo) {
        let _ = writeln!(text, "  /git/{repo}/releases/tag/{}", release.tag);
    }
    Ok(text)
}

fn state(pull: &StoredPull) -> String {
    match &pull.state {
        StoredPullState::Open => "open".to_owned(),
        StoredPullState::Closed { at } => format!("closed at {at}"),
        StoredPullState::Merged { at, by, commit } => format!("merged by {by} at {at} as {}", commit.short()),
    }
}

fn pull(pull: &StoredPull) -> String {
    let StoredPull { repo, number, title, author, head_repo, head_branch, base_branch, .. } = pull;
    let mut text = format!(
        "{repo}#{number}  {title}\n{}; by {author}; {head_repo} {head_branch} at {} into {base_branch}\n",
        state(pull),
        pull.head.short()
    );
    for review in &pull.reviews {
        let _ = writeln!(text, "{} by {} at {}", review.state, review.author, review.submitted_at);
    }
    for asked in &pull.requested_reviewers {
        let _ = writeln!(text, "review requested from {asked}");
    }
    format!("{text}\n{}\n", pull.body.as_deref().unwrap_or_default())
}

fn release(release: &StoredRelease) -> String {
    let published =
        release.published_at().map_or_else(|| "draft".to_owned(), |at| format!("published at {at}"));
    let name = release.name.as_deref().unwrap_or(&release.tag);
    let mut text = format!("{}  {name}\ntag {}; {published}\n", release.repo, release.tag);
    for asset in &release.assets {
        let _ = writeln!(text, "  {} ({} bytes)", asset.name, asset.size);
    }
    format!("{text}\n{}\n", release.body.as_deref().unwrap_or_default())
}

fn advisory(advisory: &StoredAdvisory) -> String {
    let StoredAdvisory { ghsa, repo, summary, description, .. } = advisory;
    let mut text = format!("{ghsa} of {repo}\n{summary}\n{}", advisory.state.as_str());
    let further = [
        advisory.cve_id.as_ref().map(ToString::to_string),
        advisory.severity.clone(),
        advisory.cvss_vector.clone(),
        advisory.published_at.map(|at| format!("published at {at}")),
    ];
    for word in further.into_iter().flatten() {
        let _ = write!(text, "; {word}");
    }
    text.push('\n');
    for range in &advisory.vulnerabilities {
        let word = |pointer: &str| range.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or("-");
        let _ = writeln!(
            text,
            "  {}: {} (patched: {})",
            word("/package/name"),
            word("/vulnerable_version_range"),
            word("/patched_versions")
        );
    }
    format!("{text}\n{description}\n")
}
