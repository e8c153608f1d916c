//! A changelog without some of its entries, as if nobody had put them there.

use super::entries::{Placed, Regions};

/// The text without these entries. `brings` says of each whether the heading of its section came with it, and the heading of
/// entries: one that is left empty then goes, too.
pub(super) fn entries(
    text: &str,
    regions: &Regions<'_>,
    gone: &[&Placed],
    brings: impl Fn(&Placed) -> (bool, bool),
) -> String {
    let mut lines = Lines { regions, gone: vec![false; regions.log.lines.len()] };
    for entry in gone {
        lines.take(entry.at, entry.at + entry.lines.len());
    }
    let near = regions.neighbours();
    for entry in gone {
        let (heading, title) = brings(entry);
        let region = regions.of_under(&entry.under);
        if let (Some(at), true, Some(region)) = (entry.title_at, title, region) {
            let next = (at + 1..region.end).find(|index| regions.is_title(&near, *index));
            let next = next.unwrap_or(region.end);
            lines.take_if_empty(at, next);
        }
        if let (true, Some(region)) = (heading, region) {
            lines.take_if_empty(region.first, region.end);
        }
    }
    lines.close_up();
    lines.rest(text)
}

/// The lines of a changelog, some of which go.
struct Lines<'a> {
    regions: &'a Regions<'a>,
    gone: Vec<bool>,
}

impl Lines<'_> {
    fn take(&mut self, from: usize, to: usize) {
        let to = to.min(self.gone.len());
        self.gone[from..to].fill(true);
    }

    /// Takes a heading and the line under it, if nothing but blank lines are left below it.
    fn take_if_empty(&mut self, head: usize, end: usize) {
        let log = &self.regions.log;
        let body = head + 1 + usize::from(log.underline(head).is_some());
        if (body..end).all(|index| self.gone[index] || log.is_blank(index)) {
            self.take(head, body);
        }
    }

    /// Takes the blank lines that stood around what goes, so that no more are left than there were before it.
    fn close_up(&mut self) {
        let log = &self.regions.log;
        let mut index = 0;
        while index < self.gone.len() {
            if !self.gone[index] {
                index += 1;
                continue;
            }
            let above = (0..index).rev().find(|line| !self.gone[*line]);
            let is_apart = above.is_none_or(|above| log.is_blank(above));
            while index < self.gone.len() && (self.gone[index] || is_apart && log.is_blank(index)) {
                self.gone[index] = true;
                index += 1;
            }
        }
        // At the end of the file, those above it.
        if self.gone.last() == Some(&true) {
            let last = (0..self.gone.len()).rev().find(|index| !self.gone[*index] && !log.is_blank(*index));
            self.take(last.map_or(0, |last| last + 1), self.gone.len());
        }
    }

    fn rest(&self, text: &str) -> String {
        let starts = std::iter::once(0).chain(self.regions.log.lines.iter().map(|line| line.next));
        let lines = starts.zip(&self.regions.log.lines).zip(&self.gone);
        lines.filter(|(_, gone)| !**gone).map(|((start, line), _)| &text[start..line.next]).collect()
    }
}
