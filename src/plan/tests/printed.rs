//! The plan of the demo as people read it, for each workflow that is shipped.
//!
//! After a change that is meant, look at the difference and accept it: `INSTA_UPDATE=always cargo test --lib plan::`.

use super::super::{Format, Plan, render};
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
fn drawing_of_the_workflow_github() {
    insta::assert_snapshot!(printed(&demo("github"), Format::Mermaid));
}

#[test]
fn drawing_of_the_workflow_wamr() {
    insta::assert_snapshot!(printed(&demo("wamr"), Format::Mermaid));
}

#[test]
fn drawing_of_the_workflow_wasmtime() {
    insta::assert_snapshot!(printed(&demo("wasmtime"), Format::Mermaid));
}
