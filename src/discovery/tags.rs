//! The forms of tags, and the versions that they name.

use std::collections::BTreeMap;

use super::fact::Fact;
use super::history::{DatedTag, History};
use crate::git::GitError;
use crate::numbering::{Scheme, Version, version_at_end, version_in_tag, version_in_usual_tag};
use crate::wording::counted;

/// How many of the newest tags say what the form is today.
const NEWEST: usize = 12;

/// What the tags of a repository tell.
#[derive(Debug)]
pub(super) struct TagHabits {
    /// The form of a release's tag, with `{version}` in it.
    pub(super) form: Fact<String>,
    /// Whether the newest ones are signed.
    pub(super) signed: bool,
    /// The scheme of its versions.
    scheme: Scheme,
    /// The versions, oldest first.
    pub(super) versions: Vec<ReleasedVersion>,
    /// The forms of other tags at the commit of the newest release.
    pub(super) further: Vec<String>,
    /// What stands before the version in the newest tags of other forms, and how many there are.
    pub(super) others: Vec<(String, usize)>,
}

/// A version that was released.
#[derive(Debug, Clone)]
pub(super) struct ReleasedVersion {
    pub(super) version: Version,
    pub(super) tag: DatedTag,
}

impl TagHabits {
    /// Reads them for a project of this name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn of(history: &History<'_>, name: &str, scheme: Scheme) -> Result<TagHabits, GitError> {
        let before = prefix(&history.tags, name, scheme).map(|before| format!("{before}{{version}}"));
        let Some(form) = before.or_else(|| numbered_form(&history.tags, name, scheme)) else {
            return Ok(TagHabits::none(scheme, history.tags.first()));
        };
        let versions = versions(&history.tags, &form, name, scheme);
        let newest = history.tags.iter().filter(|tag| version_in_tag(&form, &tag.name, scheme).is_some());
        let newest: Vec<&DatedTag> = newest.take(NEWEST).collect();
        let because = match newest.first() {
            Some(tag) => format!("`{}` and {} before it", tag.name, counted(newest.len() - 1, "tag")),
            None => "the form of most tags".to_owned(),
        };
        let signed = are_signed(history, &newest)?;
        let further = further(history, &versions);
        let others = others(&history.tags, &form, &further, name, scheme);
        Ok(TagHabits { form: Fact::seen(form, because), signed, scheme, versions, further, others })
    }

    /// What is known where no tag is read as a version.
    fn none(scheme: Scheme, newest: Option<&DatedTag>) -> TagHabits {
        let because = newest.map_or_else(
            || "there is no tag yet".to_owned(),
            |tag| format!("no version is read from the tags, of which `{}` is the newest", tag.name),
        );
        let form = Fact::guessed("v{version}".to_owned(), because);
        let (versions, further, others) = (Vec::new(), Vec::new(), Vec::new());
        TagHabits { form, signed: false, scheme, versions, further, others }
    }

    /// The highest version that is no pre-release. Those of earlier years may have had another scheme.
    pub(super) fn newest(&self) -> Option<&ReleasedVersion> {
        let of_today = |released: &&ReleasedVersion| released.version.scheme() == self.scheme;
        let of_today = || self.versions.iter().rev().filter(of_today);
        let plain = of_today().find(|released| !released.version.is_prerelease());
        plain.or_else(|| of_today().next()).or(self.versions.last())
    }

    /// How well a version agrees with the tags: 3 for one that has a tag, 2 for one of a line that has, 1 for a new line. One that
    /// its own line and a newer major number have overtaken is an example, or stands in what nobody raises.
    pub(super) fn closeness(&self, version: &Version) -> u8 {
        let first = |version: &Version, count: usize| -> Vec<String> {
            version.numbers().take(count).map(str::to_owned).collect()
        };
        let number = |version: &Version| version.numbers().next().and_then(|first| first.parse::<u64>().ok());
        let any =
            |test: &dyn Fn(&Version) -> bool| self.versions.iter().any(|released| test(&released.version));
        let newest = self.newest().and_then(|newest| number(&newest.version));
        let is_overtaken = any(&|known| known > version && known.is_of_the_line_of(version));
        if self.versions.is_empty() {
            1
        } else if is_overtaken && number(version) < newest {
            0
        } else if any(&|known| known.as_str() == version.as_str()) {
            3
        } else if any(&|known| first(known, 2) == first(version, 2)) {
            2
        } else {
            u8::from(
                newest.zip(number(version)).is_some_and(|(newest, own)| own == newest || own == newest + 1),
            )
        }
    }
}

/// What stands before the version in most of the newest tags. Some repositories tag several things: those that are
/// called like the project, or like nothing at all, are its own.
fn prefix(tags: &[DatedTag], name: &str, scheme: Scheme) -> Option<String> {
    let is_own = |tag: &&DatedTag| version_in_usual_tag(&tag.name, [name], scheme).is_some();
    let mut own: Vec<&DatedTag> = tags.iter().filter(is_own).take(NEWEST).collect();
    if own.is_empty() {
        // A workspace whose packages are tagged by their whole names: `@acme/pump@1.2.3`.
        let of_package = format!("/{name}@");
        let is_of_package =
            |tag: &&DatedTag| read(&tag.name).is_some_and(|(before, _)| before.ends_with(&of_package));
        own = tags.iter().filter(is_of_package).take(NEWEST).collect();
    }
    let counted = if own.is_empty() { tags.iter().take(NEWEST).collect() } else { own };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (before, _) in counted.iter().filter_map(|tag| read(&tag.name)) {
        *counts.entry(before).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(before, _)| before.to_owned())
}

