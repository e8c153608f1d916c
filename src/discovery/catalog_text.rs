//! The catalog that is written of what was found: as people would write it, with a comment on each fact.

use std::collections::BTreeSet;

use super::catalog_packages::{beside_packages, packages, tag_form};
use super::fact::Fact;
use super::line_facts::LineFacts;
use super::lines::FoundLines;
use super::notes::looked_for;
use super::repository::Discovered;
use super::stated_rule::{inline_of, table_of};
use super::written::{Lines, NotesKeys, list, string};
use crate::ids::{BranchName, Login};
use crate::wording::counted;

/// The text of `catalog.toml` for these repositories. `manager` is who writes it, where that is known.
#[must_use]
pub fn catalog_text(repos: &[Discovered], manager: Option<&Login>) -> String {
    let mut text = Lines::default();
    organisation(&mut text, repos, manager);
    for repo in repos {
        repository(&mut text, repo);
        depends(&mut text, repo, repos);
    }
    text.finish()
}

fn organisation(text: &mut Lines, repos: &[Discovered], manager: Option<&Login>) {
    let owner = repos.first().map_or("Your organisation", |repo| repo.name.owner());
    text.because("# guess: the owner of the repositories", "organisation", &string(owner));
    let people: Vec<&Login> = manager.into_iter().chain(repos.iter().flat_map(Discovered::people)).collect();
    let mut known: Vec<&str> = Vec::new();
    for login in people.iter().map(|login| login.as_str()) {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(login)) {
            known.push(login);
        }
    }
    if known.is_empty() {
        text.because(
            "# EDIT: the logins of those who may lead a release and approve its gates",
            "maintainers",
            &list([Login::SOMEBODY]),
        );
    } else {
        let because = "# guess: who merges or writes most, as far as commits tell their logins. Those who may lead a release and \
                       approve its gates";
        text.because(because, "maintainers", &list(&known));
    }
    let unnamed: BTreeSet<&String> = repos.iter().filter_map(|repo| repo.commits.unnamed.as_ref()).collect();
    for name in unnamed {
        text.line(format!(
            "# {name} merges or writes most, and no commit tells under which login: add it if it belongs here"
        ));
    }
    text.gap().line("[mail]");
    match repos.iter().find_map(|repo| repo.mailbox.as_ref()) {
        Some(found) => {
            text.because(&found.comment(), "from", &string(&format!("{owner} security <{}>", found.value)))
        }
        None => text.because(
            "# EDIT: the sender of mails",
            "from",
            &string(&format!("{owner} security <security@project.example>")),
        ),
    };
    text.because(
        "# EDIT: the lists that get the advance and the release mail",
        "announce",
        "[\"announce@project.example\"]",
    );
    text.line("# smtp = \"smtps://user@mail.project.example\"   # only a real release needs it");
}

fn repository(text: &mut Lines, repo: &Discovered) {
    text.gap().line("[[repo]]").line(format!("name = {}", string(repo.name.as_str())));
    text.because("# guess: the repository's name", "project", &string(repo.name.name()));
    text.line(format!("default-branch = {}", string(repo.default_branch.as_str())));
    lines(text, repo);
    merging(text, repo);
    version(text, repo);
    notes(text, repo);
    release(text, repo);
    repo.line_facts.iter().for_each(|line| on_one_line(text, line));
    packages(text, repo);
    tests(text, repo);
    matrix(text, repo);
}

fn lines(text: &mut Lines, repo: &Discovered) {
    let found = &repo.lines;
    let names = list(found.alive.value.iter().map(BranchName::as_str));
    text.because(&found.alive.comment(), "lines", &names);
    for (branch, newest) in found.old.iter().rev().take(12) {
        text.line(format!("# not taken for supported: `{branch}`, whose newest release is {newest}"));
    }
    for (branch, prerelease) in &found.coming {
        let but = prerelease.as_ref().map(|told| format!(", but for {told}")).unwrap_or_default();
        text.line(format!("# not released from yet{but}: `{branch}`; add it to `lines` if fixes go there"));
    }
    if let Some(from_default) = &found.from_default {
        text.because(&from_default.comment(), "release-default-branch", &from_default.value.to_string());
    }
    newer_lines(text, found);
    let released =
        usize::from(found.from_default.is_some() || found.alive.value.is_empty()) + found.alive.value.len();
    if released == 1 {
        text.line("# one line at a time seems to get releases; if those who have older versions are to update to its fix:")
            .line("# old-versions = \"move-up\"");
    }
    if found.merged_up {
        text.line("# each branch holds the releases of those below it: fixes seem to be merged upwards")
            .line("# carry = \"merge-up\"");
    }
}

/// The lines beyond the default branch: where fixes are merged upwards, they have a key of their own.
fn newer_lines(text: &mut Lines, found: &FoundLines) {
    if found.newer.is_empty() {
        return;
    }
    let names = list(found.newer.iter().map(BranchName::as_str));
    text.line("# newer than the default branch; with `carry = \"merge-up\"` they are taken out of `lines`:")
        .line(format!("# newer-lines = {names}"));
}

fn merging(text: &mut Lines, repo: &Discovered) {
    if let Some(methods) = &repo.methods {
        let allowed: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
        text.line(format!(
            "# GitHub allows: {}; if `merge` is not stated, the first of merge, squash, rebase",
            allowed.join(", ")
        ));
    }
    if let Some(found) = &repo.commits.merge {
        text.line(found.comment()).line(format!("# merge = \"{}\"", found.value.as_str()));
    }
    if let Some(found) = &repo.commits.sign_off {
        text.because(&found.comment(), "sign-off", "true");
    }
}

