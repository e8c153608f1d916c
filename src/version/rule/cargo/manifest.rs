//! One `Cargo.toml`, and what it requires.

use toml_edit::{Item, TableLike};

use crate::numbering::{Scheme, Version};
use crate::version::error::VersionError;
use crate::version::files::{TreeReader, folder, join};
use crate::version::place::parse_at;
use crate::version::toml_file::{Quoted, TomlFile};

/// The tables of dependencies; Cargo still takes the forms with an underscore.
const TABLES: [&str; 5] =
    ["dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies", "build_dependencies"];

/// A parsed manifest.
#[derive(Debug)]
pub(in crate::version) struct Manifest {
    pub(in crate::version) file: TomlFile,
}

/// One entry of a table of dependencies.
#[derive(Debug, Clone)]
pub(in crate::version) struct DependencyEntry {
    /// The package, after a rename is undone.
    pub(in crate::version) package: String,
    /// The key, by which `workspace = true` finds the workspace's entry.
    pub(in crate::version) key: String,
    /// The folder it lives in, from the root of the repository; `None` if it comes from elsewhere.
    pub(in crate::version) folder: Option<String>,
    /// The required version as written.
    pub(in crate::version) requirement: Option<Quoted>,
    /// Whether the workspace's entry says the rest.
    pub(in crate::version) inherits: bool,
}

impl Manifest {
    pub(in crate::version) fn open(files: &dyn TreeReader, path: &str) -> Result<Manifest, VersionError> {
        Ok(Manifest { file: TomlFile::open(files, path, "a Cargo manifest")? })
    }

    /// The folder of the manifest.
    pub(super) fn folder(&self) -> &str {
        folder(&self.file.path)
    }

    /// `package.name`; `None` for a virtual manifest.
    pub(super) fn name(&self) -> Option<&str> {
        self.file.get(&["package", "name"])?.as_str()
    }

    /// Whether it is the root of a workspace.
    pub(super) fn is_root(&self) -> bool {
        self.file.get(&["workspace"]).is_some()
    }

    /// The version written at these keys, if it is a string.
    pub(super) fn version_at(&self, keys: &[&str]) -> Result<Option<(Quoted, Version)>, VersionError> {
        let Some(item) = self.file.get(keys) else { return Ok(None) };
        let Some(quoted) = self.file.quoted(item)? else { return Ok(None) };
        let version = parse_at(&self.file.path, &self.file.text, &quoted.range, Scheme::SemVer)?;
        Ok(Some((quoted, version)))
    }

    /// The strings of an array at these keys.
    pub(super) fn strings(&self, keys: &[&str]) -> Vec<String> {
        let array = self.file.get(keys).and_then(Item::as_array);
        let strings = array.into_iter().flatten().filter_map(toml_edit::Value::as_str);
        strings.map(str::to_owned).collect()
    }

    /// What the package itself depends on, for every target platform.
    pub(in crate::version) fn dependencies(&self) -> Result<Vec<DependencyEntry>, VersionError> {
        let mut all = Vec::new();
        self.collect(self.file.root().as_table_like(), &mut all)?;
        let platforms = self.file.get(&["target"]).and_then(Item::as_table_like);
        for (_, platform) in platforms.into_iter().flat_map(TableLike::iter) {
            self.collect(platform.as_table_like(), &mut all)?;
        }
        Ok(all)
    }

    /// `[workspace.dependencies]`.
    pub(in crate::version) fn workspace_dependencies(&self) -> Result<Vec<DependencyEntry>, VersionError> {
        let mut all = Vec::new();
        self.collect_one(self.file.get(&["workspace", "dependencies"]), &mut all)?;
        Ok(all)
    }

    fn collect(
        &self,
        table: Option<&dyn TableLike>,
        all: &mut Vec<DependencyEntry>,
    ) -> Result<(), VersionError> {
        let Some(table) = table else { return Ok(()) };
        TABLES.iter().try_for_each(|name| self.collect_one(table.get(name), all))
    }

    fn collect_one(&self, table: Option<&Item>, all: &mut Vec<DependencyEntry>) -> Result<(), VersionError> {
        for (key, item) in table.and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter) {
            all.push(self.dependency(key, item)?);
        }
        Ok(())
    }

    fn dependency(&self, key: &str, item: &Item) -> Result<DependencyEntry, VersionError> {
        let field = |name: &str| item.as_table_like().and_then(|table| table.get(name));
        let written = if item.is_str() { Some(item) } else { field("version") };
        let path = field("path").and_then(Item::as_str);
        Ok(DependencyEntry {
            package: field("package").and_then(Item::as_str).unwrap_or(key).to_owned(),
            key: key.to_owned(),
            folder: path.and_then(|path| join(self.folder(), path)),
            requirement: written.map(|item| self.file.quoted(item)).transpose()?.flatten(),
            inherits: field("workspace").and_then(Item::as_bool) == Some(true),
        })
    }
}
