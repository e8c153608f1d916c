//! What people write themselves into a printed command. A word that stands for it is no answer: as a reason it would stand in the
//! report for ever.

use std::path::{Path, PathBuf};

use crate::ids::Login;

/// The word that stands for a reason in what is printed.
pub(super) const REASON: &str = "WHY";
/// The word that stands for somebody's name.
pub(super) const PERSON: &str = "NAME";
/// The word that stands for a directory.
pub(super) const PLACE: &str = "DIR";

/// A reason in somebody's own words.
pub(super) fn reason(given: &str) -> Result<String, String> {
    match given.trim() {
        "" => Err("say why in a sentence; the report will show it".to_owned()),
        REASON => Err(format!(
            "`{REASON}` stands for your reason: write it there, in quotes, as in `--reason 'no CVE after four weeks'`"
        )),
        reason => Ok(reason.to_owned()),
    }
}

/// A person's name on GitHub.
pub(super) fn person(given: &str) -> Result<Login, String> {
    if given == PERSON {
        return Err(format!(
            "`{PERSON}` stands for your name on GitHub: write that there, as in `--as mara`"
        ));
    }
    given.parse::<Login>().map_err(|error| error.to_string())
}

/// The directory of a release. One that is called as the word for it is one, all the same.
pub(super) fn place(given: &str) -> Result<PathBuf, String> {
    if given == PLACE && !Path::new(given).exists() {
        return Err(format!("`{PLACE}` stands for the directory of the release: write its name there"));
    }
    Ok(PathBuf::from(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_something_are_refused_with_what_to_write() {
        assert_eq!(reason(" the fix is wrong "), Ok("the fix is wrong".to_owned()));
        for none in ["", "  ", "WHY", " WHY"] {
            assert!(reason(none).is_err(), "{none}");
        }
        assert!(reason("WHY").unwrap_err().contains("write it there, in quotes"));
        assert!(person("NAME").unwrap_err().contains("your name on GitHub"));
        assert_eq!(person("name"), Ok("name".parse().unwrap()), "somebody may be called so");
        assert!(place("DIR").unwrap_err().contains("write its name there"));
        assert_eq!(place("OUT/release"), Ok(PathBuf::from("OUT/release")));
    }
}
