//! What has to agree within a catalog, each mistake with its place in the file.

use super::check_github_release;
use super::check_line_rules;
use super::check_names::{check_once, check_tests};
use super::check_notes;
use super::check_packages::check_packages;
use super::check_policies;
use super::dependency::Dependency;
use super::release_rule::{ReleaseRule, TagKind, Trigger};
use super::repo::{PrivateSide, PublishFrom, Repo};
use super::repo_version::wrong_after_release;
use super::tag_rule::{REMEDY, wrong_form, wrong_further_form};
use crate::ids::{BranchName, RepoName};
use crate::input::{InputError, KeyPart, Source, suggest};

/// Refuses what only a look at the whole file shows.
pub(super) fn check(repos: &[Repo], source: &Source) -> Result<(), InputError> {
    for (index, repo) in repos.iter().enumerate() {
        let path = [KeyPart::Key("repo"), KeyPart::Index(index)];
        check_once(&repos[..index], source, path, repo)?;
        check_tests(source, path, repo)?;
        check_private_side(repos, source, path, repo)?;
        check_lines(source, path, repo)?;
        check_old_lines(source, path, repo)?;
        check_policies::check(source, path, repo)?;
        check_tag_forms(source, path, repo)?;
        check_packages(source, path, repo)?;
        check_after_release(source, path, repo)?;
        if let Some(notes) = &repo.notes {
            let at = [path[0], path[1], KeyPart::Key("notes")];
            check_notes::check(source, &at, notes)?;
            check_notes::check_coming(source, &at, repo)?;
        }
        check_line_rules::check(source, path, repo)?;
        if let Some(rule) = &repo.release {
            check_tagging(source, path, rule)?;
            check_github_release::check(source, path, rule)?;
        }
        for (position, dependency) in repo.depends.iter().enumerate() {
            let path = [path[0], path[1], KeyPart::Key("depends"), KeyPart::Index(position)];
            check_dependency(repos, source, path, repo, dependency)?;
        }
    }
    Ok(())
}

