//! The plan as a picture: time runs from left to right, each advisory and each target has a row.

use std::fmt::Write as _;

use super::grid::{Cell, Column, Grid, Span};
use crate::kinds::{StepKind, Undo, Visibility};
use crate::plan::Plan;

/// Between two columns.
const STEP: usize = 32;
/// Between two rows.
const LINE: usize = 30;
/// What a group's heading takes.
const HEADING: usize = 26;
/// The left edge of the first column; to its left are the names of the rows.
const LEFT: usize = 200;
/// The upper edge of the first row; above are the slanting names of the columns.
const TOP: usize = 210;
/// Half of a step's mark.
const RADIUS: usize = 7;

pub(super) fn render(plan: &Plan) -> serde_json::Result<String> {
    let grid = Grid::of(plan);
    let picture = Picture::of(&grid);
    let mut out = String::new();
    picture.open(&mut out);
    picture.title(plan, &mut out)?;
    picture.phases(&mut out);
    picture.row_names(&mut out);
    picture.edges(&mut out);
    picture.steps(&mut out);
    picture.legend(&mut out);
    out.push_str("</svg>\n");
    Ok(out)
}

/// The grid with its measures, in pixels.
struct Picture<'a> {
    grid: &'a Grid,
    /// The middle of each row.
    heights: Vec<usize>,
    /// Below the last row.
    bottom: usize,
    width: usize,
}

impl<'a> Picture<'a> {
    fn of(grid: &'a Grid) -> Picture<'a> {
        let mut heights = Vec::new();
        let mut y = TOP;
        let mut group = None;
        for row in &grid.rows {
            if group != Some(&row.group) {
                y += HEADING;
                group = Some(&row.group);
            }
            heights.push(y + LINE / 2);
            y += LINE;
        }
        Picture { grid, heights, bottom: y + 10, width: LEFT + grid.columns.len() * STEP + 130 }
    }

    fn open(&self, out: &mut String) {
        let (width, height) = (self.width, self.bottom + 60);
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>"
        );
    }

    fn title(&self, plan: &Plan, out: &mut String) -> serde_json::Result<()> {
        let release = &plan.inputs.release;
        let _ = writeln!(
            out,
            "<text x=\"12\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{}</text>\n\
             <text x=\"12\" y=\"46\" fill=\"#555\">{} · {} steps, plan {} · disclosure {}</text>",
            escaped(&release.title),
            escaped(&release.id),
            plan.step_count(),
            plan.digest()?.short(),
            release.disclosure
        );
        Ok(())
    }

    /// A band for each phase, and the names of the columns above it.
    fn phases(&self, out: &mut String) {
        let columns = &self.grid.columns;
        let mut start = 0;
        for (number, group) in columns.chunk_by(|one, next| one.phase == next.phase).enumerate() {
            let (x, width) = (LEFT + start * STEP, group.len() * STEP);
            let fill = if number % 2 == 0 { "#f4f5f7" } else { "#ebedf0" };
            let _ = writeln!(
                out,
                "<rect x=\"{x}\" y=\"{TOP}\" width=\"{width}\" height=\"{}\" fill=\"{fill}\"/>\n\
                 <text x=\"{}\" y=\"{}\" fill=\"#555\" font-weight=\"bold\" text-anchor=\"middle\">{}</text>",
                self.bottom - TOP,
                x + width / 2,
                self.bottom + 16,
                group[0].phase
            );
            start += group.len();
        }
        for (index, column) in columns.iter().enumerate() {
            let (x, y) = (self.x(index), TOP - 8);
            let _ =
                writeln!(out, "<text transform=\"translate({x} {y}) rotate(-50)\">{}</text>", name(column));
        }
    }

    fn row_names(&self, out: &mut String) {
        let mut group = None;
        for (row, y) in self.grid.rows.iter().zip(&self.heights) {
            if group != Some(&row.group) {
                let heading = y - LINE / 2 - 6;
                let _ = writeln!(
                    out,
                    "<text x=\"12\" y=\"{heading}\" font-weight=\"bold\">{}</text>",
                    escaped(&row.group)
                );
                group = Some(&row.group);
            }
            let _ = writeln!(out, "<text x=\"24\" y=\"{}\">{}</text>", y + 4, escaped(&row.label));
        }
    }

    fn edges(&self, out: &mut String) {
        out.push_str("<g fill=\"none\" stroke=\"#8a94a6\" stroke-width=\"1.2\">\n");
        for (from, to) in &self.grid.edges {
            let _ = writeln!(out, "<path d=\"{}\"{}/>", self.path(*from, *to), self.stress(*from, *to));
        }
        out.push_str("</g>\n");
    }

