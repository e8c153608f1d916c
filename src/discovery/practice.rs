//! A release to practise with: an advisory of each repository that was invented, and a fix that adds one file, so that it fits
//! every branch.

use super::written::{Lines, string};
use crate::ids::{GHSA_ALPHABET, Login, RepoName};

/// The name of the patch beside the release file.
pub const PRACTICE_PATCH: &str = "practice.patch";

/// The patch: one file more, and no word about a fault.
pub const PRACTICE_FIX: &str = "\
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: Practice <practice@lockgate.example>
Date: Thu, 1 Jan 2026 10:00:00 +0000
Subject: [PATCH] Practise a security release

Nothing is mended here: this commit stands for a fix.
---
 LOCKGATE-PRACTICE.txt | 1 +
 1 file changed, 1 insertion(+)
 create mode 100644 LOCKGATE-PRACTICE.txt

diff --git a/LOCKGATE-PRACTICE.txt b/LOCKGATE-PRACTICE.txt
new file mode 100644
--- /dev/null
+++ b/LOCKGATE-PRACTICE.txt
@@ -0,0 +1 @@
+This line stands for a fix that is rehearsed.
--\x20
2.39.0
";

/// The text of `release.toml` for these repositories, led by `manager`, planned on this day.
#[must_use]
pub fn practice_text(repos: &[&RepoName], manager: &Login, day: jiff::civil::Date) -> String {
    let mut text = Lines::default();
    // As far ahead as a real one: a fortnight leaves time for the advance mail.
    let disclosure = day.saturating_add(jiff::ToSpan::days(14));
    text.line(format!("id = {}", string("practice")));
    text.line(format!("title = {}", string("Security release for practice")));
    if manager.is_somebody() {
        text.line("# EDIT: who leads it, one of the catalog's maintainers");
    }
    text.line(format!("manager = {}", string(manager.as_str())));
    text.line(format!("workflow = {}", string("github")));
    text.line(format!("disclosure = {}", string(&format!("{disclosure}T16:00:00Z"))));
    for (number, repo) in repos.iter().enumerate() {
        advisory(&mut text, number, repo);
    }
    text.finish()
}

fn advisory(text: &mut Lines, number: usize, repo: &RepoName) {
    text.gap().line("[[advisory]]").line(format!("id = {}", string(&invented(number))));
    text.line(format!("repo = {}", string(repo.as_str())));
    text.line(format!("summary = {}", string("A fault that was invented for practice")));
    text.line(format!(
        "description = {}",
        string("Nothing is wrong. This stands for the text that is published.")
    ));
    text.line(format!("severity = {}", string("high"))).line(format!("cwes = [{}]", string("CWE-400")));
    text.line(format!("cve = {}", string("none")));
    text.gap().line("[[advisory.fix]]").line(format!("repo = {}", string(repo.as_str())));
    text.line(format!("patches = [{}]", string(PRACTICE_PATCH)));
}

/// An id that no advisory has, another for each number.
fn invented(number: usize) -> String {
    let letters = GHSA_ALPHABET.as_bytes();
    let letter = |place: u32| char::from(letters[number / letters.len().pow(place) % letters.len()]);
    format!("GHSA-2222-2222-{}{}{}{}", letter(3), letter(2), letter(1), letter(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::GhsaId;

    #[test]
    fn ids_are_such_as_github_has_and_differ() {
        assert_eq!(invented(0), "GHSA-2222-2222-2222");
        assert_eq!(invented(21), "GHSA-2222-2222-2233");
        let ids: std::collections::BTreeSet<GhsaId> =
            (0..500).map(|number| invented(number).parse().unwrap()).collect();
        assert_eq!(ids.len(), 500);
    }
}
