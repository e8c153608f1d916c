//! What has to agree among the packages of a repository.

use super::package::Package;
use super::package_name::wrong_name;
use super::repo::Repo;
use super::repo_version::wrong_after_release;
use super::tag_rule::{REMEDY, wrong_form};
use crate::input::{InputError, KeyPart, Source};
use crate::version::VersionRule;

/// Refuses packages that stand twice, and versions and tags that would tell no release from another.
pub(super) fn check_packages(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    for (index, package) in repo.packages.iter().enumerate() {
        let found = twice(&repo.packages[..index], package)
            .or_else(|| {
                wrong_name(package).map(|wrong| WrongPackage {
                    key: "name",
                    message: wrong.message,
                    hint: wrong.hint,
                })
            })
            .or_else(|| wrong_path(package))
            .or_else(|| wrong_tag(repo, index, package))
            .or_else(|| wrong_version(package));
        if let Some(wrong) = found {
            let at =
                [path[0], path[1], KeyPart::Key("package"), KeyPart::Index(index), KeyPart::Key(wrong.key)];
            return Err(source.error_at(&at, wrong.message, wrong.hint));
        }
    }
    Ok(())
}

/// What is wrong with a package, and at which of its keys.
struct WrongPackage {
    key: &'static str,
    message: String,
    hint: String,
}

fn twice(earlier: &[Package], package: &Package) -> Option<WrongPackage> {
    let is_same = |other: &&Package| other.ecosystem == package.ecosystem && other.name == package.name;
    earlier.iter().find(is_same).map(|_| WrongPackage {
        key: "name",
        message: format!("the package `{}` stands twice", package.name),
        hint: "keep one of the two entries".to_owned(),
    })
}

fn wrong_path(package: &Package) -> Option<WrongPackage> {
    let path = package.path.as_ref()?;
    let is_sound = !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    (!is_sound).then(|| WrongPackage {
        key: "path",
        message: format!("`{path}` is no folder as seen from the root of the repository"),
        hint: "write it as in `packages/api`; a package at the root has no `path`".to_owned(),
    })
}

fn wrong_tag(repo: &Repo, index: usize, package: &Package) -> Option<WrongPackage> {
    let tag = package.tag_form()?;
    let key = if package.tag.is_some() { "tag" } else { "path" };
    if let Some(message) = wrong_form(&tag) {
        return Some(WrongPackage { key, message, hint: REMEDY.to_owned() });
    }
    let of_repo = repo.release.as_ref().is_some_and(|rule| rule.tag == tag);
    let other = repo.packages[..index]
        .iter()
        .find(|other| other.tag_form().as_ref() == Some(&tag) && !other.is_of_one_module(package));
    let owner = other.map(|other| other.name.as_str()).or_else(|| of_repo.then(|| repo.name.as_str()))?;
    Some(WrongPackage {
        key,
        message: format!(
            "`{tag}` is the tag of `{owner}`, too; the releases of the two cannot be told apart"
        ),
        hint: "remove `tag` where the package is released under that tag, or give it one of its own"
            .to_owned(),
    })
}

