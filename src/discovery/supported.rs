//! Which lines a security policy names as supported: lines with long support may go without a release for years.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::file_text::text_of;
use crate::version::TreeReader;

/// Where GitHub looks for a security policy.
const POLICIES: [&str; 6] =
    ["SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.md", "SECURITY.rst", "SECURITY.txt", "SECURITY"];

/// The numbers of the lines that a row of the policy's table says are supported: `| 2.2.x | :white_check_mark: |`.
pub(super) fn supported_lines(files: &dyn TreeReader) -> BTreeSet<Vec<u64>> {
    let text = POLICIES.iter().find_map(|path| text_of(files, path)).unwrap_or_default();
    text.lines().filter_map(supported_line).collect()
}

/// The line of one row, if it is supported: its first cell is a version, and another one says yes.
fn supported_line(row: &str) -> Option<Vec<u64>> {
    static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[^0-9<>≤≥=]*v?(?<numbers>\d+(?:\.\d+)?)(?:\.(?:x|\*|\d+))*(?:\s.*)?$").ok()
    });
    const YES: [&str; 6] = [":white_check_mark:", ":heavy_check_mark:", "✅", "✔", "yes", "supported"];
    const NO: [&str; 5] = [":x:", "❌", "no", "unsupported", "not"];
    let cells: Vec<&str> =
        row.trim().strip_prefix('|')?.trim_end_matches('|').split('|').map(str::trim).collect();
    let (version, said) = cells.split_first()?;
    let words: Vec<String> =
        said.iter().flat_map(|cell| cell.split_whitespace()).map(|word| word.to_lowercase()).collect();
    let mut bare = words.iter().map(|word| word.trim_matches(['*', '.', ',', ';', '_', '`', '(', ')']));
    if bare.any(|word| NO.contains(&word))
        || !words.iter().any(|word| YES.iter().any(|yes| word.contains(yes)))
    {
        return None;
    }
    let version = version.replace(['*', '`', '_'], "");
    let found = VERSION.as_ref()?.captures(&version)?;
    found["numbers"].split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn rows_that_say_yes_name_lines() {
        let text = "# Security\n\n| Version | Supported |\n| --- | --- |\n| 3.1.x | :white_check_mark: |\n| `2.2` LTS | ✅ until November 2027 |\n\
                    | v1.x | Yes |\n| 1.4.x | :x: |\n| 1.2 | No, not supported |\n| < 1.2 | :white_check_mark: |\n| 0.9 | not supported |\n";
        let files = BTreeMap::from([("SECURITY.md".to_owned(), text.to_owned())]);
        assert_eq!(supported_lines(&files), BTreeSet::from([vec![3, 1], vec![2, 2], vec![1]]));
        assert!(supported_lines(&BTreeMap::<String, String>::new()).is_empty());
    }
}
