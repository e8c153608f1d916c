//! Whether the branches that a fix names are the repository's, and nothing is said of one twice.

use super::check::{FixPath, ReleaseCheck};
use super::file::Release;
use super::fix::{Fix, NotAffected};
use crate::catalog::Repo;
use crate::ids::BranchName;
use crate::input::{InputError, KeyPart, suggest};

impl ReleaseCheck<'_> {
    pub(super) fn branches(&self, path: FixPath<'_>, repo: &Repo, fix: &Fix) -> Result<(), InputError> {
        let said = fix.not_affected.iter().map(|said| &said.branch);
        self.known_branches(path, repo, "branches", fix.branches.iter())?;
        self.known_branches(path, repo, "not-affected", said)?;
        for (position, said) in fix.not_affected.iter().enumerate() {
            let at = |key| {
                [&path[..], &[KeyPart::Key("not-affected"), KeyPart::Index(position), KeyPart::Key(key)]]
                    .concat()
            };
            if fix.not_affected[..position].iter().any(|earlier| earlier.branch == said.branch) {
                let message = format!("`{}` is twice among those that are not affected", said.branch);
                return Err(self.source.error_at(&at("branch"), message, "keep one of the two entries"));
            }
            if fix.branches.contains(&said.branch) {
                let message =
                    format!("`{}` is among `branches`, and is said not to be affected", said.branch);
                return Err(self.source.error_at(&at("branch"), message, "keep it in one of the two"));
            }
            if said.because.trim().is_empty() {
                let message = format!("nothing is said why `{}` is not affected", said.branch);
                let hint = "write the reason, which is shown to whoever approves";
                return Err(self.source.error_at(&at("because"), message, hint));
            }
        }
        if !fix.not_affected.is_empty() && !repo.branches().any(|branch| fix.is_for(branch)) {
            let at = [&path[..], &[KeyPart::Key("not-affected")]].concat();
            let message = format!("no branch of `{}` is left that gets the fix", repo.name);
            return Err(self.source.error_at(
                &at,
                message,
                "remove the fix, or a branch from `not-affected`",
            ));
        }
        Ok(())
    }

    fn known_branches<'b>(
        &self,
        path: FixPath<'_>,
        repo: &Repo,
        key: &'static str,
        mut named: impl Iterator<Item = &'b BranchName>,
    ) -> Result<(), InputError> {
        let unknown = |branch: &&BranchName| !repo.branches().any(|known| known == *branch);
        let Some((position, branch)) = named.by_ref().enumerate().find(|(_, branch)| unknown(branch)) else {
            return Ok(());
        };
        let own = [&path[..], &[KeyPart::Key(key), KeyPart::Index(position)]].concat();
        let at = if key == "branches" { own } else { [&own[..], &[KeyPart::Key("branch")]].concat() };
        Err(self.source.error_at(
            &at,
            format!("`{}` has no supported branch `{branch}`", repo.name),
            suggest(branch.as_str(), repo.branches().map(BranchName::as_str)),
        ))
    }

    /// Who says that a branch is not affected is one of those who may decide.
    pub(super) fn who_says_not_affected(&self, release: &Release) -> Result<(), InputError> {
        for (number, advisory) in release.advisories.iter().enumerate() {
            for (place, fix) in advisory.fixes.iter().enumerate() {
                for (position, NotAffected { branch, by, .. }) in fix.not_affected.iter().enumerate() {
                    let by = by.as_ref();
                    let stranger =
                        by.and_then(|by| self.stranger(release, by, ("speaks for", branch.as_str())));
                    let Some((message, hint)) = stranger else { continue };
                    let at = [
                        KeyPart::Key("advisory"),
                        KeyPart::Index(number),
                        KeyPart::Key("fix"),
                        KeyPart::Index(place),
                        KeyPart::Key("not-affected"),
                        KeyPart::Index(position),
                        KeyPart::Key("by"),
                    ];
                    return Err(self.source.error_at(&at, message, hint));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::release::refused;

    const CATALOG: &str = "organisation = \"Rivers\"\nmaintainers = [\"mara\", \"tove\"]\n[mail]\n\
        from = \"a@rivers.example\"\nannounce = [\"b@rivers.example\"]\n[[repo]]\nname = \"rivers/weir\"\n\
        project = \"Weir\"\nlines = [\"1.x\", \"2.x\"]\n";

    fn refused(fix: &str) -> String {
        refused::refused_fix(CATALOG, fix)
    }

    #[test]
    fn what_is_said_of_branches_is_of_one_that_is_there_and_says_one_thing() {
        let said = |more: &str| refused(&format!("not-affected = [{{ branch = '2.x', {more} }}]"));
        assert_eq!(said("because = 'limited at the door since 2.0.0'"), "nothing");
        assert_eq!(said("because = 'limited at the door', by = 'tove'"), "nothing");
        assert!(said("because = ' '").contains("nothing is said why `2.x` is not affected"));
        assert!(said("because = 'x', by = 'eve'").contains("`eve` is no maintainer and no approver"));
        let unknown = refused("not-affected = [{ branch = '3.x', because = 'x' }]");
        assert!(unknown.contains("`rivers/weir` has no supported branch `3.x`; did you mean"), "{unknown}");
        let twice = "{ branch = '2.x', because = 'x' }";
        let twice = refused(&format!("not-affected = [{twice}, {twice}]"));
        assert!(twice.contains("`2.x` is twice among those that are not affected"), "{twice}");
        let all = ["main", "1.x", "2.x"].map(|branch| format!("{{ branch = '{branch}', because = 'x' }}"));
        let all = refused(&format!("not-affected = [{}]", all.join(", ")));
        assert!(all.contains("no branch of `rivers/weir` is left that gets the fix"), "{all}");
        let both = refused("branches = ['2.x']\nnot-affected = [{ branch = '2.x', because = 'x' }]");
        assert!(both.contains("`2.x` is among `branches`, and is said not to be affected"), "{both}");
    }
}
