//! Accounts.

use crate::emulator::model::{AccountKind, Credential, StoredAccount, StoredInstallation};
use crate::emulator::spec::{InstallationSpec, UserSpec};
use crate::emulator::world::{EmulatedWorld, EmulatorError};
use crate::ids::{Digest, Login};

pub(super) fn add_user(world: &mut EmulatedWorld, user: &UserSpec) -> Result<(), EmulatorError> {
    let account = StoredAccount {
        id: world.new_id()?,
        login: user.login.clone(),
        kind: AccountKind::User,
        token: Some(Digest::of(&user.token)),
        email: user.email.clone(),
        admin: user.admin,
        credential: Credential {
            scopes: user.scopes.clone(),
            expires: user.expires,
            sign_on: user.sign_on.clone(),
            app: user.app || user.installation.is_some(),
            installation: user.installation.as_ref().map(installation),
        },
        keys: user.keys.clone(),
        signing_keys: user.signing_keys.clone(),
        teams: user.teams.clone(),
    };
    world.accounts.insert(user.login.as_str().to_ascii_lowercase(), account);
    Ok(())
}

fn installation(given: &InstallationSpec) -> StoredInstallation {
    StoredInstallation {
        app: given.app,
        id: given.id,
        public_key: given.public_key.clone(),
        lifetime: given.lifetime,
        tokens: Vec::new(),
    }
}

/// Makes sure that there is an account of this name.
pub(super) fn meet(world: &mut EmulatedWorld, login: &Login, kind: AccountKind) -> Result<(), EmulatorError> {
    if world.account(login).is_none() {
        let (id, login) = (world.new_id()?, login.clone());
        let key = login.as_str().to_ascii_lowercase();
        let credential = Credential::default();
        let (keys, signing_keys) = (Vec::new(), Vec::new());
        let account = StoredAccount {
            id,
            login,
            kind,
            token: None,
            email: None,
            admin: false,
            credential,
            keys,
            signing_keys,
            teams: Vec::new(),
        };
        world.accounts.insert(key, account);
    }
    Ok(())
}