/// The form of tags that join the numbers by something else than dots: `REL_{major}_{minor}_{patch}`.
fn numbered_form(tags: &[DatedTag], name: &str, scheme: Scheme) -> Option<String> {
    let of_numbers = |before: &str, count: usize, between: &str| {
        let numbers = ["{major}", "{minor}", "{patch}"].into_iter().take(count);
        format!("{before}{}", numbers.collect::<Vec<_>>().join(between))
    };
    let own = tags.iter().take(NEWEST).find_map(|tag| {
        let version = version_in_usual_tag(&tag.name, [name], scheme)?;
        ["_", "-"].into_iter().find_map(|between| {
            let before = tag.name.strip_suffix(&version.as_str().replace('.', between))?;
            Some(of_numbers(before, version.numbers().count(), between))
        })
    });
    // Three numbers behind another name are a version, too: `libpump-1_2_3` of `acme/pumps`.
    own.or_else(|| {
        tags.iter().take(NEWEST).find_map(|tag| {
            let at = tag.name.rfind(|letter: char| !letter.is_ascii_digit() && letter != '_')? + 1;
            let (before, numbers) = tag.name.split_at(at);
            let is_number = |part: &str| !part.is_empty() && part.len() < 4;
            let are_three = numbers.split('_').count() == 3 && numbers.split('_').all(is_number);
            (before.ends_with(['-', '/']) && are_three).then(|| of_numbers(before, 3, "_"))
        })
    })
}

/// A tag's version and what stands before it; `2.3.x` is the name of a line.
fn read(tag: &str) -> Option<(&str, Version)> {
    version_at_end(tag).filter(|(_, version)| !version.as_str().ends_with(".x"))
}

fn versions(tags: &[DatedTag], form: &str, name: &str, scheme: Scheme) -> Vec<ReleasedVersion> {
    let mut found: BTreeMap<Version, DatedTag> = BTreeMap::new();
    let of_form = tags.iter().filter_map(|tag| Some((version_in_tag(form, &tag.name, scheme)?, tag)));
    let usual = tags.iter().filter_map(|tag| Some((version_in_usual_tag(&tag.name, [name], scheme)?, tag)));
    for (version, tag) in of_form.chain(usual) {
        found.entry(version).or_insert_with(|| tag.clone());
    }
    found.into_iter().map(|(version, tag)| ReleasedVersion { version, tag }).collect()
}

/// Tags of the newest release's commit that name the same version under other words.
fn further(history: &History<'_>, versions: &[ReleasedVersion]) -> Vec<String> {
    let Some(newest) = versions.iter().rev().find(|released| !released.version.is_prerelease()) else {
        return Vec::new();
    };
    let beside =
        history.tags.iter().filter(|tag| tag.commit == newest.tag.commit && tag.name != newest.tag.name);
    let forms = beside.filter_map(|tag| {
        let (before, version) = read(&tag.name)?;
        (version.as_str() == newest.version.as_str()).then(|| format!("{before}{{version}}"))
    });
    let mut forms: Vec<String> = forms.collect();
    forms.sort();
    forms
}

fn others(
    tags: &[DatedTag],
    form: &str,
    further: &[String],
    name: &str,
    scheme: Scheme,
) -> Vec<(String, usize)> {
    let is_known = |tag: &str| {
        let mut known = further.iter().map(String::as_str).chain([form]);
        known.any(|form| version_in_tag(form, tag, Scheme::Numbers).is_some())
            || version_in_usual_tag(tag, [name], scheme).is_some()
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (before, _) in tags.iter().filter(|tag| !is_known(&tag.name)).filter_map(|tag| read(&tag.name)) {
        *counts.entry(format!("{before}{{version}}")).or_default() += 1;
    }
    // A package of a workspace may have had one release.
    let tells = |form: &str, count: usize| count > 1 || form.ends_with("@{version}");
    let mut counts: Vec<(String, usize)> =
        counts.into_iter().filter(|(form, count)| tells(form, *count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// Whether the five newest annotated tags are signed.
fn are_signed(history: &History<'_>, newest: &[&DatedTag]) -> Result<bool, GitError> {
    let messages: Result<Vec<_>, _> = newest.iter().map(|tag| history.store.tag_message(&tag.name)).collect();
    let messages: Vec<String> = messages?.into_iter().take(5).flatten().collect();
    let is_signed = |message: &String| {
        message.contains("-----BEGIN PGP SIGNATURE-----") || message.contains("-----BEGIN SSH SIGNATURE-----")
    };
    Ok(!messages.is_empty() && messages.iter().all(is_signed))
}
