//! What the tags of the repositories say, and do not say, of what was released.

use std::fmt::Write as _;

use crate::plan::Plan;

pub(super) fn render(plan: &Plan, out: &mut String) {
    unread(plan, out);
    answered(plan, out);
    tags_alone(plan, out);
}

/// Tags that count for no release, for somebody to say so.
fn unread(plan: &Plan, out: &mut String) {
    let repos = plan.snapshot.repos.iter().filter(|(_, state)| !state.unread.is_empty());
    for (index, (repo, state)) in repos.enumerate() {
        if index == 0 {
            out.push_str("\nTags that are not read as versions (`[[tag]]` in release.toml answers them, `earlier-tags` in the catalog adds forms)\n");
        }
        let _ = writeln!(out, "  {repo}");
        for tags in &state.unread {
            let _ = writeln!(out, "    {tags}");
        }
    }
}

/// Tags of which the release file says what they are.
fn answered(plan: &Plan, out: &mut String) {
    for (index, (repo, answers)) in plan.answered_tags().into_iter().enumerate() {
        if index == 0 {
            out.push_str("\nTags of which release.toml says what they are\n");
        }
        let _ = writeln!(out, "  {repo}");
        for answer in answers {
            let _ = writeln!(out, "    {answer}");
        }
    }
}

/// Repositories in which a GitHub Release is awaited, and none was ever made.
fn tags_alone(plan: &Plan, out: &mut String) {
    let repos = plan.snapshot.repos.iter().filter(|(_, state)| state.tags_alone);
    for (index, (repo, _)) in repos.enumerate() {
        if index == 0 {
            out.push_str(
                "\nTags without a GitHub Release (`github-release = \"none\"` in the catalog where a release is its tag; \
                 otherwise one is awaited before the advisories are published)\n",
            );
        }
        let _ = writeln!(out, "  {repo}");
    }
}
