//! One line of a changelog, and what it is.

/// One line without its ending.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChangelogLine<'a> {
    pub(super) text: &'a str,
    /// The byte after its line ending.
    pub(super) next: usize,
    pub(super) kind: LineKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Blank,
    /// A heading of this level, from 1; where it is underlined, the line of its words.
    Heading(usize),
    /// The line under the words of a heading, or over them.
    Rule,
    /// A thematic break, such as Wasmtime's eighty dashes between releases.
    Separator,
    Bullet,
    /// `[1.2.3]: https://…`
    LinkTarget,
    /// A line of a code block or of front matter, whatever it looks like.
    Code,
    /// Anything else.
    Other,
}
