//! Who can log in to what a kickstart installs, and what whoever has the medium reads.
//!
//! Source: pykickstart's RHEL8 handler: a password is plain text unless --iscrypted says otherwise.

use super::line::Line;
use crate::diagnostic::{Diagnostic, Place, nearest};

/// Tells of keys and passwords.
pub(super) fn judge(lines: &[Line], found: &mut Vec<Diagnostic>) {
    let of = |name: &'static str| lines.iter().filter(move |line| line.name() == name);
    let users: Vec<&str> = of("user").filter_map(|line| line.value("name")).map(|(name, _)| name).collect();
    for key in of("sshkey") {
        if let Some((name, _)) = key.value("username")
            && name != "root"
            && !users.contains(&name)
        {
            let help = nearest(name, users.iter().copied())
                .map_or_else(|| format!("add: user --name={name}"), |near| format!("did you mean {near}?"));
            found.push(
                Diagnostic::at(&key.place, format!("no `user` command makes {name}, who gets this key"))
                    .help(help),
            );
        }
    }
    for line in of("rootpw").chain(of("user")).chain(of("sshpw")) {
        password(line, found);
    }
    let root = of("rootpw").any(|line| !line.has("lock") && line.argument().is_some());
    let somebody =
        of("sshkey").next().is_some() || root || of("user").any(|line| line.value("password").is_some());
    if !somebody && !lines.is_empty() {
        let place = of("user").next().map(|line| &line.place);
        let message = "nobody can log in to what it installs: no key and no password";
        found.push(Diagnostic::warning(place, message).help("add sshkey --username=NAME \"KEY\""));
    }
}

fn password(line: &Line, found: &mut Vec<Diagnostic>) {
    let password = match line.name() {
        "user" => line.value("password").map(|(password, _)| password),
        _ if line.has("sshkey") => None,
        _ => line.argument(),
    };
    let Some(password) = password.filter(|password| !password.is_empty()) else { return };
    let place = Place { width: 0, ..line.place.clone() };
    let help = "give a hash with --iscrypted; openssl passwd -6 makes one";
    if !line.has("iscrypted") {
        let message = "a password in plain text: whoever has the medium reads it, and the system keeps it in \
                       /root/original-ks.cfg";
        found.push(Diagnostic::warning(Some(&place), message).help(help));
    } else if !password.starts_with(['$', '*', '!']) {
        let message = "--iscrypted takes a hash, and this is none; nobody logs in with it";
        found.push(Diagnostic::at(&place, message).help("make one with: openssl passwd -6"));
    }
}
