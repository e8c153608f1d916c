//! The files of releases, in `assets/` beside the model.

use std::fs;

use super::error::at;
use super::{EmulatedWorld, EmulatorError};
use crate::emulator::model::StoredAsset;

impl EmulatedWorld {
    /// Keeps what was uploaded, before the model knows of it.
    pub(crate) fn keep_asset(&self, id: u64, bytes: &[u8]) -> Result<(), EmulatorError> {
        let folder = self.dir().join("assets");
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let path = folder.join(id.to_string());
        fs::write(&path, bytes).map_err(at(&path))
    }

    /// What was uploaded. What scripted CI attached is its name over and over, as long as it is said to be.
    pub(crate) fn asset(&self, asset: &StoredAsset) -> Result<Vec<u8>, EmulatorError> {
        let path = self.dir().join("assets").join(asset.id.to_string());
        if asset.digest.is_some() {
            return fs::read(&path).map_err(at(&path));
        }
        let line = format!("{}\n", asset.name);
        Ok(line.bytes().cycle().take(usize::try_from(asset.size).unwrap_or(0)).collect())
    }
}
