// A release by octokit.js, which nobody here wrote: every operation that a release makes, through its typed methods. Its own
// plugins page through lists, wait for limits and repeat what failed. Prints one line of JSON: what it saw.
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const require = createRequire(`${process.env.OCTOKIT}/`);
const { Octokit } = await import(require.resolve("octokit"));

const as = (login) => new Octokit({ auth: `emulated-token-of-${login}`, baseUrl: `${process.env.API}` });
const [mara, ines] = [as("mara"), as("ines")];
const repo = { owner: "brightwater", repo: "sluice" };
const seen = {};

/** The status with which something is refused. */
async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error.status;
  }
  return assert.fail("it was not refused");
}

// Who and where.
seen.login = (await mara.rest.users.getAuthenticated()).data.login;
seen.limit = (await mara.rest.rateLimit.get()).data.resources.core.limit;
const { data: about } = await mara.rest.repos.get(repo);
seen.permissions = about.permissions.admin;
seen.branches = (await mara.paginate(mara.rest.repos.listBranches, { ...repo, per_page: 1 })).map((one) => one.name);
seen.tags = (await mara.paginate(mara.rest.repos.listTags, { ...repo, per_page: 2 })).length;
seen.protected = (await mara.rest.repos.getBranchProtection({ ...repo, branch: "main" })).data.required_status_checks.contexts.length;
await mara.rest.repos.getBranchRules({ ...repo, branch: "main" });
await mara.rest.repos.getRepoRulesets(repo);

// The advisory, its fork and its fields.
const { data: advisory } = await mara.rest.securityAdvisories.createRepositoryAdvisory({
  ...repo,
  summary: "Lists are read too far",
  description: "A list that ends early is read past its end.",
  vulnerabilities: [{ package: { ecosystem: "other", name: "sluice" }, vulnerable_version_range: "< 3.1.1", patched_versions: "3.1.1" }],
  cwe_ids: ["CWE-125"],
  severity: "high",
});
const ghsa = { ...repo, ghsa_id: advisory.ghsa_id };
seen.advisory = advisory.state;
seen.fork = (await mara.rest.securityAdvisories.createFork(ghsa)).data.private;
const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const { data: described } = await mara.rest.securityAdvisories.updateRepositoryAdvisory({ ...ghsa, cvss_vector_string: vector });
seen.severity = described.severity;
seen.nonsense = await refused(mara.rest.securityAdvisories.updateRepositoryAdvisory({ ...ghsa, cwe_ids: ["CWE-99999"] }));
await mara.rest.securityAdvisories.createRepositoryAdvisoryCveRequest(ghsa);
seen.hidden = await refused(new Octokit({ baseUrl: process.env.API }).rest.securityAdvisories.getRepositoryAdvisory(ghsa));

// A commit by the git data routes, and a branch on it.
const { data: main } = await mara.rest.git.getRef({ ...repo, ref: "heads/main" });
const { data: base } = await mara.rest.git.getCommit({ ...repo, commit_sha: main.object.sha });
const { data: blob } = await mara.rest.git.createBlob({ ...repo, content: "fixed\n", encoding: "utf-8" });
const { data: tree } = await mara.rest.git.createTree({
  ...repo,
  base_tree: base.tree.sha,
  tree: [{ path: "FIX", mode: "100644", type: "blob", sha: blob.sha }],
});
const { data: commit } = await mara.rest.git.createCommit({ ...repo, message: "fix: lists", tree: tree.sha, parents: [main.object.sha] });
await mara.rest.git.createRef({ ...repo, ref: "refs/heads/fix", sha: commit.sha });
seen.twice = await refused(mara.rest.git.createRef({ ...repo, ref: "refs/heads/fix", sha: commit.sha }));
seen.compared = (await mara.rest.repos.compareCommitsWithBasehead({ ...repo, basehead: "main...fix" })).data.files.map((file) => file.filename);

