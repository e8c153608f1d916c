//! What the project's workflows do when it releases.

use github_actions_models::workflow::event::{OptionalBody, Push, TagFilters};
use github_actions_models::workflow::{Trigger, Workflow};

use super::fact::Fact;
use super::file_text::text_of;
use crate::version::TreeReader;

/// What starts a release, and who makes its GitHub Release.
#[derive(Debug)]
pub(super) struct Automation {
    /// The value of `trigger`.
    pub(super) trigger: Fact<String>,
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

    pub(super) fn of(files: &dyn TreeReader) -> Automation {
        let workflows = workflows(files);
        let named = |found: Option<&WorkflowFile>| found.map(|workflow| workflow.name.clone());
        let releasing = workflows.iter().filter(|workflow| workflow.releases());
        let makes = workflows.iter().find(|workflow| workflow.makes_releases());
        let waits = releasing.clone().find(|workflow| workflow.trigger.events.release.is_present());
        let on_tags = || workflows.iter().filter(|workflow| workflow.starts_on_tags());
        let by_tag = on_tags().find(|workflow| workflow.releases() || workflow.makes_releases());
        let by_any_tag = on_tags().next();
        let by_hand =
            || releasing.clone().filter(|workflow| workflow.trigger.events.workflow_dispatch.is_present());
        // What deploys may be a site, or what is built each night.
        let dispatched =
            by_hand().find(|workflow| workflow.name.contains("release")).or_else(|| by_hand().next());
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
        let tests = workflows.iter().filter(|workflow| workflow.tests());
        let tests = tests.map(|workflow| workflow.name.clone()).collect();
        Automation { trigger, makes_releases: named(makes), waits_for_release: named(waits), tests }
    }
}

impl WorkflowFile {
    fn starts_on_tags(&self) -> bool {
        let OptionalBody::Body(Push { tag_filters: Some(TagFilters::Tags(tags)), .. }) =
            &self.trigger.events.push
        else {
            return false;
        };
        tags.iter().any(|tag| !tag.starts_with('!'))
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

    #[test]
    fn what_starts_where_branches_change_tests_and_what_releases_does_not() {
        let files: BTreeMap<String, String> = [
            ("ci.yml", "push"),
            ("lint.yaml", "{ pull_request: { branches: [main] } }"),
            ("queue.yml", "[merge_group, workflow_dispatch]"),
            ("release.yml", "push"),
            ("tagged.yml", "{ push: { tags: ['v*'] } }"),
            ("nightly.yml", "{ schedule: [{ cron: '0 3 * * *' }] }"),
        ]
        .map(|(name, on)| {
            let text =
                format!("on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n");
            (format!(".github/workflows/{name}"), text)
        })
        .into();
        let mut tests = Automation::of(&files).tests;
        tests.sort();
        assert_eq!(tests, ["ci.yml", "lint.yaml", "queue.yml"]);
    }
}
