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
        // yarn 2 and later: what a package requires.
        format!(r"(?m)^ {{4}}{name}: {value}"),
    ];
    let ranges = forms.iter().flat_map(|form| values(text, form)).chain(asked_for(text, package));
    ranges.map(|range| NpmPin { package: package.to_owned(), range }).collect()
}

/// yarn 2 and later: a package of the workspace stands under all the names by which others ask for it.
fn asked_for(text: &str, package: &str) -> Vec<Range<usize>> {
    let package = regex::escape(package);
    let headings = values(text, &format!(r#"(?m)^(?<value>"?{package}@[^\r\n]*@workspace:)"#));
    let name = format!(r#"(?:^"?|, ){package}@(?<value>[^",]+)"#);
    let within = |heading: Range<usize>| {
        let names = values(&text[heading.clone()], &name).into_iter();
        names.map(move |name| heading.start + name.start..heading.start + name.end)
    };
    headings.into_iter().flat_map(within).collect()
}

/// Where the group `value` stands.
fn values(text: &str, form: &str) -> Vec<Range<usize>> {
    let Ok(form) = Regex::new(form) else { return Vec::new() };
    form.captures_iter(text).filter_map(|found| Some(found.name("value")?.range())).collect()
}
