//! `lockgate assess`: which branches and released versions a vulnerability is in, with evidence; nothing is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::bar::Bar;
use super::exit::Exit;
use super::problem::Problem;
use super::terminal;
use crate::backport::{AssessRequest, Assessment, Evidence, Picker, TagVerdict, Verdict, tags_by_line};
use crate::git::{Reference, Store};
use crate::ids::CommitId;
use crate::input::suggest;
use crate::numbering::{Version, VersionRange, ranges, version_at_end};

/// Says for every branch whether it is affected, with the evidence, and which released versions carry the
/// vulnerability.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate assess --repo wasmtime.git --fix 3f9a2c1 --branches 'release-*' main\n  \
    lockgate assess --repo . --fix main~1 --fix main --introduced 81ea56a --branches 'release/*' --json\n\n\
    Verdicts: not-affected (hard evidence only), already-fixed, possibly, likely, affected. No rule decides this\n\
    alone: a person confirms every verdict. Globs cover branches, and `origin/…` the branches of a clone's remote."
)]
pub(super) struct Arguments {
    /// The repository: a clone or a bare mirror. It may be a partial clone.
    #[arg(long, value_name = "DIR")]
    repo: PathBuf,
    /// A commit of the fix; several in their order.
    #[arg(long, value_name = "REV", required = true, allow_hyphen_values = true)]
    fix: Vec<String>,
    /// A commit that brought the vulnerability, if somebody knows it.
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    introduced: Vec<String>,
    /// Which branches to look at.
    #[arg(long, value_name = "GLOB", required = true, allow_hyphen_values = true)]
    branches: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<Exit, Problem> {
        let store = Store::open(&self.repo)?;
        let fix = resolved(&store, &self.fix)?;
        let introduced = resolved(&store, &self.introduced)?;
        let branches = branches(&store, &self.branches)?;
        let heads: Vec<CommitId> = branches.iter().map(|branch| branch.commit.clone()).collect();
        let tags = tags_by_line(&store, &heads)?;
        let mut picker = Picker::new(&store)?;
        let mut answers = Vec::new();
        let bar = Bar::new(branches.len());
        for (branch, tags) in branches.into_iter().zip(tags) {
            bar.step(&branch.name);
            let head = branch.commit;
            let request = AssessRequest { fix: fix.clone(), introduced: introduced.clone(), head };
            let assessment = picker.assess(&request)?;
            let tags = picker.assess_tags(&request, &tags)?;
            answers.push(Answer::of(branch.name, assessment, tags));
        }
        drop(bar);
        if self.json {
            terminal::out(serde_json::to_string_pretty(&answers)?);
        } else {
            answers.iter().for_each(|answer| terminal::out(answer.text()));
            terminal::out("a person confirms every verdict before it is acted on");
        }
        Ok(Exit::Done)
    }
}

fn resolved(store: &Store, revisions: &[String]) -> Result<Vec<CommitId>, Problem> {
    Ok(revisions.iter().map(|revision| store.resolve(revision)).collect::<Result<_, _>>()?)
}

/// The branches that the globs cover, each once, by name. A glob that covers none is refused: a misspelt one must not
/// look like a line that is not affected.
fn branches(store: &Store, globs: &[String]) -> Result<Vec<Reference>, Problem> {
    let mut all = Vec::new();
    for prefix in ["refs/heads/", "refs/remotes/"] {
        let found = store.references(prefix)?.into_iter().filter_map(|reference| {
            let name = reference.name.strip_prefix(prefix)?.to_owned();
            // A remote's HEAD is another name of one of its branches.
            (!name.ends_with("/HEAD")).then_some(Reference { name, commit: reference.commit })
        });
        all.extend(found);
    }
    let mut covered = Vec::new();
    for text in globs {
        if text.starts_with('-') {
            return Err(Problem::input(
                format!("`{text}` looks like an option, not like a branch"),
                "a branch name cannot begin with a dash; check the order of the arguments",
            ));
        }
        let glob = glob::Pattern::new(text).map_err(|error| {
            Problem::input(format!("`{text}` is no glob: {error}"), "write it like `release-*`")
        })?;
        let before = covered.len();
        covered.extend(all.iter().filter(|branch| glob.matches(&branch.name)).cloned());
        if covered.len() == before {
            let names = all.iter().map(|branch| branch.name.as_str());
            return Err(Problem::input(format!("no branch is covered by `{text}`"), suggest(text, names)));
        }
    }
    covered.sort();
    covered.dedup();
    Ok(covered)
}

/// What was found about one branch.
#[derive(Debug, Serialize)]
struct Answer {
    branch: String,
    head: CommitId,
    verdict: Verdict,
    /// The evidence in words.
    because: Vec<String>,
    evidence: Vec<Evidence>,
    /// The ranges of this line's released versions that carry it.
    ranges: Vec<String>,
    /// Every released tag of the line.
    tags: Vec<TagVerdict>,
}

impl Answer {
    fn of(branch: String, assessment: Assessment, tags: Vec<TagVerdict>) -> Answer {
        Answer {
            branch,
            head: assessment.head,
            verdict: assessment.verdict,
            because: assessment.evidence.iter().map(ToString::to_string).collect(),
            evidence: assessment.evidence,
            ranges: ranges_of(&tags),
            tags,
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{} at {}: {}\n", self.branch, self.head.short(), self.verdict);
        for because in &self.because {
            text += &format!("    {because}\n");
        }
        let list = |wanted: fn(&TagVerdict) -> bool| {
            let names = self.tags.iter().filter(|tag| wanted(tag)).map(|tag| tag.tag.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let carrying = list(carries);
        let possibly = list(|tag| tag.verdict == Verdict::Possibly);
        for (what, names) in [("released with it", carrying), ("possibly released with it", possibly)] {
            if !names.is_empty() {
                text += &format!("    {what}: {names}\n");
            }
        }
        if !self.ranges.is_empty() {
            text += &format!("    versions: {}\n", self.ranges.join("; "));
        }
        text
    }
}

/// The ranges of what is released under each prefix of a tag; the prefix is said only where there are several. What is
/// possibly affected is in them: an advisory had better name a version too many than one too few.
fn ranges_of(tags: &[TagVerdict]) -> Vec<String> {
    let mut releases: BTreeMap<&str, Vec<(Version, bool)>> = BTreeMap::new();
    for tag in tags {
        if let Some((prefix, version)) = version_at_end(&tag.tag) {
            releases.entry(prefix).or_default().push((version, tag.verdict.may_carry()));
        }
    }
    let several = releases.len() > 1;
    let of_one = |(prefix, versions)| {
        let said =
            move |range: VersionRange| if several { format!("{prefix}: {range}") } else { range.to_string() };
        ranges(versions).into_iter().map(said)
    };
    releases.into_iter().flat_map(of_one).collect()
}

fn carries(tag: &TagVerdict) -> bool {
    matches!(tag.verdict, Verdict::Affected | Verdict::Likely)
}
