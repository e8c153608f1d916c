//! Helm charts: the version of what a chart installs, and that of the chart.

use super::AtFile;
use super::at_file::files_at;
use crate::numbering::Scheme;
use crate::version::error::VersionError;
use crate::version::files::TreeReader;
use crate::version::format::{Outline, VersionFormat};
use crate::version::place::{Holds, VersionPlaces, agreeing, group_ranges, parse_at};

/// `appVersion` leads where a chart has one. A chart whose own version is another goes to its own next patch.
pub(in crate::version::rule) struct Helm<'a>(pub(in crate::version::rule) &'a AtFile);

const APP: &str = r#"(?m)^appVersion:[ \t]*['"]?v?(?<version>[0-9][^'"\s#]*)"#;
const CHART: &str = r#"(?m)^version:[ \t]*['"]?v?(?<version>[0-9][^'"\s#]*)"#;

impl VersionFormat for Helm<'_> {
    fn places(&self, files: &dyn TreeReader, otherwise: Scheme) -> Result<VersionPlaces, VersionError> {
        let path = self.0.file.as_deref().unwrap_or("Chart.yaml");
        let charts = files_at(files, path, "a Helm chart")?;
        let app_scheme = self.0.scheme.unwrap_or(otherwise);
        let of = |pattern: &str| {
            charts
                .iter()
                .flat_map(|chart| {
                    group_ranges(&chart.text, pattern).into_iter().map(move |range| (chart, range))
                })
                .collect::<Vec<_>>()
        };
        let (apps, own) = (of(APP), of(CHART));
        let absent = || VersionError::Absent { path: path.to_owned(), expected: "`version`".to_owned() };
        let Some(found) = agreeing(&apps, app_scheme) else {
            return agreeing(&own, Scheme::SemVer).ok_or_else(absent)?;
        };
        let mut found = found?;
        for (chart, range) in own {
            let version = parse_at(&chart.path, &chart.text, &range, Scheme::SemVer)?;
            let holds = match version.as_str() == found.current.as_str() {
                true => Holds::Whole,
                false => Holds::OwnLine(version.next_patch().ok_or_else(absent)?),
            };
            found.add(chart, range, holds);
        }
        Ok(found)
    }

    fn scheme(&self) -> Option<Scheme> {
        self.0.scheme
    }

    fn outline(&self) -> Option<Outline> {
        let file = self.0.file.clone().unwrap_or_else(|| "Chart.yaml".to_owned());
        Some(Outline { file, patterns: vec![r#"^appVersion:\s*['"]?v?([0-9][^'"\s#]*)"#.to_owned()] })
    }
}
