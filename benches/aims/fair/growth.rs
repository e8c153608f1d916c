//! How the cost grows in made repositories: with branches and fixes as they do, and not with the files beside the fix.

use std::path::Path;
use std::time::Duration;

use super::{AIM, AIM_HUGE, job, ours};
use crate::huge::{BRANCHES, Size, cases, stream};
use crate::repository::import;
use crate::table::{Failure, Table, median, ratio};

/// By how much twice of something may cost more: twice, and what a clock's noise adds.
const TWICE: f64 = 2.1;
/// The same of what should cost nothing.
const NOTHING: f64 = 1.1;
/// How often each is measured.
const RUNS: usize = 5;

/// What is doubled.
const SMALL: Size = Size { parts: 30, folders: 240, branches: 24, fixes: 8 };

pub(super) fn measure(table: &mut Table) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let huge = made(folder.path(), "huge", Size::HUGE)?;
    let files = Size::HUGE.files();
    let what = format!("a tree of {files} files, {BRANCHES} branches");
    job::measure(table, &what, AIM_HUGE, &huge, &cases(&huge, Size::HUGE)?)?;
    let plain = cost(folder.path(), "plain", SMALL)?;
    for (what, size, aim) in [
        ("branches", Size { branches: SMALL.branches * 2, ..SMALL }, TWICE),
        ("fixes", Size { fixes: SMALL.fixes * 2, ..SMALL }, TWICE),
        (
            "files beside the fix",
            Size { parts: SMALL.parts * 2, folders: SMALL.folders * 2, ..SMALL },
            NOTHING,
        ),
    ] {
        let twice = cost(folder.path(), what, size)?;
        table.at_most(format!("fair: cost of twice the {what}"), ratio(twice, plain), aim, "x");
    }
    let plain = folder.path().join("plain");
    job::measure(table, "fixes onto branches of a made project", AIM, &plain, &cases(&plain, SMALL)?)
}

fn made(folder: &Path, name: &str, size: Size) -> Result<std::path::PathBuf, Failure> {
    let path = folder.join(name.replace(' ', "-"));
    import(&path, &stream(size))?;
    Ok(path)
}

fn cost(folder: &Path, name: &str, size: Size) -> Result<Duration, Failure> {
    let path = made(folder, name, size)?;
    let cases = cases(&path, size)?;
    let mut all = Vec::new();
    for _ in 0..RUNS {
        all.push(ours::answers(&path, &cases)?.1.cpu);
    }
    Ok(median(all))
}
