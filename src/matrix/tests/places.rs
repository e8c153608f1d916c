//! Where entries can run.

use super::{Tree, field};

/// Verdict and reason of a job with these lines.
fn place(job: &str) -> String {
    let text: &'static str = format!("on: push\njobs:\n  a:\n{}\n", indented(job)).leak();
    let action = "runs: { using: composite, steps: [{ run: 'cmake .', shell: bash, if: \"inputs.kind == 'full'\" }] }\n\
                  inputs: { kind: { default: small } }\n";
    let tree = Tree::of([("ci.yml", text), ("tools/build/action.yml", action)]);
    let lines = tree.push();
    format!("{} {}", field(&lines, "verdict").join(","), field(&lines, "reason").join(",")).trim().to_owned()
}

fn indented(job: &str) -> String {
    job.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// The same of a job on Linux with one step.
fn step(step: &str) -> String {
    place(&format!("runs-on: ubuntu-latest\nsteps:\n- {}", step.replace('\n', "\n  ")))
}

#[test]
fn another_machine_is_named_by_what_it_needs() {
    assert_eq!(place("runs-on: macos-15"), "run-on macOS arm64");
    assert_eq!(place("runs-on: windows-11-arm"), "run-on Windows arm64");
    assert_eq!(place("runs-on: ubuntu-24.04-arm"), "run-on Linux arm64");
    assert_eq!(place("runs-on: [self-hosted, gpu]"), "run-on a runner with self-hosted, gpu");
    assert_eq!(place("runs-on: { group: big }"), "run-on a runner with group big");
    assert_eq!(step("run: grep -q pku /proc/cpuinfo"), "run-on a processor with `pku`");
    assert_eq!(step("run: grep -q sse4_2 /proc/cpuinfo"), "run-here");
}

#[test]
fn containers_services_and_actions_that_are_not_known_are_unsupported() {
    assert_eq!(
        place("runs-on: ubuntu-latest\ncontainer: debian:12"),
        "unsupported the container `debian:12`"
    );
    assert_eq!(
        place("runs-on: ubuntu-latest\nservices: { db: { image: postgres } }"),
        "unsupported the service `db`"
    );
    assert_eq!(step("uses: acme/odd-action@v1"), "unsupported the action `acme/odd-action`");
    assert_eq!(step("uses: docker://alpine:3"), "unsupported the container `docker://alpine:3`");
    assert_eq!(step("uses: ./gone"), "unsupported the local action `./gone`, which is not in this tree");
    assert_eq!(step("run: 'true'\nenv: { T: '${{ secrets.KEY }}' }"), "unsupported the secret `KEY`");
    assert_eq!(step("run: 'true'\nenv: { T: '${{ secrets.GITHUB_TOKEN }}' }"), "run-here");
}

#[test]
fn steps_that_run_while_others_do_count_as_others_do() {
    let group = |step: &str| {
        place(&format!("runs-on: ubuntu-latest\nsteps:\n- parallel: [{step}, {{ run: 'true' }}]"))
    };
    assert_eq!(group("{ run: cmake . }"), "needs-tool cmake");
    assert_eq!(group("{ uses: ./tools/build, with: { kind: full } }"), "needs-tool cmake");
    assert_eq!(
        place(
            "runs-on: ubuntu-latest\nsteps: [{ id: a, run: x, background: true }, { wait: a }, { wait-all: }]"
        ),
        "run-here"
    );
    let behind =
        place("runs-on: ubuntu-latest\nsteps: [{ uses: ./tools/build, background: true }, { run: 'true' }]");
    assert_eq!(behind, "unsupported the local action `./tools/build` in the background");
    assert!(group("{ run: x, nam: y }").starts_with("invalid"), "{}", group("{ run: x, nam: y }"));
    assert!(group("{ wait-all: }").contains("a step of `parallel` has neither `run` nor `uses`"));
    let twice =
        place("runs-on: ubuntu-latest\nsteps: [{ id: a, run: x }, { parallel: [{ id: A, run: x }] }]");
    assert!(twice.contains("two steps of the job have the id `A`"), "{twice}");
}

#[test]
fn tools_are_looked_for_in_the_version_that_is_asked_for() {
    assert_eq!(step("run: cmake --build ."), "needs-tool cmake");
    assert_eq!(step("run: cargo test"), "run-here");
    assert_eq!(step("uses: actions/setup-node@v4\nwith: { node-version: 20.x }"), "run-here");
    assert_eq!(
        step("uses: actions/setup-node@v4\nwith: { node-version: 22 }"),
        "needs-tool node 22, 20.11.1 is here"
    );
    assert_eq!(step("uses: actions/setup-go@v5\nwith: { go-version: stable }"), "needs-tool go stable");
    assert_eq!(step("run: Get-ChildItem\nshell: pwsh"), "needs-tool pwsh");
    assert_eq!(step("run: sudo true"), "needs-tool sudo");
}

#[test]
fn what_fetches_and_what_others_see_is_said() {
    assert_eq!(step("run: |\n  true && \\\n    git clone https://x.example/y"), "needs-network `git clone`");
    assert_eq!(
        step("uses: actions/checkout@v4\nwith: { submodules: true }"),
        "needs-network a checkout of submodules"
    );
    assert_eq!(step("run: cargo publish --dry-run"), "run-here");
    assert_eq!(step("run: cargo publish"), "side-effect `cargo publish`");
    assert_eq!(step("run: git push origin HEAD:refs/heads/x"), "side-effect `git push`");
    assert_eq!(
        place("runs-on: ubuntu-latest\nenvironment: { name: pages }"),
        "side-effect the environment `pages`"
    );
    assert_eq!(step("uses: github/codeql-action/analyze@v3"), "side-effect `github/codeql-action`");
    assert_eq!(step("uses: codecov/codecov-action@v5\nwith: { token: '${{ secrets.C }}' }"), "run-here");
}

#[test]
fn steps_whose_condition_is_false_do_not_count_and_composite_actions_are_read() {
    assert_eq!(step("run: cmake .\nif: runner.os == 'Windows'"), "run-here");
    assert_eq!(step("run: cmake .\nif: failure()"), "run-here");
    assert_eq!(step("run: cmake .\nif: env.FULL == 'yes'"), "needs-tool cmake");
    assert_eq!(step("run: cmake .\nenv: { FULL: no }\nif: env.FULL == 'yes'"), "run-here");
    assert_eq!(step("uses: ./tools/build"), "run-here");
    assert_eq!(step("uses: ./tools/build\nwith: { kind: full }"), "needs-tool cmake");
}

#[test]
fn an_action_that_uses_itself_is_not_followed_without_end() {
    let tree = Tree::of([
        ("ci.yml", "on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ uses: ./again }] } }\n"),
        ("again/action.yml", "runs: { using: composite, steps: [{ uses: ./again }, { uses: ./again }] }\n"),
    ]);
    let reason = field(&tree.push(), "reason").remove(0);
    assert_eq!(reason, "the local action `./again`, which uses itself or is too deep");
}

#[test]
fn what_weighs_most_is_the_verdict() {
    let job = "runs-on: windows-latest\nsteps:\n- run: curl x\n- run: cmake .\n- run: npm publish";
    assert_eq!(place(job), "side-effect `npm publish`");
}

#[test]
fn an_environment_without_a_name_is_none() {
    let place = |name: &str| place(&format!("runs-on: ubuntu-latest\nenvironment: {name}"));
    assert_eq!(place("''"), "run-here");
    assert_eq!(place("{ name: \"${{ github.event_name == 'release' && 'prod' || '' }}\" }"), "run-here");
    assert_eq!(
        place("${{ github.event_name == 'push' && 'prod' || '' }}"),
        "side-effect the environment `prod`"
    );
    assert_eq!(place("${{ vars.TO }}"), "side-effect perhaps the environment `${{ vars.TO }}`");
}

#[test]
fn what_others_see_is_found_behind_options_wrappers_and_quotes() {
    let effects = [
        ("git -C ruff push --force", "`git push`"),
        ("git -c core.hooksPath=/dev/null push origin x", "`git push`"),
        ("sh -c \"cd x && git push\"", "`git push`"),
        ("python -m twine upload dist/*", "`twine upload`"),
        ("timeout 5 uv run twine upload x", "`twine upload`"),
        ("./mvnw -B -P x deploy", "`mvn deploy`"),
        ("./gradlew --info :lib:publish", "`gradle :lib:publish`"),
        ("npm run publish", "`npm run publish`"),
        ("docker buildx build --push .", "`docker` that pushes"),
        ("docker image push x", "`docker` that pushes"),
        ("gh -R o/r release create v1", "`gh release create`"),
        ("gh api -X POST repos/o/r/issues", "`gh api` that writes"),
        ("curl -sX POST https://x.example", "`curl` that writes"),
        ("curl -T file https://x.example", "`curl` that writes"),
        ("x=$(git push)", "`git push`"),
    ];
    for (script, effect) in effects {
        let script = script.replace('\'', "''");
        assert_eq!(step(&format!("run: '{script}'")), format!("side-effect {effect}"));
    }
    let others = [
        ("echo \"done; git push\"", "run-here"),
        ("./gradlew publishToMavenLocal", "run-here"),
        ("git -C push status", "run-here"),
        ("curl -X POST http://localhost:80", "needs-tool curl"),
        ("curl https://x.example", "needs-tool curl"),
        ("python3 -m pip install x", "needs-network `pip install`"),
        ("gh api graphql -f query=x", "needs-tool gh"),
    ];
    for (script, place) in others {
        assert_eq!(step(&format!("run: '{script}'")), place, "{script}");
    }
    assert_eq!(step("run: |\n  cat > x <<'EOF'\n  git push\n  EOF"), "run-here");
}

#[test]
fn inputs_that_change_what_is_tested_and_are_not_honoured_are_said() {
    assert_eq!(
        step("uses: actions/checkout@v4\nwith: { lfs: true }"),
        "unsupported `actions/checkout` with `lfs`"
    );
    assert_eq!(step("uses: actions/checkout@v4\nwith: { lfs: false, sparse-checkout: a }"), "run-here");
    assert_eq!(
        step("uses: actions/setup-python@v5\nwith: { python-version: 3.12, architecture: x86 }"),
        "run-on a tool for x86"
    );
    assert_eq!(
        step("uses: actions/setup-python@v5\nwith: { python-version: 3.12, architecture: x64 }"),
        "run-here"
    );
}
