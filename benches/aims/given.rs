//! What a user gives to be measured: a mirror of a project, and a file of its backports.

use std::path::PathBuf;

use crate::table::{Failure, Table};

/// The mirror and the file of cases; without them the part is left out, and the table says so.
pub(crate) fn mirror_and_cases(table: &mut Table, part: &str) -> Result<Option<(PathBuf, PathBuf)>, Failure> {
    let given = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let (Some(mirror), Some(file)) = (given("LOCKGATE_BENCH_MIRROR"), given("LOCKGATE_BENCH_CASES")) else {
        table.note(format!(
            "{part}: no mirror is given (LOCKGATE_BENCH_MIRROR, LOCKGATE_BENCH_CASES); skipped"
        ));
        return Ok(None);
    };
    Ok(Some((mirror.canonicalize()?, file)))
}