fn wrong_version(package: &Package) -> Option<WrongPackage> {
    let refused =
        |message: String, hint: &str| Some(WrongPackage { key: "version", message, hint: hint.to_owned() });
    let version = package.version.as_ref()?;
    if let Some((message, hint)) = wrong_after_release(version) {
        return refused(message, hint);
    }
    match &version.rule {
        VersionRule::Tags(_) if package.tag_form().is_none() => refused(
            format!("the version of `{}` is its tag, and it has no `tag`", package.name),
            "write its `tag`, for example `api/v{version}`; or remove `version` where it has the repository's",
        ),
        VersionRule::Command(_) => refused(
            format!("a command raises the version of `{}` alone", package.name),
            "let the command of `[repo.version]` raise it, too, and state here where it is read: `kind = \"npm\"`",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::input::Source;

    fn read(packages: &str) -> Result<Catalog, String> {
        let text = format!(
            "organisation = 'Rivers'\n[mail]\nfrom = 'a@rivers.example'\nannounce = ['b@rivers.example']\n\
             [[repo]]\nname = 'rivers/weir'\nproject = 'Weir'\nrelease = {{ trigger = 'push-tag', tag = \
             'v{{version}}' }}\n{packages}\n"
        );
        Catalog::load(&Source::from_text("catalog.toml", text)).map_err(|error| {
            let (line, column) = error.line_and_column().unwrap();
            format!("{line}:{column}: {}; {}", error.message, error.hint.unwrap_or_default())
        })
    }

    fn refused(packages: &str) -> String {
        read(packages).unwrap_err()
    }

    #[test]
    fn one_package_is_a_table_and_several_are_a_list() {
        let one = read("package = { ecosystem = 'npm', name = 'weir', registry = true }").unwrap();
        assert_eq!(one.repos[0].package_names().collect::<Vec<_>>(), ["weir"]);
        let same = read("[[repo.package]]\necosystem = 'npm'\nname = 'weir'\nregistry = true").unwrap();
        assert_eq!(one, same);
        let text = serde_json::to_value(&one).unwrap();
        assert_eq!(text["repo"][0]["package"]["name"], "weir", "as it was written before");
        assert_eq!(serde_json::from_value::<Catalog>(text).unwrap(), one);

        let several = read(
            "[[repo.package]]\necosystem = 'npm'\nname = 'weir'\n[[repo.package]]\necosystem = 'npm'\n\
             name = 'weir-api'\npath = 'packages/api'\nversion = { kind = 'npm', next = 'minor' }\n\
             tag = 'api@{version}'",
        )
        .unwrap();
        assert_eq!(several.repos[0].package_names().collect::<Vec<_>>(), ["weir", "weir-api"]);
        assert_eq!(several.repos[0].packages_apart().count(), 1);
        let text = serde_json::to_value(&several).unwrap();
        assert_eq!(serde_json::from_value::<Catalog>(text).unwrap(), several);
        let none = read("").unwrap();
        assert_eq!(none.repos[0].package_names().collect::<Vec<_>>(), ["weir"]);
        let text = serde_json::to_value(&none).unwrap();
        assert_eq!(serde_json::from_value::<Catalog>(text).unwrap(), none);
    }

    #[test]
    fn schema_knows_both_forms_and_closes_them() {
        let schema = serde_json::to_value(schemars::schema_for!(Catalog)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let with = |package: serde_json::Value| {
            serde_json::json!({
                "organisation": "Rivers",
                "mail": { "from": "a@rivers.example", "announce": ["b@rivers.example"] },
                "repo": [{ "name": "rivers/weir", "project": "Weir", "package": package }],
            })
        };
        let one = serde_json::json!({ "ecosystem": "go", "name": "rivers.example/weir", "path": "api" });
        assert!(validator.is_valid(&with(one.clone())));
        assert!(validator.is_valid(&with(serde_json::json!([one, one]))));
        let unknown = serde_json::json!({ "ecosystem": "go", "name": "rivers.example/weir", "pth": "api" });
        assert!(!validator.is_valid(&with(unknown.clone())));
        assert!(!validator.is_valid(&with(serde_json::json!([one, unknown]))));
    }

    #[test]
    fn unknown_key_of_a_package_is_shown_with_its_place() {
        assert_eq!(
            refused("package = { ecosystem = 'npm', nmae = 'weir' }"),
            "9:32: unknown field `nmae`, expected one of `ecosystem`, `name`, `registry`, `path`, `version`, `tag`; \
             did you mean `name`?"
        );
        assert!(
            refused("[[repo.package]]\necosystem = 'npm'\nname = 'weir'\ntags = 'x'")
                .starts_with("12:1: unknown field `tags`")
        );
        assert!(
            refused("package = 'weir'")
                .starts_with("9:11: the text `weir` stands where a package, or a list of packages belongs")
        );
    }

    #[test]
    fn packages_that_cannot_be_are_refused_with_their_place() {
        let second = |rest: &str| {
            format!(
                "[[repo.package]]\necosystem = 'go'\nname = 'rivers.example/weir'\n[[repo.package]]\n\
                 ecosystem = 'go'\nname = 'rivers.example/weir/api'\n{rest}"
            )
        };
        assert!(read(&second("path = 'api'")).is_ok());
        assert_eq!(
            refused("package = { ecosystem = 'go', name = 'rivers.example/weir', tag = 'v{version}' }"),
            "9:67: `v{version}` is the tag of `rivers/weir`, too; the releases of the two cannot be told apart; remove \
             `tag` where the package is released under that tag, or give it one of its own"
        );
        assert_eq!(
            refused(&second("tag = 'api/v1'")),
            "15:7: `api/v1` does not hold `{version}` once, nor its numbers: every release would have one tag, or none; \
             write `{version}` once, and beside it what a tag may hold, as in `v{version}`, `release-{version}` or \
             `REL_{major}_{minor}_{patch}`"
        );
        assert!(
            refused(&second("tag = 'api v{version}'"))
                .starts_with("15:7: `api v1.2.3`, which `api v{version}` makes, is no name that git takes")
        );
        assert_eq!(
            refused("package = { ecosystem = 'maven', name = 'weir' }"),
            "9:41: `weir` names no package of Maven: its group is missing; write `groupId:artifactId`, as in \
             `org.acme:weir`"
        );
        assert!(read("package = { ecosystem = 'maven', name = 'rivers.example:weir' }").is_ok());
        assert_eq!(
            refused(&second("path = '../api'")),
            "15:8: `../api` is no folder as seen from the root of the repository; write it as in `packages/api`; a \
             package at the root has no `path`"
        );
        assert_eq!(
            refused(&second("version = { kind = 'tags' }")),
            "15:11: the version of `rivers.example/weir/api` is its tag, and it has no `tag`; write its `tag`, for \
             example `api/v{version}`; or remove `version` where it has the repository's"
        );
        let majors = "path = 'api'\n[[repo.package]]\necosystem = 'go'\nname = 'rivers.example/weir/api/v2'\npath = 'api'";
        assert!(read(&second(majors)).is_ok(), "two major versions of one module");
        let command = "version = { kind = 'command', run = ['./bump'], version = { kind = 'npm' } }";
        assert!(refused(&second(command)).starts_with("15:11: a command raises the version of"));
        let twice = second("").replace("weir/api", "weir");
        assert!(refused(&twice).starts_with("14:8: the package `rivers.example/weir` stands twice"));
    }
}
