//! A made tree of 72,000 files with many branches, where whatever reads whole trees is slow.

use std::path::Path;

use crate::picks::{Case, merge_tree, ours};
use crate::repository::{Stream, git, import, output, source};
use crate::table::{Failure, Table, median, ms, ratio};

/// How many files a folder has.
const FILES: usize = 100;
/// How many branches the huge one has.
pub(crate) const BRANCHES: usize = 48;
/// How many branches are picked onto by `git merge-tree`.
const SAMPLES: usize = 12;

/// How large a made tree is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// How many directories the root has; the folders are in them.
    pub(crate) parts: usize,
    /// How many folders of [`FILES`] files, at least one for each fix and twelve more.
    pub(crate) folders: usize,
    pub(crate) branches: usize,
    pub(crate) fixes: usize,
}

impl Size {
    /// The 72,000 files.
    pub(crate) const HUGE: Size = Size { parts: 30, folders: 720, branches: BRANCHES, fixes: 1 };

    /// How many files the tree has.
    pub(crate) fn files(self) -> usize {
        self.folders * FILES
    }

    fn path(self, folder: usize, file: usize) -> String {
        format!("part-{:02}/folder-{folder:03}/file-{file:02}.c", folder % self.parts)
    }

    /// What a fix changes: two files that every branch has changed, and one that none has.
    fn touched(self, fix: usize) -> [(usize, usize); 3] {
        [(0, fix), (12, fix), (20 + fix, 7)]
    }
}

pub(crate) fn measure(table: &mut Table) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("huge.git");
    import(&path, &stream(Size::HUGE))?;
    let cases = cases(&path, Size::HUGE)?;
    let mine = median(ours(&path, &cases)?);
    let theirs = median(merge_tree(&path, &cases[..SAMPLES])?);
    table.measure(format!("tree of {} files: median pick of {BRANCHES}, ours", Size::HUGE.files()), ms(mine));
    table
        .measure(format!("tree of {} files: median, git merge-tree process", Size::HUGE.files()), ms(theirs));
    table.at_most("tree: ours / merge-tree process", ratio(mine, theirs), 0.1, "");
    Ok(())
}

/// Each branch changes files in every twelfth folder, and each fix three files, two of which the branches changed.
pub(crate) fn stream(size: Size) -> Stream {
    let mut stream = Stream::default();
    stream.commit("main", 1, None, "start");
    for folder in 0..size.folders {
        for file in 0..FILES {
            stream.file(&size.path(folder, file), &format!("{folder} {file}\n"));
        }
    }
    for (folder, file) in (0..size.fixes).flat_map(|fix| size.touched(fix)) {
        stream.file(&size.path(folder, file), &source(folder, &[]));
    }
    for branch in 0..size.branches {
        let own = format!("int branch = {branch};");
        stream.commit(&format!("line/{branch}"), branch + 2, Some(1), "a line of its own");
        for folder in (0..size.folders).step_by(12) {
            for file in 0..size.fixes {
                stream.file(&size.path(folder, file), &source(folder, &[(3, &own)]));
            }
        }
    }
    for fix in 0..size.fixes {
        stream.commit(&format!("fix/{fix}"), 1000 + fix, Some(1), "the fix");
        for (folder, file) in size.touched(fix) {
            stream.file(&size.path(folder, file), &source(folder, &[(40, "int checked = 1;")]));
        }
    }
    stream
}

/// Each fix onto each branch.
pub(crate) fn cases(repository: &Path, size: Size) -> Result<Vec<Case>, Failure> {
    let id = |name: &str| -> Result<lockgate::CommitId, Failure> {
        Ok(output(git(repository).args(["rev-parse", name]))?.parse()?)
    };
    let lines = (0..size.branches).map(|branch| id(&format!("refs/heads/line/{branch}")));
    let lines: Vec<_> = lines.collect::<Result<_, _>>()?;
    let mut cases = Vec::new();
    for fix in 0..size.fixes {
        let (fix, fix_parent) =
            (id(&format!("refs/heads/fix/{fix}"))?, id(&format!("refs/heads/fix/{fix}^"))?);
        let onto = |line: &lockgate::CommitId| Case {
            fix: fix.clone(),
            fix_parent: fix_parent.clone(),
            bp_parent: line.clone(),
        };
        cases.extend(lines.iter().map(onto));
    }
    Ok(cases)
}