    /// What crosses from one repository to another is the part that people forget.
    fn stress(&self, from: Cell, to: Cell) -> &'static str {
        let group = |cell: Cell| cell.1.map(|row| &self.grid.rows[row].group);
        match (group(from), group(to)) {
            (Some(one), Some(other)) if one != other && one.contains('/') && other.contains('/') => {
                " stroke=\"#7b3fb5\" stroke-width=\"1.8\""
            }
            _ => "",
        }
    }

    /// The line of an edge. What ends at a step of the whole release stays in its own row.
    fn path(&self, from: Cell, to: Cell) -> String {
        let (x, end) = (self.x(from.0), self.x(to.0));
        match (from.1, to.1) {
            (Some(row), Some(other)) if row != other => {
                let (y, last) = (self.heights[row], self.heights[other]);
                if end > x {
                    let middle = (x + end) / 2;
                    format!("M{x} {y} C{middle} {y} {middle} {last} {end} {last}")
                } else {
                    // Down within a column, or back to an earlier one: around the steps between.
                    format!(
                        "M{x} {y} C{} {y} {} {last} {end} {last}",
                        x + STEP / 2,
                        end.saturating_sub(STEP / 2)
                    )
                }
            }
            (Some(row), _) | (None, Some(row)) => {
                let y = self.heights[row];
                if self.grid.is_crowded(row, from.0 + 1..to.0) {
                    format!("M{x} {y} C{} {} {} {} {end} {y}", x + STEP / 2, y - 16, end - STEP / 2, y - 16)
                } else {
                    format!("M{x} {y} H{end}")
                }
            }
            (None, None) => format!("M{x} {0} H{end}", TOP + 12),
        }
    }

    fn steps(&self, out: &mut String) {
        for ((column, row), names) in &self.grid.cells {
            let kind = &self.grid.columns[*column];
            let title = escaped(&format!("{}\n{}", names.join("\n"), kind.kind.does()));
            let x = self.x(*column);
            let style = style(kind.kind);
            match (kind.span, row) {
                (Span::Row, Some(row)) => {
                    let y = self.heights[*row];
                    let _ = writeln!(
                        out,
                        "<circle cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\" {style}><title>{title}</title></circle>"
                    );
                    if names.len() > 1 {
                        let _ = writeln!(
                            out,
                            "<text x=\"{x}\" y=\"{}\" font-size=\"10\" text-anchor=\"middle\">{}</text>",
                            y + 4,
                            names.len()
                        );
                    }
                }
                _ => {
                    let _ = writeln!(
                        out,
                        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" {style}><title>{title}</title></rect>",
                        x - RADIUS,
                        TOP + 4,
                        2 * RADIUS,
                        self.bottom - TOP - 8
                    );
                }
            }
        }
    }

    fn legend(&self, out: &mut String) {
        let y = self.bottom + 42;
        let entries = [
            (StepKind::Gate, "gate"),
            (StepKind::Confirm, "people confirm"),
            (StepKind::Assess, "on this machine"),
            (StepKind::CreateFork, "private"),
            (StepKind::OpenBump, "public, through the leak guard"),
            (StepKind::OpenPull, "public, after the release-day gate"),
            (StepKind::MergePatch, "thick: cannot be undone"),
        ];
        let mut x = 24;
        for (kind, text) in entries {
            let _ = writeln!(
                out,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\" {}/><text x=\"{}\" y=\"{}\">{text}</text>",
                style(kind),
                x + 13,
                y + 4
            );
            x += 40 + text.len() * 7;
        }
    }

    fn x(&self, column: usize) -> usize {
        LEFT + column * STEP + STEP / 2
    }
}

fn name(column: &Column) -> String {
    match &column.asks {
        Some(asks) => escaped(&format!("{} {asks}", column.kind)),
        None => column.kind.to_string(),
    }
}

/// The same colours as in the other drawn forms, stronger because the marks are small.
fn style(kind: StepKind) -> String {
    let fill = match (kind, kind.visibility()) {
        (StepKind::Gate, _) => "#ffd24d",
        (StepKind::Confirm, _) => "#fff0b8",
        (_, Visibility::Public) => "#ef8a8a",
        (_, Visibility::Guarded) => "#f9c48a",
        (_, Visibility::Private) => "#9cc1ff",
        (_, Visibility::Local) => "#ffffff",
    };
    let stroke = match kind.undo() {
        Undo::Impossible(_) => "stroke=\"#222\" stroke-width=\"2.6\"",
        Undo::Possible(_) | Undo::Nothing => "stroke=\"#5a6270\" stroke-width=\"1\"",
    };
    format!("fill=\"{fill}\" {stroke}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_users_stays_text() {
        assert_eq!(escaped("a < b & \"c\""), "a &lt; b &amp; &quot;c&quot;");
    }
}
