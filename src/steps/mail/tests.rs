//! The mails of the shipped workflows as their readers get them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::numbering::{Version, semver};

use super::announcement::Announcement;
use super::sending::{acknowledgement, message};
use super::trial::try_mails;
use crate::catalog::Catalog;
use crate::ids::{BranchName, Login, RepoName, StepName};
use crate::input::Source;
use crate::kinds::StepKind;
use crate::plan::{Inputs, Plan, Step, Subject, Target, build, check};
use crate::release::Release;
use crate::snapshot::{AdvisoryState, BranchState, RepoState, Snapshot};
use crate::steps::error::StepError;
use crate::steps::facts::Facts;
use crate::steps::output::{BranchVerdict, Output, PublishedRelease};
use crate::workflow::Workflow;

const CATALOG: &str = r#"
organisation = "Brightwater"
maintainers = ["mara"]

[mail]
from = "Brightwater security <security@brightwater.example>"
announce = ["announce@brightwater.example"]

[[repo]]
name = "brightwater/sluice"
project = "Sluice"
lines = ["release/2.4.x", "release/3.1.x"]
release = { trigger = "push-tag", tag = "v{version}" }
version = { kind = "cargo-workspace" }
"#;

/// The second fix is wanted on one line only.
const RELEASE: &str = r#"
id = "2026-03-high-water"
title = "High water"
manager = "mara"
workflow = "github"
disclosure = "2026-03-10T16:00:00Z"

[[advisory]]
id = "GHSA-4wx7-c2fg-q8rm"
repo = "brightwater/sluice"
summary = "Deeply nested expressions exhaust the stack"
description = "A text of some hundred kilobytes ends the program that reads it."
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
cwes = ["CWE-674"]
cve = { given = "CVE-2026-90412" }
reporter = "quill"

[[advisory.fix]]
repo = "brightwater/sluice"
pull = 1

[[advisory]]
id = "GHSA-7mh3-v9jc-2pxr"
repo = "brightwater/sluice"
summary = "A name of sixteen letters is written one byte behind its buffer"
description = "Its terminating zero is written behind the buffer."
cvss = "CVSS:3.1/AV:L/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:L"
cwes = ["CWE-193"]
cve = "none"

[[advisory.fix]]
repo = "brightwater/sluice"
pull = 2
branches = ["release/2.4.x"]
"#;

fn inputs(catalog: &str, workflow: Workflow) -> Inputs {
    let catalog = Catalog::load(&Source::from_text("catalog.toml", catalog)).unwrap();
    let (release, patches) = Release::load(&Source::from_text("release.toml", RELEASE), &catalog).unwrap();
    Inputs { catalog, release, workflow, patches, templates: BTreeMap::new(), assets: BTreeMap::new() }
}

fn planned(inputs: Inputs) -> Plan {
    let branch = |number: usize, version: Option<Version>| BranchState {
        is_new: false,
        base: None,
        lacks: None,
        matrix: None,
        head: format!("{number:040x}").parse().unwrap(),
        version,
    };
    let branches = [
        ("main", branch(1, None)),
        ("release/2.4.x", branch(2, Some(semver("2.4.1")))),
        ("release/3.1.x", branch(3, Some(semver("3.1.0")))),
    ];
    let branches = branches.map(|(name, state)| (name.parse::<BranchName>().unwrap(), state));
    let repo: RepoName = "brightwater/sluice".parse().unwrap();
    let draft = AdvisoryState { state: "draft".into(), cve: None, private_fork: None };
    let snapshot = Snapshot {
        taken: "2026-03-02T09:00:00Z".parse().unwrap(),
        repos: BTreeMap::from([(repo, RepoState { branches: branches.into(), ..RepoState::default() })]),
        advisories: inputs.release.advisories.iter().map(|it| (it.id.clone(), draft.clone())).collect(),
        committer: None,
        workers: Vec::new(),
    };
    build(inputs, snapshot).unwrap()
}

fn plan(workflow: &str) -> Plan {
    planned(inputs(CATALOG, Workflow::load(workflow, Path::new(".")).unwrap()))
}

