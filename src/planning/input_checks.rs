//! What the files say that only another room can judge: whether patches are patches, and whether a gate can be passed.

use crate::git::{GitError, check_mailbox};
use crate::ids::Login;
use crate::input::{InputError, KeyPart, Source, suggest};
use crate::plan::{Inputs, Plan};
use crate::release::Advisory;
use crate::wording::counted;

/// What to do about an advisory without a severity.
pub(super) const RATE: &str = "write `cvss`, or `severity`: `low`, `medium`, `high` or `critical`";

/// A patch file that git takes for none is found here, and not when the fix is imported.
pub(super) fn check_patches(inputs: &Inputs, source: &Source) -> Result<(), InputError> {
    for (index, advisory) in inputs.release.advisories.iter().enumerate() {
        for (at, fix) in advisory.fixes.iter().enumerate() {
            for (position, name) in fix.patches.iter().enumerate() {
                let Some(text) = inputs.patches.get(name) else { continue };
                let Err(error) = check_mailbox(text.as_bytes()) else { continue };
                let GitError::Patch { reason, .. } = error else {
                    // Without git nothing is judged; whatever is done next says so.
                    continue;
                };
                let fix = [
                    KeyPart::Key("advisory"),
                    KeyPart::Index(index),
                    KeyPart::Key("fix"),
                    KeyPart::Index(at),
                ];
                let path = [&fix[..], &[KeyPart::Key("patches"), KeyPart::Index(position)]].concat();
                return Err(source.error_at(
                    &path,
                    format!("the patch `{name}` {reason}"),
                    "`git format-patch` makes such files; write it again",
                ));
            }
        }
    }
    Ok(())
}

/// Mails state the highest severity: of one of the advisories it has to be known.
pub(super) fn check_severities(plan: &Plan, source: &Source) -> Result<(), InputError> {
    if !plan.announces() {
        return Ok(());
    }
    let advisories = &plan.inputs.release.advisories;
    let is_rated = |advisory: &Advisory| advisory.rating().is_some();
    let Some(first) = advisories.first().filter(|_| !advisories.iter().any(is_rated)) else { return Ok(()) };
    Err(source.error_at(
        &[KeyPart::Key("advisory"), KeyPart::Index(0), KeyPart::Key("severity")],
        format!("nothing is said of the severity of {}, which the mails state", first.id),
        RATE,
    ))
}

/// A gate that needs more approvals than there are people would never be passed.
pub(super) fn check_approvers(inputs: &Inputs, source: &Source) -> Result<(), InputError> {
    let approvers = inputs.approvers();
    let mut gates = inputs.workflow.gate.iter();
    let Some((name, gate)) = gates.find(|(_, gate)| gate.approvals > approvers.len()) else { return Ok(()) };
    let who: Vec<&str> = approvers.iter().map(Login::as_str).collect();
    let (may, key) = match who.as_slice() {
        [] => ("nobody may approve".to_owned(), "manager"),
        who => (format!("only {} may approve", who.join(" and ")), "approvers"),
    };
    Err(source.error_at(
        &[KeyPart::Key(key)],
        format!("the gate `{name}` needs {}, and {may}", counted(gate.approvals, "approval")),
        "name who may approve: `approvers` here, or `maintainers` in catalog.toml",
    ))
}

/// A group whose gate is not there would never be asked.
pub(super) fn check_groups(inputs: &Inputs, source: &Source) -> Result<(), InputError> {
    let is_unknown = |gate: &String| !inputs.workflow.gate.contains_key(gate);
    let mut groups = inputs.catalog.approval_groups.iter().enumerate();
    let Some((index, group)) = groups.find(|(_, group)| is_unknown(&group.gate)) else { return Ok(()) };
    let path = [KeyPart::Key("approval-group"), KeyPart::Index(index), KeyPart::Key("gate")];
    let known = inputs.workflow.gate.keys().map(String::as_str);
    Err(source.error_at(
        &path,
        format!("the workflow has no gate `{}`", group.gate),
        suggest(&group.gate, known),
    ))
}

#[cfg(test)]
mod tests {
    use crate::planning::InputFiles;

