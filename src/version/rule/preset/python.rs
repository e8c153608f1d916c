//! Python projects whose version stands elsewhere than in `pyproject.toml`.

use super::PresetForm;
use crate::numbering::Scheme;

/// `version = 1.2.3` in `setup.cfg`.
pub(in crate::version::rule) const SETUP_CFG: PresetForm = PresetForm {
    files: &["setup.cfg"],
    scheme: Some(Scheme::Pep440),
    patterns: &[r"^version[ \t]*[=:][ \t]*(?<version>[0-9][^\s#;]*)"],
    dates: &[],
    noun: "a version under [metadata]",
};

/// `version="1.2.3"` in `setup.py`.
pub(in crate::version::rule) const SETUP_PY: PresetForm = PresetForm {
    files: &["setup.py"],
    scheme: Some(Scheme::Pep440),
    patterns: &[r#"^[ \t]*(?:[^#\r\n]*[(,])?[ \t]*version[ \t]*=[ \t]*['"](?<version>[0-9][^'"]*)['"]"#],
    dates: &[],
    noun: "a version that `setup` is given",
};

/// `__version__ = "1.2.3"` in a module.
pub(in crate::version::rule) const PYTHON_MODULE: PresetForm = PresetForm {
    files: &[
        "src/*/__init__.py",
        "src/*/_version.py",
        "src/*/version.py",
        "src/*/__about__.py",
        "src/*/__version__.py",
        "*/__init__.py",
        "*/_version.py",
        "*/version.py",
        "*/__about__.py",
        "*/__version__.py",
    ],
    scheme: Some(Scheme::Pep440),
    patterns: &[
        r#"^(?:__version__|VERSION)[ \t]*(?::[ \t]*\w+[ \t]*)?=[ \t]*['"](?<version>[0-9][^'"]*)['"]"#,
    ],
    dates: &[],
    noun: "a `__version__` that is a string",
};
