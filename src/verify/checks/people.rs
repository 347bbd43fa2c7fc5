//! The VAST user.

use super::{Context, Outcome, PREPARE};
use crate::verify::facts::accounts;

pub(super) fn account(context: &Context<'_>, name: &str) -> Outcome {
    let outcome = Outcome::new(format!("{name}, sudo without password"));
    let read = || -> std::io::Result<_> {
        Ok((accounts::user(context.root, name)?, accounts::passwordless_sudo(context.root, name)?))
    };
    match read() {
        Ok((Some(_), Some(path))) => outcome.persisted("yes").live("yes").source(path),
        Ok((Some(_), None)) => {
            outcome.persisted("no sudo without password").source("/etc/sudoers.d").fail(PREPARE)
        }
        Ok((None, _)) => outcome.persisted("no such user").source("/etc/passwd").fail(PREPARE),
        Err(error) => outcome.error(&error),
    }
}
