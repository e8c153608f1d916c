//! Marks in the message of a commit with which GitHub starts no workflow for it
//! (<https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs>): on pushes, of branches and of
//! tags, and on pull requests whose head it is. Other events, the merge queue's among them, do not look at it.

/// What may stand anywhere.
const MARKS: [&str; 5] = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"];

/// What may stand among the trailers, which two empty lines divide from the rest.
const TRAILERS: [&str; 2] = ["skip-checks:true", "skip-checks: true"];

/// A mark, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SkipMark {
    /// Its text.
    pub text: String,
    /// Whether GitHub documents it so. Of another case of its letters, or of a trailer after one empty line, it says
    /// nothing.
    pub is_certain: bool,
}

/// The mark that a message holds; one that is certain before another.
#[must_use]
pub fn skip_mark(message: &str) -> Option<SkipMark> {
    let mark = |text: &str, is_certain| Some(SkipMark { text: text.to_owned(), is_certain });
    if let Some(text) = MARKS.iter().find(|text| message.contains(**text)) {
        return mark(text, true);
    }
    let trailer = trailer(message);
    if let Some((text, true)) = trailer {
        return mark(text, true);
    }
    let folded = message.to_ascii_lowercase();
    let odd = MARKS.iter().find_map(|text| {
        let at = folded.find(text)?;
        message.get(at..at + text.len())
    });
    odd.or(trailer.map(|(text, _)| text)).and_then(|text| mark(text, false))
}

/// The trailer, and whether two empty lines stand before its paragraph.
fn trailer(message: &str) -> Option<(&str, bool)> {
    let lines: Vec<&str> = message.trim_end().lines().map(str::trim_end).collect();
    let blank = lines.iter().rposition(|line| line.is_empty())?;
    let text = lines[blank + 1..].iter().find(|line| TRAILERS.contains(line))?;
    Some((text, blank > 0 && lines[blank - 1].is_empty()))
}

#[cfg(test)]
mod tests {
    use super::skip_mark;

    #[test]
    fn marks_count_as_github_documents_them() {
        for (message, told) in [
            ("notes [skip ci]\n", Some(("[skip ci]", true))),
            ("notes\n\nas the bot says: [actions skip].\n", Some(("[actions skip]", true))),
            ("notes\n\n\nReviewed-by: mara\nskip-checks: true\n", Some(("skip-checks: true", true))),
            ("notes\n\n\nskip-checks:true", Some(("skip-checks:true", true))),
            ("notes\n\nskip-checks: true\n", Some(("skip-checks: true", false))),
            ("notes [Skip CI]\n", Some(("[Skip CI]", false))),
            ("skip-checks: true\n", None),
            ("notes\n\n\nskip-checks: true\n\nand more\n", None),
            ("skip ci\n\n\nskip-checks: false\n", None),
            ("", None),
        ] {
            let found = skip_mark(message);
            let found = found.as_ref().map(|mark| (mark.text.as_str(), mark.is_certain));
            assert_eq!(found, told, "{message}");
        }
    }
}
