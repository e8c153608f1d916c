//! Whether each answer for tags says one thing, of a repository and a branch that the catalog has.

use super::check::ReleaseCheck;
use super::file::Release;
use super::tag::TagAnswer;
use crate::catalog::Repo;
use crate::ids::{BranchName, Login};
use crate::input::{InputError, KeyPart, suggest};

/// What is wrong with an answer: the key, the message and the remedy.
type WrongAnswer = (&'static str, String, String);

impl ReleaseCheck<'_> {
    /// Refuses answers that contradict each other or themselves, or that are nobody's.
    pub(super) fn tags(&self, release: &Release) -> Result<(), InputError> {
        for (index, answer) in release.tags.iter().enumerate() {
            let Some(repo) = self.catalog.repo(&answer.repo) else {
                let known = self.catalog.repos.iter().map(|repo| repo.name.as_str());
                let message =
                    format!("the tag `{}` is of `{}`, which is not in the catalog", answer.name, answer.repo);
                return Err(self.at_tag(index, ("repo", message, suggest(answer.repo.as_str(), known))));
            };
            let is_earlier = |earlier: &TagAnswer| earlier.repo == answer.repo && earlier.name == answer.name;
            let twice = release.tags[..index].iter().any(is_earlier).then(|| {
                let message = format!("the tag `{}` of `{}` is answered twice", answer.name, answer.repo);
                ("name", message, "keep one of the two entries".to_owned())
            });
            let wrong =
                says_nothing(answer).or_else(|| says_too_much(answer)).or_else(|| elsewhere(repo, answer));
            if let Some(wrong) = twice.or(wrong).or_else(|| self.nobody(release, answer)) {
                return Err(self.at_tag(index, wrong));
            }
        }
        Ok(())
    }

    /// Who answers is one of those who may decide.
    fn nobody(&self, release: &Release, answer: &TagAnswer) -> Option<WrongAnswer> {
        let (message, hint) = self.stranger(release, answer.by.as_ref()?, ("answers for", &answer.name))?;
        Some(("by", message, hint))
    }

    /// That somebody is neither the manager nor an approver nor a maintainer, and does this about something; with a remedy.
    pub(super) fn stranger(
        &self,
        release: &Release,
        who: &Login,
        (does, about): (&str, &str),
    ) -> Option<(String, String)> {
        if *who == release.manager || release.approvers.contains(who) || self.catalog.may_lead(who) {
            return None;
        }
        let people = self.catalog.maintainers.iter().chain(&release.approvers);
        let message = format!("`{who}` is no maintainer and no approver, and {does} `{about}`");
        Some((message, suggest(who.as_str(), people.map(|login| login.as_str()))))
    }

    fn at_tag(&self, index: usize, (key, message, hint): WrongAnswer) -> InputError {
        self.source.error_at(&[KeyPart::Key("tag"), KeyPart::Index(index), KeyPart::Key(key)], message, hint)
    }
}

fn says_nothing(answer: &TagAnswer) -> Option<WrongAnswer> {
    let name = &answer.name;
    if name.trim().is_empty() {
        return Some((
            "name",
            "a tag has a name".to_owned(),
            "write the tag's name, for example `v1.4`".to_owned(),
        ));
    }
    if answer.ignore.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
        let message = format!("nothing is said why `{name}` counts for no version");
        return Some(("ignore", message, "write the reason, which is shown to whoever approves".to_owned()));
    }
    if answer.ignore.is_none() && answer.version.is_none() && answer.line.is_none() {
        let message = format!("nothing is said of the tag `{name}`");
        let hint = "write `version = \"…\"`, `line = \"…\"`, or `ignore = \"…\"` with the reason";
        return Some(("name", message, hint.to_owned()));
    }
    None
}

fn says_too_much(answer: &TagAnswer) -> Option<WrongAnswer> {
    let name = &answer.name;
    let of_a_version = [
        ("version", answer.version.is_some()),
        ("line", answer.line.is_some()),
        ("package", answer.package.is_some() && answer.version.is_none() && answer.ignore.is_none()),
    ];
    let (key, _) = of_a_version.into_iter().find(|(_, is_said)| *is_said)?;
    if answer.ignore.is_some() {
        let message = format!("the tag `{name}` is ignored, so it has no `{key}`");
        return Some((key, message, format!("keep `ignore` or `{key}`")));
    }
    if answer.is_of_a_form() {
        let message = format!("`{name}` is a form of many tags, which cannot all have one `{key}`");
        return Some((
            "name",
            message,
            "answer each tag by its own name; only `ignore` takes a form".to_owned(),
        ));
    }
    if key == "package" {
        let message = format!("`{name}` is a tag of a package, and its version is not said");
        return Some((key, message, "write `version = \"…\"`, too".to_owned()));
    }
    None
}

