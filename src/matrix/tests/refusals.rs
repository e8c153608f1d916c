//! What GitHub refuses of events, ids and uses, and what it passes over.

use super::{Tree, verdicts};

const JOB: &str = "jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: x }] } }";

/// Why all of a file is refused, or its verdict.
fn said(text: &str) -> String {
    let text: &'static str = text.to_owned().leak();
    let lines = Tree::ci(text).push();
    match lines[0]["reason"].as_str() {
        Some(reason) if lines[0]["verdict"] == "invalid" => reason.replace(".github/workflows/ci.yml:", ""),
        _ => lines[0]["verdict"].as_str().unwrap().to_owned(),
    }
}

#[test]
fn events_that_github_does_not_know_are_refused_in_each_way_of_writing_them() {
    for (on, told) in [
        (
            "[push, pul_request]",
            "1:1: `on` is nothing that GitHub knows: `pul_request`; did you mean `pull_request`?",
        ),
        ("[push, zz]", "1:1: `on` is nothing that GitHub knows: `zz`"),
        ("{ push: , pushes: }", "1:15: `on` has no key `pushes`; did you mean `push`?"),
        ("{ push: , release: published }", "1:15: `release` is no mapping"),
        ("{ push: , issues: { types: { a: b } } }", "1:25: `types` is no list"),
        ("{ push: , workflow_run: { workflows: [''] } }", "1:31: `workflows` is empty"),
        ("{ push: , schedule: { cron: x } }", "1:15: `schedule` is no list"),
        ("{ push: , schedule: [{ crom: x }] }", "1:15: `schedule` is without `cron`"),
        ("{ push: , schedule: [{ cron: '0 0 * *' }] }", "1:28: `cron` is no time of five fields: `0 0 * *`"),
        (
            "{ push: , workflow_dispatch: { inputs: { i: { type: choice } } } }",
            "1:46: `i` is a choice without `options`",
        ),
        (
            "{ push: , workflow_dispatch: { inputs: { i: { options: [a] } } } }",
            "1:46: `i` has `options` and is no choice",
        ),
        (
            "{ push: , workflow_dispatch: { inputs: { i: { required: often } } } }",
            "1:51: `required` is neither `true` nor `false`",
        ),
        (
            "{ push: , workflow_call: { inputs: { i: { type: choice } } } }",
            "1:47: `type` is none of `boolean`, `number`, `string`",
        ),
        (
            "{ push: , workflow_call: { secrets: { s: { requires: true } } } }",
            "1:48: `s` has no key `requires`; did you mean `required`?",
        ),
    ] {
        assert_eq!(said(&format!("on: {on}\n{JOB}\n")), told, "{on}");
    }
}

#[test]
fn two_filters_that_exclude_each_other_are_refused() {
    let told = "1:33: `push` has both `branches` and `branches-ignore`, of which GitHub takes one";
    assert_eq!(said(&format!("on: {{ push: {{ branches: [main], branches-ignore: [x] }} }}\n{JOB}\n")), told);
    let paths = "on: { push: , pull_request: { paths: [a], paths-ignore: [b] } }";
    assert!(said(&format!("{paths}\n{JOB}\n")).contains("both `paths` and `paths-ignore`"));
    assert_eq!(
        said(&format!("on: {{ push: {{ branches: [main], paths-ignore: [x] }} }}\n{JOB}\n")),
        "run-here"
    );
}

#[test]
fn keys_and_activities_of_events_that_are_not_known_are_passed_over() {
    for on in [
        "{ push: { branch: other } }",
        "{ push: , pull_request: { types: [milestoned, newer] } }",
        "{ push: , create: { branches: x }, watch: { types: started }, repository_dispatch: { types: [mine] } }",
        "{ push: , schedule: [{ cron: '0 0 * * *', timezone: UTC }], workflow_dispatch: { inputs: { i: { type: choice, options: [a] } } } }",
    ] {
        assert_eq!(said(&format!("on: {on}\n{JOB}\n")), "run-here", "{on}");
    }
}

#[test]
fn ids_are_refused_as_github_refuses_them() {
    let steps = |steps: &str| {
        said(&format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: {steps}\n"))
    };
    let letters = "letters, digits, `-` and `_`, the first one a letter or `_`";
    assert_eq!(steps("[{ run: x, id: a b }]"), format!("5:23: `a b` is no id for a step: {letters}"));
    assert_eq!(steps("[{ run: x, id: 7 }]"), format!("5:23: `7` is no id for a step: {letters}"));
    assert_eq!(steps("[{ run: x, id: '' }]"), "5:23: `id` is empty");
    assert_eq!(
        steps("[{ run: x, id: __a }]"),
        "5:23: `__a` is no id for a step: what begins with `__` is GitHub's own"
    );
    assert_eq!(steps("[{ run: x, id: a }, { run: y, id: A }]"), "5:42: two steps of the job have the id `A`");
    assert_eq!(steps("[{ run: x, id: a }, { run: y, id: _a-1 }]"), "run-here");
    let long = "a".repeat(100);
    assert!(
        steps(&format!("[{{ run: x, id: {long} }}]"))
            .ends_with("no id for a step: it has more than 99 characters")
    );
    assert_eq!(steps(&format!("[{{ run: x, id: {} }}]", &long[1..])), "run-here");
    let job =
        |id: &str| said(&format!("on: push\njobs: {{ {id}: {{ runs-on: x, steps: [{{ run: x }}] }} }}\n"));
    assert!(job("__a").ends_with("`__a` is no id for a job: what begins with `__` is GitHub's own"));
    assert!(job(&long).ends_with("no id for a job: it has more than 99 characters"));
}

#[test]
fn what_a_step_uses_has_a_repository_and_a_revision() {
    for uses in ["actions/checkout", "checkout@v4", "actions/checkout@", "a/b@c@d", "."] {
        let text = format!("on: push\njobs: {{ a: {{ runs-on: x, steps: [{{ uses: '{uses}' }}] }} }}\n");
        assert_eq!(said(&text), format!("2:43: `{uses}` is no action of a repository at a revision"));
    }
    for uses in ["actions/checkout@v4", "a/b/c@main", "./x", ".\\x", "$/x", "docker://debian:12"] {
        let tree = Tree::ci(
            format!("on: push\njobs: {{ a: {{ runs-on: x, steps: [{{ uses: '{uses}' }}] }} }}\n").leak(),
        );
        assert!(!verdicts(&tree.push())[0].ends_with("invalid"), "{uses}");
    }
}

#[test]
fn status_functions_name_jobs_in_the_conditions_of_jobs_only() {
    let step = "on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: x, if: failure('b') }] } }\n";
    assert_eq!(said(step), "2:60: failure() with arguments in the condition of a step: `failure('b')`");
    let job = "on: push\njobs: { a: { runs-on: ubuntu-latest, if: success('b'), steps: [{ run: x }] } }\n";
    assert_eq!(said(job), "conditional");
}

#[test]
fn a_service_has_an_image_and_credentials_may_come_from_the_matrix() {
    let job = |keys: &str| said(&format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    {keys}\n"));
    assert_eq!(job("services: { x: '' }"), "5:17: `x` is empty");
    assert_eq!(job("services: { x: { ports: [80] } }"), "5:17: `x` is without `image`");
    let credentials = "{ username: '${{ matrix.u }}', password: '${{ secrets.P }}' }";
    let keys = format!(
        "container: {{ image: x, credentials: {credentials} }}\n    strategy: {{ matrix: {{ u: [a] }} }}"
    );
    assert_eq!(job(&keys), "unsupported");
}
