//! What a catalog says of packages, and of the tags that are theirs.

use super::fact::Fact;
use super::found_package::FoundPackage;
use super::repository::Discovered;
use super::written::{Lines, string};
use crate::ecosystem::Ecosystem;

/// The form of a release's tag. Where nothing is tagged yet, a workspace without a version at its root is tagged by its packages.
pub(super) fn tag_form(repo: &Discovered) -> Fact<String> {
    let tags = &repo.tags;
    match leading(repo).filter(|_| tags.versions.is_empty()) {
        Some(package) => {
            let because = format!("{}, as a workspace names the tags of its packages", tags.form.because);
            Fact::guessed(package.tag_forms()[0].clone(), because)
        }
        None => tags.form.clone(),
    }
}

/// The member of a workspace whose manifest states the repository's version.
fn leading(repo: &Discovered) -> Option<&FoundPackage> {
    let manifests = repo.version.rules.value.iter().filter_map(|rule| rule.unquoted("manifest"));
    let mut members =
        manifests.filter_map(|path| repo.packages.iter().find(|package| package.seen_in == path));
    members.next()
}

/// The further tags that are none of a package's own.
pub(super) fn beside_packages(repo: &Discovered) -> Vec<&String> {
    let is_of_package = |form: &&String| {
        let own = |path: &String| **form == format!("{path}/v{{version}}");
        repo.packages.iter().any(|package| match package.ecosystem {
            Ecosystem::Go => package.path.as_ref().is_some_and(own),
            _ => package.path.is_some() && package.tag_forms().contains(form),
        })
    };
    repo.tags.further.iter().filter(|form| !is_of_package(form)).collect()
}

/// A package of a workspace that counts by itself: it states another version than the repository, or has tags of its own.
fn counts_by_itself(text: &mut Lines, repo: &Discovered, package: &FoundPackage) {
    let (Some(path), Some(own), Some(common)) = (&package.path, &package.version, &repo.version.stated)
    else {
        return;
    };
    let leading = leading(repo);
    let tag = own_tag(repo, package, leading);
    let is_common = own == common.as_str() && tag.is_none();
    if is_common || leading.is_some_and(|leading| leading.seen_in == package.seen_in) {
        return;
    }
    text.line(format!("path = {}", string(path)));
    text.because(&format!("# guess: it states {own}, and counts by itself"), "version", "{ kind = \"npm\" }");
    if let Some(tag) = tag {
        text.because(&tag.comment(), "tag", &string(&tag.value));
    }
}

/// The form of a package's own tags: one that is there, else as the package that leads the workspace has it.
fn own_tag(
    repo: &Discovered,
    package: &FoundPackage,
    leading: Option<&FoundPackage>,
) -> Option<Fact<String>> {
    let forms = package.tag_forms();
    let others = repo.tags.others.iter().map(|(form, _)| form);
    let known = others.chain(&repo.tags.further).find(|form| forms.contains(form));
    if let Some(form) = known {
        return Some(Fact::seen(form.clone(), "tags are called so"));
    }
    let leading = leading?;
    let style = leading.tag_forms().iter().position(|form| *form == tag_form(repo).value)?;
    Some(Fact::guessed(forms[style].clone(), format!("as the tags of {}", leading.name)))
}

/// How it is known that releases publish this package.
fn known_by(repo: &Discovered, package: &FoundPackage) -> Fact<()> {
    let manifest = &package.seen_in;
    let counts = |own: &str| {
        let common = repo.version.stated.as_ref().is_some_and(|common| common.as_str() == own);
        common || own_tag(repo, package, None).is_some()
    };
    match &package.version {
        Some(own) if package.path.is_some() && !counts(own) => Fact::guessed(
            (),
            format!(
                "{manifest} names it, and states {own}, of which no tag is told: whether it is published was not seen"
            ),
        ),
        _ if package.is_of_modules => Fact::guessed(
            (),
            format!("{manifest} is of all its modules; name those that advisories are about"),
        ),
        _ => Fact::seen((), manifest.clone()),
    }
}

pub(super) fn packages(text: &mut Lines, repo: &Discovered) {
    for package in &repo.packages {
        text.gap().line("[[repo.package]]").line(known_by(repo, package).comment());
        text.line(format!("ecosystem = {}", string(&package.ecosystem.to_string())));
        text.line(format!("name = {}", string(&package.name)));
        if let Some(path) = package.path.as_ref().filter(|_| package.ecosystem == Ecosystem::Go) {
            text.line(format!("path = {}", string(path)));
        }
        counts_by_itself(text, repo, package);
    }
    if !repo.packages.is_empty() {
        text.line("# registry = true   # for each package whose releases have to appear in the registry of its ecosystem");
    }
    if repo.packages.is_empty() {
        text.gap().line("# No package was found: advisories are about the repository itself.");
    }
}
