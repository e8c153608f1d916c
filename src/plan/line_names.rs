//! What people call the lines of a repository.

use super::graph::Plan;
use crate::ids::RepoName;
use crate::numbering::{Version, usual_length};

impl Plan {
    /// The line of a version as people call it, in one wording for all lines of its repository: `1.2.x` of `1.2` beside `1.1.x`.
    #[must_use]
    pub fn line_of(&self, repo: &RepoName, version: &Version) -> String {
        self.lines_of(repo)(version)
    }

    /// The same for many versions of a repository: how its lines are called is found out once.
    pub fn lines_of(&self, repo: &RepoName) -> impl Fn(&Version) -> String + use<> {
        let seen = self.snapshot.repos.get(repo).into_iter().flat_map(|seen| &seen.versions);
        let usual = usual_length(seen.map(|one| &one.version));
        let targets = self.targets_of(repo).filter_map(|target| target.release.as_ref());
        let longest = targets.flat_map(|release| [&release.from, &release.to]);
        let longest = longest.map(|version| version.numbers().count()).max().unwrap_or(0);
        let numbers = usual.max(longest);
        move |version| version.line_among(numbers)
    }
}

#[cfg(test)]
mod tests {
    use crate::numbering::Scheme;
    use crate::plan::demo_plan;

    #[test]
    fn line_that_begins_with_two_numbers_is_called_as_its_neighbours_are() {
        let mut plan = demo_plan("github");
        let repo = plan.targets[0].repo.clone();
        let version = |text: &str| Scheme::Numbers.parse(text).unwrap();
        let mut set = |from: &str, to: &str| {
            for target in plan.targets.iter_mut().filter(|target| target.repo == repo) {
                if let Some(release) = &mut target.release {
                    (release.from, release.to) = (version(from), version(to));
                }
            }
            plan.line_of(&repo, &version("1.2"))
        };
        assert_eq!(set("1.1.1", "1.1.2"), "1.2.x");
        assert_eq!(set("1.1", "1.2"), "1.x");
    }
}
