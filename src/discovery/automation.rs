//! What the project's workflows do when it releases.

use github_actions_models::workflow::event::{OptionalBody, Push, TagFilters};
use github_actions_models::workflow::{Trigger, Workflow};

use super::fact::Fact;
use super::file_text::text_of;
use crate::ids::BranchName;
use crate::matrix::matches_one;
use crate::version::TreeReader;

/// What starts a release, and who makes its GitHub Release.
#[derive(Debug)]
pub(super) struct Automation {
    /// The value of `trigger`.
    pub(super) trigger: Fact<String>,
    /// The workflow that is dispatched, where that is what starts a release.
    pub(super) dispatched: Option<String>,
    /// The workflow that makes GitHub Releases, if one does.
    pub(super) makes_releases: Option<String>,
    /// The workflow that waits for a GitHub Release which people make.
    pub(super) waits_for_release: Option<String>,
    /// The workflows that test what arrives on branches.
    pub(super) tests: Vec<String>,
}

/// The trigger of projects whose releases start with a tag.
const PUSH_TAG: &str = "\"push-tag\"";

struct WorkflowFile {
    /// Its name below `.github/workflows`.
    name: String,
    text: String,
    trigger: Trigger,
}

impl Automation {
    /// Whether people push the tags, so that how they are made is for the catalog to say.
    pub(super) fn tags_are_pushed(&self) -> bool {
        self.trigger.value == PUSH_TAG
    }

    /// What the workflows on this branch do; `newest` is the tag of the newest release.
    pub(super) fn of(files: &dyn TreeReader, branch: &BranchName, newest: Option<&str>) -> Automation {
        let workflows = workflows(files);
        let named = |found: Option<&WorkflowFile>| found.map(|workflow| workflow.name.clone());
        let releasing = workflows.iter().filter(|workflow| workflow.releases());
        // A repository of several modules has workflows for the tags of each.
        let is_of_others = |workflow: &&WorkflowFile| {
            newest.is_some_and(|tag| workflow.names_tags() && !workflow.starts_on(tag))
        };
        let own = || workflows.iter().filter(|workflow| !is_of_others(workflow));
        let makes = own().find(|workflow| workflow.makes_releases());
        let waits = releasing.clone().find(|workflow| workflow.trigger.events.release.is_present());
        let on_tags = || own().filter(|workflow| workflow.starts_on_tags());
        let by_tag = on_tags().find(|workflow| workflow.releases() || workflow.makes_releases());
        let by_any_tag = on_tags().next();
        let by_hand =
            releasing.clone().filter(|workflow| workflow.trigger.events.workflow_dispatch.is_present());
        let dispatched = by_hand.rev().max_by_key(|workflow| workflow.suits(branch));
        let push_tag = || PUSH_TAG.to_owned();
        let trigger = match (by_tag, dispatched) {
            (Some(workflow), _) => Fact::seen(push_tag(), format!("`{}` starts on tags", workflow.name)),
            (None, _) if by_any_tag.is_some() => {
                let name = by_any_tag.map_or("", |workflow| workflow.name.as_str());
                Fact::guessed(push_tag(), format!("`{name}` starts on tags, whatever it does"))
            }
            (None, _) if waits.is_some() => Fact::guessed(push_tag(), "no workflow starts on tags"),
            (None, Some(workflow)) => Fact::guessed(
                format!("{{ dispatch = \"{}\" }}", workflow.name),
                format!("`{}` can be started by hand", workflow.name),
            ),
            (None, None) => Fact::guessed(push_tag(), "no workflow was found that releases"),
        };
        let dispatched = named(dispatched.filter(|_| trigger.value != PUSH_TAG));
        let tests = workflows.iter().filter(|workflow| workflow.tests());
        let tests = tests.map(|workflow| workflow.name.clone()).collect();
        let (makes_releases, waits_for_release) = (named(makes), named(waits));
        Automation { trigger, dispatched, makes_releases, waits_for_release, tests }
    }
}

impl WorkflowFile {
    fn starts_on_tags(&self) -> bool {
        // What is created are branches and tags; `create` takes no names, though some give it some.
        self.names_tags() || self.releases() && self.trigger.events.create.is_present()
    }

    fn names_tags(&self) -> bool {
        self.tags().iter().any(|tag| !tag.starts_with('!'))
    }

    fn starts_on(&self, tag: &str) -> bool {
        matches_one(self.tags(), tag)
    }

    /// The patterns of the tags whose push starts it.
    fn tags(&self) -> &[String] {
        match &self.trigger.events.push {
            OptionalBody::Body(Push { tag_filters: Some(TagFilters::Tags(tags)), .. }) => tags,
            _ => &[],
        }
    }

    /// Whether it starts where branches change, and does not release.
    fn tests(&self) -> bool {
        let events = &self.trigger.events;
        let of_branches = match &events.push {
            OptionalBody::Body(Push { branch_filters: None, tag_filters: Some(_), .. }) => false,
            push => push.is_present(),
        };
        let starts = of_branches || events.pull_request.is_present() || events.merge_group.is_present();
        starts && !self.releases() && !self.makes_releases()
    }

