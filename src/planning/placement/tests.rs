use std::path::Path;

use super::*;
use crate::git::Signature;
use crate::planning::InputFiles;

/// A repository with a default branch, a supported line and an old one, and a release beside each.
struct River {
    _folder: tempfile::TempDir,
    store: Store,
    tags: BTreeMap<String, CommitId>,
    heads: BTreeMap<&'static str, CommitId>,
}

impl River {
    fn new() -> River {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("r.git")).unwrap();
        River { _folder: folder, store, tags: BTreeMap::new(), heads: BTreeMap::new() }
    }

    fn commit(&mut self, on: &'static str, from: &str) -> CommitId {
        let who = Signature::utc("A", "a@example.org", "2026-03-02T09:00:00Z".parse().unwrap());
        let parents: Vec<CommitId> = self.heads.get(from).cloned().into_iter().collect();
        let tree = self.store.empty_tree().unwrap();
        let message = format!("{} {}", on, self.tags.len() + self.heads.len());
        let commit = self.store.commit(&tree, &parents, &message, &who, &who).unwrap();
        self.heads.insert(on, commit.clone());
        commit
    }

    fn release(&mut self, tag: &str, on: &'static str, from: &str) {
        let commit = self.commit(on, from);
        self.tags.insert(tag.to_owned(), commit);
    }

    /// Each version with its origin, under the demo's rules for `brightwater/sluice`.
    fn placed(&self, stated: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        self.answered(stated, "").unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same, with answers of the release file; each but its `repo`.
    fn answered(
        &self,
        stated: &[(&str, &str)],
        answers: &str,
    ) -> Result<(Vec<String>, Vec<String>), TagError> {
        let found = self.tagged(stated, answers)?;
        let versions = found.versions.iter().map(|one| format!("{} {}", one.version, one.origin)).collect();
        Ok((versions, found.unread.iter().map(ToString::to_string).collect()))
    }

    fn tagged(&self, stated: &[(&str, &str)], answers: &str) -> Result<Tagged, TagError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        let files = InputFiles::load(&folder).unwrap_or_else(|error| panic!("{error}"));
        let mut inputs = files.inputs().clone();
        let answers = answers.split_terminator('\n');
        let answers = answers.map(|answer| {
            toml::from_str(&format!("repo = 'brightwater/sluice'\n{}", answer.replace("; ", "\n")))
        });
        inputs.release.tags = answers.collect::<Result<_, _>>().unwrap();
        let inputs = &inputs;
        let repo = &inputs.catalog.repos[0];
        let refs =
            self.heads.iter().map(|(name, head)| (format!("refs/heads/{name}"), head.clone())).collect();
        let lines = line_heads(repo, &refs);
        let scheme = inputs.scheme(repo);
        let stated = stated
            .iter()
            .map(|(branch, version)| (branch.parse().unwrap(), scheme.parse(version).unwrap()))
            .collect();
        tagged(&self.store, inputs, repo, (&lines, stated), &self.tags)
    }
}

#[test]
fn every_version_has_a_place_and_what_is_no_version_is_named() {
    let mut river = River::new();
    river.release("SLUICE-0.9.0", "main", "");
    river.commit("release/0.x", "main");
    river.release("SLUICE-0.9.1", "release/0.x", "release/0.x");
    river.release("SLUICE-2.4.0", "main", "main");
    river.commit("release/2.x", "main");
    river.release("v2.4.1", "release/2.x", "release/2.x");
    // Built files are added beside the branch.
    river.commit("release/2.x", "release/2.x");
    river.release("SLUICE-2.4.2", "built", "release/2.x");
    river.release("SLUICE-3.0.0-rc.1", "main", "main");
    river.release("nightly-2026-01-07", "main", "main");
    river.release("gate-1.2.3", "main", "main");
    river.release("2.10.x", "main", "main");
    // A line whose branch is gone.
    river.commit("gone", "main");
    river.release("SLUICE-2.9.1", "gone", "gone");
    river.heads.remove("gone");
    river.heads.remove("built");
    let (versions, unread) = river.placed(&[("release/2.x", "2.4.2")]);
    assert_eq!(
        versions,
        [
            "0.9.0 release/0.x, not supported",
            "0.9.1 release/0.x, not supported",
            "2.4.0 release/2.x",
            "2.4.1 release/2.x",
            "2.4.2 beside release/2.x",
            "2.9.1 2.9.x, not supported",
            "3.0.0-rc.1 main",
        ]
    );
    assert_eq!(
        unread,
        [
            "`2.10.x` is called like a line, not like a version",
            "`gate-1.2.3` begins with `gate-`, which is no form of this repository's tags that is known",
            "`nightly-2026-01-07` names no version"
        ]
    );
}

