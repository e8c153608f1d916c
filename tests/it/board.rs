//! The board on real terminals: what is on the screen when a rehearsal has stopped.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;

use nix::pty::{Winsize, openpty};
use vt100::{Color, Parser, Screen};

use crate::support::{World, fixture, lockgate};

/// What a terminal of this size shows after a rehearsal of the conflict has stopped.
fn screen(columns: u16, lines: u16, environment: &[(&str, &str)], options: &[&str]) -> Parser {
    let world = World::new();
    let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let pair = openpty(Some(&size), None).unwrap();
    let mut command = lockgate();
    command.env("TERM", "xterm-256color").env_remove("NO_COLOR").envs(environment.iter().copied());
    command.args(options).arg("rehearse").arg(fixture("conflict")).arg("--keep").arg(world.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::from(pair.slave));
    let mut child = command.spawn().unwrap();
    // The terminal is closed by whoever holds its other side last.
    drop(command);
    let mut parser = Parser::new(lines, columns, 0);
    let mut terminal = File::from(pair.master);
    let mut bytes = [0; 4096];
    // A closed terminal is an error to read from.
    while let Ok(count @ 1..) = terminal.read(&mut bytes) {
        parser.process(&bytes[..count]);
    }
    assert_eq!(child.wait().unwrap().code(), Some(11));
    parser
}

/// The lines of the board, with the colour of what is coloured.
fn board(screen: &Screen) -> String {
    let (lines, columns) = screen.size();
    let rows: Vec<String> = (0..lines).map(|line| row(screen, line, columns)).collect();
    let first = rows.iter().position(|row| row.contains("steps done")).unwrap();
    let all: String = rows.join("\n");
    assert_eq!(all.matches("steps done").count(), 1, "there is one board: {all}");
    rows[first - 1..].join("\n").trim_end().to_owned()
}

fn row(screen: &Screen, line: u16, columns: u16) -> String {
    let mut text = String::new();
    let mut before = "";
    for column in 0..columns {
        let Some(cell) = screen.cell(line, column) else { continue };
        let contents = if cell.has_contents() { cell.contents() } else { " " };
        let colour = name(cell.fgcolor(), cell.bold(), cell.dim());
        if colour != before && (contents != " " || colour.is_empty()) {
            text += if before.is_empty() { "" } else { "}" };
            if !colour.is_empty() {
                text += &format!("{{{colour}:");
            }
            before = colour;
        }
        text += contents;
    }
    let end = if before.is_empty() { "" } else { "}" };
    format!("{}{end}", text.trim_end())
}

fn name(colour: Color, is_bold: bool, is_dim: bool) -> &'static str {
    match colour {
        Color::Idx(1) => "red",
        Color::Idx(2) => "green",
        Color::Idx(3) => "yellow",
        Color::Idx(5) => "magenta",
        Color::Idx(6) => "cyan",
        Color::Default if is_dim => "dim",
        Color::Default if is_bold => "bold",
        _ => "",
    }
}

#[test]
fn board_is_drawn_in_terminals_of_every_size() {
    for (columns, lines) in [(80, 24), (100, 30), (160, 50)] {
        let terminal = screen(columns, lines, &[("NO_COLOR", "1")], &[]);
        let drawn = board(terminal.screen());
        assert!(!drawn.contains('{'), "no colour was wanted: {drawn}");
        insta::assert_snapshot!(format!("board_{columns}x{lines}"), drawn);
    }
}

#[test]
fn colours_of_the_board_are_what_they_say() {
    let coloured = board(screen(80, 24, &[], &[]).screen());
    insta::assert_snapshot!("board_in_colour", coloured);
    for (colour, word) in [("yellow", "ASKS"), ("green", "done")] {
        assert!(coloured.contains(&format!("{{{colour}:{word}")), "{coloured}");
    }
    let asked_for = board(screen(80, 24, &[("NO_COLOR", "1")], &["--color", "always"]).screen());
    assert_eq!(asked_for, coloured);
}
