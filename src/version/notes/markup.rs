//! What makes a line of a changelog a heading, code or front matter.

use unicode_width::UnicodeWidthStr as _;

use super::line::{ChangelogLine, LineKind};

/// How a changelog marks its headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    /// `## 1.2.3`; also lines of `=` or `-` under a title.
    Markdown,
    /// A line of one mark under a title, and perhaps one over it: reStructuredText, and plain text.
    Underlined,
}

impl Markup {
    /// By the ending of the file; one without an ending is looked at.
    pub(super) fn of(path: &str, text: &str) -> Markup {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("md" | "markdown" | "mdx" | "mkd") => Markup::Markdown,
            Some("rst" | "rest") => Markup::Underlined,
            _ if text.lines().any(|line| line.starts_with("# ") || line.starts_with("## ")) => {
                Markup::Markdown
            }
            _ if text.is_empty() => Markup::Markdown,
            _ => Markup::Underlined,
        }
    }
}

/// The one punctuation mark that a line repeats, at least twice.
pub(super) fn run_of(line: &str) -> Option<char> {
    let text = line.trim_end();
    let mark = text.chars().next().filter(char::is_ascii_punctuation)?;
    (text.len() >= 2 && text.chars().all(|other| other == mark)).then_some(mark)
}

/// Marks what stands between `---` or `+++` at the very top, where such a block is closed and looks like one.
pub(super) fn mark_front_matter(lines: &mut [ChangelogLine<'_>]) {
    let Some(mark) =
        lines.first().map(|line| line.text.trim_end()).filter(|text| ["---", "+++"].contains(text))
    else {
        return;
    };
    let Some(end) = lines.iter().skip(1).position(|line| line.text.trim_end() == mark) else { return };
    let assigns = |line: &ChangelogLine<'_>| line.text.contains([':', '=']);
    if lines[1..=end].iter().any(assigns) {
        lines[..=end + 1].iter_mut().for_each(|line| line.kind = LineKind::Code);
    }
}

/// Marks what stands in fences. A fence that is never closed is taken for text: an entry after it must be found again.
pub(super) fn mark_code(lines: &mut [ChangelogLine<'_>]) {
    let mut open: Option<(usize, &str)> = None;
    for index in 0..lines.len() {
        let text = lines[index].text.trim_start();
        let Some(mark) = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark)) else { continue };
        match open {
            None => open = Some((index, mark)),
            Some((first, opened)) if opened == mark => {
                lines[first..=index].iter_mut().for_each(|line| line.kind = LineKind::Code);
                open = None;
            }
            Some(_) => {}
        }
    }
}

/// Marks titles with a line under them. What a level looks like is told by the order in which such lines first come, as
/// docutils reads them; in Markdown `=` is the first and `-` the second.
pub(super) fn mark_titles(lines: &mut [ChangelogLine<'_>], markup: Markup) {
    let mut levels: Vec<(char, bool)> = Vec::new();
    for index in 1..lines.len() {
        let Some((mark, over)) = title_above(lines, index, markup) else { continue };
        let level = match (markup, mark) {
            (Markup::Markdown, '=') => 1,
            (Markup::Markdown, _) => 2,
            (Markup::Underlined, _) => {
                // A title with lines on both sides is above one with the same line on one: the file's own title may be like its
                // sections (Redis).
                let like = levels.iter().position(|level| *level == (mark, false));
                if let Some(like) = like.filter(|_| over && !levels.contains(&(mark, true))) {
                    levels.insert(like, (mark, true));
                    lower(&mut lines[..index - 1], like);
                }
                let known = levels.iter().position(|level| *level == (mark, over));
                known.unwrap_or_else(|| {
                    levels.push((mark, over));
                    levels.len() - 1
                }) + 1
            }
        };
        lines[index].kind = LineKind::Rule;
        lines[index - 1].kind = LineKind::Heading(level);
        if over {
            lines[index - 2].kind = LineKind::Rule;
        }
    }
}

/// Puts titles below a level one further down.
fn lower(lines: &mut [ChangelogLine<'_>], below: usize) {
    for line in lines {
        if let LineKind::Heading(level) = &mut line.kind
            && *level > below
        {
            *level += 1;
        }
    }
}

/// The mark of the line at `index` if it is under a title, and whether there is one over the title.
fn title_above(lines: &[ChangelogLine<'_>], index: usize, markup: Markup) -> Option<(char, bool)> {
    let (title, under) = (&lines[index - 1], &lines[index]);
    let mark = run_of(under.text).filter(|_| under.kind != LineKind::Code)?;
    let marks = match markup {
        Markup::Markdown => ['=', '-'].contains(&mark),
        Markup::Underlined => true,
    };
    // In Markdown an item of a list is no title; in reStructuredText the words may begin like anything.
    let is_title = match markup {
        Markup::Markdown => title.kind == LineKind::Other,
        Markup::Underlined => matches!(title.kind, LineKind::Other | LineKind::LinkTarget),
    };
    let width = title.text.trim_end().width();
    let long_enough = under.text.trim_end().len() >= width.clamp(2, 4);
    if !marks || !is_title || !long_enough || title.text.starts_with(char::is_whitespace) {
        return None;
    }
    let above = index.checked_sub(2).map(|above| &lines[above]);
    match above.map(|line| line.kind) {
        None | Some(LineKind::Blank | LineKind::Code) => Some((mark, false)),
        // Markdown has no line over a title: what is there is a break.
        _ if markup == Markup::Underlined && above.and_then(|line| run_of(line.text)) == Some(mark) => {
            Some((mark, true))
        }
        Some(LineKind::Rule | LineKind::Separator) => Some((mark, false)),
        // A paragraph of several lines; or, in reStructuredText, a comment or label right above.
        _ => above
            .filter(|line| markup == Markup::Underlined && line.text.starts_with(".. "))
            .map(|_| (mark, false)),
    }
}
