//! Versions that CMake and autoconf are told.

use super::constants::only_one;
use super::stated_rule::StatedRule;
use super::written::string;
use crate::version::TreeReader;

/// `project(lock VERSION 1.2.3 …)`.
const CMAKE: &str = r"(?i)\bproject\s*\(\s*\S+\s+VERSION\s+(?<version>[0-9]+(?:\.[0-9]+)+)";
/// `AC_INIT([lock], [1.2.3], …)`.
const AUTOCONF: &str =
    r"\bAC_INIT\(\s*\[?[^,\]]+\]?\s*,\s*\[?(?<version>[0-9]+(?:\.[0-9]+)+(?:-[0-9A-Za-z.]+)?)";

/// `DEF_VER=v1.2.3` in `LOCK-VERSION-GEN`, as git has it: what a build says that no tag tells its version.
const GENERATOR: &str = r"(?m)^DEF_VER=v?(?<version>[0-9]+(?:\.[0-9]+)+(?:[-.][0-9A-Za-z]+)*)$";

/// The build files of the root that state a version, or of the folder in which all of the project lies.
pub(super) fn build_files(files: &dyn TreeReader) -> Vec<StatedRule> {
    let stated = |name: &str, pattern: &str| {
        let below = files.list(&format!("*/{name}"));
        let paths = files.list(name).into_iter().chain(below);
        let path = only_one(files, paths, pattern)?;
        Some(StatedRule::at("regex", "file", &path).with("pattern", string(pattern)))
    };
    let found = [
        stated("*VERSION-GEN", GENERATOR),
        stated("CMakeLists.txt", CMAKE),
        stated("configure.ac", AUTOCONF),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::numbering::Scheme;

    #[test]
    fn version_that_a_build_file_is_told_is_read() {
        for (path, text, version) in [
            ("CMakeLists.txt", "project(\n  lock\n  VERSION\n    1.2.3\n  LANGUAGES C)\n", Some("1.2.3")),
            ("lock/CMakeLists.txt", "PROJECT (lock VERSION 1.2.0 LANGUAGES C)\n", Some("1.2.0")),
            ("CMakeLists.txt", "project(lock LANGUAGES C)\n", None),
            ("CMakeLists.txt", "project(a VERSION 1.2)\nproject(b VERSION 1.3)\n", None),
            ("configure.ac", "AC_INIT([lock], [1.2.3-dev], [https://lock.example])\n", Some("1.2.3-dev")),
            ("configure.ac", "AC_INIT(lock, 1.2.3)\n", Some("1.2.3")),
            ("configure.ac", "AC_INIT([lock], lock_version)\n", None),
            ("LOCK-VERSION-GEN", "#!/bin/sh\nDEF_VER=v1.2.3\nLF='\n'\n", Some("1.2.3")),
            ("LOCK-VERSION-GEN", "#!/bin/sh\nDEF_VER=v1.3.0-rc1\n", Some("1.3.0-rc1")),
        ] {
            let files = BTreeMap::from([(path.to_owned(), text.to_owned())]);
            let read = build_files(&files).iter().find_map(|rule| rule.read(&files, Scheme::SemVer));
            assert_eq!(read.as_ref().map(|version| version.as_str()), version, "{text}");
        }
    }
}
