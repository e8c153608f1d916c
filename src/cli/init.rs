//! `lockgate init`: writes a catalog from what repositories show, or a release file: from advisories, or to practise with.

mod advisories;
mod practice;
mod sources;

use std::io::Write as _;
use std::path::Path;

use clap::Args;
use serde_json::json;
use url::Url;

use self::sources::{Places, Seen};
use super::answer::Answer;
use super::command::Commands;
use super::mirrors::MirrorOptions;
use super::place::PlaceOption;
use super::problem::{Problem, io_problem};
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::discovery::{Discovered, catalog_text, release_text};
use crate::ids::GhsaId;
use crate::input::Source;

/// Writes a catalog from what repositories show of themselves, or a release file from advisories, or one to practise with.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate init .                      the repository in this directory\n  lockgate init \
    acme/pump acme/valve       fetched from GitHub\n  lockgate init --mirror acme/pump=pump.git --print\n  \
    lockgate init --practice\n  lockgate init --release GHSA-2c4f-6g7h-8j9m\n\nEvery fact stands under a comment that says where it was seen, or \
    that it is a guess; what cannot be seen is marked EDIT. Nothing is written but what is named, and never over a file \
    that is there."
)]
pub(super) struct InitCommand {
    /// A clone or a bare mirror, or OWNER/NAME at GitHub.
    #[arg(value_name = "DIR|OWNER/NAME")]
    repos: Vec<String>,
    #[command(flatten)]
    mirrors: MirrorOptions,
    /// Write `release.toml` for this advisory of the catalog's repositories instead; may be given several times.
    #[arg(long, value_name = "GHSA", conflicts_with_all = ["repos", "given"])]
    release: Vec<GhsaId>,
    /// Write a `release.toml` to practise with instead: an invented advisory of each repository, and a patch for it.
    #[arg(long, conflicts_with_all = ["repos", "release"])]
    practice: bool,
    #[command(flatten)]
    pub(super) place: PlaceOption,
    /// Print the file instead of writing it.
    #[arg(long)]
    print: bool,
    /// Another address of GitHub's REST interface; with `--release` the catalog's `[endpoints]` say it.
    #[arg(long, value_name = "URL", default_value = "https://api.github.com", conflicts_with = "release")]
    api: Url,
    /// Another address before OWNER/NAME.git.
    #[arg(long, value_name = "URL", default_value = "https://github.com")]
    git: Url,
}

/// What stands at the top of a catalog.
const CATALOG: &str = "\
# Written by `lockgate init`. Each fact stands under a comment that says where it was seen; look at every line marked
# `guess`, fill in every line marked `EDIT`. `lockgate schema catalog` tells of every key.

";

/// What stands at the top of a release file.
const RELEASE: &str = "\
# Written by `lockgate init --release`. Look at every line marked `guess`, fill in every line marked `EDIT`.
# `lockgate schema release` tells of every key.

";

impl InitCommand {
    pub(super) async fn run(&self) -> Result<Answer, Problem> {
        match (self.practice, self.release.is_empty()) {
            (true, _) => self.practice_release(),
            (false, true) => self.catalog().await,
            (false, false) => self.release_file().await,
        }
    }

    async fn catalog(&self) -> Result<Answer, Problem> {
        let places = Places::new(&self.api, &self.git).await;
        let seen = places.discover(&self.repos, self.mirrors.mirrors()).await?;
        let next = self.to_practise(&seen);
        let manager = places.login().await;
        let found: Vec<Discovered> = seen.into_iter().map(|seen| seen.found).collect();
        let text = format!("{CATALOG}{}", catalog_text(&found, manager.as_ref()));
        let source = Source::from_text(self.place.path().join("catalog.toml"), text);
        // What is written must be what `plan` takes.
        Catalog::load(&source)?;
        self.written(&source, &told(&source, found.len(), &next), next)
    }

    async fn release_file(&self) -> Result<Answer, Problem> {
        let catalog_path = self.place.path().join("catalog.toml");
        let catalog = Catalog::load(&Source::read(&catalog_path, "catalog")?)?;
        let (drafts, manager) = advisories::drafts(&catalog, &self.release).await?;
        let day = Clock::system().now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let source = Source::from_text(
            self.place.path().join("release.toml"),
            format!("{RELEASE}{}", release_text(&drafts, manager.as_ref(), day)),
        );
        let plan = Commands::at(self.place.path()).plan("");
        let told = format!(
            "wrote `{}`\n{}\n\nnext:\n    # fill in what is marked, then\n    {plan}",
            source.path().display(),
            marked(&source)
        );
        self.written(&source, &told, [plan])
    }

    /// Writes the file, or prints it.
    fn written(
        &self,
        source: &Source,
        told: &str,
        next: impl IntoIterator<Item = String>,
    ) -> Result<Answer, Problem> {
        let data = json!({ "file": source.path(), "written": !self.print, "text": source.text() });
        if self.print {
            return Answer::done(source.text()).with(&data);
        }
        write_new(source.path(), source.text())?;
        Answer::done(told).prose().next(next).with(&data)
    }
}

/// Writes a file that is not there yet: somebody's work is never overwritten.
fn write_new(path: &Path, text: &str) -> Result<(), Problem> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| io_problem("make the folder", folder, &error))?;
    }
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Problem::input(
            format!("`{}` is there already; it was left as it is", path.display()),
            "print the new one with `--print`, or write it elsewhere with `--dir`",
        ),
        _ => io_problem("write", path, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| io_problem("write", path, &error))
}

/// What was written, and what is left to people.
fn told(source: &Source, repos: usize, next: &[String]) -> String {
    let repos = crate::wording::counted(repos, "repository");
    format!(
        "wrote `{}` for {repos}\n{}\nnext:\n    # look at what is marked; then, to practise with an invented advisory\n    {}\n    \
         # with an advisory of yours, where the catalog is: `--release` and its id in place of all behind `init`",
        source.path().display(),
        marked(source),
        next.join("\n    ")
    )
}

/// The lines of a file that people have to look at.
fn marked(source: &Source) -> String {
    let lines = source.text().lines().enumerate();
    let marked = lines.filter(|(at, line)| *at > 1 && line.starts_with("# EDIT"));
    let told: String = marked
        .map(|(at, line)| format!("    line {}: {}\n", at + 1, line.trim_start_matches("# ")))
        .collect();
    let guesses = source.text().lines().skip(2).filter(|line| line.starts_with("# guess")).count();
    format!("to fill in:\n{told}to look at: {}\n", crate::wording::counted(guesses, "guess"))
}