#[test]
fn numbers_tell_whose_a_version_is_that_several_lines_hold() {
    let mut river = River::new();
    river.release("SLUICE-1.2.0", "main", "");
    river.commit("release/1.x", "main");
    river.commit("release/2.x", "main");
    let (versions, _) = river.placed(&[("release/1.x", "1.1.7"), ("release/2.x", "1.2.0")]);
    assert_eq!(versions, ["1.2.0 release/2.x"]);
}

#[test]
fn name_that_moves_with_each_release_is_no_release_of_its_own() {
    let mut river = River::new();
    river.release("SLUICE-2.4.0", "main", "");
    river.commit("release/2.x", "main");
    river.release("v2.4.1", "release/2.x", "release/2.x");
    let at = river.tags["v2.4.1"].clone();
    river.tags.insert("v2.4".to_owned(), river.tags["SLUICE-2.4.0"].clone());
    let (versions, unread) = river.placed(&[("release/2.x", "2.4.1")]);
    assert_eq!(versions, ["2.4.0 release/2.x", "2.4.1 release/2.x"]);
    assert_eq!(unread, Vec::<String>::new(), "two names of one commit are one version");
    river.tags.insert("v2.4".to_owned(), at);
    let (versions, unread) = river.placed(&[("release/2.x", "2.4.1")]);
    assert_eq!(versions, ["2.4.0 release/2.x", "2.4.1 release/2.x"]);
    assert_eq!(unread, ["`v2.4` is at another commit than `SLUICE-2.4.0`, which names the same version"]);
}

#[test]
fn version_with_more_numbers_than_usual_hides_none_at_the_same_commit() {
    let mut river = River::new();
    river.release("SLUICE-2.4.0", "main", "");
    river.commit("release/2.x", "main");
    river.release("SLUICE-2.4.1", "release/2.x", "release/2.x");
    river.tags.insert("SLUICE-2.4.1.1".to_owned(), river.tags["SLUICE-2.4.1"].clone());
    let (versions, unread) = river.placed(&[("release/2.x", "2.4.1.1")]);
    assert_eq!(versions, ["2.4.0 release/2.x", "2.4.1 release/2.x", "2.4.1.1 release/2.x"]);
    assert_eq!(unread, Vec::<String>::new());
}

/// What counts for 2.4.1, the tags beside it, and what is asked, where two tags name it; with answers of the release file.
fn twice(answers: &str) -> (String, Vec<String>, Vec<String>) {
    let mut river = River::new();
    river.release("SLUICE-2.4.0", "main", "");
    river.commit("release/2.x", "main");
    river.release("SLUICE-2.4.1", "release/2.x", "release/2.x");
    river.release("v2.4.1", "release/2.x", "release/2.x");
    let tagged = river.tagged(&[("release/2.x", "2.4.1")], answers).unwrap();
    assert_eq!(tagged.versions.len(), 2, "{:?}", tagged.versions);
    let one = tagged.versions.into_iter().find(|one| one.version.as_str() == "2.4.1").unwrap();
    let rivals = one.rivals.into_iter().map(|rival| rival.tag).collect();
    (one.tag, rivals, tagged.unread.iter().map(ToString::to_string).collect())
}

#[test]
fn two_tags_of_one_version_are_a_question_that_either_answers() {
    let (counts, rivals, asked) = twice("");
    assert_eq!((counts.as_str(), rivals), ("SLUICE-2.4.1", vec!["v2.4.1".to_owned()]));
    assert_eq!(
        asked,
        [
            "`v2.4.1` is at another commit than `SLUICE-2.4.1`, which names the same version: both are looked at until `[[tag]]` \
          says which was released"
        ]
    );
    for (answers, expected) in [
        ("name = 'v2.4.1'; version = '2.4.1'", "v2.4.1"),
        ("name = 'SLUICE-2.4.1'; ignore = 'burnt'", "v2.4.1"),
        ("name = 'v2.4.1'; version = '2.4.1'\nname = 'SLUICE-2.4.1'; ignore = 'burnt'", "v2.4.1"),
        ("name = 'SLUICE-2.4.1'; version = '2.4.1'", "SLUICE-2.4.1"),
        ("name = 'v2.4.1'; ignore = 'moved by mistake'", "SLUICE-2.4.1"),
    ] {
        assert_eq!(twice(answers), (expected.to_owned(), Vec::new(), Vec::new()), "{answers}");
    }
}

