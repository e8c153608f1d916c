//! The people of the world.

use crate::emulator::spec::UserSpec;
use crate::ids::Login;
use crate::plan::Inputs;

/// Everybody whom the files name, each with a token of this world. The incident manager comes first and administers it.
pub(super) fn people(inputs: &Inputs) -> Vec<UserSpec> {
    let release = &inputs.release;
    let mut logins: Vec<&Login> = vec![&release.manager];
    logins.extend(inputs.catalog.maintainers.iter().chain(&release.approvers));
    logins.extend(inputs.catalog.approval_groups.iter().flat_map(|group| &group.members));
    for advisory in &release.advisories {
        logins.extend(advisory.collaborators.iter().chain(&advisory.reporter));
        logins.extend(advisory.credits.iter().map(|credit| &credit.login));
    }
    let mut people: Vec<UserSpec> = Vec::new();
    for login in logins {
        if people.iter().all(|known| known.login != *login) {
            people.push(UserSpec {
                scopes: None,
                expires: None,
                sign_on: None,
                app: false,
                installation: None,
                keys: Vec::new(),
                signing_keys: Vec::new(),
                teams: Vec::new(),
                token: format!("emulated-token-of-{login}"),
                email: None,
                admin: people.is_empty(),
                login: login.clone(),
            });
        }
    }
    people
}
