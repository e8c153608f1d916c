//! Projects whose released trees say that the release is still to come: curl's `8.11.0-DEV`, which only the making of an archive
//! takes the mark off.

use super::stated_rule::StatedRule;
use super::tags::ReleasedVersion;
use super::written::string;
use crate::numbering::Scheme;
use crate::version::TreeReader;

/// The rules for a version whose mark stays in what is released.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) rules: Vec<StatedRule>,
    /// How it is known.
    pub(super) because: String,
}

impl Marked {
    /// Of the tree of the newest release, if it states the release with a mark behind it; `None` where nothing but the release is
    /// stated.
    pub(super) fn of(
        released: &dyn TreeReader,
        newest: &ReleasedVersion,
        rules: &[StatedRule],
        scheme: Scheme,
    ) -> Option<Marked> {
        let leading = rules.iter().find(|rule| rule.of_kind() == string("c-header"))?;
        let (header, stem) = (leading.unquoted("header")?, leading.unquoted("text")?);
        let stated = leading.read(released, scheme)?;
        let mark = stated.as_str().strip_prefix(newest.version.as_str()).filter(|mark| !mark.is_empty())?;
        let text = string(&format!("define {stem} \"{{version}}{mark}\""));
        let whole = StatedRule::at("text", "file", header).with("text", text);
        // The macros alone say which version it is.
        let mut marked = vec![leading.clone().without("text"), whole];
        let read = |rule: &StatedRule| rule.read(released, scheme).as_ref() == Some(&newest.version);
        marked.extend(rules.iter().filter(|rule| *rule != leading).cloned());
        let because = format!("the tree of `{}` states {stated}, too: the mark stays", newest.tag.name);
        marked.iter().all(read).then_some(Marked { rules: marked, because })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::discovery::constants::{c_header, companions};
    use crate::discovery::history::DatedTag;

    fn tree(version: &str, patch: u8) -> BTreeMap<String, String> {
        let text = format!(
            "#define LIBLOCK_VERSION \"{version}\"\n#define LIBLOCK_VERSION_MAJOR 8\n#define LIBLOCK_VERSION_MINOR 11\n\
             #define LIBLOCK_VERSION_PATCH {patch}\n#define LIBLOCK_VERSION_NUM 0x080b0{patch}\n"
        );
        BTreeMap::from([("include/lockver.h".to_owned(), text)])
    }

    #[test]
    fn mark_that_releases_keep_stays_where_it_is() {
        let newest = ReleasedVersion {
            version: Scheme::SemVer.parse("8.11.1").unwrap(),
            tag: DatedTag {
                name: "lock-8_11_1".into(),
                commit: "a".repeat(40).parse().unwrap(),
                date: jiff::Timestamp::UNIX_EPOCH,
            },
        };
        let rules = |files: &BTreeMap<String, String>| {
            let mut rules = vec![c_header(files, "lock").unwrap()];
            let version = rules[0].read(files, Scheme::SemVer).unwrap();
            rules.extend(companions(files, &rules, &version, Scheme::SemVer));
            rules
        };
        let next = tree("8.11.2-DEV", 2);
        let found = Marked::of(&tree("8.11.1-DEV", 1), &newest, &rules(&next), Scheme::SemVer).unwrap();
        let read = |rule: &StatedRule| rule.read(&next, Scheme::SemVer).unwrap().as_str().to_owned();
        assert_eq!(found.rules.iter().map(read).collect::<Vec<_>>(), ["8.11.2"; 3]);
        let plain = Marked::of(&tree("8.11.1", 1), &newest, &rules(&next), Scheme::SemVer);
        assert!(plain.is_none(), "a release that takes it off");
    }
}
