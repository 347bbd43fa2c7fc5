//! The VAST user.

use std::io;

use super::{Context, Outcome, PREPARE};
use crate::verify::facts::accounts;
use crate::verify::facts::sudoers::{self, Answer};

pub(super) fn account(context: &Context<'_>, name: &str) -> Outcome {
    let outcome = Outcome::new(format!("{name}, sudo without password"));
    let read = || -> io::Result<_> {
        let Some(account) = accounts::account(context.root, name)? else { return Ok(None) };
        sudoers::passwordless(context.root, &account).map(Some)
    };
    let answer = match read() {
        Ok(Some(answer)) => answer,
        Ok(None) => return outcome.persisted("no such user").source("/etc/passwd").fail(PREPARE),
        Err(error) => return outcome.error(&error),
    };
    match answer {
        Answer::Yes(path) => outcome.persisted("yes").live("yes").source(path),
        Answer::Password(path) => {
            let remedy = context.remedy(&path, || {
                format!(
                    "{path} asks {name} for a password, and is the last to speak of {name}; mend or rename it"
                )
            });
            outcome.persisted("sudo asks for a password").source(path).fail(remedy)
        }
        Answer::Terminal(path) => {
            let remedy = context.remedy(&path, || format!("take requiretty out of {path}"));
            outcome.persisted("sudo wants a terminal").source(path).fail(remedy)
        }
        Answer::Refused(path) => {
            let remedy = format!("as root: chown root:root {path} && chmod go-w {path}");
            outcome
                .persisted("sudo does not read it: others than root may write it")
                .source(path)
                .fail(remedy)
        }
        Answer::No { included: true } => outcome.persisted("no sudo").source("/etc/sudoers.d").fail(PREPARE),
        Answer::No { included: false } => {
            let remedy = "as root: add the line #includedir /etc/sudoers.d at the end of /etc/sudoers";
            outcome.persisted("no sudo").source("/etc/sudoers").fail(remedy)
        }
        Answer::Unknown(why) => outcome.error(&io::Error::other(why)),
    }
}
