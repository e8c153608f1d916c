//! What a version tells beside its numbers.

use super::version::{Form, Version};

impl Version {
    /// How far a Python version is, as a tuple such as `(4, 2, 0, "alpha", 0)` tells it, and which release of that stage: a
    /// development version is alpha 0. `None` for what such a tuple cannot tell.
    #[must_use]
    pub fn python_stage(&self) -> Option<(&'static str, u64)> {
        let Form::Pep440(version) = self.form.as_ref() else { return None };
        if version.is_post() || version.is_local() {
            return None;
        }
        match (version.pre(), version.is_dev()) {
            (Some(pre), false) => Some((
                match pre.kind {
                    pep440_rs::PrereleaseKind::Alpha => "alpha",
                    pep440_rs::PrereleaseKind::Beta => "beta",
                    pep440_rs::PrereleaseKind::Rc => "rc",
                },
                pre.number,
            )),
            (None, true) => Some(("alpha", 0)),
            (None, false) => Some(("final", 0)),
            (Some(_), true) => None,
        }
    }

    /// The form in which Python's own tools write it (PEP 440, "Normalization"): `3.1.6.dev0` of `3.1.6.dev`; as it stands where it
    /// is no version of theirs.
    #[must_use]
    pub fn python_normal(&self) -> String {
        let normal = self.as_str().parse::<pep440_rs::Version>();
        normal.map_or_else(|_| self.to_string(), |version| version.to_string())
    }

    /// What tells builds of one version apart, behind a `+`: `k3s1` of `1.2.3+k3s1` (SemVer, "Build metadata"; Python's local
    /// versions).
    #[must_use]
    pub fn build(&self) -> Option<&str> {
        let knows_builds = matches!(*self.form, Form::SemVer(_) | Form::Pep440(_));
        self.as_str().split_once('+').filter(|_| knows_builds).map(|(_, build)| build)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::numbering::Scheme;

    #[rstest]
    #[case("3.1.6.dev", "3.1.6.dev0")]
    #[case("v1.0-RC.1", "1.0rc1")]
    #[case("2026.01.05", "2026.1.5")]
    #[case("1.2.3-SNAPSHOT", "1.2.3-SNAPSHOT")]
    fn python_writes_versions_in_one_form(#[case] text: &str, #[case] normal: &str) {
        let scheme = if text.ends_with("SNAPSHOT") { Scheme::SemVer } else { Scheme::Pep440 };
        assert_eq!(scheme.parse(text).unwrap().python_normal(), normal);
    }

    #[rstest]
    #[case(Scheme::SemVer, "1.2.3+k3s1", Some("k3s1"))]
    #[case(Scheme::Numbers, "1.2.3-rc.1+2", Some("2"))]
    #[case(Scheme::Pep440, "2.0+cu118", Some("cu118"))]
    #[case(Scheme::SemVer, "1.2.3", None)]
    #[case(Scheme::RubyGems, "1.2.3.4", None)]
    fn build_is_what_stands_behind_the_plus(
        #[case] scheme: Scheme,
        #[case] text: &str,
        #[case] build: Option<&str>,
    ) {
        assert_eq!(scheme.parse(text).unwrap().build(), build);
    }
}
