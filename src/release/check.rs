//! What has to agree within a release file and with its catalog, each mistake with its place.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::advisory::{Advisory, CveWish};
use super::fix::{Fix, InnerMerges, PatchTexts};
use super::patch_text::PatchText;
use super::text_limits::{UnusableText, check_description, check_summary};
use super::vector;
use crate::catalog::{Catalog, PrivateSide, Repo};
use crate::ids::{BranchName, Login};
use crate::input::{InputError, KeyPart, Source, bytes_of, suggest};
use crate::weakness::check_weakness;

/// When a release that somebody prepares can be disclosed.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2200;

/// It stands in names of branches, of folders of evidence and of mails beside more.
const LONGEST_ID: usize = 100;

/// Refuses an id of the release that cannot stand in branch names.
pub(super) fn check_id(source: &Source, id: &str) -> Result<(), InputError> {
    if id.len() > LONGEST_ID {
        return Err(source.error_at(
            &[KeyPart::Key("id")],
            format!("the id has {} letters; branches, files and mails are named after it", id.len()),
            format!("use at most {LONGEST_ID}, for example the date: `2026-03-10`"),
        ));
    }
    let good = !id.is_empty()
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
        && BranchName::try_from(id.to_owned()).is_ok();
    if good {
        return Ok(());
    }
    Err(source.error_at(
        &[KeyPart::Key("id")],
        format!("`{id}` cannot name branches and mails"),
        "use lower-case letters, digits, `-` and `.`, for example the date: `2026-03-10`",
    ))
}

/// A release file that is checked against its catalog.
pub(super) struct ReleaseCheck<'a> {
    pub(super) source: &'a Source,
    pub(super) catalog: &'a Catalog,
}

/// The path to an advisory: the key and its position.
type AdvisoryPath<'p> = [KeyPart<'p>; 2];
/// The path to a fix of an advisory.
pub(super) type FixPath<'p> = [KeyPart<'p>; 4];

