//! The lock files of pnpm and yarn, which are lines: they repeat what the packages of a workspace require of each other.

use std::ops::Range;

use regex::Regex;

use super::members::NpmPin;

/// The requirements of these packages that name a version.
pub(super) fn pins(text: &str, packages: &[&str]) -> Vec<NpmPin> {
    packages.iter().flat_map(|package| of(text, package)).collect()
}

fn of(text: &str, package: &str) -> Vec<NpmPin> {
    let name = format!(r#"["']?{}["']?"#, regex::escape(package));
    let value = r#"["']?(?<value>[^"'\r\n,]+)"#;
    let forms = [
        // pnpm: the importer's entry, with what its manifest says.
        format!(r"(?m)^ +{name}:\r?\n +specifier: {value}"),
        // yarn 2 and later: a package of the workspace under the names by which others ask for it.
        format!(
            r#"(?m)^"?(?:[^\r\n]*, )?{}@(?<value>[^",\r\n]+)[^\r\n]*@workspace:"#,
            regex::escape(package)
        ),
        // yarn 2 and later: what a package requires.
        format!(r"(?m)^ {{4}}{name}: {value}"),
    ];
    let found = |form: &String| -> Vec<Range<usize>> {
        let Ok(form) = Regex::new(form) else { return Vec::new() };
        form.captures_iter(text).filter_map(|found| Some(found.name("value")?.range())).collect()
    };
    let ranges = forms.iter().flat_map(found);
    ranges.map(|range| NpmPin { package: package.to_owned(), range }).collect()
}
