//! Whether GitHub knows everybody whom a gate waits for: a name with a slip in it approves nothing, and it is found when the first gate
//! is reached.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::files::InputFiles;
use crate::github::{self, GitHubError};
use crate::ids::Login;
use crate::input::{InputError, KeyPart};
use crate::plan::Inputs;

/// How many are asked about at a time.
const AT_ONCE: usize = 6;

/// Those whom GitHub does not know: one question for each who leads or approves, however often they are named.
///
/// # Errors
/// When GitHub gives no answer.
pub(super) async fn look_at_people(
    github: &github::Client,
    inputs: &Inputs,
) -> Result<Vec<Login>, GitHubError> {
    let known = stream::iter(inputs.deciders())
        .map(async |login| Ok::<_, GitHubError>((login, github.is_known(login).await?)))
        .buffered(AT_ONCE);
    let known: Vec<(&Login, bool)> = known.try_collect().await?;
    Ok(known.into_iter().filter(|(_, is_known)| !is_known).map(|(login, _)| login.clone()).collect())
}

impl InputFiles {
    /// Points at the first place where somebody is named whom GitHub does not know.
    pub(super) fn place_unknown(&self, login: &Login) -> InputError {
        let (release, catalog) = (&self.inputs().release, &self.inputs().catalog);
        let message = format!("GitHub knows nobody who is called `{login}`");
        let hint = "correct the name: it is what stands on the person's page, https://github.com/NAME";
        let position = |logins: &[Login]| logins.iter().position(|one| one == login);
        if let Some(at) = position(&release.approvers) {
            let path = [KeyPart::Key("approvers"), KeyPart::Index(at)];
            return self.release.error_at(&path, message, hint);
        }
        if release.manager == *login {
            return self.release.error_at(&[KeyPart::Key("manager")], message, hint);
        }
        if let Some(at) = position(&catalog.maintainers) {
            let path = [KeyPart::Key("maintainers"), KeyPart::Index(at)];
            return self.catalog.error_at(&path, message, hint);
        }
        let groups = catalog.approval_groups.iter().map(|group| position(&group.members));
        let (group, member) =
            groups.enumerate().find_map(|(group, member)| Some((group, member?))).unwrap_or_default();
        let group = [KeyPart::Key("approval-group"), KeyPart::Index(group)];
        let path = [&group[..], &[KeyPart::Key("members"), KeyPart::Index(member)]].concat();
        self.catalog.error_at(&path, message, hint)
    }
}
