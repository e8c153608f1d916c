//! Forms that everybody of an ecosystem uses, each a file and what to look for in it; all on one rule.

mod at_file;
mod citation;
mod composer;
mod docker;
mod dotnet;
mod gem;
mod gradle;
mod helm;
mod maven;
mod others;
mod python;
mod xml;

pub use at_file::AtFile;
pub(super) use at_file::{Preset, PresetForm, check_count, files_at};
pub(super) use citation::CITATION;
pub(super) use composer::Composer;
pub(super) use docker::DOCKERFILE;
pub(super) use dotnet::DotNet;
pub(super) use gem::Gem;
pub(super) use gradle::GRADLE;
pub(super) use helm::Helm;
pub(super) use maven::Maven;
pub(super) use others::{MESON, MIX, VERSION_FILE};
pub(super) use python::{PythonModule, SETUP_CFG, SETUP_PY};

#[cfg(test)]
mod tests;
