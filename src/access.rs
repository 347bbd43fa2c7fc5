//! What lets a person into the VM, and how it is called: key files, password hashes, host names.
//! Each is held against its own syntax before anything is built, for a seed nobody can use looks like any other.
//!
//! Sources: sshd(8) AUTHORIZED_KEYS, crypt(5), RFC 1123 2.1.

use anyhow::{Result, bail, ensure};
use camino::Utf8Path;
use ssh_key::{Algorithm, PublicKey};

use crate::input;

/// Reads a file of public keys as authorized_keys lines. Empty lines and comments are left out.
///
/// # Errors
/// When the file cannot be read, holds a private key or another format, a line that is no key, or no key at all.
pub fn ssh_keys(path: &Utf8Path) -> Result<Vec<String>> {
    let name = format!("reading the key file {path}");
    let text = input::text("the key file", path)?;
    if text.contains("PRIVATE KEY-----") || text.starts_with("PuTTY-User-Key-File") {
        bail!(
            "{name}: this is a private key; give the public one, usually {path}.pub (ssh-keygen -y -f {path} prints it)"
        );
    }
    if text.contains("---- BEGIN SSH2 PUBLIC KEY ----") {
        bail!("{name}: this is RFC 4716 form; convert it with: ssh-keygen -i -f {path}");
    }
    let mut keys = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{name}: line {}", index + 1);
        let of_key = |word: &str| ["ssh-", "ecdsa-sha2-", "sk-"].iter().any(|kind| word.starts_with(kind));
        ensure!(
            of_key(line) || !line.split(' ').any(of_key),
            "{place}: it has options before the key, which are not taken; give the key alone"
        );
        let key = PublicKey::from_openssh(line).map_err(|error| {
            anyhow::anyhow!("{place}: not a public key such as \"ssh-ed25519 AAAA... name\" ({error})")
        })?;
        ensure!(!line.chars().any(char::is_control), "{place}: control characters in the comment");
        ensure!(
            key.algorithm() != Algorithm::Dsa,
            "{place}: Rocky 8 accepts no DSA keys; make another with: ssh-keygen -t ed25519"
        );
        let sk = matches!(key.algorithm(), Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256);
        ensure!(
            !sk,
            "{place}: Rocky 8's OpenSSH 8.0 knows no security keys (sk-); add an ordinary one: ssh-keygen -t ed25519"
        );
        if let Some(bits) =
            key.key_data().rsa().map(|rsa| rsa.n.as_positive_bytes().map_or(0, <[u8]>::len) * 8)
        {
            ensure!(
                bits >= 2048,
                "{place}: Rocky 8 accepts no RSA keys below 2048 bits, and this one has {bits}; make another with: ssh-keygen -t ed25519"
            );
        }
        keys.push(line.to_owned());
    }
    ensure!(!keys.is_empty(), "{name}: there is no key in it");
    Ok(keys)
}

/// Reads a password hash in crypt(5) form, as `openssl passwd -6` prints it.
///
/// # Errors
/// When the file cannot be read or does not hold exactly one SHA-256 or SHA-512 hash.
pub fn password_hash(path: &Utf8Path) -> Result<String> {
    let name = format!("reading the password hash file {path}");
    let text = input::text("the password hash file", path)?;
    let hash = text.trim_end();
    // $id$[rounds=N$]salt$hash
    let parts: Vec<&str> = hash.split('$').collect();
    let alphabet =
        |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"./".contains(&b));
    let rounds = |s: &str| s.strip_prefix("rounds=").is_some_and(|n| n.parse::<u32>().is_ok());
    let length = |id: &str| if id == "6" { 86 } else { 43 };
    let well_formed = match parts[..] {
        ["", id @ ("5" | "6"), salt, digest] => {
            alphabet(salt) && alphabet(digest) && digest.len() == length(id)
        }
        ["", id @ ("5" | "6"), count, salt, digest] => {
            rounds(count) && alphabet(salt) && alphabet(digest) && digest.len() == length(id)
        }
        _ => false,
    };
    // The content is a secret, or a password by mistake: it is not shown.
    ensure!(
        well_formed,
        "{name}: not a SHA-512 or SHA-256 hash in crypt(5) form; make one with: openssl passwd -6"
    );
    Ok(hash.to_owned())
}

/// Holds a host name against RFC 1123: dot-separated labels of letters, digits and inner hyphens, and within Linux's
/// 64 characters.
///
/// # Errors
/// What is wrong with it.
pub fn check_hostname(name: &str) -> Result<()> {
    let way_out = "use letters, digits and hyphens, such as vast-01 or vast-01.example.com";
    ensure!(!name.is_empty(), "the hostname is empty; {way_out}");
    ensure!(name.len() <= 64, "hostname {name:?} has {} characters; Linux takes at most 64", name.len());
    for label in name.split('.') {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if let Some(other) = label.chars().find(|c| !allowed(*c)) {
            bail!("hostname {name:?} has {other:?} in it, which RFC 1123 does not allow; {way_out}");
        }
        ensure!(
            !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'),
            "hostname {name:?}: {label:?} must have 1 to 63 characters and a hyphen neither first nor last; {way_out}"
        );
    }
    ensure!(
        !name.split('.').next_back().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit())),
        "hostname {name:?} ends in a number, as addresses do; {way_out}"
    );
    ensure!(name != "localhost", "hostname \"localhost\" is every machine's own; {way_out}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_hostname;

    #[test]
    fn hostnames_follow_rfc_1123() {
        for name in ["vast-01", "a", "3com", "vast-01.example.com", "VAST", &"a".repeat(63)] {
            assert!(check_hostname(name).is_ok(), "{name:?}");
        }
        let long = "a".repeat(65);
        for name in [
            "",
            "-a",
            "a-",
            "a..b",
            "a.",
            "a_b",
            "a b",
            "h\u{f6}st",
            "10.0.0.1",
            "localhost",
            "../x",
            "a\n",
            &long,
        ] {
            assert!(check_hostname(name).is_err(), "{name:?}");
        }
    }
}