    const CATALOG: &str = "organisation = 'Rivers'\nmaintainers = ['mara']\n[mail]\nfrom = 'a@rivers.example'\nannounce = \
                           ['b@rivers.example']\n[[repo]]\nname = 'rivers/brook'\nproject = 'Brook'\n\
                           version = { kind = 'tags', scheme = 'semver' }\nrelease = { trigger = 'push-tag', tag = \
                           'v{version}' }\n";
    const PATCH: &str = "From 4a871ef4170000000000000000000000000000aa Mon Sep 17 00:00:00 2001\nFrom: Mara \
                         <mara@rivers.example>\nDate: Tue, 3 Mar 2026 09:00:00 +0000\nSubject: [PATCH] brook: bound the \
                         depth\n\n---\n a | 2 +-\n\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+two\n-- \n2.45\n";

    /// What loading says, with the text of the patch and more of the release file.
    fn loaded(catalog: &str, patch: &str, patches: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let release = format!(
            "id = 'x'\ntitle = 'x'\nmanager = 'mara'\nworkflow = 'github'\ndisclosure = '2027-01-12T16:00:00Z'\n\
             [[advisory]]\nid = 'GHSA-2c4f-6g7h-8j9m'\nrepo = 'rivers/brook'\nsummary = 'x'\ndescription = 'y'\n\
             [[advisory.fix]]\nrepo = 'rivers/brook'\npatches = [{patches}]\n"
        );
        std::fs::write(folder.path().join("catalog.toml"), catalog).unwrap();
        std::fs::write(folder.path().join("release.toml"), release).unwrap();
        std::fs::write(folder.path().join("a.patch"), patch).unwrap();
        match InputFiles::load(folder.path()) {
            Ok(_) => "taken".to_owned(),
            Err(error) => {
                let (line, column) = error.line_and_column().unwrap();
                format!("{line}:{column}: {}; {}", error.message, error.hint.unwrap_or_default())
            }
        }
    }

    #[rstest::rstest]
    #[case(PATCH, "'a.patch'", "taken")]
    #[case(
        "",
        "'a.patch'",
        "13:12: the patch `a.patch` is empty; `git format-patch` makes such files; write it again"
    )]
    #[case(
        "hello\n",
        "'a.patch'",
        "13:12: the patch `a.patch` is no mail as `git format-patch` writes them; `git format-patch` makes such files; write \
         it again"
    )]
    #[case(
        &PATCH[..200],
        "'a.patch'",
        "13:12: the patch `a.patch` holds a mail without a patch: `brook: bound the depth`; `git format-patch` makes such \
         files; write it again"
    )]
    #[case(
        PATCH,
        "'a.patch', 'a.patch'",
        "13:23: the patch `a.patch` is given twice; keep it once; patches are applied in their order"
    )]
    fn patch_that_is_none_is_refused_with_its_place(
        #[case] patch: &str,
        #[case] patches: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(loaded(CATALOG, patch, patches), expected);
    }

    #[test]
    fn gate_that_nobody_can_pass_is_refused() {
        let nobody = CATALOG.replace("['mara']", "[]");
        assert_eq!(
            loaded(&nobody, PATCH, "'a.patch'"),
            "3:11: the gate `ready` needs 1 approval, and nobody may approve; name who may approve: `approvers` here, or \
             `maintainers` in catalog.toml"
        );
    }

    #[rstest::rstest]
    #[case("gate = 'redy'\nmembers = ['ada']", "the workflow has no gate `redy`; did you mean `ready`?")]
    #[case("gate = 'ready'\nmembers = ['ada', 'Ada']", "somebody is in the group `security` twice")]
    #[case("gate = 'ready'\nmembers = ['ada', 'bob']\napprovals = 3", "3 of 2 cannot approve")]
    #[case("gate = 'ready'\nmembers = []", "1 of 0 cannot approve")]
    #[case("gate = 'ready'\nmembers = ['ada', 'bob']\napprovals = 2", "taken")]
    fn group_that_can_never_approve_is_refused(#[case] group: &str, #[case] expected: &str) {
        let group = format!("{CATALOG}\n[[approval-group]]\nname = 'security'\n{group}\n");
        let told = loaded(&group, PATCH, "'a.patch'");
        assert!(told.contains(expected), "{told}");
    }
}