fn published(target: &Target) -> Result<PublishedRelease, StepError> {
    let tag = target.release.as_ref().unwrap().tag.clone();
    let url = format!("https://github.com/{}/releases/tag/{tag}", target.repo);
    let at = "2026-03-10T17:20:00Z".parse().unwrap();
    Ok(PublishedRelease { tag, commit: target.base.clone(), url, assets: Vec::new(), at, tag_alone: false })
}

/// Every text that the plan's steps tell; what is told for each advisory, for the first one.
fn texts(plan: &Plan, facts: &Facts) -> BTreeMap<StepName, String> {
    let announcement = Announcement { plan, facts, now: "2026-03-10T18:00:00Z".parse().unwrap() };
    let told = |step: &Step, usual: &str| step.asks.clone().unwrap_or_else(|| usual.to_owned());
    let mail = |mail: crate::mail::Message| {
        format!("To: {}\nSubject: {}\n\n{}", mail.recipients().join(", "), mail.subject(), mail.body())
    };
    let first = &plan.inputs.release.advisories[0];
    let is_first = |step: &Step| step.subject.advisory.as_ref() == Some(&first.id);
    plan.steps()
        .filter_map(|step| {
            let text = match step.kind {
                StepKind::Acknowledge if is_first(step) => {
                    acknowledgement(&plan.inputs, &announcement.acknowledgement(first)).unwrap()
                }
                StepKind::AdvanceMail => {
                    let facts = announcement.advance_notice().unwrap();
                    mail(message(&plan.inputs, &told(step, "advance"), &facts).unwrap())
                }
                StepKind::ReleaseMail => {
                    let facts = announcement.security_release(published).unwrap();
                    mail(message(&plan.inputs, &told(step, "release"), &facts).unwrap())
                }
                _ => return None,
            };
            Some((step.name.clone(), text))
        })
        .collect()
}

#[rstest::rstest]
#[case("github")]
#[case("wamr")]
#[case("wasmtime")]
fn mails_read_well(#[case] workflow: &str) {
    let texts = texts(&plan(workflow), &Facts::default());
    let shown: Vec<String> = texts.iter().map(|(step, text)| format!("==== {step}\n{text}")).collect();
    insta::assert_snapshot!(workflow, shown.join("\n"));
}

/// Lines are merged in an order of their own, the default branch first: readers are told the oldest version first.
#[test]
fn versions_are_told_in_their_order_whatever_the_order_of_merges() {
    for workflow in ["github", "wamr", "wasmtime"] {
        let plan = plan(workflow);
        let mut written = serde_json::to_value(&plan).unwrap();
        written["targets"].as_array_mut().unwrap().reverse();
        let merged_otherwise: Plan = serde_json::from_value(written).unwrap();
        let told = texts(&plan, &Facts::default());
        assert_eq!(texts(&merged_otherwise, &Facts::default()), told);
        let mail = told.values().find(|text| text.contains("2.4.2") && text.contains("3.1.1")).unwrap();
        assert!(mail.find("2.4.2") < mail.find("3.1.1"), "{mail}");
        assert!(mail.contains("Fixed in: Sluice 2.4.2, Sluice 3.1.1"), "{mail}");
    }
}

#[test]
fn a_line_that_was_left_out_is_in_no_mail() {
    let plan = plan("github");
    let out = Subject {
        advisory: Some("GHSA-7mh3-v9jc-2pxr".parse().unwrap()),
        repo: Some("brightwater/sluice".parse().unwrap()),
        branch: Some("release/2.4.x".parse().unwrap()),
    };
    let mut facts = Facts::default();
    for advisory in ["GHSA-4wx7-c2fg-q8rm", "GHSA-7mh3-v9jc-2pxr"] {
        let subject = Subject { advisory: Some(advisory.parse().unwrap()), ..out.clone() };
        let step = plan.find(StepKind::Assess, &subject).unwrap();
        let by: Login = "mara".parse().unwrap();
        let decision = crate::steps::output::BranchDecision::LeftOut { by, reason: "never had it".into() };
        let verdict = BranchVerdict {
            verdict: "not affected".into(),
            evidence: Vec::new(),
            versions: Vec::new(),
            released: Vec::new(),
            decision: Some(decision),
        };
        facts.outputs.insert(step.name.clone(), Output::Verdict(verdict));
    }
    for (step, text) in texts(&plan, &facts) {
        assert!(!text.contains("2.4."), "{step}: {text}");
    }
}

