//! What is different on one line: it is one of the repository's, and what it says is right for a line as for all.

use super::check_notes;
use super::line_rule::{LineNotes, LineRule};
use super::repo::Repo;
use super::repo_version::wrong_after_release;
use super::tag_rule::{REMEDY, wrong_form};
use crate::input::{InputError, KeyPart, Source, suggest};
use crate::version::Versioning;

/// Refuses a line that is none, one that is there twice, and what would be refused of the repository.
pub(super) fn check(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    for (position, line) in repo.line_rules.iter().enumerate() {
        let at = [path[0], path[1], KeyPart::Key("line"), KeyPart::Index(position)];
        check_branch(source, at, repo, position)?;
        if let Some(notes) = line.notes.as_ref().and_then(LineNotes::written) {
            let at = [&at[..], &[KeyPart::Key("notes")]].concat();
            check_notes::check(source, &at, notes)?;
        }
        let refused = |key, message, hint: String| {
            Err(source.error_at(&[&at[..], &[KeyPart::Key(key)]].concat(), message, hint))
        };
        if let Some(wrong) = line.tag.as_deref().and_then(wrong_form) {
            return refused("tag", wrong, REMEDY.to_owned());
        }
        if let Some((message, hint)) = line.version.as_ref().and_then(wrong_after_release) {
            return refused("version", message, hint.to_owned());
        }
        if let Some(message) = other_scheme(repo, line) {
            let hint = "versions of one repository are compared with one another: read both by one `scheme`";
            return refused("version", message, hint.to_owned());
        }
    }
    Ok(())
}

fn check_branch(
    source: &Source,
    at: [KeyPart<'_>; 4],
    repo: &Repo,
    position: usize,
) -> Result<(), InputError> {
    let branch = &repo.line_rules[position].branch;
    let at = [&at[..], &[KeyPart::Key("branch")]].concat();
    if repo.branches().all(|known| known != branch) {
        let message = format!("`{}` has no line `{branch}`", repo.name);
        let known = repo.branches().map(|known| known.as_str());
        return Err(source.error_at(&at, message, suggest(branch.as_str(), known)));
    }
    if repo.line_rules[..position].iter().any(|earlier| earlier.branch == *branch) {
        let message = format!("what is different on `{branch}` of `{}` is said twice", repo.name);
        return Err(source.error_at(&at, message, "write it in one `[[repo.line]]`"));
    }
    Ok(())
}

/// How the line counts, where the repository counts in another way.
fn other_scheme(repo: &Repo, line: &LineRule) -> Option<String> {
    let common = Versioning::new(repo.version.as_ref()?.rule.clone(), repo.ecosystem().scheme()).scheme();
    let own = Versioning::new(line.version.as_ref()?.rule.clone(), common).scheme();
    (own != common).then(|| {
        format!("the versions of `{}` are counted in another way than those of `{}`", line.branch, repo.name)
    })
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::input::Source;

    /// What is said of a repository with this line, from its place.
    fn refused(line: &str) -> String {
        let text = format!(
            "organisation = 'A'\n[mail]\nfrom = 'a@a.example'\nannounce = ['b@a.example']\n\
             [[repo]]\nname = 'acme/pump'\nproject = 'Pump'\nlines = ['1.x']\nversion = {{ kind = 'npm' }}\n\
             [[repo.line]]\n{line}\n"
        );
        let Err(error) = Catalog::load(&Source::from_text("catalog.toml", text)) else {
            return "taken".to_owned();
        };
        let (line, _) = error.line_and_column().unwrap();
        format!("{line}: {}; {}", error.message, error.hint.unwrap_or_default())
    }

    #[rstest::rstest]
    #[case(
        "branch = '1.x'\ntag = '{version}'\nnotes = { file = 'History.md', entry = '* {summary}' }",
        "taken"
    )]
    #[case("branch = 'main'\nversion = { kind = 'text', file = 'V', text = '{version}' }", "taken")]
    #[case("branch = '2.x'", "11: `acme/pump` has no line `2.x`; did you mean `1.x`?")]
    #[case(
        "branch = '1.x'\n[[repo.line]]\nbranch = '1.x'",
        "13: what is different on `1.x` of `acme/pump` is said twice"
    )]
    #[case("branch = '1.x'\ntag = 'v1'", "12: `v1` does not hold `{version}` once")]
    #[case(
        "branch = '1.x'\nversion = { kind = 'gem' }",
        "12: the versions of `1.x` are counted in another way"
    )]
    #[case(
        "branch = '1.x'\nversion = { kind = 'tags', after-release = '{next}' }",
        "12: no file states the version"
    )]
    #[case("branch = '1.x'\nnotes = { file = '../NEWS', entry = '- x' }", "12: `../NEWS` is no file")]
    #[case("branch = '1.x'\nnote = {}", "12: unknown")]
    fn what_a_line_says_is_looked_at_as_what_the_repository_says(#[case] line: &str, #[case] wanted: &str) {
        let said = refused(line);
        assert!(said.starts_with(wanted), "{said}");
    }
}
