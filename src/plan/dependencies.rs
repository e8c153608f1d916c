//! Repositories that follow one another: what carries another's release comes after it.

use super::error::PlanError;
use crate::catalog::{Catalog, Repo};
use crate::ids::RepoName;

/// The repositories of a catalog, each after all that it depends on, else in the catalog's order.
///
/// The catalog's order is kept wherever it can be, because people read the plan in it: a topological sort of any other
/// kind would be as right and harder to follow.
///
/// # Errors
/// When repositories wait for each other's release.
pub fn dependency_order(catalog: &Catalog) -> Result<Vec<&Repo>, PlanError> {
    let mut ordered: Vec<&Repo> = Vec::new();
    let mut open: Vec<&Repo> = catalog.repos.iter().collect();
    while !open.is_empty() {
        let is_ready =
            |repo: &&Repo| repo.depends.iter().all(|on| ordered.iter().any(|done| done.name == on.on));
        match open.iter().position(is_ready) {
            Some(index) => ordered.push(open.remove(index)),
            None => return Err(PlanError::Cycle(cycle_among(&open))),
        }
    }
    Ok(ordered)
}

/// A cycle among repositories that all depend on others of them: each depends on the next, the last on the first.
fn cycle_among(open: &[&Repo]) -> Vec<RepoName> {
    let mut path: Vec<RepoName> = Vec::new();
    let mut at = open.first().copied();
    while let Some(repo) = at {
        if let Some(start) = path.iter().position(|name| *name == repo.name) {
            return path.split_off(start);
        }
        path.push(repo.name.clone());
        let mut on = repo.depends.iter().map(|dependency| &dependency.on);
        at = on.find_map(|on| open.iter().copied().find(|other| other.name == *on));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Source;

    /// A catalog of repositories, each with those that it depends on.
    fn catalog(repos: &[(&str, &[&str])]) -> Catalog {
        let mut text = "organisation = \"Rivers\"\nmaintainers = []\n\
                        [mail]\nfrom = \"a@rivers.example\"\nannounce = [\"b@rivers.example\"]\n"
            .to_owned();
        for (name, on) in repos {
            text += &format!("[[repo]]\nname = \"rivers/{name}\"\nproject = \"{name}\"\nlines = [\"1.x\"]\n");
            for on in *on {
                text += &format!(
                    "[[repo.depends]]\non = \"rivers/{on}\"\n\
                     rule = {{ kind = \"regex\", file = \"f\", pattern = '(?<version>.+)' }}\n\
                     lines = {{ \"1.x\" = \"1.x\" }}\n"
                );
            }
        }
        Catalog::load(&Source::from_text("catalog.toml", text)).unwrap_or_else(|error| panic!("{error}"))
    }

    fn ordered(repos: &[(&str, &[&str])]) -> Result<Vec<String>, String> {
        let catalog = catalog(repos);
        let order = dependency_order(&catalog).map_err(|error| error.to_string())?;
        Ok(order.iter().map(|repo| repo.name.name().to_owned()).collect())
    }

    #[test]
    fn catalog_order_is_kept_wherever_dependencies_allow_it() {
        let repos: [(&str, &[&str]); 4] = [("d", &["b"]), ("a", &[]), ("b", &["c"]), ("c", &[])];
        assert_eq!(ordered(&repos).unwrap(), ["a", "c", "b", "d"]);
        assert_eq!(ordered(&[("b", &[]), ("a", &[])]).unwrap(), ["b", "a"]);
    }

    #[test]
    fn repositories_that_wait_for_each_other_are_named_in_a_circle() {
        let repos: [(&str, &[&str]); 3] = [("a", &["b"]), ("b", &["c"]), ("c", &["b"])];
        assert_eq!(
            ordered(&repos).unwrap_err(),
            "these repositories wait for each other's release: `rivers/b` -> `rivers/c` -> `rivers/b`"
        );
    }
}
