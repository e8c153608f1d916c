//! The packages of a repository, as their manifests name them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::file_text::text_of;
use super::found_package::{FoundPackage, package};
use super::npm::npm;
use super::tags::TagHabits;
use crate::ecosystem::Ecosystem;
use crate::version::TreeReader;

/// The package of a workspace after whose version a release is called, where the root states none: the one that tags are called
/// after, else the first.
pub(super) fn leading<'p>(packages: &'p [FoundPackage], tag: &str) -> Option<&'p FoundPackage> {
    let is_workspace =
        packages.iter().all(|package| package.ecosystem == Ecosystem::Npm && package.path.is_some());
    let mut members = packages.iter().filter(|package| is_workspace && package.version.is_some());
    let tagged = members.clone().find(|package| package.tag_forms().iter().any(|form| form == tag));
    tagged.or_else(|| members.next())
}

/// The member of an npm workspace that leads it, where its root states no version.
pub(super) fn leading_member(files: &dyn TreeReader, tag: &str) -> Option<FoundPackage> {
    let root: serde_json::Value = serde_json::from_str(&text_of(files, "package.json")?).ok()?;
    leading(&npm(files, ""), tag).filter(|_| root["version"].is_null()).cloned()
}

/// The packages that this tree publishes; at first the ecosystem that leads.
pub(super) fn packages(files: &dyn TreeReader, name: &str, tags: &TagHabits) -> Vec<FoundPackage> {
    let found = [
        cargo(files, name),
        python(files),
        gems(files, name),
        maven(files),
        go(files, tags),
        npm(files, name),
        composer(files),
        hex(files),
        nuget(files, name),
    ];
    found.into_iter().find(|packages| !packages.is_empty()).unwrap_or_default()
}

fn toml_table(files: &dyn TreeReader, path: &str) -> Option<toml::Table> {
    text_of(files, path)?.parse().ok()
}

fn named_in<'t>(table: &'t toml::Table, keys: &[&str]) -> Option<&'t str> {
    let (last, above) = keys.split_last()?;
    let within = above.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?;
    within.get(*last)?.as_str()
}

/// The crate that is called like the repository, else that of the root. Others of a workspace move with it.
fn cargo(files: &dyn TreeReader, name: &str) -> Vec<FoundPackage> {
    let manifests = ["Cargo.toml", "*/Cargo.toml", "crates/*/Cargo.toml"].map(|glob| files.list(glob));
    let crates = manifests.iter().flatten().filter_map(|path| {
        let table = toml_table(files, path)?;
        let own = table.get("package")?.as_table()?;
        let is_published = own.get("publish").is_none_or(|publish| publish.as_bool() != Some(false));
        Some(package(Ecosystem::Rust, named_in(&table, &["package", "name"])?, path)).filter(|_| is_published)
    });
    let crates: Vec<FoundPackage> = crates.collect();
    let own = crates.iter().find(|found| found.name.eq_ignore_ascii_case(name));
    own.or_else(|| crates.iter().find(|found| found.path.is_none())).cloned().into_iter().collect()
}

fn python(files: &dyn TreeReader) -> Vec<FoundPackage> {
    let in_toml = || {
        let table = toml_table(files, "pyproject.toml")?;
        let name =
            named_in(&table, &["project", "name"]).or(named_in(&table, &["tool", "poetry", "name"]))?;
        Some(package(Ecosystem::Pip, name, "pyproject.toml"))
    };
    let by_pattern = |path: &str, pattern: &str| {
        let found = text_of(files, path)?;
        let name = Regex::new(pattern).ok()?.captures(&found)?["name"].to_owned();
        Some(package(Ecosystem::Pip, &name, path))
    };
    let in_cfg = || by_pattern("setup.cfg", r"(?m)^name\s*=\s*(?<name>[A-Za-z0-9._-]+)\s*$");
    let in_setup = || by_pattern("setup.py", r#"\bname\s*=\s*['"](?<name>[A-Za-z0-9._-]+)['"]"#);
    in_toml().or_else(in_cfg).or_else(in_setup).into_iter().collect()
}

fn gems(files: &dyn TreeReader, name: &str) -> Vec<FoundPackage> {
    static NAME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"\.name\s*=\s*['"](?<name>[A-Za-z0-9._-]+)['"]"#).ok());
    let paths = ["*.gemspec", "*/*.gemspec"].map(|glob| files.list(glob));
    let gems = paths.iter().flatten().filter(|path| !path.starts_with("test")).filter_map(|path| {
        let found = text_of(files, path)?;
        // Some name themselves by a variable: the file is called like the gem.
        let stem = path.rsplit('/').next()?.strip_suffix(".gemspec")?.to_owned();
        let said = NAME.as_ref()?.captures(&found).map(|found| found["name"].to_owned());
        Some(package(Ecosystem::Rubygems, &said.unwrap_or(stem), path))
    });
    let mut gems: Vec<FoundPackage> = gems.collect();
    gems.sort_by_key(|gem| (gem.name != name, gem.path.is_some(), gem.name.clone()));
    gems
}

fn maven(files: &dyn TreeReader) -> Vec<FoundPackage> {
    let named = || {
        let whole = text_of(files, "pom.xml")?;
        let parent = Regex::new(r"(?s)<parent>.*?</parent>").ok()?;
        let own = parent.replace(&whole, "");
        let element = |text: &str, name: &str| -> Option<String> {
            let found = Regex::new(&format!(r"<{name}>\s*([^<\s]+)\s*</{name}>")).ok()?.captures(text)?;
            Some(found[1].to_owned())
        };
        // Elements of dependencies come after the project's own.
        let head = own.split("<dependencies>").next()?;
        let group = element(head, "groupId").or_else(|| element(&whole, "groupId"))?;
        let name = format!("{group}:{}", element(head, "artifactId")?);
        let found = package(Ecosystem::Maven, &name, "pom.xml");
        Some(FoundPackage { is_of_modules: whole.contains("<modules>"), ..found })
    };
    named().into_iter().collect()
}

/// The module of the root, and those of folders that are tagged with it.
fn go(files: &dyn TreeReader, tags: &TagHabits) -> Vec<FoundPackage> {
    let module = |path: &str| {
        let found = text_of(files, path)?;
        let name =
            found.lines().find_map(|line| line.strip_prefix("module "))?.trim().trim_matches('"').to_owned();
        Some(package(Ecosystem::Go, &name, path))
    };
    let folders =
        tags.further.iter().filter_map(|form| Some(format!("{}go.mod", form.strip_suffix("v{version}")?)));
    ["go.mod".to_owned()].into_iter().chain(folders).filter_map(|path| module(&path)).collect()
}

/// The application of a `mix.exs` that describes a package.
fn hex(files: &dyn TreeReader) -> Vec<FoundPackage> {
    let named = || {
        let project = text_of(files, "mix.exs").filter(|text| text.contains("package:"))?;
        let name = Regex::new(r"\bapp:\s*:(?<name>\w+)").ok()?.captures(&project)?["name"].to_owned();
        Some(package(Ecosystem::Erlang, &name, "mix.exs"))
    };
    named().into_iter().collect()
}

/// The package of a .NET project that is called like the repository, whatever stands before: `SixLabors.ImageSharp`.
fn nuget(files: &dyn TreeReader, name: &str) -> Vec<FoundPackage> {
    let Ok(id) = Regex::new(r"<PackageId>\s*(?<name>[A-Za-z0-9._-]+)\s*</PackageId>") else {
        return Vec::new();
    };
    let paths = ["*.csproj", "*/*.csproj", "*/*/*.csproj"].map(|glob| files.list(glob));
    let own = paths.iter().flatten().find_map(|path| {
        let found = id.captures(&text_of(files, path)?)?["name"].to_owned();
        let is_own = found.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(name));
        (is_own || found.eq_ignore_ascii_case(name)).then(|| package(Ecosystem::Nuget, &found, path))
    });
    own.into_iter().collect()
}

