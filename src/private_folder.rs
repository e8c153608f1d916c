//! Folders for a while, which nobody but their owner may look into: what is under embargo passes through them.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::{Builder, TempDir};

/// A folder where temporary ones are, whose name begins with this. It goes with its owner.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder(prefix: &str) -> io::Result<TempDir> {
    Builder::new().prefix(prefix).permissions(Permissions::from_mode(0o700)).tempdir()
}

/// The same in another folder.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder_in(folder: &Path, prefix: &str) -> io::Result<TempDir> {
    Builder::new().prefix(prefix).permissions(Permissions::from_mode(0o700)).tempdir_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_may_look_into_it() {
        let outer = private_folder("lockgate-").unwrap();
        let inner = private_folder_in(outer.path(), "in-").unwrap();
        for folder in [outer.path(), inner.path()] {
            assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }
}
