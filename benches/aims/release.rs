//! A release over many repositories, as the files that a user would write.

use std::fmt::Write as _;

use crate::shape::Shape;

/// `catalog.toml`.
pub(crate) fn catalog(shape: &Shape) -> String {
    let mut text = "organisation = \"Brightwater\"\nmaintainers = [\"mara\"]\n\n[mail]\n\
        from = \"security@brightwater.example\"\nannounce = [\"security-announce@brightwater.example\"]\n"
        .to_owned();
    for number in 1..=shape.repositories {
        let name = Shape::repository(number);
        let lines = quoted(shape.line_names());
        let _ = write!(
            text,
            r###"
[[repo]]
name = "{name}"
project = "{name}"
lines = [{lines}]
private = {{ repository = "{name}-private" }}
package = {{ ecosystem = "other", name = "lock" }}

[repo.version]
kind = "regex"
file = "VERSION"
pattern = '^(?<version>\d+\.\d+\.\d+)$'

[repo.notes]
file = "RELEASES.md"
heading = "## {{version}}"
released = "Released {{date}}."
entry = "- {{summary}} ([{{ghsa}}]({{url}}))"

[repo.release]
trigger = {{ dispatch = "release.yml" }}
tag = "v{{version}}"

[[repo.test]]
name = "none"
run = ["true"]
"###
        );
        if let Some(upstream) = shape.upstream(number) {
            text.push_str(&depends(shape, &Shape::repository(upstream)));
        }
    }
    text
}

/// Each line carries the line of the same name.
fn depends(shape: &Shape, upstream: &str) -> String {
    let mut text = format!(
        r###"
[[repo.depends]]
on = "{upstream}"
rule = {{ kind = "regex", file = "upstream.toml", pattern = '^lock = "(?<version>[^"]+)"' }}

[repo.depends.lines]
"###
    );
    for line in shape.line_names() {
        let _ = writeln!(text, "\"{line}\" = \"{line}\"");
    }
    text
}

/// `release.toml`: each advisory in its repositories, fixed by one commit.
pub(crate) fn release(shape: &Shape, fixes: &[String]) -> String {
    let mut text = r###"id = "2026-03-many-locks"
title = "Locks that open too early"
manager = "mara"
workflow = "github"
disclosure = "2026-03-10T16:00:00Z"
"###
    .to_owned();
    for (number, fix) in (0..shape.advisories).zip(fixes) {
        let ghsa = Shape::advisory(number);
        let _ = write!(
            text,
            r###"
[[advisory]]
id = "{ghsa}"
repo = "{}"
summary = "Lock {number} opens before the levels are equal"
description = "Whoever waits long enough gets wet."
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
cwes = ["CWE-362"]
cve = "none"
"###,
            Shape::repository(1)
        );
        // Elsewhere there is nothing to fix, and people would be asked about it.
        let lines = shape.line_names().skip(shape.first_line_of(number) - 1);
        let branches = quoted(std::iter::once("main".to_owned()).chain(lines));
        for repository in 1..=shape.repositories_of(number) {
            let name = Shape::repository(repository);
            let _ = write!(
                text,
                "\n[[advisory.fix]]\nrepo = \"{name}\"\ncommits = [\"{fix}\"]\nbranches = [{branches}]\n"
            );
        }
    }
    text
}

/// `world.toml`: one required check of five minutes, a release workflow of two.
pub(crate) fn world(shape: &Shape) -> String {
    let mut text = r###"start = "2026-03-02T09:00:00Z"

[[users]]
login = "mara"
token = "emulated-token-of-mara"
email = "mara@brightwater.example"
admin = true
"###
    .to_owned();
    for number in 1..=shape.repositories {
        let name = Shape::repository(number);
        let releases: String = (1..=shape.lines)
            .map(|line| format!("{{ tag = \"v{line}.0.0\", latest = {} }}, ", line == shape.lines))
            .collect();
        let _ = write!(
            text,
            r###"
[[repos]]
name = "{name}"
source = {{ path = "public.git" }}
releases = [{releases}]

[[repos.protection]]
branches = ["main", "release/*"]
required_checks = ["test"]

[[repos.checks]]
name = "test"
appears = "20s"
delay = "5m"

[repos.release]
trigger = {{ dispatch = {{ workflow = "release.yml" }} }}
branches = ["release/*"]
tag = "v{{version}}"
delay = "2m"

[repos.release.version]
file = "VERSION"
patterns = ['^(.+)$']

[repos.release.release]
delay = "1m"

[[repos]]
name = "{name}-private"
visibility = "private"
source = {{ path = "private.git" }}
"###
        );
    }
    for number in 0..shape.advisories {
        let _ = write!(
            text,
            "\n[[advisories]]\nghsa = \"{}\"\nrepo = \"{}\"\nstate = \"draft\"\nsummary = \"A lock\"\n",
            Shape::advisory(number),
            Shape::repository(1)
        );
    }
    text
}

fn quoted(names: impl Iterator<Item = String>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}