fn composer(files: &dyn TreeReader) -> Vec<FoundPackage> {
    let named = || {
        let manifest: serde_json::Value = serde_json::from_str(&text_of(files, "composer.json")?).ok()?;
        Some(package(Ecosystem::Composer, manifest["name"].as_str()?, "composer.json"))
    };
    named().into_iter().collect()
}

/// What the root manifest of a Cargo package or workspace requires, by the name of the crate.
pub(super) fn requires(files: &dyn TreeReader) -> BTreeMap<String, String> {
    let Some(manifest) = toml_table(files, "Cargo.toml") else { return BTreeMap::new() };
    let tables =
        [manifest.get("dependencies"), manifest.get("workspace").and_then(|table| table.get("dependencies"))];
    let entries = tables.into_iter().flatten().filter_map(toml::Value::as_table).flatten();
    let stated = entries.filter_map(|(name, value)| {
        let version = value.as_str().or_else(|| value.get("version")?.as_str())?;
        Some((name.clone(), version.to_owned()))
    });
    stated.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn workspace_whose_root_states_no_version_is_led_by_the_package_that_tags_are_called_after() {
        let mut files = tree(&[
            ("package.json", "{ \"private\": true, \"workspaces\": [\"packages/*\"] }"),
            ("packages/dial/package.json", "{ \"name\": \"@acme/dial\", \"version\": \"0.4.0\" }"),
            ("packages/gauge/package.json", "{ \"name\": \"@acme/gauge\", \"version\": \"1.2.3\" }"),
        ]);
        let led = |files: &BTreeMap<String, String>, tag: &str| Some(leading_member(files, tag)?.name);
        for tag in ["@acme/gauge@{version}", "gauge@{version}"] {
            assert_eq!(led(&files, tag).as_deref(), Some("@acme/gauge"), "{tag}");
        }
        assert_eq!(led(&files, "v{version}").as_deref(), Some("@acme/dial"), "the first");
        files.insert(
            "package.json".into(),
            "{ \"version\": \"1.0.0\", \"workspaces\": [\"packages/*\"] }".into(),
        );
        assert_eq!(led(&files, "v{version}"), None, "the root states its own");
    }

    #[test]
    fn packages_of_elixir_and_dotnet_are_named_by_their_projects() {
        let mix = "def project do\n  [app: :plug, version: @version, package: package()]\nend\n";
        assert_eq!(hex(&tree(&[("mix.exs", mix)]))[0].name, "plug");
        assert!(hex(&tree(&[("mix.exs", "[app: :site]\n")])).is_empty(), "it is published nowhere");
        let project = |id: &str| format!("<Project>\n  <PackageId>{id}</PackageId>\n</Project>\n");
        let files = tree(&[
            ("tests/Pump.Tests/Pump.Tests.csproj", &project("Acme.Pump.Tests")),
            ("src/Pump/Pump.csproj", &project("Acme.Pump")),
        ]);
        assert_eq!(nuget(&files, "pump")[0].name, "Acme.Pump");
        assert!(nuget(&files, "valve").is_empty());
    }
}