/// A private side is none of the repositories that the catalog releases from, in whatever case it is written.
fn check_private_side(
    repos: &[Repo],
    source: &Source,
    path: [KeyPart<'_>; 2],
    repo: &Repo,
) -> Result<(), InputError> {
    let PrivateSide::Repository(private) = &repo.private else { return Ok(()) };
    let is_same = |public: &RepoName| public.as_str().eq_ignore_ascii_case(private.as_str());
    let fork = match &repo.publish_from {
        PublishFrom::Fork(fork) => Some(fork),
        PublishFrom::Repository => None,
    };
    let mut public = repos.iter().map(|repo| &repo.name).chain(fork);
    match public.find(|public| is_same(public)) {
        None => Ok(()),
        Some(public) => Err(source.error_at(
            &[path[0], path[1], KeyPart::Key("private")],
            format!("the fixes of `{}` would be pushed to `{public}`, which is public", repo.name),
            "name the private repository in which fixes wait, or remove `private` to use the advisory's fork",
        )),
    }
}

fn check_lines(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    let key_of = |at: usize| match at.checked_sub(repo.lines.len()) {
        None => [KeyPart::Key("lines"), KeyPart::Index(at)],
        Some(newer) => [KeyPart::Key("newer-lines"), KeyPart::Index(newer)],
    };
    let lines: Vec<&BranchName> = repo.all_lines().collect();
    if let Some(position) = (0..lines.len()).find(|at| lines[..*at].contains(&lines[*at])) {
        return Err(source.error_at(
            &[&path[..], &key_of(position)].concat(),
            format!("`{}` is among the lines of `{}` twice", lines[position], repo.name),
            "keep it once; if another line was meant, name that one",
        ));
    }
    let Some(position) = lines.iter().position(|line| **line == repo.default_branch) else {
        return Ok(());
    };
    Err(source.error_at(
        &[&path[..], &key_of(position)].concat(),
        format!("`{}` is the default branch of `{}`, not a line", repo.default_branch, repo.name),
        "remove it from `lines`: the default branch always receives the fix; `release-default-branch = true` releases \
         from it too",
    ))
}

fn check_old_lines(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    let Some(position) = repo.old_lines.iter().position(|old| repo.branches().any(|branch| branch == old))
    else {
        return Ok(());
    };
    let old = &repo.old_lines[position];
    Err(source.error_at(
        &[path[0], path[1], KeyPart::Key("old-lines"), KeyPart::Index(position)],
        format!("`{old}` of `{}` is supported: it is the default branch or among `lines`", repo.name),
        "keep it in one of the two lists; an old line gets no patch",
    ))
}

/// What follows a release must follow from its version, and stand somewhere.
fn check_after_release(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    let Some(version) = &repo.version else { return Ok(()) };
    let Some((message, hint)) = wrong_after_release(version) else { return Ok(()) };
    let at = [path[0], path[1], KeyPart::Key("version"), KeyPart::Key("after-release")];
    Err(source.error_at(&at, message, hint))
}

/// A form of tags without its version would match every tag, or none.
fn check_tag_forms(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    let Some(rule) = &repo.release else { return Ok(()) };
    let [of, index] = path;
    let at = |key| [of, index, KeyPart::Key("release"), KeyPart::Key(key)];
    let listed =
        |key, position| [of, index, KeyPart::Key("release"), KeyPart::Key(key), KeyPart::Index(position)];
    if let Some(wrong) = wrong_form(&rule.tag) {
        return Err(source.error_at(&at("tag"), wrong, REMEDY));
    }
    for (position, form) in rule.tags.iter().enumerate() {
        if let Some(wrong) = wrong_further_form(form).or_else(|| twice(rule, position)) {
            let hint = "write each tag once, with `{version}` or `{patch}` in it; `{major}` and `{minor}` may stand there, too";
            return Err(source.error_at(&listed("tags", position), wrong, hint));
        }
    }
    for (position, form) in rule.earlier_tags.iter().enumerate() {
        if let Some(wrong) = wrong_form(form) {
            return Err(source.error_at(&listed("earlier-tags", position), wrong, REMEDY));
        }
    }
    Ok(())
}

/// A further tag that the release has already.
fn twice(rule: &ReleaseRule, position: usize) -> Option<String> {
    let form = rule.tags[position].form();
    let is_earlier = form == rule.tag || rule.tags[..position].iter().any(|earlier| earlier.form() == form);
    is_earlier.then(|| format!("`{form}` is a tag of every release already"))
}

/// What is said of a tag must be about a tag that Lockgate makes, and one that can hold it.
fn check_tagging(source: &Source, path: [KeyPart<'_>; 2], rule: &ReleaseRule) -> Result<(), InputError> {
    let said = [
        ("sign-tags", rule.sign_tags),
        ("tag-message", rule.tag_message.is_some()),
        ("tag-kind", rule.tag_kind.is_some()),
    ];
    let at = |key| [path[0], path[1], KeyPart::Key("release"), KeyPart::Key(key)];
    let Some((key, _)) = said.into_iter().find(|(_, is_said)| *is_said) else { return Ok(()) };
    if rule.trigger != Trigger::PushTag {
        return Err(source.error_at(
            &at(key),
            format!(
                "`{key}` is about tags that Lockgate pushes, and here the project's own CI makes the tag"
            ),
            "remove it, or release with `trigger = \"push-tag\"`",
        ));
    }
    if rule.tag_kind == Some(TagKind::Lightweight) && key != "tag-kind" {
        return Err(source.error_at(
            &at("tag-kind"),
            format!("a lightweight tag holds nothing, so `{key}` has no place in it"),
            format!("remove `tag-kind`, or `{key}`"),
        ));
    }
    if rule.tag_message.as_ref().is_some_and(|message| message.trim().is_empty()) {
        return Err(source.error_at(
            &at("tag-message"),
            "an annotated tag needs a message".to_owned(),
            "remove the key for the project's name and the version, or write one, for example `Pump {version}`",
        ));
    }
    Ok(())
}

fn check_dependency(
    repos: &[Repo],
    source: &Source,
    path: [KeyPart<'_>; 4],
    repo: &Repo,
    dependency: &Dependency,
) -> Result<(), InputError> {
    let Some(other) = repos.iter().find(|other| other.name == dependency.on) else {
        return Err(source.error_at(
            &[path[0], path[1], path[2], path[3], KeyPart::Key("on")],
            format!("`{}` depends on `{}`, which is not in the catalog", repo.name, dependency.on),
            suggest(dependency.on.as_str(), repos.iter().map(|repo| repo.name.as_str())),
        ));
    };
    for (ours, theirs) in &dependency.lines {
        let at = [path[0], path[1], path[2], path[3], KeyPart::Key("lines"), KeyPart::Key(ours.as_str())];
        for (repo, line) in [(repo, ours), (other, theirs)] {
            if !repo.releases_from(line) {
                return Err(source.error_at(
                    &at,
                    format!("`{}` has no line `{line}`", repo.name),
                    suggest(line.as_str(), repo.released_branches().map(BranchName::as_str)),
                ));
            }
        }
    }
    Ok(())
}
