//! LineTexts that help one another when a fix is carried to all of them.

use super::scene::{HOUR, Scene, lines, text};
use super::*;
use crate::ids::CommitId;

/// A fix of line 5 that conflicts on the lines that changed it.
struct LineTexts {
    scene: Scene,
    old: CommitId,
    fix: CommitId,
}

fn scene() -> LineTexts {
    let scene = Scene::new();
    let old = scene.root(&[("a.c", &lines(&[])), ("b.c", "b\n")]);
    let fix = scene.on(&old, "fix", &[("a.c", &lines(&[(5, "theirs")]))]);
    LineTexts { scene, old, fix }
}

impl LineTexts {
    /// A line that changed line 5, and line 1 in its own way.
    fn line(&self, name: &str) -> Line {
        let head = self.scene.on(&self.old, name, &[("a.c", &lines(&[(5, "ours"), (1, name)]))]);
        Line { name: name.to_owned(), head }
    }

    /// The same after a person carried the fix to it.
    fn resolved(&self, line: &Line, trailers: &[&CommitId]) -> Line {
        let trailers: String =
            trailers.iter().map(|fix| format!("(cherry picked from commit {fix})\n")).collect();
        let files = [("a.c", lines(&[(5, "both"), (1, &line.name)]))].map(|(path, text)| (path, text));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        Line { head: self.scene.on(&line.head, &format!("carried\n\n{trailers}"), &files), ..line.clone() }
    }

    fn carry(&self, lines: &[Line], mutual: Mutual) -> (Vec<Stack>, Picker) {
        let mut picker = self.scene.picker();
        let (fix, committer) = ([self.fix.clone()], self.scene.committer());
        let carry = Carry { fix: &fix, committer: &committer, merges: Merges::Fail, mutual, began: &|_| () };
        let stacks = picker.carry(&carry, lines).unwrap().into_iter().map(Result::unwrap).collect();
        (stacks, picker)
    }
}

fn helped_by(stack: &Stack) -> Vec<HelpedBy> {
    match &stack.commits[0].state {
        StackedState::Picked { pick, .. } => pick.helped_by.clone(),
        _ => Vec::new(),
    }
}

#[test]
fn what_people_made_of_it_on_the_newer_line_serves_the_older_one() {
    let told = scene();
    let (newer, older) = (told.line("newer"), told.line("older"));
    let newer = told.resolved(&newer, &[&told.fix]);
    let named = [older.clone(), newer.clone()];
    let (stacks, picker) = told.carry(&[newer.clone(), older.clone()], Mutual::Help);
    assert!(stacks.iter().all(Stack::is_complete));
    let expected = HelpedBy::NewerLine { line: "newer".to_owned(), commit: newer.head };
    let helped = &stacks[1];
    assert_eq!(helped_by(helped), [expected]);
    assert_eq!(helped.needs_review().count(), 1);
    assert_eq!(text(picker.draft(), &helped.tree, "a.c"), lines(&[(5, "both"), (1, "older")]));
    let (alone, _) = told.carry(&named, Mutual::Alone);
    assert!(!alone[0].is_complete(), "without help it stays a conflict");
}

#[test]
fn a_commit_that_carries_other_fixes_as_well_is_not_picked() {
    let told = scene();
    let other = told.scene.on(&told.fix, "another fix", &[("b.c", "guarded\n")]);
    let (newer, older) = (told.line("newer"), told.line("older"));
    let squashed = told.resolved(&newer, &[&told.fix, &other]);
    let (stacks, _) = told.carry(&[squashed, older], Mutual::Help);
    let help = helped_by(&stacks[1]);
    assert!(!help.iter().any(|help| matches!(help, HelpedBy::NewerLine { .. })), "{help:?}");
}

#[test]
fn many_lines_come_to_what_each_comes_to_alone() {
    let told = scene();
    let named: Vec<Line> = (0..40)
        .map(|number| {
            let own = format!("line of release {number}");
            let at = 1 + number % 9;
            let head = told.scene.on(&told.old, &own, &[("a.c", &lines(&[(at, &own)]))]);
            Line { name: own, head }
        })
        .collect();
    let (stacks, picker) = told.carry(&named, Mutual::Help);
    for (line, stack) in named.iter().zip(&stacks) {
        let (alone, own) = told.scene.stack(&line.head, std::slice::from_ref(&told.fix));
        assert_eq!((alone.is_complete(), &alone.tree), (stack.is_complete(), &stack.tree), "{}", line.name);
        let made =
            |picker: &Picker, stack: &Stack| picker.draft().read_file_in_tree(&stack.tree, "a.c").unwrap();
        assert_eq!(made(&own, &alone), made(&picker, stack), "what was made is in the one draft");
    }
    assert!(stacks.iter().any(|stack| !stack.is_complete()) && stacks.iter().any(Stack::is_complete));
}

#[test]
fn a_line_that_cannot_be_used_holds_no_other() {
    let told = scene();
    let absent = Line { name: "absent".to_owned(), head: "1".repeat(40).parse().unwrap() };
    let mut picker = told.scene.picker();
    let committer = Committer::plain(Signature::utc("Ada", "ada@example.org", HOUR.parse().unwrap()));
    let carry = Carry {
        fix: std::slice::from_ref(&told.fix),
        committer: &committer,
        merges: Merges::Fail,
        mutual: Mutual::Help,
        began: &|_| (),
    };
    let lines = [told.line("one"), absent, told.line("two")];
    let stacks = picker.carry(&carry, &lines).unwrap();
    let told: Vec<bool> = stacks.iter().map(Result::is_ok).collect();
    assert_eq!(told, [true, false, true]);
}
