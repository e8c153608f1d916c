//! What `lockgate rehearse --expect` says of the day that was replayed.

use crate::rehearsal::{Comparison, DifferingPath, MadeItem, MadeOutcome, TreeComparison, Unexpected};
use crate::wording::counted;

/// No more paths without a reason than anybody explains one by one: another history, or the wrong day, differs in hundreds.
const MOST: usize = 40;

/// The comparison in lines, target by target, then whatever else was made.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut text = "Compared with that day\n".to_owned();
    for target in &comparison.targets {
        text += &format!("  {} {}\n", target.repo, target.branch);
        match &target.stacked {
            None => text += "    it is no target of this release: NOT EXPLAINED\n",
            Some(stacked) => text += &of_tree("stacked", stacked),
        }
        if let Some(released) = &target.released {
            text += &of_tree("released", released);
        }
    }
    text + &of_unexpected(&comparison.unexpected)
}

/// What was made and not expected, with the lines that would list it.
fn of_unexpected(unexpected: &[Unexpected]) -> String {
    let mut text: String = unexpected.iter().map(one_unexpected).collect();
    let unlisted = || unexpected.iter().filter(|one| one.outcome != MadeOutcome::NotMade);
    if unlisted().next().is_some() {
        text += "  if that is what happened, list it in the file of expectations:\n";
        text.extend(unlisted().map(|one| listing(&one.item)));
    }
    text
}

fn one_unexpected(unexpected: &Unexpected) -> String {
    let MadeItem { what, of, name } = &unexpected.item;
    let what = what.as_str();
    let happened = match unexpected.outcome {
        MadeOutcome::Made => "was made and nobody expected it",
        MadeOutcome::Moved => "was changed and nobody expected it",
        MadeOutcome::Removed => "was removed and nobody expected it",
        MadeOutcome::NotMade => "is expected and was not made",
    };
    format!("  {of}\n    {what} `{name}` {happened}: NOT EXPLAINED\n")
}

fn listing(item: &MadeItem) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let (what, of, name) = (quoted(item.what.as_str()), quoted(&item.of), quoted(&item.name));
    format!("    [[made]]\n    what = {what}\n    of = {of}\n    name = {name}\n")
}

fn of_tree(what: &str, compared: &TreeComparison) -> String {
    match compared {
        TreeComparison::NotMade => format!("    nothing was {what}: NOT EXPLAINED\n"),
        TreeComparison::Made { tree, differing } if differing.is_empty() => {
            format!("    {what} tree {} equals theirs\n", tree.short())
        }
        TreeComparison::Made { tree, differing } => {
            let count = counted(differing.len(), "path");
            format!("    {what} tree {} differs in {count}\n{}", tree.short(), by_reason(differing))
        }
    }
}

/// One reason may stand for dozens of files, so it is given once. What nobody has explained comes first, path by path: each
/// wants a reason.
fn by_reason(differing: &[DifferingPath]) -> String {
    let mut reasons: Vec<Option<&str>> = differing.iter().map(|path| path.why.as_deref()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.into_iter().map(|reason| one_reason(differing, reason)).collect()
}

fn one_reason(differing: &[DifferingPath], reason: Option<&str>) -> String {
    let mut paths = differing.iter().filter(|path| path.why.as_deref() == reason).map(|path| &path.path);
    let Some(reason) = reason else {
        let told: String =
            paths.by_ref().take(MOST).map(|path| format!("      `{path}`: NOT EXPLAINED\n")).collect();
        return match paths.count() {
            0 => told,
            count => format!("{told}      and {count} more: NOT EXPLAINED (`--json` names all)\n"),
        };
    };
    let first = paths.next().map_or("", String::as_str);
    let more = match paths.count() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    format!("      `{first}`{more}: {reason}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearsal::{ComparedTarget, MadeKind};

    #[test]
    fn differences_are_listed_by_their_reason() {
        let path =
            |path: &str, why: Option<&str>| DifferingPath { path: path.into(), why: why.map(Into::into) };
        let made = |differing| TreeComparison::Made { tree: "a".repeat(40).parse().unwrap(), differing };
        let target = |branch: &str, stacked, released| ComparedTarget {
            repo: "brightwater/weir".parse().unwrap(),
            branch: branch.parse().unwrap(),
            stacked,
            released,
        };
        let differing =
            vec![path("NOTES", Some("written by hand")), path("src/a.c", None), path("src/b.c", None)];
        let targets = [
            target("main", Some(made(Vec::new())), None),
            target("release/7.x", Some(made(differing)), Some(TreeComparison::NotMade)),
            target("release/8.x", None, None),
        ];
        let unexpected = |outcome, name: &str| Unexpected {
            item: MadeItem { what: MadeKind::Tag, of: "brightwater/weir".into(), name: name.into() },
            outcome,
        };
        let comparison = Comparison {
            targets: targets.into(),
            unexpected: vec![
                unexpected(MadeOutcome::Made, "v7.0.1"),
                unexpected(MadeOutcome::NotMade, "v7.1.0"),
            ],
        };
        insta::assert_snapshot!(text(&comparison), @r#"
        Compared with that day
          brightwater/weir main
            stacked tree aaaaaaaaaa equals theirs
          brightwater/weir release/7.x
            stacked tree aaaaaaaaaa differs in 3 paths
              `src/a.c`: NOT EXPLAINED
              `src/b.c`: NOT EXPLAINED
              `NOTES`: written by hand
            nothing was released: NOT EXPLAINED
          brightwater/weir release/8.x
            it is no target of this release: NOT EXPLAINED
          brightwater/weir
            tag `v7.0.1` was made and nobody expected it: NOT EXPLAINED
          brightwater/weir
            tag `v7.1.0` is expected and was not made: NOT EXPLAINED
          if that is what happened, list it in the file of expectations:
            [[made]]
            what = "tag"
            of = "brightwater/weir"
            name = "v7.0.1"
        "#);
    }
}
