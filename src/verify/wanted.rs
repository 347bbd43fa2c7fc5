//! The manifest: read, and refused with the reason when this verifier does not know all of it.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize as _;

use super::facts::{Root, root::read_bounded};
use super::options::Options;
use crate::manifest::{Check, Manifest, SCHEMA};

const PATH: &str = "/etc/vastimg/manifest.json";

/// The manifest and its file's digest.
pub(super) fn load(options: &Options, root: &Root) -> Result<(Manifest, String)> {
    let (name, bytes) = match &options.manifest {
        Some(path) => (path.display().to_string(), read_bounded(path)),
        None => {
            (options.root.join(PATH.trim_start_matches('/')).display().to_string(), root.read_bytes(PATH))
        }
    };
    let missing = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    let hint = match &bytes {
        Err(error) if missing(error) => "; a prepared host has one, and --manifest FILE names another",
        _ => "",
    };
    let bytes = bytes.with_context(|| format!("reading the manifest {name}{hint}"))?;
    let manifest = parse(&bytes).with_context(|| format!("reading the manifest {name}"))?;
    Ok((manifest, crate::digest::sha256(&bytes)))
}

fn parse(bytes: &[u8]) -> Result<Manifest> {
    let mut value: serde_json::Value = serde_json::from_slice(bytes)?;
    // One of another version is told as that, whatever else is different.
    let schema = value.get("schema").and_then(serde_json::Value::as_str).unwrap_or("no manifest of vastimg");
    if schema != SCHEMA {
        bail!("it is {schema:?}, and this verifier knows {SCHEMA}; use the one of the same seed");
    }
    let checks = value.get_mut("checks").and_then(serde_json::Value::as_array_mut).map(std::mem::take);
    let mut manifest = Manifest::deserialize(value)?;
    for check in checks.unwrap_or_default() {
        let id = check.get("id").and_then(serde_json::Value::as_str).unwrap_or("without an id").to_owned();
        match Check::deserialize(check) {
            Ok(check) => manifest.checks.push(check),
            Err(error) => {
                bail!("check {id} is none that this verifier knows ({error}); use the one of the same seed")
            }
        }
    }
    Ok(manifest)
}
