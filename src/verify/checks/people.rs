//! The VAST user.

use super::{Context, Outcome, PREPARE};
use crate::verify::facts::accounts;

pub(super) fn account(context: &Context<'_>, name: &str) -> Outcome {
    let outcome = Outcome::new(format!("{name}, sudo without password"));
    let read = || -> std::io::Result<_> {
        Ok((accounts::user(context.root, name)?, accounts::passwordless_sudo(context.root, name)?))
    };
    match read() {
        Ok((Some(_), Some((true, path)))) => outcome.persisted("yes").live("yes").source(path),
        Ok((Some(_), Some((false, path)))) => {
            let remedy = context.remedy(&path, || {
                format!(
                    "{path} asks {name} for a password, and is the last to speak of {name}; mend or rename it"
                )
            });
            outcome.persisted("sudo asks for a password").source(path).fail(remedy)
        }
        Ok((Some(_), None)) => outcome.persisted("no sudo").source("/etc/sudoers.d").fail(PREPARE),
        Ok((None, _)) => outcome.persisted("no such user").source("/etc/passwd").fail(PREPARE),
        Err(error) => outcome.error(&error),
    }
}
