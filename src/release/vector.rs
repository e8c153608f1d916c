//! CVSS vectors as GitHub takes them: version 3.0, 3.1 or 4.0, with every base metric.

use cvss::{Cvss, Severity};

/// The base metrics of version 3 (first.org, "CVSS v3.1 Specification", table 15).
const BASE_3: [&str; 8] = ["AV", "AC", "PR", "UI", "S", "C", "I", "A"];

/// The metrics of version 4.0, in their order (first.org, "CVSS v4.0 Specification", table 23).
const METRICS_4: [&str; 32] = [
    "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA", "E", "CR", "IR", "AR", "MAV", "MAC",
    "MAT", "MPR", "MUI", "MVC", "MVI", "MVA", "MSC", "MSI", "MSA", "S", "AU", "R", "V", "RE", "U",
];

/// Why a text is no vector that GitHub takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum VectorFault {
    #[error("{0}")]
    Malformed(cvss::Error),
    #[error("version 2 is not taken by GitHub")]
    Version2,
    #[error("its base metrics `{}` are missing", .0.join("`, `"))]
    Incomplete(Vec<&'static str>),
    #[error("the metrics of version 4.0 stand in one order, and `{0}` comes too late")]
    Order(String),
}

/// The severity that a vector stands for.
///
/// # Errors
/// When GitHub would refuse the vector. The parser alone takes vectors of version 3 without their base metrics, and
/// version 2.
pub(super) fn severity(vector: &str) -> Result<Severity, VectorFault> {
    let parsed = vector.parse::<Cvss>().map_err(VectorFault::Malformed)?;
    match parsed {
        Cvss::CvssV30(_) | Cvss::CvssV31(_) => has_base(vector)?,
        Cvss::CvssV40(_) => is_in_order(vector)?,
        _ => return Err(VectorFault::Version2),
    }
    Ok(parsed.severity())
}

/// Version 4.0 fixes the order of its metrics ("CVSS v4.0 Specification", section 7), and databases check it.
fn is_in_order(vector: &str) -> Result<(), VectorFault> {
    let mut order = METRICS_4.iter();
    let metrics = vector.split('/').skip(1).filter_map(|metric| Some(metric.split_once(':')?.0));
    for metric in metrics {
        if !order.any(|known| *known == metric) {
            return Err(VectorFault::Order(metric.to_owned()));
        }
    }
    Ok(())
}

fn has_base(vector: &str) -> Result<(), VectorFault> {
    let stated: Vec<&str> = vector.split('/').filter_map(|metric| Some(metric.split_once(':')?.0)).collect();
    let missing: Vec<&'static str> = BASE_3.into_iter().filter(|name| !stated.contains(name)).collect();
    if missing.is_empty() { Ok(()) } else { Err(VectorFault::Incomplete(missing)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Severity::High)]
    #[case("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Severity::Critical)]
    #[case("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:P", Severity::High)]
    #[case("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", Severity::High)]
    fn whole_vector_has_a_severity(#[case] vector: &str, #[case] expected: Severity) {
        assert_eq!(severity(vector), Ok(expected));
    }

    #[test]
    fn vector_without_its_base_metrics_is_refused_with_their_names() {
        let refused = severity("CVSS:3.1/AV:N/AC:L").unwrap_err();
        assert_eq!(refused.to_string(), "its base metrics `PR`, `UI`, `S`, `C`, `I`, `A` are missing");
        let refused = severity("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N").unwrap_err();
        assert!(refused.to_string().contains("SA"), "{refused}");
        let refused =
            severity("CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N").unwrap_err();
        assert!(refused.to_string().ends_with("`AV` comes too late"), "{refused}");
    }

    #[rstest::rstest]
    #[case::version_2("AV:N/AC:L/Au:N/C:P/I:P/A:P")]
    #[case::unknown_value("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")]
    #[case::mixed("CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")]
    #[case::score("7.5")]
    #[case::blank(" CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")]
    #[case::twice("CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")]
    #[case::version_5("CVSS:5.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")]
    fn what_github_refuses_is_refused(#[case] vector: &str) {
        assert!(severity(vector).is_err(), "{:?}", severity(vector));
    }
}
