//! For tests: what is said of a release file that cannot be.

use super::file::Release;
use crate::catalog::Catalog;
use crate::input::Source;

/// Place, message and hint of the first mistake in a release with this title and these further keys, of its own and of its
/// only advisory; "nothing" if it is taken.
pub(super) fn refused(catalog: &str, title: &str, release: &str, advisory: &str) -> String {
    refused_with(catalog, (title, release, advisory), "")
}

/// The same of a release whose fix has these further keys.
pub(super) fn refused_fix(catalog: &str, fix: &str) -> String {
    refused_with(catalog, ("x", "", ""), fix)
}

fn refused_with(catalog: &str, (title, release, advisory): (&str, &str, &str), fix: &str) -> String {
    let catalog = Catalog::load(&Source::from_text("catalog.toml", catalog)).unwrap();
    let text = format!(
        "id = \"x\"\ntitle = \"{title}\"\nmanager = \"mara\"\nworkflow = \"github\"\n\
         disclosure = \"2027-01-12T16:00:00Z\"\n{release}\n[[advisory]]\nid = \"GHSA-2c4f-6g7h-8j9m\"\n\
         repo = \"rivers/weir\"\nsummary = \"x\"\ndescription = \"y\"\n{advisory}\n[[advisory.fix]]\nrepo = \"rivers/weir\"\npull = 1\n{fix}\n"
    );
    match Release::load(&Source::from_text("release.toml", text), &catalog) {
        Ok(_) => "nothing".to_owned(),
        Err(error) => {
            let (line, column) = error.line_and_column().unwrap();
            format!("{line}:{column}: {}; {}", error.message, error.hint.unwrap())
        }
    }
}