#[test]
fn every_shipped_template_is_used_by_a_shipped_workflow() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mail/templates");
    let files = std::fs::read_dir(folder).unwrap();
    let shipped: BTreeSet<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let workflows: Vec<Workflow> =
        Workflow::built_in().map(|name| Workflow::load(name, Path::new(".")).unwrap()).collect();
    let used: BTreeSet<String> =
        workflows.iter().flat_map(|workflow| workflow.mail.named()).map(str::to_owned).collect();
    assert_eq!(shipped, used);
}

/// What a project says of itself, and no other may say.
const OWN_WORDS: [(&str, [&str; 3]); 2] = [
    ("wamr", ["wamr", "micro runtime", "full review of our security practices"]),
    ("wasmtime", ["wasmtime", "automatically-tag-and-release", "may reply to this"]),
];

#[test]
fn no_workflow_speaks_for_another_project() {
    for workflow in Workflow::built_in() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("workflows/{workflow}.toml"));
        let mut said = std::fs::read_to_string(file).unwrap();
        said.extend(texts(&plan(workflow), &Facts::default()).into_values());
        let said = said.to_lowercase();
        for (project, words) in OWN_WORDS {
            for word in words {
                assert_eq!(said.contains(word), project == workflow, "{workflow}: `{word}` is {project}'s");
            }
        }
    }
}

/// The workflow `github` with a mail to distributors.
const DISTRIBUTORS: &str = "distributors = \"github-advance\"\n";

fn with_distributors() -> Workflow {
    let folder = tempfile::tempdir().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows/github.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("\"advance-mail\"", "\"advance-mail\", \"advance-mail:distributors\"");
    std::fs::write(folder.path().join("own.toml"), format!("{text}{DISTRIBUTORS}")).unwrap();
    Workflow::load("own.toml", folder.path()).unwrap()
}

#[test]
fn another_mail_takes_a_template_and_two_lines_of_the_workflow() {
    let to_whom = "[mail.recipients]\ndistributors = [\"packagers@rivers.example\"]\n\n[[repo]]";
    let plan = planned(inputs(&CATALOG.replacen("[[repo]]", to_whom, 1), with_distributors()));
    assert_eq!(check(&plan), Vec::new());
    try_mails(&plan, "2026-03-02T09:00:00Z".parse().unwrap()).unwrap();
    let texts = texts(&plan, &Facts::default());
    let (usual, other) =
        (&texts[&"advance-mail".parse().unwrap()], &texts[&"advance-mail/distributors".parse().unwrap()]);
    assert!(usual.starts_with("To: announce@brightwater.example\n"), "{usual}");
    assert!(other.starts_with("To: packagers@rivers.example\n"), "{other}");
}

#[test]
fn a_mail_that_could_not_be_sent_is_found_before_the_run() {
    let now = "2026-03-02T09:00:00Z".parse().unwrap();
    let refused = try_mails(&planned(inputs(CATALOG, with_distributors())), now).unwrap_err();
    insta::assert_snapshot!(refused.message, @"the mail `distributors` has no recipient");
    insta::assert_snapshot!(refused.hint[0].text.as_ref().unwrap(), @r#"say who gets it in the catalog: `distributors = ["…"]` below `[mail.recipients]`"#);

    let own = "release-template = \"mail/release.txt\"\n\n[[repo]]";
    let workflow = Workflow::load("github", Path::new(".")).unwrap();
    let mut broken = inputs(&CATALOG.replacen("[[repo]]", own, 1), workflow);
    let text = "Subject: out\n\n{{ relases }}\n";
    broken.templates.insert("mail/release.txt".to_owned(), text.to_owned());
    let refused = try_mails(&planned(broken), now).unwrap_err();
    insta::assert_snapshot!(refused.message, @"mail template `mail/release.txt`, line 3: `relases` is not known here; this mail has `project`, `projects`, `date`, `highest_severity`, `releases`, `advisories`");
}
