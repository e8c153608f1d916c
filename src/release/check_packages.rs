//! Whether the packages that an advisory names are those of the repositories that it is fixed in.

use super::advisory::Advisory;
use super::check::ReleaseCheck;
use crate::catalog::Repo;
use crate::input::{InputError, KeyPart, suggest};

impl ReleaseCheck<'_> {
    /// A package that no repository of the advisory has would leave its ranges out, in silence.
    pub(super) fn packages(&self, path: [KeyPart<'_>; 2], advisory: &Advisory) -> Result<(), InputError> {
        let repos = advisory.fixes.iter().filter_map(|fix| self.catalog.repo(&fix.repo));
        let known: Vec<&str> = repos.flat_map(Repo::package_names).collect();
        let is_unknown = |name: &String| !known.contains(&name.as_str());
        let Some(position) = advisory.packages.iter().position(is_unknown) else { return Ok(()) };
        let name = &advisory.packages[position];
        Err(self.source.error_at(
            &[path[0], path[1], KeyPart::Key("packages"), KeyPart::Index(position)],
            format!("no repository that is fixed for {} has a package `{name}`", advisory.id),
            suggest(name, known.iter().copied()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::input::Source;
    use crate::release::Release;

    const CATALOG: &str = "organisation = \"Rivers\"\n[mail]\nfrom = \"a@rivers.example\"\n\
        announce = [\"b@rivers.example\"]\n[[repo]]\nname = \"rivers/weir\"\nproject = \"Weir\"\n\
        [[repo.package]]\necosystem = \"npm\"\nname = \"@rivers/weir\"\n[[repo.package]]\necosystem = \"npm\"\n\
        name = \"@rivers/gate\"\n[[repo]]\nname = \"rivers/sluice\"\nproject = \"Sluice\"\n";

    fn loaded(packages: &str, repo: &str) -> Result<Release, String> {
        let catalog = Catalog::load(&Source::from_text("catalog.toml", CATALOG)).unwrap();
        let text = format!(
            "id = \"x\"\ntitle = \"x\"\nmanager = \"mara\"\nworkflow = \"github\"\n\
             disclosure = \"2027-01-12T16:00:00Z\"\n[[advisory]]\nid = \"GHSA-2c4f-6g7h-8j9m\"\n\
             repo = \"{repo}\"\nsummary = \"x\"\ndescription = \"y\"\n{packages}\n[[advisory.fix]]\n\
             repo = \"{repo}\"\npull = 1\n"
        );
        match Release::load(&Source::from_text("release.toml", text), &catalog) {
            Ok((release, _)) => Ok(release),
            Err(error) => {
                let (line, column) = error.line_and_column().unwrap();
                Err(format!("{line}:{column}: {}; {}", error.message, error.hint.unwrap()))
            }
        }
    }

    #[test]
    fn advisory_is_about_the_packages_that_it_names_or_about_all() {
        let named = loaded("packages = [\"@rivers/gate\"]", "rivers/weir").unwrap();
        let advisory = &named.advisories[0];
        assert!(advisory.affects("@rivers/gate") && !advisory.affects("@rivers/weir"));
        let all = loaded("", "rivers/weir").unwrap();
        assert!(all.advisories[0].affects("@rivers/weir") && all.advisories[0].affects("@rivers/gate"));
        assert!(
            loaded("packages = [\"sluice\"]", "rivers/sluice").is_ok(),
            "one that the catalog does not name"
        );
    }

    #[test]
    fn package_that_no_repository_of_the_advisory_has_is_refused_with_its_place() {
        assert_eq!(
            loaded("packages = [\"@rivers/weir\", \"@river/gate\"]", "rivers/weir").unwrap_err(),
            "11:29: no repository that is fixed for GHSA-2c4f-6g7h-8j9m has a package `@river/gate`; did you mean \
             `@rivers/gate`?"
        );
        let elsewhere = loaded("packages = [\"@rivers/gate\"]", "rivers/sluice").unwrap_err();
        assert!(elsewhere.starts_with("11:13: no repository that is fixed"), "{elsewhere}");
    }
}
