//! Policies of carrying and of order that do not go together.

use super::policies::BranchOrder;
use super::repo::Repo;
use crate::input::{InputError, KeyPart, Source};
use crate::merge_rules::MergeMethod;

/// Refuses what contradicts itself, with its place.
pub(super) fn check(source: &Source, path: [KeyPart<'_>; 2], repo: &Repo) -> Result<(), InputError> {
    let refused = |key, message: String, hint: String| {
        Err(source.error_at(&[path[0], path[1], KeyPart::Key(key)], message, hint))
    };
    let merged = repo.merge.filter(|method| *method != MergeMethod::Merge);
    if let (Some((key, value)), Some(method)) = (repo.needs_merge_commits(), merged) {
        return refused(
            "merge",
            format!(
                "`{key} = \"{value}\"` needs merge commits, and `{}` makes other commits of them",
                method.as_str()
            ),
            format!("write `merge = \"merge\"`, or remove `merge` or `{key}`"),
        );
    }
    if repo.merges_up() && repo.order == Some(BranchOrder::DefaultFirst) {
        return refused(
            "order",
            format!("a fix that is merged upwards reaches `{}` last", repo.default_branch),
            "remove `order`: with `carry = \"merge-up\"` the lines come first".to_owned(),
        );
    }
    if repo.merges_up() && repo.is_bumped_first() {
        return refused(
            "bump",
            "with `carry = \"merge-up\"` a bump below the fixes would be merged into every newer line"
                .to_owned(),
            "remove `bump`: the version of each line is raised when it has the fix".to_owned(),
        );
    }
    if !repo.newer_lines.is_empty() && !repo.merges_up() {
        return refused(
            "newer-lines",
            format!("no fix is merged upwards from `{}` into a newer line", repo.default_branch),
            "name them in `lines`, or write `carry = \"merge-up\"`".to_owned(),
        );
    }
    let about_lines = [("carry", repo.merges_up()), ("order", repo.order.is_some())];
    let said = about_lines.into_iter().find(|(_, is_said)| *is_said && repo.all_lines().next().is_none());
    if let Some((key, _)) = said {
        let message = format!("`{key}` is about lines, and `{}` has none", repo.name);
        return refused(key, message, format!("name the `lines`, or remove `{key}`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::input::Source;

    /// What is said of a repository with these keys.
    fn refused(keys: &str) -> String {
        let text = format!(
            "organisation = \"A\"\n[mail]\nfrom = \"a@a.example\"\nannounce = [\"b@a.example\"]\n\
             [[repo]]\nname = \"acme/pump\"\nproject = \"Pump\"\n{keys}\n"
        );
        let Err(error) = Catalog::load(&Source::from_text("catalog.toml", text)) else {
            return "taken".to_owned();
        };
        let (line, _) = error.line_and_column().unwrap();
        format!("{line}: {}; {}", error.message, error.hint.unwrap_or_default())
    }

    #[test]
    fn policies_that_do_not_go_together_are_refused_with_their_place() {
        let lines = "lines = [\"1.x\"]\n";
        for (keys, wanted) in [
            (format!("{lines}carry = \"merge-up\""), "taken"),
            (format!("{lines}order = \"lines-first\"\nbump = \"before-fixes\"\nmerge = \"merge\""), "taken"),
            (format!("{lines}carry = \"merge-up\"\nmerge = \"squash\""), "10: `carry = \"merge-up\"`"),
            (format!("{lines}bump = \"before-fixes\"\nmerge = \"rebase\""), "10: `bump"),
            (format!("{lines}carry = \"merge-up\"\norder = \"default-first\""), "10: a fix that"),
            (format!("{lines}carry = \"merge-up\"\nbump = \"before-fixes\""), "10: with `carry"),
            ("carry = \"merge-up\"".to_owned(), "8: `carry` is about lines"),
            ("order = \"lines-first\"".to_owned(), "8: `order` is about lines"),
            (format!("{lines}carry = \"merge-down\""), "9: unknown variant"),
            (format!("{lines}carry = \"merge-up\"\nnewer-lines = [\"3.x\"]"), "taken"),
            ("carry = \"merge-up\"\nnewer-lines = [\"3.x\"]".to_owned(), "taken"),
            (format!("{lines}newer-lines = [\"3.x\"]"), "9: no fix is merged upwards from `main`"),
            (
                format!("{lines}carry = \"merge-up\"\nnewer-lines = [\"1.x\"]"),
                "10: `1.x` is among the lines of `acme/pump` twice",
            ),
        ] {
            let said = refused(&keys);
            assert!(said.contains(wanted), "{keys}: {said}");
        }
    }
}
