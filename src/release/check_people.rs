//! Who is named in a release file: everybody once, and somebody at all.

use super::advisory::Advisory;
use super::check::ReleaseCheck;
use super::file::Release;
use crate::ids::Login;
use crate::input::{InputError, KeyPart};

impl ReleaseCheck<'_> {
    /// Refuses a release without a title: mails and reports are headed by it.
    pub(super) fn title(&self, title: &str) -> Result<(), InputError> {
        if !title.trim().is_empty() {
            return Ok(());
        }
        Err(self.source.error_at(
            &[KeyPart::Key("title")],
            "the release has no title",
            "say in a few words what is released, for people on the private side",
        ))
    }

    /// Refuses people who are named twice in one list; GitHub's logins are the same in any case.
    pub(super) fn people(&self, release: &Release) -> Result<(), InputError> {
        if let Some(position) = repeated(&release.approvers) {
            let path = [KeyPart::Key("approvers"), KeyPart::Index(position)];
            return Err(self.named_twice(&path, "approvers", &release.approvers[position]));
        }
        for (index, advisory) in release.advisories.iter().enumerate() {
            self.people_of(&[KeyPart::Key("advisory"), KeyPart::Index(index)], advisory)?;
        }
        Ok(())
    }

    fn people_of(&self, path: &[KeyPart<'_>; 2], advisory: &Advisory) -> Result<(), InputError> {
        let credited: Vec<Login> = advisory.credits.iter().map(|credit| credit.login.clone()).collect();
        for (key, people) in [("credits", &credited), ("collaborators", &advisory.collaborators)] {
            let Some(position) = repeated(people) else { continue };
            let path = [path[0], path[1], KeyPart::Key(key), KeyPart::Index(position)];
            return Err(self.named_twice(&path, key, &people[position]));
        }
        Ok(())
    }

    fn named_twice(&self, path: &[KeyPart<'_>], list: &str, login: &Login) -> InputError {
        let message =
            format!("`{login}` is among the {list} twice; GitHub's logins are the same in any case");
        self.source.error_at(path, message, "keep one of the two")
    }
}

/// The position of the first who stands earlier, too.
fn repeated(people: &[Login]) -> Option<usize> {
    (0..people.len()).find(|at| people[..*at].contains(&people[*at]))
}

#[cfg(test)]
mod tests {
    use crate::release::refused;

    const CATALOG: &str = "organisation = \"Rivers\"\n[mail]\nfrom = \"a@rivers.example\"\n\
        announce = [\"b@rivers.example\"]\n[[repo]]\nname = \"rivers/weir\"\nproject = \"Weir\"\n";

    fn refused(title: &str, release: &str, advisory: &str) -> String {
        refused::refused(CATALOG, title, release, advisory)
    }

    #[test]
    fn everybody_is_named_once_and_the_release_has_a_title() {
        assert_eq!(refused("x", "approvers = ['mara', 'tove']", ""), "nothing");
        assert_eq!(
            refused(" ", "", ""),
            "2:9: the release has no title; say in a few words what is released, for people on the private side"
        );
        assert_eq!(
            refused("x", "approvers = ['mara', 'Mara']", ""),
            "6:22: `Mara` is among the approvers twice; GitHub's logins are the same in any case; keep one of the two"
        );
        assert_eq!(
            refused(
                "x",
                "",
                "credits = [{ login = 'tove', type = 'finder' }, { login = 'Tove', type = 'analyst' }]"
            ),
            "12:49: `Tove` is among the credits twice; GitHub's logins are the same in any case; keep one of the two"
        );
        assert!(
            refused("x", "", "collaborators = ['tove', 'tove']")
                .starts_with("12:26: `tove` is among the collaborators twice")
        );
    }
}
