//! `lockgate init --practice`, and the commands that lead there.

use std::path::PathBuf;

use serde_json::json;

use super::{InitCommand, Seen, write_new};
use crate::catalog::Catalog;
use crate::cli::answer::Answer;
use crate::cli::command::Commands;
use crate::cli::mirrors::typed;
use crate::cli::problem::Problem;
use crate::clock::Clock;
use crate::discovery::{PRACTICE_FIX, PRACTICE_PATCH, practice_text};
use crate::ids::RepoName;
use crate::input::Source;
use crate::wording::quoted;

/// What stands at the top of a release file to practise with.
const PRACTICE: &str = "\
# Written by `lockgate init --practice`: the advisories are invented, and the fix adds one file. It is good for rehearsals, and
# GitHub knows none of it. `lockgate schema release` tells of every key.

";

impl InitCommand {
    /// Writes the release, with the patch that it names.
    pub(super) fn practice_release(&self) -> Result<Answer, Problem> {
        let folder = self.place.path();
        let catalog = Catalog::load(&Source::read(&folder.join("catalog.toml"), "catalog")?)?;
        let repos: Vec<&RepoName> = catalog.repos.iter().map(|repo| &repo.name).collect();
        let Some(manager) = catalog.maintainers.first() else {
            let hint = "name at least one in `maintainers`, who leads the release";
            return Err(Problem::input("the catalog names no maintainers", hint));
        };
        let day = Clock::system().now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let text = format!("{PRACTICE}{}", practice_text(&repos, manager, day));
        let path = folder.join("release.toml");
        let data = json!({ "file": path, "written": !self.print, "text": text });
        if self.print {
            return Answer::done(text).with(&data);
        }
        write_new(&path, &text)?;
        // Whoever practised here before has it already.
        if !folder.join(PRACTICE_PATCH).exists() {
            write_new(&folder.join(PRACTICE_PATCH), PRACTICE_FIX)?;
        }
        let (commands, mirrors) = (Commands::at(folder), self.mirrors.arguments());
        let next = [commands.plan(&mirrors), commands.rehearse(&mirrors)];
        let placeholder = if manager.is_somebody() {
            format!(
                "`{manager}` leads it, until the catalog and this file name you: both places are marked EDIT\n"
            )
        } else {
            String::new()
        };
        let told = format!(
            "wrote `{}`: an invented advisory of each repository, and a fix that adds one file\n{placeholder}\nnext:\n    {}",
            path.display(),
            next.join("\n    ")
        );
        Answer::done(told).prose().next(next).with(&data)
    }

    /// The commands that lead from a catalog to a release to practise with. What was fetched for the occasion is cloned first.
    pub(super) fn to_practise(&self, seen: &[Seen]) -> Vec<String> {
        let clone_of = |name: &RepoName| PathBuf::from(format!("{}.git", name.name()));
        let git = self.git.as_str().trim_end_matches('/');
        let fetched = seen.iter().filter(|one| one.path.is_none()).map(|one| one.found.name());
        let clones = fetched.map(|name| {
            let clone = quoted(&clone_of(name).display().to_string());
            format!("git clone --mirror {git}/{name}.git {clone}")
        });
        let mirrors: String = seen
            .iter()
            .map(|one| {
                let path = one.path.clone().unwrap_or_else(|| clone_of(one.found.name()));
                typed(one.found.name(), &path)
            })
            .collect();
        clones.chain([Commands::at(self.place.path()).practise(&mirrors)]).collect()
    }
}
