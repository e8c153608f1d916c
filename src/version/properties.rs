//! What holds for every scheme, whatever the files look like: writing changes the version's bytes and no others,
//! what was written is read, and writing the old version back restores the file.

use std::collections::BTreeMap;

use super::{NoteEntry, NotedRelease, NotesRule, Versioning};
use crate::numbering::{Scheme, Version, semver};
use proptest::prelude::*;

type Tree = BTreeMap<String, String>;

/// Sets the files of one ecosystem.
type Maker = fn(&Version, &Style) -> Tree;

/// How somebody might have set the file.
#[derive(Debug, Clone)]
struct Style {
    newline: &'static str,
    quote: char,
    space: String,
    comment: String,
    mark: &'static str,
    last_newline: bool,
}

fn style() -> impl Strategy<Value = Style> {
    let newline = prop_oneof![Just("\n"), Just("\r\n")];
    let quote = prop_oneof![Just('"'), Just('\'')];
    let mark = prop_oneof![Just(""), Just("\u{feff}")];
    (newline, quote, "[ \t]{0,3}", "[ -~äß漢]{0,12}", mark, any::<bool>()).prop_map(
        |(newline, quote, space, comment, mark, last_newline)| Style {
            newline,
            quote,
            space,
            comment,
            mark,
            last_newline,
        },
    )
}

fn version() -> impl Strategy<Value = Version> {
    (0..200u64, 0..200u64, 0..2000u64)
        .prop_map(|(major, minor, patch)| semver(&format!("{major}.{minor}.{patch}")))
}

fn versioning(text: &str) -> Versioning {
    Versioning::new(toml::from_str(text).unwrap(), Scheme::SemVer)
}

impl Style {
    fn set(&self, lines: &[String]) -> String {
        let mut text = lines.join(self.newline);
        if self.last_newline {
            text.push_str(self.newline);
        }
        text
    }
}

fn cargo(version: &Version, style: &Style) -> Tree {
    let Style { quote: q, space, comment, mark, .. } = style;
    let root = style.set(&[
        format!("{mark}# {comment}"),
        "[workspace]".into(),
        "members = ['a', 'b']".into(),
        "[workspace.package]".into(),
        format!("version{space}={space}{q}{version}{q}{space}# {comment}"),
        "[workspace.dependencies]".into(),
        format!("a = {{ path = 'a',{space}version = {q}={version}{q} }}"),
        "other = '3.1.4'".into(),
    ]);
    let a = style.set(&["[package]".into(), "name = 'a'".into(), "version.workspace = true".into()]);
    let b = style.set(&[
        "[package]".into(),
        "name = 'b'".into(),
        format!("version{space}={space}{q}{version}{q}"),
        "[dependencies.a]".into(),
        "path = '../a'".into(),
        format!("version = {q}{version}{q} # {comment}"),
    ]);
    let lock = style.set(&[
        "version = 4".into(),
        "[[package]]".into(),
        "name = \"a\"".into(),
        format!("version = \"{version}\""),
        "[[package]]".into(),
        "name = \"b\"".into(),
        format!("version = \"{version}\""),
        format!("dependencies = [ \"a {version}\" ]"),
    ]);
    [("Cargo.toml", root), ("a/Cargo.toml", a), ("b/Cargo.toml", b), ("Cargo.lock", lock)]
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text))
        .collect()
}

fn npm(version: &Version, style: &Style) -> Tree {
    let Style { space, comment, mark, .. } = style;
    let comment = comment.replace(['"', '\\'], "");
    let top = [
        format!("{mark}{{"),
        format!("{space}\"description\": \"{comment}\","),
        format!("{space}\"version\"{space}:{space}\"{version}\"{space},"),
    ];
    let manifest = [&top[..], &["\"files\": [\"1.2.3\"]".into(), "}".into()]].concat();
    let inner = format!("\"packages\": {{ \"\": {{ \"version\":{space}\"{version}\" }} }}");
    let lock = [&top[..], &[inner, "}".into()]].concat();
    [("package.json", manifest), ("package-lock.json", lock)]
        .into_iter()
        .map(|(path, lines)| (path.to_owned(), style.set(&lines)))
        .collect()
}

fn pyproject(version: &Version, style: &Style) -> Tree {
    let Style { quote: q, space, comment, mark, .. } = style;
    let text = style.set(&[
        format!("{mark}[project]"),
        format!("{space}version ={space}{q}{version}{q} # {comment}"),
        "[tool.poetry]".into(),
        format!("version = {q}{version}{q}"),
    ]);
    BTreeMap::from([("pyproject.toml".to_owned(), text)])
}

