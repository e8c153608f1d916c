//! The commits that a release brings to public branches, held against the rulesets of their repositories before they are made.

use super::graph::Plan;
use super::target::{LineRelease, Target};
use crate::catalog::{ReleaseRule, Repo};
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::push_rules::{CommitTexts, PushRefusal, PushRules};

/// A commit that GitHub would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCommit {
    /// What it is: its first line, and whose it is.
    pub what: String,
    /// Why.
    pub refusal: PushRefusal,
    /// What to do about it.
    pub remedy: String,
}

const ALLOW: &str = "let an administrator allow it, or give the token of an account that may bypass it";

/// What a bump to this version is called.
#[must_use]
pub fn bump_title(to: &Version) -> String {
    format!("Bump to {to}")
}

/// What the change is called that states another version after a release: of the line, or where that keeps its own, of packages.
#[must_use]
pub fn development_title(release: &LineRelease) -> String {
    release.after.as_ref().map_or_else(
        || {
            let packages = release.packages_after();
            let told: Vec<String> =
                packages.map(|(package, after)| format!("{} to {after}", package.name)).collect();
            format!("Bump {}", told.join(", "))
        },
        bump_title,
    )
}

/// The text of a bump's pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BumpText {
    /// The kind of step that opens it.
    pub opens: StepKind,
    /// Its title.
    pub title: String,
    /// Its body.
    pub body: String,
}

impl Plan {
    /// The texts of a target's bump and of what it states afterwards, as their pull requests show them.
    #[must_use]
    pub fn bump_texts(&self, target: &Target) -> Vec<BumpText> {
        let Some(release) = &target.release else { return Vec::new() };
        let rule = self.inputs.catalog.repo(&target.repo).and_then(|repo| self.inputs.release_rule(repo));
        let marker = rule.and_then(ReleaseRule::marker).map(ToOwned::to_owned).unwrap_or_default();
        let text = |opens, title, body| BumpText { opens, title, body };
        let is_bumped = self.inputs.is_bumped_by_pull(target);
        let bump = is_bumped.then(|| text(StepKind::OpenBump, bump_title(&release.to), marker));
        let after = release
            .is_developed()
            .then(|| text(StepKind::OpenDevelopment, development_title(release), String::new()));
        bump.into_iter().chain(after).collect()
    }

    /// The commits of a target that GitHub would refuse, as far as they are known: those of the fixes, and its bumps.
    #[must_use]
    pub fn refused_commits(&self, target: &Target) -> Vec<RefusedCommit> {
        let repo = self.inputs.catalog.repo(&target.repo);
        let (Some(repo), Some(seen)) = (repo, self.snapshot.repos.get(&target.repo)) else {
            return Vec::new();
        };
        let committer = self.snapshot.committer.as_ref().map(|who| who.email.as_str());
        let holding = Holding { repo, rules: &seen.rules.pushes, into: target.branch.full(), committer };
        let branch = repo.patch_branch_of(&self.inputs.release.id, &target.branch);
        let fixes = target.advisories.iter().filter_map(|id| Some((id, seen.fixes.get(id)?)));
        let mut refused = Vec::new();
        for (advisory, fix) in fixes {
            let what = format!("a commit of the fix of {advisory}");
            let held = fix
                .commits
                .iter()
                .filter_map(|one| holding.refused(&branch, &what, &one.message, &one.author));
            refused.extend(held.map(|one| one.or("write it anew where the fix comes from, ")));
        }
        refused.extend(self.refused_bumps(target, &holding));
        refused
    }

    fn refused_bumps(&self, target: &Target, holding: &Holding<'_>) -> Vec<RefusedCommit> {
        let Some(release) = &target.release else { return Vec::new() };
        let branch = holding.repo.bump_branch_of(&target.branch, &release.to);
        let author = holding.committer.unwrap_or_default();
        let bumps = self.bump_texts(target).into_iter();
        let messages =
            bumps.map(|bump| holding.signed_off(format!("{}\n\n{}", bump.title, bump.body).trim_end()));
        messages
            .filter_map(|message| holding.refused(&branch, "the version bump", &message, author))
            .map(|one| one.or(""))
            .collect()
    }
}

/// What the commits of a target are held against.
struct Holding<'a> {
    repo: &'a Repo,
    rules: &'a PushRules,
    into: String,
    committer: Option<&'a str>,
}

/// A refusal before it is known what helps.
struct Held {
    what: String,
    refusal: PushRefusal,
    sign_off_helps: bool,
}

impl Holding<'_> {
    fn refused(&self, branch: &str, what: &str, message: &str, author: &str) -> Option<Held> {
        let texts = CommitTexts { message, author, committer: self.committer };
        let refusal = self.said(branch, texts)?;
        let signed = format!("{}\n\nSigned-off-by: A <a@b.example>", message.trim_end());
        let sign_off_helps =
            !self.repo.sign_off && self.said(branch, CommitTexts { message: &signed, ..texts }).is_none();
        let subject = message.lines().next().unwrap_or_default();
        Some(Held { what: format!("\"{subject}\", {what}"), refusal, sign_off_helps })
    }

    fn said(&self, branch: &str, texts: CommitTexts<'_>) -> Option<PushRefusal> {
        self.rules.refuses_proposed(&format!("refs/heads/{branch}"), &self.into, texts)
    }

    /// Only that it is signed off counts: the name below is the committer's.
    fn signed_off(&self, message: &str) -> String {
        match self.committer.filter(|_| self.repo.sign_off) {
            Some(email) => format!("{message}\n\nSigned-off-by: {email} <{email}>"),
            None => message.to_owned(),
        }
    }
}

impl Held {
    fn or(self, first: &str) -> RefusedCommit {
        let first = if self.sign_off_helps {
            "write `sign-off = true` under the repository in the catalog, or "
        } else {
            first
        };
        RefusedCommit { what: self.what, refusal: self.refusal, remedy: format!("{first}{ALLOW}") }
    }
}
