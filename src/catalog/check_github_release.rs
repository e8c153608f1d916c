//! What is said of a GitHub Release that Lockgate makes must be what GitHub takes.

use super::github_release::GitHubReleaseRule;
use super::release_rule::ReleaseRule;
use crate::input::{InputError, KeyPart, Source, suggest};

/// What may stand in its title.
const IN_TITLE: [&str; 3] = ["{version}", "{tag}", "{project}"];
/// What may stand in its text.
const IN_NOTES: [&str; 4] = ["{notes}", "{version}", "{tag}", "{project}"];

/// Refuses files where there is no release, a title or text with a placeholder that means nothing, a folder elsewhere, and files that GitHub would rename.
pub(super) fn check(source: &Source, path: [KeyPart<'_>; 2], rule: &ReleaseRule) -> Result<(), InputError> {
    if rule.is_tag_alone() && !rule.assets.is_empty() {
        return Err(source.error_at(
            &[path[0], path[1], KeyPart::Key("release"), KeyPart::Key("assets")],
            "files are attached to a GitHub Release, and this repository makes none",
            "remove `assets`, or `github-release = \"none\"`",
        ));
    }
    let Some(made) = rule.made_release() else { return Ok(()) };
    check_words(source, path, made)?;
    let at =
        |key| [path[0], path[1], KeyPart::Key("release"), KeyPart::Key("github-release"), KeyPart::Key(key)];
    if let Some(folder) = made.assets_from.as_deref().filter(|folder| !is_below(folder)) {
        return Err(source.error_at(
            &at("assets-from"),
            format!("`{folder}` is no folder beside the release file"),
            "name one in that folder, such as `assets` or `dist/built`",
        ));
    }
    let strange = rule.assets.iter().position(|asset| !is_kept(asset));
    let twice = (0..rule.assets.len()).find(|at| rule.assets[..*at].contains(&rule.assets[*at]));
    let Some(position) = strange.or(twice) else { return Ok(()) };
    let why =
        if strange.is_some() { "GitHub would rename the file" } else { "a release has one file of a name" };
    Err(source.error_at(
        &[path[0], path[1], KeyPart::Key("release"), KeyPart::Key("assets"), KeyPart::Index(position)],
        format!("`{}` cannot be attached: {why}", rule.assets[position]),
        "write each name once, in letters, digits, `.`, `-`, `_` and `+`, with no folder and no dot at its ends",
    ))
}

fn check_words(source: &Source, path: [KeyPart<'_>; 2], made: &GitHubReleaseRule) -> Result<(), InputError> {
    let at =
        |key| [path[0], path[1], KeyPart::Key("release"), KeyPart::Key("github-release"), KeyPart::Key(key)];
    for (key, text, known) in [("title", made.title(), &IN_TITLE[..]), ("notes", made.notes(), &IN_NOTES[..])]
    {
        if let Some(name) = unknown(text, known) {
            return Err(source.error_at(
                &at(key),
                format!("`{{{name}}}` means nothing in the {key} of a release"),
                suggest(&format!("{{{name}}}"), known.iter().copied()),
            ));
        }
    }
    if ["{version}", "{tag}"].iter().any(|name| made.title().contains(name)) {
        return Ok(());
    }
    Err(source.error_at(
        &at("title"),
        format!("`{}` would be the title of every release", made.title()),
        "write `{version}` or `{tag}` in it",
    ))
}

/// The first word in braces that is not known.
fn unknown<'a>(text: &'a str, known: &[&str]) -> Option<&'a str> {
    let words = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word);
    let mut words =
        words.filter(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
    words.find(|word| !known.contains(&format!("{{{word}}}").as_str()))
}

fn is_below(folder: &str) -> bool {
    !folder.is_empty() && folder.trim_end_matches('/').split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether GitHub keeps the name as it is.
fn is_kept(asset: &str) -> bool {
    let name = asset.replace("{version}", "0");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    !name.is_empty() && name.bytes().all(is_plain) && !name.starts_with('.') && !name.ends_with('.')
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::input::Source;

    fn refusal(release: &str) -> String {
        let text = format!(
            "organisation = \"Acme\"\nmaintainers = []\n[mail]\nfrom = \"a@acme.example\"\n\
             announce = [\"b@acme.example\"]\n[[repo]]\nname = \"acme/pump\"\nproject = \"Pump\"\n\
             [repo.release]\ntrigger = \"push-tag\"\ntag = \"v{{version}}\"\n{release}\n"
        );
        match Catalog::load(&Source::from_text("catalog.toml", text)) {
            Ok(_) => "taken".to_owned(),
            Err(error) => {
                let (line, column) = error.line_and_column().unwrap();
                format!("{line}:{column}: {error}; {}", error.hint.as_ref().unwrap())
            }
        }
    }

    #[test]
    fn words_that_mean_nothing_are_refused_with_their_place_and_the_nearest_that_does() {
        let table = |inner: &str| refusal(&format!("github-release = {{ {inner} }}"));
        assert_eq!(table("title = \"{project} {tag}\", notes = \"{notes}\\n{other braces}\""), "taken");
        let title = table("title = \"Pump {verion}\"");
        assert!(title.starts_with("12:28: `{verion}` means nothing in the title"), "{title}");
        assert!(title.contains("`{version}`"), "{title}");
        let same = table("title = \"Security release\"");
        assert!(same.contains("would be the title of every release"), "{same}");
        let notes = table("notes = \"{note}\"");
        assert!(notes.contains("in the notes of a release") && notes.contains("`{notes}`"), "{notes}");
        let folder = table("assets-from = \"../dist\"");
        assert!(folder.contains("`../dist` is no folder beside the release file"), "{folder}");
    }

    #[test]
    fn files_that_github_would_rename_or_refuse_are_refused() {
        let assets = |list: &str| refusal(&format!("assets = [{list}]\ngithub-release = \"lockgate\""));
        assert_eq!(assets("\"pump-{version}.tar.gz\", \"SHA256SUMS\""), "taken");
        let renamed = assets("\"a.zip\", \"pump {version}.zip\"");
        assert!(renamed.starts_with("12:20: `pump {version}.zip` cannot be attached: GitHub would rename"));
        let none = refusal("assets = [\"a.zip\"]\ngithub-release = \"none\"");
        assert!(
            none.starts_with("12:10: files are attached to a GitHub Release, and this repository makes none"),
            "{none}"
        );
        assert!(none.ends_with("remove `assets`, or `github-release = \"none\"`"), "{none}");
        assert_eq!(refusal("github-release = \"none\""), "taken");
        assert!(assets("\"dist/a.zip\"").contains("GitHub would rename the file"));
        assert!(assets("\"a.zip\", \"a.zip\"").contains("a release has one file of a name"));
    }
}
