//! The plan of the demo as people read it, for each workflow that is shipped.
//!
//! After a change that is meant, look at the difference and accept it: `INSTA_UPDATE=always cargo test --lib plan::`.

use super::super::{Format, Grouping, Plan, render};
use super::demo;

/// What is printed, without the digest of the plan: it changes with every fact that the files gain.
fn printed(plan: &Plan, format: Format) -> String {
    let digest = plan.digest().unwrap();
    render(plan, format).unwrap().replace(digest.short(), "[digest]")
}

#[test]
fn text_of_the_workflow_github() {
    insta::assert_snapshot!(printed(&demo("github"), Format::Text));
}

#[test]
fn text_of_the_workflow_wamr() {
    insta::assert_snapshot!(printed(&demo("wamr"), Format::Text));
}

#[test]
fn text_of_the_workflow_wasmtime() {
    insta::assert_snapshot!(printed(&demo("wasmtime"), Format::Text));
}

#[test]
fn page_of_every_workflow_is_one_page() {
    for workflow in ["github", "wamr", "wasmtime"] {
        let page = printed(&demo(workflow), Format::Page);
        // Eight targets of two repositories; a printed page has about sixty lines.
        assert!(page.lines().count() <= 66, "{} lines", page.lines().count());
        insta::assert_snapshot!(format!("page_of_{workflow}"), page);
    }
}

#[test]
fn drawings_are_grouped_as_it_is_asked_for() {
    let plan = demo("wamr");
    let titles = |grouping| -> Vec<String> {
        let drawing = render(&plan, Format::Dot(grouping)).unwrap();
        let titles = drawing.lines().filter_map(|line| line.strip_prefix("    label=\""));
        titles.map(|title| title.trim_end_matches("\";").to_owned()).collect()
    };
    assert_eq!(titles(Grouping::Phase)[..2], ["respond", "assess"]);
    let repositories = titles(Grouping::Repository);
    assert_eq!(repositories.len(), 3, "{repositories:?}");
    assert!(repositories.contains(&"brightwater/weir".to_owned()), "{repositories:?}");
    let targets = titles(Grouping::Target);
    assert!(targets.contains(&"brightwater/weir release/7.x".to_owned()), "{targets:?}");
    for grouping in [Grouping::Phase, Grouping::Target, Grouping::Repository] {
        let drawing = render(&plan, Format::Mermaid(grouping)).unwrap();
        let drawn = drawing.lines().filter(|line| line.starts_with("    s")).count();
        assert_eq!(drawn, plan.step_count(), "every step is in one group");
    }
}

#[test]
fn drawing_of_the_workflow_github() {
    insta::assert_snapshot!(printed(&demo("github"), Format::Mermaid(Grouping::Phase)));
}

#[test]
fn drawing_of_the_workflow_wamr() {
    insta::assert_snapshot!(printed(&demo("wamr"), Format::Mermaid(Grouping::Phase)));
}

#[test]
fn drawing_of_the_workflow_wasmtime() {
    insta::assert_snapshot!(printed(&demo("wasmtime"), Format::Mermaid(Grouping::Phase)));
}
