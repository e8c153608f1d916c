//! A release over many repositories, as the files that a user would write.

use std::fmt::Write as _;

/// How many repositories are released.
pub(crate) const REPOSITORIES: usize = 20;
/// How many release lines each has, beside its default branch.
pub(crate) const LINES: usize = 5;
/// How many branches are released from.
pub(crate) const RELEASED: usize = REPOSITORIES * LINES;

const ADVISORY: &str = "GHSA-23cf-ghjm-pqrv";

fn repositories() -> impl Iterator<Item = String> {
    (1..=REPOSITORIES).map(|number| format!("brightwater/lock-{number:02}"))
}

fn lines() -> String {
    (1..=LINES).map(|line| format!("\"release/{line}.x\"")).collect::<Vec<_>>().join(", ")
}

/// `catalog.toml`.
pub(crate) fn catalog() -> String {
    let mut text = "organisation = \"Brightwater\"\nmaintainers = [\"mara\"]\n\n[mail]\n\
        from = \"security@brightwater.example\"\nannounce = [\"security-announce@brightwater.example\"]\n"
        .to_owned();
    for name in repositories() {
        let lines = lines();
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
    }
    text
}

/// `release.toml`: one advisory in all of them, fixed by this commit.
pub(crate) fn release(fix: &str) -> String {
    let mut text = format!(
        r###"id = "2026-03-many-locks"
title = "A lock that opens too early"
manager = "mara"
workflow = "github"
disclosure = "2026-03-10T16:00:00Z"

[[advisory]]
id = "{ADVISORY}"
repo = "brightwater/lock-01"
summary = "A lock opens before the levels are equal"
description = "Whoever waits long enough gets wet."
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
cwes = ["CWE-362"]
cve = "none"
"###
    );
    for name in repositories() {
        let _ = write!(text, "\n[[advisory.fix]]\nrepo = \"{name}\"\ncommits = [\"{fix}\"]\n");
    }
    text
}

/// `world.toml`: one required check of five minutes, a release workflow of two.
pub(crate) fn world() -> String {
    let mut text = r###"start = "2026-03-02T09:00:00Z"

[[users]]
login = "mara"
token = "emulated-token-of-mara"
email = "mara@brightwater.example"
admin = true
"###
    .to_owned();
    for name in repositories() {
        let releases: String = (1..=LINES)
            .map(|line| format!("{{ tag = \"v{line}.0.0\", latest = {} }}, ", line == LINES))
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
    let _ = write!(
        text,
        "\n[[advisories]]\nghsa = \"{ADVISORY}\"\nrepo = \"brightwater/lock-01\"\nstate = \"draft\"\nsummary = \"A lock\"\n"
    );
    text
}
