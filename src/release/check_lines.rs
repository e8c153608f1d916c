//! Whether what a release file says of lines agrees with the catalog, and with itself.

use super::advisory::Advisory;
use super::check::ReleaseCheck;
use super::fix::Fix;
use super::line::LineWish;
use crate::catalog::Repo;
use crate::ids::BranchName;
use crate::input::{InputError, KeyPart, suggest};

impl ReleaseCheck<'_> {
    /// Refuses lines that the catalog does not have, that stand twice, or of which nothing follows.
    pub(super) fn lines(&self, lines: &[LineWish]) -> Result<(), InputError> {
        for (index, line) in lines.iter().enumerate() {
            self.line(index, line)?;
            if lines[..index].iter().any(|earlier| earlier.repo == line.repo && earlier.branch == line.branch)
            {
                return Err(self.at_line(
                    index,
                    "branch",
                    format!("the line `{}` of `{}` is in the release twice", line.branch, line.repo),
                    "keep one of the two entries".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn line(&self, index: usize, line: &LineWish) -> Result<(), InputError> {
        let Some(repo) = self.catalog.repo(&line.repo) else {
            let known = self.catalog.repos.iter().map(|repo| repo.name.as_str());
            return Err(self.at_line(
                index,
                "repo",
                format!("the line `{}` is of `{}`, which is not in the catalog", line.branch, line.repo),
                suggest(line.repo.as_str(), known),
            ));
        };
        if !repo.branches().any(|branch| *branch == line.branch) {
            return Err(self.at_line(
                index,
                "branch",
                format!("`{}` has no supported branch `{}`", line.repo, line.branch),
                suggest(line.branch.as_str(), repo.branches().map(BranchName::as_str)),
            ));
        }
        self.packages_of_line(index, line, repo)?;
        self.unreleased(index, line)?;
        self.base(index, line, repo)?;
        self.later(index, line)
    }

    /// A fix that names a branch which gets its fixes later contradicts it.
    pub(super) fn fixed_later(&self, lines: &[LineWish], advisories: &[Advisory]) -> Result<(), InputError> {
        for (number, advisory) in advisories.iter().enumerate() {
            for (position, fix) in advisory.fixes.iter().enumerate() {
                let is_later = |branch: &BranchName| {
                    let mut lines =
                        lines.iter().filter(|line| line.repo == fix.repo && line.branch == *branch);
                    lines.any(|line| line.later.is_some())
                };
                if let Some(said) = fix.not_affected.iter().position(|said| is_later(&said.branch)) {
                    return Err(self.both_later_and_not_affected((number, position, said), fix));
                }
                let Some(named) = fix.branches.iter().position(is_later) else {
                    let branches = self.catalog.repo(&fix.repo).into_iter().flat_map(|repo| repo.branches());
                    let meant: Vec<&BranchName> = branches.filter(|branch| fix.is_for(branch)).collect();
                    if !meant.is_empty() && meant.into_iter().all(is_later) {
                        return Err(self.nothing_now((number, position), fix));
                    }
                    continue;
                };
                let fix_at = [KeyPart::Key("fix"), KeyPart::Index(position)];
                let branch_at = [KeyPart::Key("branches"), KeyPart::Index(named)];
                let at =
                    [&[KeyPart::Key("advisory"), KeyPart::Index(number)][..], &fix_at, &branch_at].concat();
                return Err(self.source.error_at(
                    &at,
                    format!(
                        "`{}` of `{}` gets its fixes later, and this fix now",
                        fix.branches[named], fix.repo
                    ),
                    "take it out of `branches`, or remove `later` of the line",
                ));
            }
        }
        Ok(())
    }

    fn nothing_now(&self, (advisory, position): (usize, usize), fix: &Fix) -> InputError {
        let at = [("advisory", advisory), ("fix", position)];
        let at = at.map(|(key, index)| [KeyPart::Key(key), KeyPart::Index(index)]).concat();
        self.source.error_at(
            &[&at[..], &[KeyPart::Key("repo")]].concat(),
            format!("every branch of `{}` that gets this fix gets it later: nothing is fixed now", fix.repo),
            "remove `later` of a line, or leave the fix to the release in which it comes",
        )
    }

    fn both_later_and_not_affected(
        &self,
        (advisory, fix, said): (usize, usize, usize),
        of: &Fix,
    ) -> InputError {
        let at = [("advisory", advisory), ("fix", fix), ("not-affected", said)];
        let at = at.map(|(key, index)| [KeyPart::Key(key), KeyPart::Index(index)]).concat();
        let branch = &of.not_affected[said].branch;
        self.source.error_at(
            &[&at[..], &[KeyPart::Key("branch")]].concat(),
            format!("`{branch}` of `{}` gets its fixes later, and is said not to be affected", of.repo),
            "remove it from `not-affected`, or `later` of the line",
        )
    }

    /// What gets its fixes later is in no other way part of this release.
    fn later(&self, index: usize, line: &LineWish) -> Result<(), InputError> {
        let Some(why) = &line.later else { return Ok(()) };
        if why.trim().is_empty() {
            return Err(self.at_line(
                index,
                "later",
                format!("nothing says when `{}` of `{}` gets its fixes", line.branch, line.repo),
                "write it in a few words, as in `with 3.0.0 on 2027-02-01`: they stand in the mail"
                    .to_owned(),
            ));
        }
        let others = [
            ("version", line.version.is_some()),
            ("packages", !line.packages.is_empty()),
            ("base", line.base.is_some()),
            ("release", line.release.is_some()),
            ("new", line.new),
        ];
        let Some((key, _)) = others.into_iter().find(|(_, is_said)| *is_said) else { return Ok(()) };
        Err(self.at_line(
            index,
            key,
            format!(
                "`{}` of `{}` gets its fixes later, so `{key}` says nothing of this release",
                line.branch, line.repo
            ),
            format!("remove `{key}`, or `later`"),
        ))
    }

    /// What a line does not release, its packages do not either.
    fn unreleased(&self, index: usize, line: &LineWish) -> Result<(), InputError> {
        if line.packages.is_empty() || line.release != Some(false) {
            return Ok(());
        }
        Err(self.at_line(
            index,
            "packages",
            format!("`{}` of `{}` is not released, so `packages` names no version of it", line.branch, line.repo),
            "remove `packages`, or `release`; a package that is released without its repository is a `[[repo]]` of its own in the \
             catalog"
                .to_owned(),
        ))
    }

    /// A package that has the repository's number gets the line's.
    fn packages_of_line(&self, index: usize, line: &LineWish, repo: &Repo) -> Result<(), InputError> {
        let own = || repo.packages.iter().filter(|package| package.version.is_some());
        let is_own = |name: &String| own().any(|package| package.name == *name);
        let Some(name) = line.packages.keys().find(|name| !is_own(name)) else { return Ok(()) };
        let at = [KeyPart::Key("line"), KeyPart::Index(index), KeyPart::Key("packages"), KeyPart::Key(name)];
        let (message, hint) = if repo.package_names().any(|known| known == name) {
            (
                format!("`{name}` has the version of `{}`, not one of its own", line.repo),
                "state the version as `version` of the line, or give the package its `version` in the catalog"
                    .to_owned(),
            )
        } else {
            let known = own().map(|package| package.name.as_str());
            (format!("`{}` has no package `{name}` that counts by itself", line.repo), suggest(name, known))
        };
        Err(self.source.error_at(&at, message, hint))
    }

    /// A base is of a release: a line that is only patched gets its fixes on its head.
    fn base(&self, index: usize, line: &LineWish, repo: &Repo) -> Result<(), InputError> {
        let Some(base) = &line.base else { return self.new_line(index, line) };
        if line.new || line.release.unwrap_or_else(|| repo.releases_from(&line.branch)) {
            return Ok(());
        }
        Err(self.at_line(
            index,
            "base",
            format!(
                "nothing is released from `{}` of `{}`, so `{base}` is the base of nothing",
                line.branch, line.repo
            ),
            "remove `base`, or release the line with `release = true`".to_owned(),
        ))
    }

    /// A branch that does not exist has to begin somewhere.
    fn new_line(&self, index: usize, line: &LineWish) -> Result<(), InputError> {
        if !line.new {
            return Ok(());
        }
        Err(self.at_line(
            index,
            "new",
            format!("nothing says where the new branch `{}` of `{}` begins", line.branch, line.repo),
            "name the tag or the commit with `base`, or remove `new`".to_owned(),
        ))
    }

    fn at_line(&self, index: usize, key: &str, message: String, hint: String) -> InputError {
        self.source.error_at(&[KeyPart::Key("line"), KeyPart::Index(index), KeyPart::Key(key)], message, hint)
    }
}

#[cfg(test)]
mod tests {
    use crate::release::refused;

    const CATALOG: &str = "organisation = \"Rivers\"\n[mail]\nfrom = \"a@rivers.example\"\n\
        announce = [\"b@rivers.example\"]\n[[repo]]\nname = \"rivers/weir\"\nproject = \"Weir\"\n\
        lines = [\"1.x\", \"2.x\"]\n[[repo.package]]\necosystem = \"npm\"\nname = \"weir\"\n[[repo.package]]\n\
        ecosystem = \"npm\"\nname = \"weir-api\"\npath = \"api\"\nversion = { kind = \"npm\" }\n";

    fn refused(lines: &str) -> String {
        refused::refused(CATALOG, "x", lines, "")
    }

    #[test]
    fn lines_that_cannot_be_are_refused_with_their_place() {
        let line = |rest: &str| format!("[[line]]\nrepo = \"rivers/weir\"\n{rest}");
        assert_eq!(refused(&line("branch = \"2.x\"\nversion = \"2.4.0-rc.3\"")), "nothing");
        assert_eq!(
            refused(&line("branch = \"3.x\"")),
            "8:10: `rivers/weir` has no supported branch `3.x`; did you mean `1.x`?"
        );
        assert_eq!(
            refused("[[line]]\nrepo = \"rivers/wier\"\nbranch = \"2.x\""),
            "7:8: the line `2.x` is of `rivers/wier`, which is not in the catalog; did you mean `rivers/weir`?"
        );
        assert_eq!(refused(&line("branch = \"2.x\"\nversion = \"2.4.0\"\nrelease = false")), "nothing");
        assert_eq!(refused(&line("branch = \"2.x\"\nbase = \"v2.4.0\"")), "nothing");
        assert_eq!(
            refused(&line("branch = \"2.x\"\nrelease = false\nbase = \"v2.4.0\"")),
            "10:8: nothing is released from `2.x` of `rivers/weir`, so `v2.4.0` is the base of nothing; \
             remove `base`, or release the line with `release = true`"
        );
        assert_eq!(refused(&line("branch = \"main\"\nlater = \"with 3.0.0\"")), "nothing");
        assert_eq!(
            refused(&line("branch = \"main\"\nlater = \" \"")),
            "9:9: nothing says when `main` of `rivers/weir` gets its fixes; write it in a few words, as in `with 3.0.0 on \
             2027-02-01`: they stand in the mail"
        );
        assert_eq!(
            refused(&line("branch = \"2.x\"\nlater = \"soon\"\nversion = \"2.4.0\"")),
            "10:11: `2.x` of `rivers/weir` gets its fixes later, so `version` says nothing of this release; remove `version`, \
             or `later`"
        );
        let now = "[[advisory.fix]]\nrepo = \"rivers/weir\"\npull = 2\nbranches = [\"1.x\", \"2.x\"]";
        assert_eq!(
            refused::refused(CATALOG, "x", &line("branch = \"2.x\"\nlater = \"soon\""), now),
            "18:20: `2.x` of `rivers/weir` gets its fixes later, and this fix now; take it out of `branches`, or remove `later` of \
             the line"
        );
        let packages = |packages: &str| line(&format!("branch = \"2.x\"\npackages = {{ {packages} }}"));
        assert_eq!(refused(&packages("weir-api = \"0.5.0\"")), "nothing");
        let all =
            ["main", "1.x", "2.x"].map(|branch| line(&format!("branch = \"{branch}\"\nlater = \"soon\"")));
        assert!(
            refused(&all.join("\n")).contains("gets it later: nothing is fixed now"),
            "{}",
            refused(&all.join("\n"))
        );
        let unreleased = format!("{}\nrelease = false", packages("weir-api = \"0.5.0\""));
        assert!(
            refused(&unreleased)
                .contains("`2.x` of `rivers/weir` is not released, so `packages` names no version")
        );
        assert_eq!(
            refused(&packages("weir-apo = \"0.5.0\"")),
            "9:25: `rivers/weir` has no package `weir-apo` that counts by itself; did you mean `weir-api`?"
        );
        assert!(
            refused(&packages("weir = \"0.5.0\""))
                .starts_with("9:21: `weir` has the version of `rivers/weir`, not one")
        );
        let twice = format!("{}\n{}", line("branch = \"1.x\""), line("branch = \"1.x\""));
        assert!(
            refused(&twice).starts_with("11:10: the line `1.x` of `rivers/weir` is in the release twice")
        );
    }
}