fn header(version: &Version, style: &Style) -> Tree {
    let Style { space, comment, .. } = style;
    let numbers: Vec<&str> = version.numbers().collect();
    let [major, minor, patch] = numbers[..] else { panic!("three numbers") };
    let header = style.set(&[
        format!("// {comment}"),
        format!("{space}#{space}define V_MAJOR {space}{major}{space}// {comment}"),
        format!("#define V_MINOR {minor}"),
        format!("#define V_PATCH {patch}"),
        format!("#define V_TEXT \"{version}\""),
    ]);
    let cmake = style.set(&[
        format!("# {comment}"),
        format!("{space}set({space}V_MAJOR {major}{space})"),
        format!("SET(V_MINOR \"{minor}\")"),
        format!("set(V_PATCH {patch}) # {comment}"),
    ]);
    BTreeMap::from([("v.h".to_owned(), header), ("v.cmake".to_owned(), cmake)])
}

/// Writes `new` into the tree and gives the tree back.
fn written(versioning: &Versioning, tree: &Tree, new: &Version) -> Tree {
    let mut after = tree.clone();
    for change in versioning.write(tree, new).unwrap() {
        let content = String::from_utf8(change.bytes).unwrap();
        assert_ne!(tree.get(&change.path), Some(&content), "unchanged files are not listed");
        after.insert(change.path, content);
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn only_the_version_changes_and_the_way_back_restores_every_byte(
        old in version(), new in version(), style in style()
    ) {
        prop_assume!(old != new);
        let header_rule = "kind = 'c-header'\nheader = 'v.h'\nmacros = ['V_MAJOR', 'V_MINOR', 'V_PATCH']\n\
                             text = 'V_TEXT'\ncmake = { file = 'v.cmake' }";
        let cases: [(&str, Maker); 4] = [
            ("kind = 'cargo-workspace'", cargo),
            ("kind = 'npm'", npm),
            ("kind = 'pyproject'", pyproject),
            (header_rule, header),
        ];
        for (text, tree) in cases {
            let versioning = versioning(text);
            let before = tree(&old, &style);
            prop_assert_eq!(versioning.read(&before).unwrap(), old.clone());
            let after = written(&versioning, &before, &new);
            prop_assert_eq!(&after, &tree(&new, &style));
            prop_assert_eq!(versioning.read(&after).unwrap(), new.clone());
            prop_assert_eq!(written(&versioning, &after, &old), before);
        }
    }

    #[test]
    fn release_notes_only_add_and_a_second_time_add_nothing(
        lines in prop::collection::vec("(## [0-9]\\.[0-9]\\.[0-9]|### Fixed|[*] [a-z]{1,9}|---|```|[a-z]{0,9}|)", 0..14),
        version in (0..9u64, 0..9u64, 0..9u64), style in style()
    ) {
        let rule: NotesRule = toml::from_str(
            "file = 'C.md'\nheading = '## {version}'\nsection = '### Fixed'\nentry = '* {summary} ({ghsa})'",
        ).unwrap();
        let entry = NoteEntry {
            summary: "a fix".into(),
            ghsa: "GHSA-23cf-ghjm-pqrv".parse().unwrap(),
            cve: None,
            url: String::new(),
            severity: None,
            own: crate::version::OwnWords::default(),
        };
        let before = style.set(&lines);
        let version = semver(&format!("{}.{}.{}", version.0, version.1, version.2));
        let entries = [entry];
        let told = |text: &str| {
            let files = BTreeMap::from([("C.md".to_owned(), text.to_owned())]);
            rule.write(&files, &NotedRelease::of(&version, None, &entries))
        };
        // Where the place is not certain, nothing is written.
        let Ok(changes) = told(&before) else { return Ok(()) };
        let after = changes[0].content.clone();
        let start = before.bytes().zip(after.bytes()).take_while(|(old, new)| old == new).count();
        let rest = before.bytes().rev().zip(after.bytes().rev()).take_while(|(old, new)| old == new).count();
        prop_assert!(start + rest >= before.len(), "something was taken away:\n{before}\n=>\n{after}");
        prop_assert_eq!(after.matches("GHSA-23cf-ghjm-pqrv").count(), 1);
        prop_assert_eq!(told(&after).unwrap(), vec![]);
    }
}