fn version(text: &mut Lines, repo: &Discovered) {
    let stated = &repo.version;
    text.gap().line("[repo.version]").line(stated.rules.comment());
    for line in table_of(&stated.rules.value) {
        text.line(line);
    }
    if let Some(after) = &repo.after_release {
        text.because(&after.comment(), "after-release", &string(&after.value));
    }
    for place in stated.beside.iter().take(6) {
        text.line(format!("# moved with the newest release as well, and no rule here is about it: {place}"));
    }
}

/// What is different on one line.
fn on_one_line(text: &mut Lines, line: &LineFacts) {
    text.gap().line("[[repo.line]]").line(format!("branch = {}", string(line.branch.as_str())));
    if let Some(tag) = &line.tag {
        text.because(&tag.comment(), "tag", &string(&tag.value));
    }
    if let Some(workflow) = &line.dispatch {
        text.because(&workflow.comment(), "dispatch", &string(&workflow.value));
    }
    if let Some(version) = &line.version {
        let stated = &version.value;
        text.because(
            &version.comment(),
            "version",
            &inline_of(&stated.rules, stated.after_release.as_deref()),
        );
    }
    if let Some(notes) = &line.notes {
        let table = |keys: &NotesKeys| {
            let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            format!("{{ {} }}", keys.join(", "))
        };
        let value = notes.value.as_ref().map_or_else(|| string("none"), table);
        text.because(&notes.comment(), "notes", &value);
    }
}

fn notes(text: &mut Lines, repo: &Discovered) {
    text.gap();
    let Some(found) = &repo.notes else {
        text.line(format!(
            "# No release notes were found on the default branch in files called {}: none are written there.",
            looked_for()
        ));
        return;
    };
    text.line("[repo.notes]").line(found.comment());
    for (key, value) in &found.value {
        text.line(format!("{key} = {value}"));
    }
}

fn release(text: &mut Lines, repo: &Discovered) {
    let found = &repo.automation;
    text.gap().line("[repo.release]");
    text.because(&found.trigger.comment(), "trigger", &found.trigger.value);
    let form = tag_form(repo);
    text.because(&form.comment(), "tag", &string(&form.value));
    let further = beside_packages(repo);
    if !further.is_empty() {
        text.because("# at the commit of the newest release", "tags", &list(further));
    }
    if repo.tags.signed && found.tags_are_pushed() {
        text.because("# guess: the newest tags are signed", "sign-tags", "true");
    }
    let is_of_package =
        |form: &String| repo.packages.iter().any(|package| package.tag_forms().contains(form));
    for (form, count) in repo.tags.others.iter().filter(|(form, _)| !is_of_package(form)).take(6) {
        let (tags, are) = (counted(*count, "tag"), if *count == 1 { "is" } else { "are" });
        text.line(format!(
            "# {tags} {are} called `{form}`: of another package, or of earlier years (`earlier-tags`)"
        ));
    }
    match (&found.makes_releases, &found.waits_for_release) {
        (Some(workflow), _) => text.line(format!("# `{workflow}` seems to make the GitHub Release; name the files that it attaches in `assets`")),
        (None, Some(workflow)) => text.because(
            &format!("# guess: `{workflow}` starts when a GitHub Release is published, and nothing was found that makes one"),
            "github-release",
            "\"lockgate\"",
        ),
        (None, None) => text.line("# who makes the GitHub Release could not be seen: `github-release = \"lockgate\"` does it here"),
    };
}

fn tests(text: &mut Lines, repo: &Discovered) {
    text.gap();
    let Some(test) = &repo.test else {
        text.line("# EDIT: what proves a patched tree; without it a target needs a waiver");
        text.line("# [[repo.test]]").line("# name = \"unit\"").line("# run = [\"make\", \"test\"]");
        return;
    };
    text.line("[[repo.test]]")
        .line("# guess: the usual command, as it runs in a clean checkout; `network = false` keeps it from the network");
    text.line("name = \"unit\"").line(format!("run = {}", list(&test.run)));
    text.line(format!("needs = {}", list([test.needs]))).line("timeout = \"30m\"");
}

/// The project's own CI, which people let prove a release if it can run here.
fn matrix(text: &mut Lines, repo: &Discovered) {
    let workflows = &repo.automation.tests;
    if workflows.is_empty() {
        return;
    }
    text.gap()
        .line("# seen: these workflows start where branches change; what of them can run on this machine can prove a release, too")
        .line("# [repo.matrix]")
        .line(format!("# workflows = {}", list(workflows)));
}

/// What one of the repositories requires of another, where a Cargo manifest says so.
fn depends(text: &mut Lines, repo: &Discovered, all: &[Discovered]) {
    for other in all.iter().filter(|other| other.name != repo.name) {
        let required = other
            .packages
            .iter()
            .find_map(|package| Some((&package.name, repo.requires.get(&package.name)?)));
        let Some((package, version)) = required else { continue };
        let because = format!("Cargo.toml requires `{package}` {version}; say which line carries which");
        text.gap()
            .line(Fact::guessed((), because).comment())
            .line("# [[repo.depends]]")
            .line(format!("# on = {}", string(other.name.as_str())));
        text.line(format!("# rule = {{ kind = \"cargo\", package = {} }}", string(package)))
            .line("# [repo.depends.lines]")
            .line(format!(
                "# {} = {}",
                string(repo.default_branch.as_str()),
                string(other.default_branch.as_str())
            ));
    }
}
