//! Release notes that are collected from fragments, by what the collecting program's settings say.

use super::fact::Fact;
use super::file_text::text_of;
use super::found_package::FoundPackage;
use super::written::{NotesKeys, string};
use crate::version::TreeReader;

/// Fragments that towncrier collects.
pub(super) fn towncrier(files: &dyn TreeReader, told: impl Fn(&str) -> NotesKeys) -> Option<Fact<NotesKeys>> {
    let (path, settings) = ["towncrier.toml", "pyproject.toml"].iter().find_map(|path| {
        let table: toml::Table = text_of(files, path)?.parse().ok()?;
        Some((*path, table.get("tool")?.get("towncrier")?.as_table()?.clone()))
    })?;
    let text = |key: &str| settings.get(key).and_then(|value| value.as_str());
    // Without a folder of their own they lie in the package.
    let in_package = || {
        let (above, package) = (text("package_dir").unwrap_or("."), text("package")?.replace('.', "/"));
        let above = above.trim_matches(['.', '/']);
        Some(
            [above, &package, "newsfragments"]
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join("/"),
        )
    };
    let folder = text("directory").map(str::to_owned).or_else(in_package)?;
    let folder = folder.trim_end_matches('/').to_owned();
    let into = settings.get("filename").and_then(|name| name.as_str()).unwrap_or("NEWS.rst");
    let ending = into.rsplit('.').next().unwrap_or("rst");
    let types = fragment_types(&settings);
    let of_type = types
        .iter()
        .find(|(name, _)| name == "security")
        .or_else(|| types.iter().find(|(name, _)| name == "bugfix"))
        .or(types.first())?;
    let mut keys = vec![
        // No issue: its id is none that the project's templates could link to.
        ("file", string(&format!("{folder}/+{{ghsa}}.{}.{ending}", of_type.0))),
        ("entry", string("{summary}.")),
    ];
    let because = format!("{path} says that towncrier collects fragments");
    if settings.get("single_file").and_then(toml::Value::as_bool) == Some(false) {
        // Each release gets a file of its own then, which the project makes.
        return Some(Fact::guessed(keys, because));
    }
    let told = told(into);
    keys.extend(if told.is_empty() { vec![("heading", string(&title(&settings)))] } else { told });
    let types: Vec<String> = types
        .iter()
        .map(|(name, section)| format!("    {{ name = {}, section = {} }},\n", string(name), string(section)))
        .collect();
    let collect = format!(
        "{{ into = {}, fragments = {}, types = [\n{}] }}",
        string(into),
        string(&format!("{folder}/*.{ending}")),
        types.concat()
    );
    keys.push(("collect", collect));
    Some(Fact::guessed(keys, because))
}

/// How towncrier heads a release: as it is told to, or as it does by itself.
///
/// Its documentation, "Configuration Reference", `title_format`.
fn title(settings: &toml::Table) -> String {
    let text = |key: &str| settings.get(key).and_then(|value| value.as_str());
    let form =
        text("title_format").filter(|form| !form.is_empty()).unwrap_or("{name} {version} ({project_date})");
    let named = form.replace("{name}", text("name").unwrap_or_default()).replace("{project_date}", "{date}");
    named.trim().to_owned()
}

/// Names and sections of the types of fragments; without any, towncrier's own.
fn fragment_types(settings: &toml::Table) -> Vec<(String, String)> {
    let listed =
        settings.get("type").and_then(|types| types.as_array()).into_iter().flatten().filter_map(|kind| {
            let text = |key: &str| kind.get(key)?.as_str().map(str::to_owned);
            Some((text("directory")?, text("name")?))
        });
    let tables = settings.get("fragment").and_then(|types| types.as_table()).into_iter().flatten();
    let tables = tables.map(|(key, kind)| {
        let name = kind.get("name").and_then(|name| name.as_str()).unwrap_or(key);
        (key.clone(), name.to_owned())
    });
    let found: Vec<(String, String)> = listed.chain(tables).collect();
    if !found.is_empty() {
        return found;
    }
    let usual = [
        ("feature", "Features"),
        ("bugfix", "Bugfixes"),
        ("doc", "Improved Documentation"),
        ("removal", "Deprecations and Removals"),
        ("misc", "Misc"),
    ];
    usual.map(|(name, section)| (name.to_owned(), section.to_owned())).to_vec()
}

/// Fragments of changesets: of the package that is called like the repository, where there is one.
pub(super) fn changesets(
    files: &dyn TreeReader,
    name: &str,
    packages: &[FoundPackage],
) -> Option<Fact<NotesKeys>> {
    files.entry(".changeset/config.json")?;
    let is_main = |package: &&FoundPackage| package.name.rsplit('/').next() == Some(name);
    let main: Vec<&FoundPackage> = packages.iter().filter(is_main).collect();
    let of = if main.is_empty() { packages.iter().collect() } else { main };
    let named: Vec<String> = of.iter().map(|package| format!("\"{}\": patch\n", package.name)).collect();
    let keys = vec![
        ("file", string(".changeset/{ghsa}.md")),
        ("preamble", string(&format!("---\n{}---\n", named.concat()))),
        ("entry", string("{summary}")),
    ];
    Some(Fact::guessed(keys, ".changeset/config.json says that changesets are collected"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_is_headed_as_towncrier_does_it() {
        let headed = |settings: &str| title(&settings.parse().unwrap());
        assert_eq!(headed(""), "{version} ({date})");
        assert_eq!(headed("name = 'Lock'"), "Lock {version} ({date})");
        assert_eq!(headed("title_format = 'lock {version} - {project_date}'"), "lock {version} - {date}");
    }
}
