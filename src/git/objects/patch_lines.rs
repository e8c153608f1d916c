//! Line endings of a patch: a mail may have lost the carriage returns of its files, or gained some.

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Lf,
    CrLf,
}

impl Ending {
    /// How all lines of a text end; `None` if some end in one way and some in another, or there are none.
    pub(super) fn of(text: &[u8]) -> Option<Ending> {
        let all = text.iter().filter(|&&byte| byte == b'\n').count();
        let with_cr = text.windows(2).filter(|pair| pair == b"\r\n").count();
        match (all, with_cr) {
            (0, _) => None,
            (_, 0) => Some(Ending::Lf),
            (all, with_cr) => (all == with_cr).then_some(Ending::CrLf),
        }
    }
}

/// The patch with its lines ending as those of each file that it changes.
pub(super) fn with_endings_of(patch: &[u8], ending_of: impl Fn(&str) -> Option<Ending>) -> Vec<u8> {
    let lines: Vec<&[u8]> = patch.split_inclusive(|&byte| byte == b'\n').collect();
    let mut made = Vec::with_capacity(patch.len());
    let (mut ending, mut left) = (None, (0, 0));
    for (index, line) in lines.iter().enumerate() {
        let bare = without_ending(line);
        if left == (0, 0) {
            if let Some(name) = bare.strip_prefix(b"--- ") {
                ending = old_path(name).and_then(|path| ending_of(&path));
            }
            left = hunk(bare).unwrap_or_default();
            made.extend_from_slice(bare);
            made.extend_from_slice(if line.ends_with(b"\n") { b"\n" } else { b"" });
            continue;
        }
        count_down(&mut left, bare);
        // A remark of the patch itself, and the last line of a file that does not end.
        let is_open =
            bare.starts_with(b"\\") || lines.get(index + 1).is_some_and(|next| next.starts_with(b"\\"));
        match ending {
            Some(Ending::CrLf) if !is_open => made.extend_from_slice(&[bare, b"\r\n"].concat()),
            Some(_) => made.extend_from_slice(&[bare, b"\n"].concat()),
            None => made.extend_from_slice(line),
        }
    }
    made
}

fn without_ending(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The path of `--- a/PATH`; `None` for a new file, and for a quoted name, whose endings stay.
fn old_path(name: &[u8]) -> Option<String> {
    let name = name.split(|&byte| byte == b'\t').next()?;
    let name = std::str::from_utf8(name).ok()?;
    if name == "/dev/null" || name.starts_with('"') {
        return None;
    }
    name.split_once('/').map(|(_, path)| path.to_owned())
}

/// How many lines of the old and the new file follow `@@ -A,B +C,D @@`.
fn hunk(line: &[u8]) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(line.strip_prefix(b"@@ -")?).ok();
    let text = text.map_or_else(|| String::from_utf8_lossy(&line[4..]).into_owned(), str::to_owned);
    let (ranges, _) = text.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let count = |range: &str| range.split_once(',').map_or(Some(1), |(_, count)| count.parse().ok());
    Some((count(old)?, count(new)?))
}

fn count_down(left: &mut (usize, usize), line: &[u8]) {
    let (old, new) = match line.first() {
        Some(b'-') => (1, 0),
        Some(b'+') => (0, 1),
        Some(b'\\') => (0, 0),
        _ => (1, 1),
    };
    *left = (left.0.saturating_sub(old), left.1.saturating_sub(new));
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "--- a/x.txt\n+++ b/x.txt\n@@ -1,2 +1,2 @@ in\n one\n-two\n+2\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n";

    #[test]
    fn each_file_has_its_own_endings() {
        let crlf = with_endings_of(PATCH.as_bytes(), |path| (path == "x.txt").then_some(Ending::CrLf));
        let text = String::from_utf8(crlf.clone()).unwrap();
        let expected = PATCH.replace(" one\n-two\n+2\n", " one\r\n-two\r\n+2\r\n");
        assert_eq!(text, expected);
        let back = with_endings_of(&crlf, |_| Some(Ending::Lf));
        assert_eq!(String::from_utf8(back).unwrap(), PATCH);
    }

    #[test]
    fn headers_never_end_with_carriage_returns_and_an_open_last_line_stays_open() {
        let patch = "--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\n\\ No newline at end of file\n+b\r\n";
        let made = with_endings_of(patch.as_bytes(), |path| (path == "x").then_some(Ending::CrLf));
        let expected = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\r\n";
        assert_eq!(String::from_utf8(made).unwrap(), expected);
    }

    #[test]
    fn a_text_with_both_endings_has_none() {
        assert_eq!(Ending::of(b"a\nb\n"), Some(Ending::Lf));
        assert_eq!(Ending::of(b"a\r\nb\r\n"), Some(Ending::CrLf));
        assert_eq!(Ending::of(b"a\r\nb\n"), None);
        assert_eq!(Ending::of(b"a"), None);
    }
}
