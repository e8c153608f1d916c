//! A made tree of 72,000 files with many branches, where whatever reads whole trees is slow.

use std::path::Path;

use crate::picks::{Case, merge_tree, ours};
use crate::repository::{Stream, git, import, output, source};
use crate::table::{Failure, Table, median, ms, ratio};

/// How many folders, and files in each.
const FOLDERS: usize = 720;
const FILES: usize = 100;
/// How many branches.
const BRANCHES: usize = 48;
/// How many branches are picked onto by `git merge-tree`.
const SAMPLES: usize = 12;

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("huge.git");
    import(&path, &stream())?;
    let cases = cases(&path)?;
    let mine = median(ours(&path, &cases)?);
    let theirs = median(merge_tree(&path, &cases[..SAMPLES])?);
    table.measure(format!("tree of {} files: median pick of {BRANCHES}, ours", FOLDERS * FILES), ms(mine));
    table.measure(format!("tree of {} files: median, git merge-tree process", FOLDERS * FILES), ms(theirs));
    table.at_most("tree: ours / merge-tree process", ratio(mine, theirs), 0.1, "");
    Ok(())
}

/// Each branch changes a file in every twelfth folder; the fix changes three files, two of which the branch changed.
fn stream() -> Stream {
    let mut stream = Stream::default();
    stream.commit("main", 1, None, "start");
    for folder in 0..FOLDERS {
        for file in 0..FILES {
            stream.file(&path(folder, file), &format!("{folder} {file}\n"));
        }
    }
    stream.file(&path(0, 0), &source(0, &[]));
    stream.file(&path(12, 0), &source(12, &[]));
    stream.file(&path(300, 7), &source(300, &[]));
    for branch in 0..BRANCHES {
        let own = format!("int branch = {branch};");
        stream.commit(&format!("line/{branch}"), branch + 2, Some(1), "a line of its own");
        for folder in (0..FOLDERS).step_by(12) {
            stream.file(&path(folder, 0), &source(folder, &[(3, &own)]));
        }
    }
    stream.commit("fix", 1000, Some(1), "the fix");
    for (folder, file) in [(0, 0), (12, 0), (300, 7)] {
        stream.file(&path(folder, file), &source(folder, &[(40, "int checked = 1;")]));
    }
    stream
}

fn path(folder: usize, file: usize) -> String {
    format!("part-{:02}/folder-{folder:03}/file-{file:02}.c", folder % 30)
}

fn cases(repository: &Path) -> Result<Vec<Case>, Failure> {
    let id = |name: &str| -> Result<lockgate::CommitId, Failure> {
        Ok(output(git(repository).args(["rev-parse", name]))?.parse()?)
    };
    let (fix, fix_parent) = (id("refs/heads/fix")?, id("refs/heads/fix^")?);
    (0..BRANCHES)
        .map(|branch| {
            let bp_parent = id(&format!("refs/heads/line/{branch}"))?;
            Ok(Case { fix: fix.clone(), fix_parent: fix_parent.clone(), bp_parent })
        })
        .collect()
}