/// The branch and the package are the repository's.
fn elsewhere(repo: &Repo, answer: &TagAnswer) -> Option<WrongAnswer> {
    let branches = || repo.branches().chain(&repo.old_lines);
    if let Some(line) = answer.line.as_ref().filter(|line| !branches().any(|branch| branch == *line)) {
        let message = format!("`{}` has no line `{line}`", repo.name);
        return Some(("line", message, suggest(line.as_str(), branches().map(BranchName::as_str))));
    }
    let own = || repo.packages_apart();
    let name = answer.package.as_ref().filter(|name| !own().any(|package| package.name == **name))?;
    let message = format!("`{}` has no package `{name}` with tags or numbers of its own", repo.name);
    Some(("package", message, suggest(name, own().map(|package| package.name.as_str()))))
}

#[cfg(test)]
mod tests {
    use crate::release::refused;

    const CATALOG: &str = "organisation = \"Rivers\"\nmaintainers = [\"mara\", \"tove\"]\n[mail]\n\
        from = \"a@rivers.example\"\nannounce = [\"b@rivers.example\"]\n[[repo]]\nname = \"rivers/weir\"\n\
        project = \"Weir\"\nlines = [\"1.x\", \"2.x\"]\nold-lines = [\"0.x\"]\n[[repo.package]]\necosystem = \"npm\"\n\
        name = \"weir-api\"\ntag = \"api/v{version}\"\n";

    fn refused(tag: &str) -> String {
        refused::refused(CATALOG, "x", tag, "")
    }

    #[rstest::rstest]
    #[case("name = 'weir_2'\nversion = '2.0.0'", "nothing")]
    #[case("name = 'weir_2'\nversion = '2.0.0'\nline = '0.x'\nby = 'tove'", "nothing")]
    #[case("name = 'api_2'\nversion = '2.0.0'\npackage = 'weir-api'", "nothing")]
    #[case("name = 'nightly-*'\nignore = 'built each night'", "nothing")]
    #[case(
        "name = 'weir_2'",
        "8:8: nothing is said of the tag `weir_2`; write `version = \"…\"`, `line = \"…\"`, or `ignore = \"…\"` with the \
         reason"
    )]
    #[case(
        "name = 'weir_2'\nignore = ' '",
        "9:10: nothing is said why `weir_2` counts for no version; write the reason, which is shown to whoever approves"
    )]
    #[case(
        "name = 'weir_2'\nignore = 'a trial'\nversion = '2.0.0'",
        "10:11: the tag `weir_2` is ignored, so it has no `version`; keep `ignore` or `version`"
    )]
    #[case(
        "name = 'weir_*'\nversion = '2.0.0'",
        "8:8: `weir_*` is a form of many tags, which cannot all have one `version`; answer each tag by its own name; only \
         `ignore` takes a form"
    )]
    #[case(
        "name = 'weir_2'\nversion = '2.0.0'\nline = '3.x'",
        "10:8: `rivers/weir` has no line `3.x`; did you mean `1.x`?"
    )]
    #[case(
        "name = 'weir_2'\nversion = '2.0.0'\npackage = 'weir-app'",
        "10:11: `rivers/weir` has no package `weir-app` with tags or numbers of its own; did you mean `weir-api`?"
    )]
    #[case(
        "name = 'weir_2'\nversion = '2.0.0'\nby = 'eve'",
        "10:6: `eve` is no maintainer and no approver, and answers for `weir_2`; did you mean `tove`?"
    )]
    fn answer_that_says_nothing_or_two_things_is_refused_with_its_place(
        #[case] answer: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(refused(&format!("[[tag]]\nrepo = 'rivers/weir'\n{answer}")), expected);
    }

    #[test]
    fn tag_is_answered_once_in_a_repository_that_there_is() {
        let answer = "[[tag]]\nrepo = 'rivers/weir'\nname = 'dev'\nignore = 'moves'\n";
        assert_eq!(
            refused(&answer.repeat(2)),
            "12:8: the tag `dev` of `rivers/weir` is answered twice; keep one of the two entries"
        );
        assert_eq!(
            refused(&answer.replace("weir", "wier")),
            "7:8: the tag `dev` is of `rivers/wier`, which is not in the catalog; did you mean `rivers/weir`?"
        );
    }
}