// Its pull request, reviewed, checked and merged.
const { data: pull } = await mara.rest.pulls.create({ ...repo, title: "Fix lists", body: "Text", head: "fix", base: "main" });
const number = { ...repo, pull_number: pull.number };
seen.again = await refused(mara.rest.pulls.create({ ...repo, title: "Fix lists", head: "fix", base: "main" }));
await mara.rest.pulls.update({ ...number, body: "More text" });
await mara.rest.pulls.requestReviewers({ ...number, reviewers: ["ines"] });
await ines.rest.pulls.createReview({ ...number, event: "APPROVE", commit_id: commit.sha });
seen.reviews = (await mara.rest.pulls.listReviews(number)).data.map((review) => review.state);
seen.files = (await mara.paginate(mara.rest.pulls.listFiles, number)).length;
seen.commits = (await mara.rest.pulls.listCommits(number)).data.length;
seen.pulls = (await mara.rest.pulls.list({ ...repo, head: "brightwater:fix", state: "open" })).data.length;
await mara.rest.issues.addLabels({ ...repo, issue_number: pull.number, labels: ["security"] });
await mara.rest.issues.createComment({ ...repo, issue_number: pull.number, body: "Seen." });
seen.checks = (await mara.paginate(mara.rest.checks.listForRef, { ...repo, ref: commit.sha })).map((run) => run.conclusion);
seen.diff = (await mara.rest.pulls.get({ ...number, mediaType: { format: "diff" } })).data.includes("+fixed");
seen.unmerged = await refused(mara.rest.pulls.checkIfMerged(number));
seen.moved = await refused(mara.rest.pulls.merge({ ...number, sha: main.object.sha }));
seen.merged = (await mara.rest.pulls.merge({ ...number, sha: commit.sha, merge_method: "merge" })).data.merged;
await mara.rest.pulls.checkIfMerged(number);
await mara.rest.git.deleteRef({ ...repo, ref: "heads/fix" });

// A workflow by hand, and its run.
await mara.rest.actions.createWorkflowDispatch({ ...repo, workflow_id: "release.yml", ref: "release/3.x" });
const { data: runs } = await mara.rest.actions.listWorkflowRuns({ ...repo, workflow_id: "release.yml", event: "workflow_dispatch" });
seen.runs = runs.total_count;
const run = { ...repo, run_id: runs.workflow_runs[0].id };
await mara.rest.actions.getWorkflowRun(run);
seen.jobs = (await mara.paginate(mara.rest.actions.listJobsForWorkflowRun, run)).length > 0;

// A release with a file.
const { data: release } = await mara.rest.repos.createRelease({ ...repo, tag_name: "v9.0.0", target_commitish: "main", draft: true });
const id = { ...repo, release_id: release.id };
// The typed method knows GitHub's own upload host alone; the release says which one is its own.
const upload = { method: "POST", url: release.upload_url, name: "notes.txt", data: "text\n", headers: { "content-type": "text/plain" } };
const { data: asset } = await mara.request(upload);
seen.asset = [asset.name, asset.size];
await mara.rest.repos.updateRelease({ ...id, draft: false, make_latest: "false" });
const { data: file } = await mara.rest.repos.getReleaseAsset({ ...repo, asset_id: asset.id, headers: { accept: "application/octet-stream" } });
seen.file = Buffer.from(file).toString();
seen.latest = (await mara.rest.repos.getLatestRelease(repo)).data.tag_name;
await mara.rest.repos.deleteRelease(id);

// GraphQL.
const asked = await mara.graphql("query($owner: String!, $repo: String!) { repository(owner: $owner, name: $repo) { pullRequest(number: 1) { state merged } } }", repo);
seen.graphql = asked.repository.pullRequest.state;
// A read that did not change.
const first = await mara.rest.users.getAuthenticated();
seen.unchanged = await refused(mara.rest.users.getAuthenticated({ headers: { "if-none-match": first.headers.etag } }));

console.log(JSON.stringify(seen));
