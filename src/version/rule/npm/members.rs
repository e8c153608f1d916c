//! The packages of a workspace (npm, pnpm, yarn, bun), and what they require of each other.

use std::ops::Range;

use jsonc_parser::ast::{Object, Value};

use crate::version::error::VersionError;
use crate::version::files::{TextFile, TreeReader, folder, join, open};
use crate::version::rule::json::{string_at, with_root};

/// The tables of a manifest in which one package requires another.
pub(super) const TABLES: [&str; 6] = [
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
    "resolutions",
    "overrides",
];

/// One `package.json`.
#[derive(Debug)]
pub(super) struct NpmMember {
    pub(super) file: TextFile,
    pub(super) folder: String,
    pub(super) name: String,
    pub(super) version: Option<Range<usize>>,
    pub(super) is_private: bool,
    pub(super) pins: Vec<NpmPin>,
}

/// What a package requires of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NpmPin {
    pub(super) package: String,
    /// The bytes of the whole requirement.
    pub(super) range: Range<usize>,
}

impl NpmMember {
    pub(super) fn read(file: TextFile) -> Result<NpmMember, VersionError> {
        let path = file.folder().to_owned();
        let (name, version, is_private, pins) = with_root(&file, |root| {
            let name = root.get_string("name").map(|name| name.value.to_string()).unwrap_or_default();
            let is_private = root.get_boolean("private").is_some_and(|private| private.value);
            (name, string_at(&file.text, root, "version"), is_private, pins(&file.text, root))
        })?;
        Ok(NpmMember { file, folder: path, name, version, is_private, pins })
    }

    pub(super) fn version_text(&self) -> Option<&str> {
        self.file.text.get(self.version.clone()?)
    }
}

/// Every requirement of an object's tables.
pub(super) fn pins(text: &str, object: &Object<'_>) -> Vec<NpmPin> {
    let tables = TABLES.iter().filter_map(|table| object.get_object(table));
    let pin = |(key, range)| NpmPin { package: key, range };
    tables
        .flat_map(|table| {
            let names = table.properties.iter().map(|property| property.name.as_str().to_owned());
            names.filter_map(|name| Some((name.clone(), string_at(text, table, &name)?))).map(pin)
        })
        .collect()
}

/// The folder of the workspace that a manifest belongs to: the nearest folder above, or its own, that says which members
/// it has.
pub(super) fn root_of(files: &dyn TreeReader, manifest: &str) -> Option<String> {
    let own = folder(manifest);
    let above = std::iter::successors(Some(own), |at| (!at.is_empty()).then(|| folder(at)));
    above.map(str::to_owned).find(|at| {
        patterns(files, at).is_some_and(|(take, leave)| *at == own || is_member(own, at, &take, &leave))
    })
}

fn is_member(own: &str, root: &str, take: &[String], leave: &[String]) -> bool {
    let matches = |globs: &[String]| {
        globs.iter().filter_map(|glob| join(root, glob)).any(|glob| crate::version::glob_matches(&glob, own))
    };
    matches(take) && !matches(leave)
}

/// Which folders a workspace takes and leaves out.
fn patterns(files: &dyn TreeReader, root: &str) -> Option<(Vec<String>, Vec<String>)> {
    let from_manifest = in_manifest(files, root);
    let from_pnpm = join(root, "pnpm-workspace.yaml").and_then(|path| open(files, &path).ok()?);
    let from_lerna = in_json(files, root, "lerna.json", "packages");
    let all = from_manifest.or_else(|| from_pnpm.map(|file| yaml_list(&file.text))).or(from_lerna)?;
    let (leave, take): (Vec<String>, Vec<String>) = all.into_iter().partition(|glob| glob.starts_with('!'));
    Some((take, leave.into_iter().map(|glob| glob[1..].to_owned()).collect()))
}

fn in_manifest(files: &dyn TreeReader, root: &str) -> Option<Vec<String>> {
    in_json(files, root, "package.json", "workspaces")
}

/// The strings of an array, or of the array `packages` of an object, at a key of a file.
fn in_json(files: &dyn TreeReader, root: &str, file: &str, key: &str) -> Option<Vec<String>> {
    let file = open(files, &join(root, file)?).ok()??;
    with_root(&file, |object| {
        let array = object.get_array(key).or_else(|| object.get_object(key)?.get_array("packages"))?;
        let texts = array.elements.iter().filter_map(Value::as_string_lit);
        Some(texts.map(|text| text.value.to_string()).collect())
    })
    .ok()?
}

/// The entries of `packages:` in a YAML file of this simple form.
fn yaml_list(text: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| line.trim_end() != "packages:").skip(1);
    let entries = lines.take_while(|line| line.trim().is_empty() || line.starts_with([' ', '-', '#', '\t']));
    let entry = |line: &str| {
        let value = line.trim().strip_prefix('-')?.trim();
        let value = value.split(" #").next().unwrap_or_default().trim();
        Some(value.trim_matches(['"', '\'']).to_owned())
    };
    entries.filter_map(entry).collect()
}

/// The manifests of a workspace, the root's first.
pub(super) fn members(files: &dyn TreeReader, root: &str) -> Result<Vec<NpmMember>, VersionError> {
    let mut found: Vec<NpmMember> = Vec::new();
    let own = join(root, "package.json").unwrap_or_default();
    if let Some(file) = open(files, &own)? {
        found.push(NpmMember::read(file)?);
    }
    let Some((take, leave)) = patterns(files, root) else { return Ok(found) };
    let globs = take.iter().filter_map(|glob| join(root, &format!("{glob}/package.json")));
    let mut paths: Vec<String> = globs.flat_map(|glob| files.list(&glob)).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let is_dependency = path.split('/').any(|part| part == "node_modules");
        if is_dependency || !is_member(folder(&path), root, &take, &leave) {
            continue;
        }
        if let Some(file) = open(files, &path)?
            && found.iter().all(|member| member.file.path != file.path)
        {
            found.push(NpmMember::read(file)?);
        }
    }
    Ok(found)
}
