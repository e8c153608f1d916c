//! The files of a vulnerability, one for each format.

use super::file::{RecordError, RecordFile};
use super::vulnerability::Vulnerability;
use super::{osv, rustsec};

/// A format: the files that it makes of a vulnerability, none if it is not meant for it.
type RecordFormat = fn(&Vulnerability) -> Result<Vec<RecordFile>, RecordError>;

const FORMATS: [RecordFormat; 2] = [osv::files, rustsec::files];

/// The records of a vulnerability in every format that takes it.
///
/// # Errors
/// [`RecordError`] when a format cannot express it.
pub fn write(vulnerability: &Vulnerability) -> Result<Vec<RecordFile>, RecordError> {
    let mut files = Vec::new();
    for format in FORMATS {
        files.extend(format(vulnerability)?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecosystem::Ecosystem;
    use crate::records::example;

    fn names(vulnerability: &Vulnerability) -> Vec<String> {
        write(vulnerability).unwrap().into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn each_database_gets_what_it_takes() {
        let mut vulnerability = example();
        assert_eq!(
            names(&vulnerability),
            ["GHSA-23cf-ghjm-pqrv.json", "GHSA-23cf-ghjm-pqrv-weir.rustsec.md"]
        );
        vulnerability.packages[0].ecosystem = Ecosystem::Npm;
        assert_eq!(names(&vulnerability), ["GHSA-23cf-ghjm-pqrv.json"]);
    }
}
