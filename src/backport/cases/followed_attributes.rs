//! What attributes have done in a merge, by Lockgate and by `git merge-tree`, which is the reference.

use super::against_git::gits;
use super::scene::{Scene, request};
use super::*;

/// Lines that repeat each other, as in any code. Of texts that have no other lines, git's histogram counts those at both ends,
/// too, and `imara-diff`'s does not: there edits may stand elsewhere.
const COMMON: [&str; 2] = ["}", ""];

/// Numbers that look random and are the same each time (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn line(&mut self) -> String {
        match self.below(8) {
            0 => COMMON[self.below(COMMON.len())].to_owned(),
            _ => format!("line {}", self.below(1000)),
        }
    }

    fn text(&mut self) -> Vec<String> {
        (0..self.below(12)).map(|_| self.line()).collect()
    }

    /// The text with some edits.
    fn edited(&mut self, text: &[String]) -> Vec<String> {
        let mut lines = text.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(lines.len() + 1);
            match self.below(3) {
                0 => lines.insert(at, self.line()),
                1 if at < lines.len() => lines[at] = self.line(),
                _ if at < lines.len() => drop(lines.remove(at)),
                _ => lines.push("z".to_owned()),
            }
        }
        lines
    }

    /// The lines as a file has them: now and then with CRLF, on all lines or on one, and without an end.
    fn written(&mut self, lines: &[String], crlf_in: usize) -> String {
        let (all, one) = (self.below(crlf_in) == 0, self.below(crlf_in * 2) == 0);
        let ends = lines.iter().enumerate().map(|(at, line)| {
            let crlf = all || one && at == 0;
            format!("{line}{}", if crlf { "\r\n" } else { "\n" })
        });
        let text: String = ends.collect();
        if self.below(4) == 0 { text.trim_end_matches(['\n', '\r']).to_owned() } else { text }
    }
}

/// Merges made of random texts in files of these names, in one repository with these attributes and this configuration.
fn merged(names: &[&str], attributes: &str, renormalize: bool, crlf_in: usize) -> Vec<(bool, Pick)> {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.store.path().join("info")).unwrap();
    std::fs::write(scene.store.path().join("info/attributes"), attributes).unwrap();
    scene.store.raw().config().unwrap().set_bool("merge.renormalize", renormalize).unwrap();
    let mut dice = Dice(7);
    let mut pairs = Vec::new();
    for at in 0..240 {
        let name = names[at % names.len()];
        let base = dice.text();
        let sides = [base.clone(), dice.edited(&base), dice.edited(&base)];
        let [base, ours, theirs] = sides.map(|lines| dice.written(&lines, crlf_in));
        let old = scene.root(&[(name, &base)]);
        pairs.push((scene.on(&old, "ours", &[(name, &ours)]), scene.on(&old, "theirs", &[(name, &theirs)])));
    }
    let gits = gits(&scene, &pairs);
    let mut picker = scene.picker().with_history(HistorySearch::Skip);
    let picked = pairs.iter().zip(gits).map(|((ours, theirs), git)| {
        let (pick, git) = (picker.pick(&request(theirs, ours)).unwrap(), git.unwrap());
        let is_clean = !pick.outcome.needs_resolution();
        assert_eq!(is_clean, git.clean, "{:?} of {ours} and {theirs}", pick.outcome);
        let same = pick.tree.as_ref() == Some(&git.tree);
        assert!(!is_clean || same, "{:?} of {ours} and {theirs}", pick.outcome);
        (git.clean, pick)
    });
    picked.collect()
}

#[test]
fn bp_30_union_joins_what_gits_own_driver_joins() {
    let answers = merged(&["list"], "* merge=union\n", false, 6);
    let joined = |pick: &Pick| match &pick.outcome {
        Outcome::CleanUnconfirmed { doubts } => {
            doubts.iter().any(|doubt| matches!(doubt, Doubt::Joined { .. }))
        }
        _ => false,
    };
    let count = answers.iter().filter(|(.., pick)| joined(pick)).count();
    assert!(count > 60, "{count} were joined");
    assert!(answers.iter().all(|(clean, _)| *clean));
}

#[test]
fn renormalized_sides_merge_as_git_merges_them() {
    let attributes = "*.txt text\n*.auto text=auto\n*.eol eol=crlf\n*.bin -text\n*.old crlf\n";
    let names = ["a.txt", "a.auto", "a.eol", "a.bin", "a.old", "a.none"];
    let with = merged(&names, attributes, true, 2);
    let without = merged(&names, attributes, false, 2);
    let clean = |answers: &[(bool, Pick)]| answers.iter().filter(|(clean, ..)| *clean).count();
    assert!(clean(&with) > clean(&without) + 10, "{} against {}", clean(&with), clean(&without));
}