impl ReleaseCheck<'_> {
    /// Refuses an id that names an advisory or a CVE, however it spells it: branches are named after it.
    pub(super) fn id_tells_nothing(&self, id: &str, advisories: &[Advisory]) -> Result<(), InputError> {
        let letters =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let told = letters(id);
        let named = advisories.iter().flat_map(|advisory| {
            let given = match &advisory.cve {
                CveWish::Given(cve) => Some(cve.as_str()),
                _ => None,
            };
            // The prefix of an id is told by nobody who shortens it.
            let short = [advisory.id.as_str(), given.unwrap_or_default()].map(|id| id.split_once('-'));
            short.into_iter().flatten().map(|(_, rest)| rest)
        });
        match named.into_iter().find(|name| told.contains(&letters(name))) {
            None => Ok(()),
            Some(name) => Err(self.source.error_at(
                &[KeyPart::Key("id")],
                format!(
                    "the release's id `{id}` names the advisory `{name}`, and public branches are named after it",
                ),
                "name the release after something that tells nothing, for example the day: `2026-03-10`",
            )),
        }
    }

    /// Refuses a time at which nothing is disclosed.
    pub(super) fn disclosure(&self, disclosure: Timestamp) -> Result<(), InputError> {
        let year = disclosure.to_zoned(TimeZone::UTC).year();
        if YEARS.contains(&year) {
            return Ok(());
        }
        Err(self.source.error_at(
            &[KeyPart::Key("disclosure")],
            format!("nothing is disclosed in the year {year}"),
            "announce a time in UTC, for example `2026-03-10T16:00:00Z`",
        ))
    }

    /// The incident manager is one of the maintainers, where the catalog names any.
    pub(super) fn manager(&self, manager: &Login) -> Result<(), InputError> {
        if self.catalog.may_lead(manager) {
            return Ok(());
        }
        Err(self.source.error_at(
            &[KeyPart::Key("manager")],
            format!("`{manager}` leads the release and is not among the catalog's maintainers"),
            suggest(manager.as_str(), self.catalog.maintainers.iter().map(Login::as_str)),
        ))
    }

    /// Checks all advisories and reads the patch files of their fixes.
    pub(super) fn advisories(&self, advisories: &[Advisory]) -> Result<PatchTexts, InputError> {
        if advisories.is_empty() {
            return Err(self.source.error_at(
                &[],
                "the release has no advisory",
                "write one `[[advisory]]` for each vulnerability",
            ));
        }
        let mut patches = PatchTexts::new();
        for (index, advisory) in advisories.iter().enumerate() {
            let path = [KeyPart::Key("advisory"), KeyPart::Index(index)];
            self.advisory(path, advisory)?;
            if advisories[..index].iter().any(|earlier| earlier.id == advisory.id) {
                return Err(self.at_advisory(
                    path,
                    "id",
                    format!("the advisory {} is in the release twice", advisory.id),
                    "keep one of the two entries; several repositories are several `[[advisory.fix]]` of one",
                ));
            }
            for (position, fix) in advisory.fixes.iter().enumerate() {
                let path = [path[0], path[1], KeyPart::Key("fix"), KeyPart::Index(position)];
                if advisory.fixes[..position].iter().any(|earlier| earlier.repo == fix.repo) {
                    return Err(self.second_fix(&path, advisory, fix));
                }
                self.fix(path, advisory, fix)?;
                self.read_patches(path, fix, &mut patches)?;
            }
        }
        Ok(patches)
    }

    /// One fix is carried to all branches; a branch on which it is written otherwise has a resolution of its own.
    fn second_fix(&self, path: &[KeyPart<'_>], advisory: &Advisory, fix: &Fix) -> InputError {
        let (id, repo) = (&advisory.id, &fix.repo);
        self.source.error_at(
            &[path, &[KeyPart::Key("repo")]].concat(),
            format!("the advisory {id} has two fixes in `{repo}`"),
            format!(
                "put the commits of both into one `[[advisory.fix]]`; where a line has the fix in another form, push that to the \
                 private fork as `resolved/{id}/BRANCH`, and it is taken there"
            ),
        )
    }

    fn advisory(&self, path: AdvisoryPath<'_>, advisory: &Advisory) -> Result<(), InputError> {
        if self.catalog.repo(&advisory.repo).is_none() {
            return Err(self.at_advisory(
                path,
                "repo",
                format!(
                    "the advisory {} is in `{}`, which is not in the catalog",
                    advisory.id, advisory.repo
                ),
                suggest(advisory.repo.as_str(), self.known_repos()),
            ));
        }
        if let Some(vector) = &advisory.cvss {
            self.vector(path, advisory, vector)?;
        }
        self.texts(path, advisory)?;
        self.weaknesses(path, advisory)?;
        if advisory.fixes.is_empty() {
            return Err(self.source.error_at(
                &path,
                format!("the advisory {} has no fix", advisory.id),
                "write one `[[advisory.fix]]` for each repository that has the vulnerability",
            ));
        }
        self.packages(path, advisory)
    }

    /// What the advisory says in public.
    fn texts(&self, path: AdvisoryPath<'_>, advisory: &Advisory) -> Result<(), InputError> {
        let refused = |key: &str, fault: UnusableText| {
            let message = format!("the {key} of {} {}", advisory.id, fault.message);
            self.at_advisory(path, key, message, fault.remedy)
        };
        check_summary(&advisory.summary).map_err(|fault| refused("summary", fault))?;
        check_description(&advisory.description).map_err(|fault| refused("description", fault))
    }

    fn weaknesses(&self, path: AdvisoryPath<'_>, advisory: &Advisory) -> Result<(), InputError> {
        for (position, cwe) in advisory.cwes.iter().enumerate() {
            check_weakness(cwe).map_err(|not| {
                let path = [path[0], path[1], KeyPart::Key("cwes"), KeyPart::Index(position)];
                self.source.error_at(&path, not.message, not.remedy)
            })?;
        }
        Ok(())
    }

    fn vector(&self, path: AdvisoryPath<'_>, advisory: &Advisory, vector: &str) -> Result<(), InputError> {
        if advisory.severity.is_some() {
            return Err(self.at_advisory(
                path,
                "severity",
                "GitHub takes a severity or a CVSS vector, not both".to_owned(),
                "remove `severity`; it follows from the vector",
            ));
        }
        match vector::severity(vector) {
            Ok(_) => Ok(()),
            Err(cause) => Err(self.at_advisory(
                path,
                "cvss",
                format!("`{vector}` is not a CVSS vector that GitHub takes: {cause}"),
                "take the vector from the calculator, for example `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N`",
            )),
        }
    }

    fn fix(&self, path: FixPath<'_>, advisory: &Advisory, fix: &Fix) -> Result<(), InputError> {
        let Some(repo) = self.catalog.repo(&fix.repo) else {
            return Err(self.at_fix(
                path,
                "repo",
                format!("{} has a fix in `{}`, which is not in the catalog", advisory.id, fix.repo),
                suggest(fix.repo.as_str(), self.known_repos()),
            ));
        };
        self.private_side(path, advisory, repo)?;
        self.sources(path, advisory, fix)?;
        self.branches(path, repo, fix)
    }

    fn private_side(&self, path: FixPath<'_>, advisory: &Advisory, repo: &Repo) -> Result<(), InputError> {
        if repo.private != PrivateSide::AdvisoryFork || advisory.repo == repo.name {
            return Ok(());
        }
        Err(self.at_fix(
            path,
            "repo",
            format!(
                "the private fork of {} is a fork of `{}`; a fix of `{}` has no private place there",
                advisory.id, advisory.repo, repo.name
            ),
            format!(
                "give `{}` an advisory of its own, or `private = {{ repository = … }}` in the catalog",
                repo.name
            ),
        ))
    }

    fn sources(&self, path: FixPath<'_>, advisory: &Advisory, fix: &Fix) -> Result<(), InputError> {
        if fix.sources() != 1 {
            return Err(self.source.error_at(
                &path,
                format!("the fix of {} in `{}` comes from {} places", advisory.id, fix.repo, fix.sources()),
                "give exactly one of `pull`, `commits` and `patches`",
            ));
        }
        if fix.merges == InnerMerges::Skip && fix.pull.is_none() {
            return Err(self.at_fix(
                path,
                "merges",
                format!("`merges` means nothing to the fix of {}, which is no pull request", advisory.id),
                "remove `merges`; it goes with `pull`".to_owned(),
            ));
        }
        Ok(())
    }

    fn read_patches(&self, path: FixPath<'_>, fix: &Fix, patches: &mut PatchTexts) -> Result<(), InputError> {
        let directory = self.source.path().parent().unwrap_or(self.source.path());
        for (position, name) in fix.patches.iter().enumerate() {
            let text = bytes_of(&directory.join(name)).map_err(|cause| {
                self.source.error_at(
                    &[path[0], path[1], path[2], path[3], KeyPart::Key("patches"), KeyPart::Index(position)],
                    format!("failed to read the patch `{name}`: {cause}"),
                    "give its path relative to the release file; `git format-patch` makes such files",
                )
            })?;
            let at = [path[0], path[1], path[2], path[3], KeyPart::Key("patches"), KeyPart::Index(position)];
            self.patch(&at, name, &fix.patches[..position], &text)?;
            patches.insert(name.clone(), PatchText::new(text));
        }
        Ok(())
    }

    /// Refuses a patch that says nothing, or that its fix has already.
    fn patch(
        &self,
        at: &[KeyPart<'_>],
        name: &str,
        earlier: &[String],
        text: &[u8],
    ) -> Result<(), InputError> {
        if earlier.iter().any(|other| other == name) {
            let message = format!("the patch `{name}` is given twice");
            return Err(self.source.error_at(
                at,
                message,
                "keep it once; patches are applied in their order",
            ));
        }
        if text.trim_ascii().is_empty() {
            let message = format!("the patch `{name}` is empty");
            return Err(self.source.error_at(
                at,
                message,
                "`git format-patch` makes such files; write it again",
            ));
        }
        Ok(())
    }

    fn known_repos(&self) -> impl Iterator<Item = &str> {
        self.catalog.repos.iter().map(|repo| repo.name.as_str())
    }

    fn at_advisory(
        &self,
        path: AdvisoryPath<'_>,
        key: &str,
        message: String,
        hint: impl Into<String>,
    ) -> InputError {
        self.source.error_at(&[path[0], path[1], KeyPart::Key(key)], message, hint)
    }

    fn at_fix(&self, path: FixPath<'_>, key: &str, message: String, hint: String) -> InputError {
        self.source.error_at(&[path[0], path[1], path[2], path[3], KeyPart::Key(key)], message, hint)
    }
}
