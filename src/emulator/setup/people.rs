//! Accounts.

use crate::emulator::model::{AccountKind, StoredAccount};
use crate::emulator::spec::UserSpec;
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
    };
    world.accounts.insert(user.login.as_str().to_ascii_lowercase(), account);
    Ok(())
}

/// Makes sure that there is an account of this name.
pub(super) fn meet(world: &mut EmulatedWorld, login: &Login, kind: AccountKind) -> Result<(), EmulatorError> {
    if world.account(login).is_none() {
        let (id, login) = (world.new_id()?, login.clone());
        let key = login.as_str().to_ascii_lowercase();
        world.accounts.insert(key, StoredAccount { id, login, kind, token: None, email: None, admin: false });
    }
    Ok(())
}
