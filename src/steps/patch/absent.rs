//! Packages that share the versions of their repository, and whose folder some of these lack: who is told of such a version by the
//! package's name never had it, unless the folder was elsewhere then.

use super::version_table::rows;
use crate::catalog::Repo;
use crate::git::{GitError, Store};
use crate::ids::CommitId;
use crate::kinds::StepKind;
use crate::numbering::Version;
use crate::plan::{Plan, Subject};
use crate::release::Advisory;
use crate::steps::facts::Facts;
use crate::steps::output::{AbsentPackage, Output};
use crate::steps::patch::series::VersionSeries;
use crate::wording::counted;

/// The packages of an advisory that have a folder, and no tags or numbers of their own; each with its folder.
pub(super) fn packages_in_folders(repo: &Repo, advisory: &Advisory) -> Vec<(String, String)> {
    let shared =
        repo.packages.iter().filter(|package| !package.is_apart() && advisory.affects(&package.name));
    shared.filter_map(|package| Some((package.name.clone(), package.path.clone()?))).collect()
}

/// Which of these versions lack the folder of which package.
///
/// # Errors
/// When the store lacks one of the commits.
pub(super) fn absent_in(
    store: &Store,
    packages: &[(String, String)],
    versions: &[(Version, CommitId)],
) -> Result<Vec<AbsentPackage>, GitError> {
    let mut absent = Vec::new();
    for (package, folder) in packages {
        let mut lacking = Vec::new();
        for (version, commit) in versions {
            if !store.has_folder(&store.tree_of(commit)?, folder)? {
                lacking.push(version.clone());
            }
        }
        if !lacking.is_empty() {
            absent.push(AbsentPackage {
                package: package.clone(),
                folder: folder.clone(),
                versions: lacking,
            });
        }
    }
    Ok(absent)
}

/// The packages that stand for versions which lack their folder, a sentence each.
pub(in crate::steps) fn remarks(plan: &Plan, facts: &Facts) -> Vec<String> {
    let mut remarks = Vec::new();
    for advisory in &plan.inputs.release.advisories {
        for fix in &advisory.fixes {
            let of_fix = Subject::of_fix(&advisory.id, &fix.repo);
            let Some(Output::Versions(table)) = facts.output(StepKind::AssessVersions, &of_fix) else {
                continue;
            };
            if table.absent.is_empty() {
                continue;
            }
            let rows = rows(plan, facts, advisory, VersionSeries::of(&fix.repo));
            let carries =
                |version: &&Version| rows.iter().any(|row| row.version == **version && row.finding.carries());
            for one in &table.absent {
                let held: Vec<&Version> = one.versions.iter().filter(carries).collect();
                remarks.extend(remark(one, &held).map(|told| format!("{}: {told}", advisory.id)));
            }
        }
    }
    remarks
}

fn remark(absent: &AbsentPackage, held: &[&Version]) -> Option<String> {
    let newest = held.iter().max()?;
    let others = match held.len() - 1 {
        0 => String::new(),
        others => format!(" and {} before it", counted(others, "version")),
    };
    Some(format!(
        "`{}` has no folder `{}` in {newest}{others}, and its ranges hold them: it began later, or its folder was elsewhere; \
         `introduced` of the fix in release.toml says since when it is affected",
        absent.package, absent.folder
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Signature;
    use crate::numbering::semver;

    #[test]
    fn versions_that_lack_the_folder_of_a_package_are_found_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("r.git")).unwrap();
        let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
        let commit = |path: &str| {
            let files: [(&str, Option<&[u8]>); 1] = [(path, Some(b"x\n"))];
            let tree = store.with_files(&store.empty_tree().unwrap(), &files).unwrap();
            store.commit(&tree, &[], path, &who, &who).unwrap()
        };
        let versions = [
            (semver("3.0.0"), commit("src/Codec.java")),
            (semver("3.1.0"), commit("codec")),
            (semver("4.0.0"), commit("codec/src/Codec.java")),
        ];
        let packages = [("netty-codec".to_owned(), "codec".to_owned())];
        let absent = absent_in(&store, &packages, &versions).unwrap();
        assert_eq!(absent.len(), 1);
        assert_eq!(absent[0].versions, [semver("3.0.0"), semver("3.1.0")], "a file is no folder");
        let held: Vec<&Version> = absent[0].versions.iter().collect();
        let told = remark(&absent[0], &held).unwrap();
        assert!(
            told.starts_with("`netty-codec` has no folder `codec` in 3.1.0 and 1 version before it"),
            "{told}"
        );
        assert_eq!(remark(&absent[0], &[]), None, "its ranges hold none of them");
        let none: [(String, String); 0] = [];
        assert!(absent_in(&store, &none, &versions).unwrap().is_empty());
    }
}