#[test]
fn tag_of_an_odd_form_is_the_version_whose_own_tag_is_ignored() {
    let answers = "name = 'sluice_two_point_three'; version = '2.4.0'\nname = 'SLUICE-2.4.0'; ignore = 'burnt'\n\
         name = 'nightly-*'; ignore = 'built each night'";
    let tagged = odd_river().tagged(&[("release/2.x", "2.4.2")], answers).unwrap();
    let tags: Vec<&str> = tagged.versions.iter().map(|one| one.tag.as_str()).collect();
    assert_eq!(tags, ["sluice_two_point_three", "SLUICE-2.9.1"]);
}

/// A river with one tag of an unknown form, nightly builds, and a release of a branch that is gone.
fn odd_river() -> River {
    let mut river = River::new();
    river.release("SLUICE-2.4.0", "main", "");
    river.release("sluice_two_point_three", "main", "main");
    river.release("nightly-2026-01-07", "main", "main");
    river.release("nightly-2026-01-08", "main", "main");
    river.commit("release/2.x", "main");
    river.commit("gone", "main");
    river.release("SLUICE-2.9.1", "gone", "gone");
    river.heads.remove("gone");
    river
}

#[test]
fn tag_is_what_the_release_file_answers() {
    let (versions, unread) = odd_river()
        .answered(
            &[("release/2.x", "2.4.2")],
            "name = 'sluice_two_point_three'; version = '2.3.0'\nname = 'nightly-*'; ignore = 'built each night'\n\
             name = 'SLUICE-2.9.1'; line = 'release/2.x'",
        )
        .unwrap();
    assert_eq!(versions, ["2.3.0 release/2.x", "2.4.0 release/2.x", "2.9.1 beside release/2.x"]);
    assert_eq!(unread, Vec::<String>::new());
}

#[rstest::rstest]
#[case(
    "name = 'sluice_two'; version = '2.3.0'",
    "name: `brightwater/sluice` has no tag `sluice_two`; remove the entry"
)]
#[case(
    "name = 'SLUICE-2.4.1'; ignore = 'x'",
    "name: `brightwater/sluice` has no tag `SLUICE-2.4.1`; did you mean `SLUICE-2.4.0`?"
)]
#[case(
    "name = 'SLUICE-2.4.0'; ignore = 'x'",
    "name: the tag `SLUICE-2.4.0` of `brightwater/sluice` needs no answer: it is read as 2.4.0; remove the entry, or let \
     it name fewer tags"
)]
#[case(
    "name = 'sluice_two_point_three'; version = '2.4.0'",
    "version: `SLUICE-2.4.0`, at another commit, names 2.4.0, too; correct the version, or let one of the two tags \
     be ignored with `ignore` and the reason"
)]
#[case(
    "name = 'sluice_two_point_three'; version = 'two'",
    "version: what `sluice_two_point_three` names: `two` is not a version in dotted numbers (`scheme` in the version rule \
     names other schemes); write it as the repository's versions are written"
)]
#[case(
    "name = 'SLUICE-2.4.0'; line = 'release/2.x'",
    "line: where 2.4.0 was released from is told by its history: release/2.x; remove `line`"
)]
#[case(
    "name = 'nightly-2026-01-07'; line = 'release/2.x'",
    "line: the tag `nightly-2026-01-07` names no version that was released from a line: it names no version; write its \
     `version`, too; or let it be ignored, with `ignore` and the reason"
)]
fn answer_that_does_not_hold_is_refused(#[case] answer: &str, #[case] expected: &str) {
    let refused = odd_river().answered(&[("release/2.x", "2.4.2")], answer).unwrap_err();
    let TagError::Fault(fault) = refused else { panic!("{refused}") };
    assert_eq!(format!("{}: {}; {}", fault.key, fault.message, fault.hint), expected);
    assert_eq!(fault.answer, 0);
}

#[test]
fn branch_that_is_called_like_its_versions_holds_them_wherever_their_tags_are() {
    let mut river = River::new();
    river.release("SLUICE-1.0.0", "main", "");
    river.release("SLUICE-2.0.0", "main", "main");
    river.commit("release/2.x", "main");
    // Two releases of the line, one from the default branch after the line had parted, one beside all branches.
    river.release("SLUICE-2.1.0", "main", "main");
    river.release("SLUICE-2.2.0", "gone", "main");
    river.release("SLUICE-2.3.0", "release/2.x", "release/2.x");
    river.release("SLUICE-3.0.0", "main", "main");
    river.heads.remove("gone");
    let (versions, _) = river.placed(&[("release/2.x", "2.3.0")]);
    assert_eq!(
        versions,
        [
            "1.0.0 release/2.x",
            "2.0.0 release/2.x",
            "2.1.0 release/2.x",
            "2.2.0 beside release/2.x",
            "2.3.0 release/2.x",
            "3.0.0 main",
        ]
    );
}

