//! The board on real terminals: what is on the screen when a rehearsal has stopped.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use nix::pty::{Winsize, openpty};
use vt100::{Color, Parser, Screen};

use crate::gate::go_to_gate;
use crate::support::{World, fixture, lockgate, run, said};

/// What a terminal of this size shows after a rehearsal of the conflict has stopped.
fn screen(columns: u16, lines: u16, environment: &[(&str, &str)], options: &[&str]) -> Parser {
    let world = World::new();
    let mut command = lockgate();
    command.envs(environment.iter().copied());
    command.args(options).arg("rehearse").arg(fixture("conflict")).arg("--keep").arg(world.path());
    let (parser, code) = on_terminal(command, columns, lines, false);
    assert_eq!(code, Some(11));
    parser
}

/// What a terminal of this size shows once a command has ended, and its exit code. Where `results` are wanted, they are
/// printed there, too.
fn on_terminal(mut command: Command, columns: u16, lines: u16, results: bool) -> (Parser, Option<i32>) {
    let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let pair = openpty(Some(&size), None).unwrap();
    command.env("TERM", "xterm-256color");
    if !command.get_envs().any(|(name, _)| name == "NO_COLOR") {
        command.env_remove("NO_COLOR");
    }
    let stdout = if results { Stdio::from(pair.slave.try_clone().unwrap()) } else { Stdio::null() };
    command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::from(pair.slave));
    let mut child = command.spawn().unwrap();
    // The terminal is closed by whoever holds its other side last.
    drop(command);
    let mut parser = Parser::new(lines, columns, 500);
    let mut terminal = File::from(pair.master);
    let mut bytes = [0; 4096];
    // A closed terminal is an error to read from.
    while let Ok(count @ 1..) = terminal.read(&mut bytes) {
        parser.process(&bytes[..count]);
    }
    (parser, child.wait().unwrap().code())
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

/// Everything that a terminal of this size shows of a command's results: what has scrolled away, and what is on the screen.
fn shown(arguments: &[&str], columns: u16, lines: u16) -> (String, Vec<String>) {
    let mut command = lockgate();
    command.env("NO_COLOR", "1").args(arguments);
    let (mut parser, _) = on_terminal(command, columns, lines, true);
    let rows: Vec<String> = parser.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
    for (line, row) in (0..).zip(&rows) {
        let goes_on = parser.screen().row_wrapped(line);
        assert!(!goes_on || row.trim_start().starts_with("lockgate "), "broken by the terminal: {row}");
    }
    parser.screen_mut().set_scrollback(usize::MAX);
    let before = parser.screen().contents();
    (before, rows)
}

#[test]
fn gate_is_one_screen_and_the_mail_that_goes_out_next_stands_whole_above_it() {
    let world = World::new();
    go_to_gate(&world, "ready");
    let path = world.path();
    let place = path.to_str().unwrap();
    for (columns, lines) in [(80, 24), (100, 30), (160, 50)] {
        let (before, rows) = shown(&["approve", "ready", "--dir", place], columns, lines);
        let screen = rows.join("\n");
        for part in [
            "gate ready of 2026-03-high-water",
            "2 advisories on 8 branches, 6 releases",
            "versions: ",
            "cannot be undone: ",
            "advance-mail goes out next, as it stands above",
            "range-diff, versions, record",
            "lockgate approve ready --as mara --digest ",
        ] {
            assert!(screen.contains(part), "{columns} x {lines} does not show `{part}`:\n{screen}");
        }
        assert!(
            before.contains("| From: Brightwater security")
                || screen.contains("| From: Brightwater security"),
            "{before}"
        );
        let (_, rows) = shown(&["status", "--dir", place], columns, lines);
        assert!(rows.iter().any(|row| row.contains("ASKS")), "{rows:?}");
    }
    let table = said(&run(["show", "versions", "GHSA-7mh3-v9jc-2pxr", "--dir", place]));
    assert!(table.contains("1.8.4 (SLUICE-1.8.4, release/1.x): fixed, released now"), "{table}");
    assert!(table.contains("not affected, by release.toml") && !table.contains("GHSA-4wx7"), "{table}");
}
