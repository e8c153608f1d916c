//! The files that are attached to releases: they lie beside the release file when the plan is made.

use std::path::Path;

use crate::catalog::{AssetFile, AssetFiles};
use crate::input::InputError;
use crate::plan::Inputs;

/// Reads the files that the catalog's `assets` can be, whatever the version turns out to be.
pub(super) fn read(directory: &Path, inputs: &Inputs) -> Result<AssetFiles, InputError> {
    let mut files = AssetFiles::new();
    for repo in inputs.repos() {
        let Some(rule) = inputs.release_rule(repo) else { continue };
        let Some(made) = rule.made_release() else { continue };
        for asset in &rule.assets {
            for name in named(&directory.join(made.path_of("")), asset) {
                let path = made.path_of(&name);
                let from = directory.join(&path);
                let bytes = std::fs::read(&from).map_err(|cause| {
                    let message = format!("failed to read `{path}`: {cause}");
                    InputError::whole(&from, message, "check its permissions")
                })?;
                files.insert(path, AssetFile::of(&bytes));
            }
        }
    }
    Ok(files)
}

/// The names in a folder that an asset may have.
fn named(folder: &Path, asset: &str) -> Vec<String> {
    let (before, after) = asset.split_once("{version}").unwrap_or((asset, ""));
    let is_one = |name: &String| {
        let rest = name.strip_prefix(before).map(|rest| rest.strip_suffix(after));
        *name == asset || (asset != before && rest.flatten().is_some())
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    files.filter_map(|entry| entry.file_name().into_string().ok()).filter(is_one).collect()
}
