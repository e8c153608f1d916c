//! `--dir DIR`: which release a command is about. It is the same word in every command; where a command takes nothing else,
//! the directory may stand alone, too.

use std::path::{Path, PathBuf};

use clap::Args;

use super::written;

/// The release that a command is about.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PlaceOption {
    /// The release: the directory with `catalog.toml` and `release.toml`, or a kept rehearsal. The current one, if it is
    /// left out.
    #[arg(long, value_name = "DIR", value_parser = written::place)]
    dir: Option<PathBuf>,
}

/// The same for a command that takes nothing else.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PlaceArgument {
    /// The same as `--dir DIR`.
    #[arg(value_name = "DIR", value_parser = written::place, conflicts_with = "dir")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    option: PlaceOption,
}

impl PlaceOption {
    /// The directory.
    pub(super) fn path(&self) -> &Path {
        self.dir.as_deref().unwrap_or(Path::new("."))
    }
}

impl PlaceArgument {
    /// The directory.
    pub(super) fn path(&self) -> &Path {
        self.directory.as_deref().unwrap_or(self.option.path())
    }
}