#[rstest::rstest]
#[case("4.x", "4.21.2", Some(1))]
#[case("release/2.4.x", "2.4.5", Some(2))]
#[case("7-2-stable", "7.2.2.1", Some(2))]
#[case("k8s-1.2", "1.2.5", Some(2))]
#[case("release-28.0.0", "28.0.1", None)]
#[case("main", "2.0.0", None)]
#[case("2026-stable", "1.2.3", None)]
fn name_of_a_branch_tells_which_numbers_are_its_own(
    #[case] branch: &str,
    #[case] stated: &str,
    #[case] named: Option<usize>,
) {
    let stated = crate::numbering::Scheme::Numbers.parse(stated).unwrap();
    assert_eq!(numbers_in_name(&branch.parse().unwrap(), &stated), named);
}

#[test]
fn version_of_two_numbers_begins_the_line_of_those_with_three() {
    let mut river = River::new();
    river.release("SLUICE-1.0", "main", "");
    river.release("SLUICE-1.1", "main", "main");
    // Their branches are gone.
    for tag in ["SLUICE-1.0.1", "SLUICE-1.0.2", "SLUICE-1.1.1"] {
        river.commit("gone", "main");
        river.release(tag, "gone", "gone");
    }
    river.heads.remove("gone");
    river.commit("release/3.x", "main");
    river.release("SLUICE-3.0.0", "release/3.x", "release/3.x");
    let (versions, _) = river.placed(&[("release/3.x", "3.0.0")]);
    assert_eq!(
        versions,
        [
            "1.0 1.0.x, not supported",
            "1.0.1 1.0.x, not supported",
            "1.0.2 1.0.x, not supported",
            "1.1 1.1.x, not supported",
            "1.1.1 1.1.x, not supported",
            "3.0.0 release/3.x",
        ]
    );
}

#[test]
fn what_was_released_before_the_lines_parted_is_the_oldest_lines_however_often_that_was_released() {
    let mut river = River::new();
    river.release("SLUICE-0.9.0", "main", "");
    river.commit("release/1.x", "main");
    for tag in ["SLUICE-1.0.0", "SLUICE-1.0.1", "SLUICE-1.0.2"] {
        river.release(tag, "release/1.x", "release/1.x");
    }
    river.commit("main", "main");
    river.commit("release/2.x", "main");
    river.release("SLUICE-2.0.0", "release/2.x", "release/2.x");
    river.commit("main", "main");
    let (versions, _) = river.placed(&[("release/1.x", "1.0.2"), ("release/2.x", "2.0.0")]);
    assert_eq!(versions[0], "0.9.0 release/1.x");
}

#[test]
fn what_the_default_branch_releases_is_its_own_though_a_newer_line_begins_with_it() {
    let mut river = River::new();
    river.release("SLUICE-2.9.0", "main", "");
    river.commit("release/2.x", "main");
    river.release("SLUICE-3.12.0", "main", "main");
    river.release("SLUICE-3.13.0", "main", "main");
    river.commit("release/4.x", "main");
    river.commit("main", "main");
    let (versions, _) = river.placed(&[("main", "3.14.0-dev"), ("release/2.x", "2.9.0")]);
    assert_eq!(versions, ["2.9.0 release/2.x", "3.12.0 main", "3.13.0 main"]);
    // Its own releases are its own.
    river.release("SLUICE-4.0.0-rc.1", "release/4.x", "release/4.x");
    let (versions, _) = river.placed(&[("main", "3.14.0-dev"), ("release/2.x", "2.9.0")]);
    assert_eq!(versions[3], "4.0.0-rc.1 release/4.x, not supported");
}

#[test]
fn line_that_is_named_after_a_version_has_it_though_another_ones_history_holds_it_too() {
    let mut river = River::new();
    river.release("SLUICE-2.0.0", "main", "");
    river.commit("release/1.x", "main");
    river.commit("release/2.x", "main");
    river.release("SLUICE-2.0.1", "release/2.x", "release/2.x");
    let (versions, _) = river.placed(&[("release/1.x", "2.0.0"), ("release/2.x", "2.0.1")]);
    assert_eq!(versions, ["2.0.0 release/2.x", "2.0.1 release/2.x"]);
}