    /// How well a workflow that is started by hand suits the releases of a branch: some projects have one for each line, beside
    /// one that is called after none. What deploys may be a site, or what is built each night; of equal ones, the first counts.
    fn suits(&self, branch: &BranchName) -> (bool, bool, bool) {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        let numbers = |text: &str| -> String {
            let from = text.find(|letter: char| letter.is_ascii_digit()).unwrap_or(text.len());
            text[from..].trim_end_matches(".x").to_owned()
        };
        let (own, line) = (numbers(stem), numbers(branch.as_str()));
        let is_of_line = !own.is_empty() && own == line;
        (self.name.contains("release"), is_of_line, own.is_empty())
    }

    /// Whether its name says so: what a workflow does is more than can be read from it.
    fn releases(&self) -> bool {
        let name = self.name.to_lowercase();
        ["release", "publish", "deploy"].iter().any(|word| name.contains(word))
    }

    fn makes_releases(&self) -> bool {
        let actions = [
            "gh release create",
            "action-gh-release",
            "ncipollo/release-action",
            "actions/create-release",
            "goreleaser-action",
            "release-please-action",
            "createRelease",
        ];
        actions.iter().any(|action| self.text.contains(action))
    }
}

fn workflows(files: &dyn TreeReader) -> Vec<WorkflowFile> {
    let paths = [".github/workflows/*.yml", ".github/workflows/*.yaml"].map(|glob| files.list(glob));
    let read = paths.iter().flatten().filter_map(|path| {
        let text = text_of(files, path)?;
        let parsed: Workflow = yaml_serde::from_str(&text).ok()?;
        let name = path.rsplit('/').next()?.to_owned();
        Some(WorkflowFile { name, text, trigger: parsed.on })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn workflows(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        let file = |(name, on): &(&str, &str)| {
            let text =
                format!("on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n");
            (format!(".github/workflows/{name}"), text)
        };
        files.iter().map(file).collect()
    }

    fn main() -> BranchName {
        "main".parse().unwrap()
    }

    #[test]
    fn line_is_dispatched_by_the_workflow_that_is_called_after_it() {
        let by_hand = ["ci-deploy.yml", "ci-release-4.2.yml", "ci-release-5.yml", "ci-release.yml"];
        let files = workflows(&by_hand.map(|name| (name, "workflow_dispatch")));
        for (branch, workflow) in
            [("4.1", "ci-release.yml"), ("4.2", "ci-release-4.2.yml"), ("5.x", "ci-release-5.yml")]
        {
            let found = Automation::of(&files, &branch.parse().unwrap(), None);
            assert_eq!(found.dispatched.as_deref(), Some(workflow), "{branch}");
            assert_eq!(found.trigger.value, format!("{{ dispatch = \"{workflow}\" }}"));
        }
        let alone = workflows(&[("deploy.yml", "workflow_dispatch"), ("ci.yml", "push")]);
        assert_eq!(Automation::of(&alone, &main(), None).dispatched.as_deref(), Some("deploy.yml"));
    }

    #[test]
    fn release_starts_with_the_workflow_of_its_own_tags() {
        let files = workflows(&[
            ("api-release.yml", "{ push: { tags: ['api/v*'] } }"),
            ("release.yml", "{ push: { tags: ['v*', '!v*-rc*'], branches: [main] } }"),
        ]);
        let trigger = |tag| Automation::of(&files, &main(), tag).trigger;
        assert_eq!(trigger(Some("v2.2.7")).because, "`release.yml` starts on tags");
        assert_eq!(trigger(Some("api/v1.9.0")).because, "`api-release.yml` starts on tags");
        assert_eq!(trigger(Some("v2.3.0-rc1")).because, "no workflow was found that releases");
    }

    #[test]
    fn workflow_that_releases_what_is_created_starts_on_tags() {
        let files = workflows(&[("release.yml", "{ create: { tags: [v*] }, push: { branches: [main] } }")]);
        let trigger = Automation::of(&files, &main(), Some("v1.2.3")).trigger;
        assert_eq!(
            (trigger.value.as_str(), trigger.because.as_str()),
            (PUSH_TAG, "`release.yml` starts on tags")
        );
        let greeting = workflows(&[("greet.yml", "create")]);
        assert_eq!(
            Automation::of(&greeting, &main(), None).trigger.because,
            "no workflow was found that releases"
        );
    }

    #[test]
    fn what_starts_where_branches_change_tests_and_what_releases_does_not() {
        let files = workflows(&[
            ("ci.yml", "push"),
            ("lint.yaml", "{ pull_request: { branches: [main] } }"),
            ("queue.yml", "[merge_group, workflow_dispatch]"),
            ("release.yml", "push"),
            ("tagged.yml", "{ push: { tags: ['v*'] } }"),
            ("nightly.yml", "{ schedule: [{ cron: '0 3 * * *' }] }"),
        ]);
        let mut tests = Automation::of(&files, &main(), None).tests;
        tests.sort();
        assert_eq!(tests, ["ci.yml", "lint.yaml", "queue.yml"]);
    }
}
