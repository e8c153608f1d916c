//! Pictures of the board that no run of a fixture shows: many targets, and the minutes before the hour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr as _;

use super::frame::{Size, View, frame};
use super::paint::Paint;
use crate::ids::StepName;
use crate::kinds::Phase;
use crate::plan::demo_plan;
use crate::report::{Progress, Status, StatusCell, StatusRow};
use crate::run::State;

fn status(rows: Vec<StatusRow>) -> Status {
    let plan = demo_plan("github");
    Status { rows, done: 61, steps: 540, ..Status::of(&plan, &State::default(), &[]) }
}

/// A row whose phases up to this one are done, and which is there now.
fn row(subject: &str, at: Phase, state: Progress) -> StatusRow {
    let cell = |phase: &Phase| {
        let state = match phase.cmp(&at) {
            std::cmp::Ordering::Less => Progress::Done,
            std::cmp::Ordering::Equal => state,
            std::cmp::Ordering::Greater => Progress::Open,
        };
        StatusCell { phase: *phase, state, done: 2, steps: 5 }
    };
    StatusRow { subject: subject.to_owned(), note: None, phases: Phase::ALL.iter().map(cell).collect() }
}

fn sixty() -> Vec<StatusRow> {
    (0..60)
        .map(|number| {
            let subject = format!("brightwater/repository-{} release/{number}.x", number / 6);
            match number {
                47 => row(&subject, Phase::Release, Progress::Failed),
                51 => row(&subject, Phase::Prove, Progress::Asks),
                55 => row(&subject, Phase::Release, Progress::Waiting),
                0..=40 => row(&subject, Phase::Verify, Progress::Done),
                _ => row(&subject, Phase::Prove, Progress::Open),
            }
        })
        .collect()
}

fn picture(status: &Status, acting: &[&str], before: i64, size: Size) -> Vec<String> {
    let acting: BTreeSet<StepName> = acting.iter().map(|step| step.parse().unwrap()).collect();
    let now = Timestamp::from_second(status.disclosure.as_second() - before).unwrap();
    let sleeping = (before > 0).then_some(status.disclosure);
    let told = BTreeMap::new();
    let view = View { status, acting: &acting, told: &told, sleeping, now, least_left: 1260 };
    let lines = frame(&view, size, Paint::new(false));
    assert!(lines.len() < size.lines, "{} lines in {}", lines.len(), size.lines);
    for line in &lines {
        assert!(line.width() <= size.columns, "{} columns: {line}", line.width());
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn where_targets_are_many_those_come_first_that_need_somebody() {
    let status = status(sixty());
    let acting = ["prove/brightwater/repository-7/release/45.x"];
    for (columns, lines) in [(80, 24), (100, 30), (160, 50)] {
        let picture = picture(&status, &acting, 0, Size { columns, lines });
        let at = |what: &str| picture.iter().position(|line| line.contains(what)).unwrap();
        assert!(
            at("47.x") < at("51.x") && at("51.x") < at("45.x") && at("45.x") < at("55.x"),
            "{picture:#?}"
        );
        insta::assert_snapshot!(format!("sixty_{columns}x{lines}"), picture.join("\n"));
    }
}

#[test]
fn last_minutes_are_counted_and_every_row_is_there() {
    let rows = (1..=9)
        .map(|line| row(&format!("brightwater/weir release/{line}.x"), Phase::Release, Progress::Open));
    let status = status(rows.collect());
    let before = picture(&status, &[], 545, Size { columns: 80, lines: 24 });
    insta::assert_snapshot!("before_the_hour", before.join("\n"));
    let later = picture(&status, &[], 544, Size { columns: 80, lines: 24 });
    assert_ne!(before, later, "the countdown moves");
}

#[test]
fn smallest_terminals_are_no_trouble() {
    let status = status(sixty());
    for (columns, lines) in [(20, 6), (1, 5), (40, 10)] {
        picture(&status, &[], 3600, Size { columns, lines });
    }
    let narrow = picture(&status, &[], 3600, Size { columns: 40, lines: 10 });
    assert!(narrow.iter().any(|line| line.starts_with("FAILED brightwater/")), "{narrow:#?}");
    assert!(narrow.iter().any(|line| line.starts_with("ASKS   brightwater/")), "{narrow:#?}");
}

#[test]
fn a_colour_means_one_thing() {
    let paint = Paint::new(true);
    let all = [
        Progress::Failed,
        Progress::Asks,
        Progress::Waiting,
        Progress::Begun,
        Progress::Done,
        Progress::Open,
    ];
    let painted: BTreeSet<String> = all.iter().map(|progress| paint.of(*progress, "x")).collect();
    assert_eq!(painted.len(), all.len(), "{painted:?}");
    assert!(painted.iter().all(|text| text.contains('\u{1b}')));
    assert!(all.iter().all(|progress| Paint::new(false).of(*progress, "x") == "x"));
}
