//! The release file that is written of advisories.

use super::written::{Lines, list, string};
use crate::ids::{CveId, GhsaId, Login, RepoName};

/// An advisory, as far as a release file repeats it.
#[derive(Debug, Clone)]
pub struct DraftedAdvisory {
    /// Its id.
    pub id: GhsaId,
    /// Where it is.
    pub repo: RepoName,
    /// Its title.
    pub summary: String,
    /// The reporter's text. It is only shown: what is published is written by the maintainers.
    pub reported: String,
    /// Its CVSS vector.
    pub vector: Option<String>,
    /// Its level, which counts where there is no vector.
    pub severity: Option<String>,
    /// Its weaknesses.
    pub cwes: Vec<String>,
    /// Who reported it.
    pub reporter: Option<String>,
    /// Whom it credits, and for what.
    pub credits: Vec<(String, String)>,
    /// Its CVE.
    pub cve: Option<CveId>,
}

/// The text of `release.toml` for these advisories, led by `manager` where that is known, on this day.
#[must_use]
pub fn release_text(drafts: &[DraftedAdvisory], manager: Option<&Login>, day: jiff::civil::Date) -> String {
    let mut text = Lines::default();
    // A fortnight leaves time for the advance mail.
    let disclosure = day.saturating_add(jiff::ToSpan::days(14));
    text.because(
        "# guess: becomes public in branch names, it should tell nothing",
        "id",
        &string(&disclosure.to_string()),
    );
    text.because("# EDIT: the title of the mails", "title", &string("Security release"));
    let lead = manager.map_or(Login::SOMEBODY, Login::as_str);
    let how = if manager.is_some() {
        "# guess: whose token it is"
    } else {
        "# EDIT: who leads it, one of the catalog's maintainers"
    };
    text.because(how, "manager", &string(lead));
    text.because("# guess: the built-in workflow for projects on GitHub", "workflow", &string("github"));
    text.because(
        "# EDIT: when it becomes public, in UTC",
        "disclosure",
        &string(&format!("{disclosure}T16:00:00Z")),
    );
    for draft in drafts {
        advisory(&mut text, draft);
    }
    text.finish()
}

fn advisory(text: &mut Lines, draft: &DraftedAdvisory) {
    text.gap().line("[[advisory]]").line(format!("id = {}", string(draft.id.as_str())));
    text.line(format!("repo = {}", string(draft.repo.as_str())));
    text.line(format!("summary = {}", string(&draft.summary)));
    text.line("# EDIT: the text that is published. What was reported is never published as it came:");
    draft.reported.lines().for_each(|line| {
        text.line(format!("#     {line}"));
    });
    text.line("# description = \"\"\"\n# \"\"\"");
    match (&draft.vector, &draft.severity) {
        (Some(vector), _) => text.line(format!("cvss = {}", string(vector))),
        (None, Some(severity)) => text.line(format!("severity = {}", string(severity))),
        (None, None) => text.line("# EDIT: the advisory has no severity yet").line("# cvss = \"CVSS:3.1/…\""),
    };
    text.line(format!("cwes = {}", list(&draft.cwes)));
    if let Some(reporter) = &draft.reporter {
        text.because("# guess: the advisory's author", "reporter", &string(reporter));
    }
    let credits: Vec<String> = draft
        .credits
        .iter()
        .map(|(login, kind)| format!("{{ login = {}, type = {} }}", string(login), string(kind)))
        .collect();
    text.line(format!("credits = [{}]", credits.join(", ")));
    if let Some(cve) = &draft.cve {
        text.line(format!("cve = {{ given = {} }}", string(cve.as_str())));
    }
    text.gap().line("[[advisory.fix]]").line(format!("repo = {}", string(draft.repo.as_str())));
    text.line("# EDIT: the pull request in the private fork, or `commits`, or `patches` beside this file")
        .line("pull = 1");
}
