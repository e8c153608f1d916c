//! The words that must not be seen, as the release file gives them.

use super::check::ReleaseCheck;
use super::file::Release;
use crate::input::{InputError, KeyPart};

impl ReleaseCheck<'_> {
    /// Refuses words that would stop every text: blank ones, and such as the project itself or this release is called by in public.
    pub(super) fn forbidden_words(&self, release: &Release) -> Result<(), InputError> {
        let refused = |position: usize, message: String, help: &str| {
            let key = [KeyPart::Key("forbidden-words"), KeyPart::Index(position)];
            Err(self.source.error_at(&key, message, help))
        };
        let repos =
            self.catalog.repos.iter().flat_map(|repo| [repo.name.owner(), repo.name.name(), &repo.project]);
        let public: Vec<String> =
            repos.chain([self.catalog.organisation.as_str(), &release.id]).map(str::to_lowercase).collect();
        for (position, words) in release.forbidden_words.iter().enumerate() {
            if words.chars().all(|c| !c.is_alphanumeric()) {
                return refused(
                    position,
                    format!("`{words}` is no word"),
                    "give words that must not be seen, or take it out",
                );
            }
            if public.contains(&words.trim().to_lowercase()) {
                let message = format!(
                    "`{words}` stands in everything that the project publishes, so that every text would be stopped"
                );
                return refused(position, message, "give words that only this release is known by");
            }
        }
        Ok(())
    }
}
