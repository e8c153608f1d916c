//! What a clone says of where it came from, and what its tags say.

use git2::{ObjectType, ReferenceType};
use regex::Regex;

use super::store::Store;
use crate::git::error::{GitError, WhileDoing};
use crate::ids::RepoName;

impl Store {
    /// Whether the newest state of branches is what it knows of those of a remote `origin`. A mirror has every branch under its
    /// own name, and what it holds of a remote's beside them are leftovers.
    #[must_use]
    pub fn follows_origin(&self) -> bool {
        !self.raw().is_bare() && self.raw().find_remote("origin").is_ok()
    }

    /// The default branch: that of the remote `origin` in a clone, what `HEAD` names in a mirror. `None` where neither says.
    ///
    /// # Errors
    /// [`GitError::Libgit2`] if the references cannot be read.
    pub fn default_branch(&self) -> Result<Option<String>, GitError> {
        let remote = self.follows_origin().then_some(("refs/remotes/origin/HEAD", "refs/remotes/origin/"));
        for (name, prefix) in remote.into_iter().chain([("HEAD", "refs/heads/")]) {
            let found = match self.raw().find_reference(name) {
                Ok(found) => found,
                Err(error) if error.code() == git2::ErrorCode::NotFound => continue,
                Err(source) => return Err(GitError::Libgit2 { action: format!("read `{name}`"), source }),
            };
            let target = found.symbolic_target().ok().flatten();
            let branch = target.and_then(|target| target.strip_prefix(prefix));
            if let Some(branch) = branch.filter(|_| found.kind() == Some(ReferenceType::Symbolic)) {
                return Ok(Some(branch.to_owned()));
            }
        }
        Ok(None)
    }

    /// The repository that the remote `origin` is; `None` without one, and where its address names no owner.
    #[must_use]
    pub fn origin_name(&self) -> Option<RepoName> {
        name_in_address(self.raw().find_remote("origin").ok()?.url().ok()?)
    }

    /// What an annotated tag says; `None` for a lightweight one, and where there is no such tag.
    ///
    /// # Errors
    /// [`GitError::Libgit2`] if it is there and cannot be read.
    pub fn tag_message(&self, tag: &str) -> Result<Option<String>, GitError> {
        let name = format!("refs/tags/{tag}");
        let Ok(reference) = self.raw().find_reference(&name) else { return Ok(None) };
        let Some(target) = reference.target() else { return Ok(None) };
        let object = self.raw().find_object(target, None).doing(|| format!("read `{name}`"))?;
        if object.kind() != Some(ObjectType::Tag) {
            return Ok(None);
        }
        let message = object.as_tag().and_then(git2::Tag::message_bytes).unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(message).into_owned()))
    }
}

/// The name in a clone's address: `https://github.com/acme/pump.git`, `git@github.com:acme/pump`.
fn name_in_address(address: &str) -> Option<RepoName> {
    let pattern =
        Regex::new(r"^(?:[a-z+]+://)[^/]+/(?:.*/)?(?<owner>[^/:]+)/(?<name>[^/]+?)(?:\.git)?/?$").ok()?;
    let short = Regex::new(r"^[^/:]+:(?:.*/)?(?<owner>[^/:]+)/(?<name>[^/]+?)(?:\.git)?/?$").ok()?;
    let found = pattern.captures(address).or_else(|| short.captures(address))?;
    format!("{}/{}", &found["owner"], &found["name"]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_stands_in_the_address_of_a_clone() {
        for address in [
            "https://github.com/acme/pump.git",
            "https://github.com/acme/pump",
            "git@github.com:acme/pump.git",
            "ssh://git@github.com/acme/pump",
        ] {
            assert_eq!(
                name_in_address(address).map(|name| name.to_string()).as_deref(),
                Some("acme/pump"),
                "{address}"
            );
        }
        assert_eq!(name_in_address("/srv/mirrors/pump.git"), None);
    }
}
