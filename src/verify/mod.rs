//! The on-host verifier: wanted (manifest) against persisted (what the next boot gives) against live.
//!
//! [`facts`] read the system, [`checks`] assert of it, [`report`] tells. The whole is a static program of its own,
//! `vastimg-verify`, and uses nothing of the generator.

pub mod checks;
pub mod facts;
pub mod options;
pub mod report;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize as _;

use crate::calendar::Utc;
use crate::manifest::{Check, Manifest, SCHEMA};
use checks::Context;
use facts::Root;
use options::{Options, Request};
use report::{CheckResult, Format, Report};

const REPORTS: &str = "/var/lib/vastimg/reports";

/// Runs the program; returns its exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let options = match options::parse(args.iter().cloned()) {
        Ok(Request::Verify(options)) => options,
        Ok(Request::Print(text)) => {
            print(&text);
            return 0;
        }
        Err(error) => {
            let line = format!("vastimg-verify: {error}; vastimg-verify --help lists the options");
            return refuse(report::asked_for(&args), &line);
        }
    };
    match verify(&options) {
        Ok(code) => code,
        Err(error) => {
            let line = format!("vastimg-verify: ERROR {error:#}");
            if options.console {
                // Somebody waits for a line; no verdict is one too.
                report::announce(&Root::new("/"), &line);
            }
            refuse(options.format, &line)
        }
    }
}

/// Tells that there is no verdict, where the format's reader looks for it.
fn refuse(format: &dyn Format, line: &str) -> u8 {
    if let Some((text, code)) = format.refusal(line) {
        print(&text);
        return code;
    }
    // Not eprintln, which panics when nobody reads it.
    let _ = writeln!(io::stderr(), "{line}");
    2
}

fn verify(options: &Options) -> Result<u8> {
    let root = Root::new(&options.root);
    let (manifest, digest) = load(options, &root)?;
    for id in options.only.iter().chain(&options.skip) {
        if !manifest.checks.iter().any(|check| names(id, &check.id, &check.fix)) {
            bail!("no check or fix is named {id:?} in this manifest; its fixes are {}", fixes(&manifest));
        }
    }
    let context = Context::new(&root, &manifest, &digest);
    let results = manifest
        .checks
        .iter()
        .filter(|check| {
            options.only.is_empty() || options.only.iter().any(|id| names(id, &check.id, &check.fix))
        })
        .filter(|check| !options.skip.iter().any(|id| names(id, &check.id, &check.fix)))
        .map(|check| CheckResult::new(check, checks::run(check, &context), options.strict))
        .collect();
    let host =
        root.read("/proc/sys/kernel/hostname").or_else(|_| root.read("/etc/hostname")).unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let time = Utc::from_epoch(now).to_string();
    let host = if host.trim().is_empty() { "unknown" } else { host.trim() };
    let report = Report::new(&manifest, &digest, host.to_owned(), time, options.strict, results);
    publish(options, &root, &report)?;
    Ok(options.format.exit_code(&report))
}

/// The verdict comes first: whatever cannot be kept or written is said after it, and changes it only if it was asked for.
fn publish(options: &Options, root: &Root, report: &Report) -> Result<()> {
    if options.console {
        report::announce(root, &report::line(report));
    }
    // A part of the checks, another tree or another manifest is no report on this host.
    let whole =
        root.is_live() && options.manifest.is_none() && options.only.is_empty() && options.skip.is_empty();
    if whole
        && let Err(error) = report::keep(report, Path::new(REPORTS))
        && !options.quiet
    {
        let _ = writeln!(io::stderr(), "vastimg-verify: keeping the report in {REPORTS}: {error}");
    }
    let colour = options.output.is_none() && report::colours();
    let text = options.format.render(report, colour).context("rendering the report")?;
    match &options.output {
        Some(path) => report::replace(path, &text).with_context(|| format!("writing {}", path.display()))?,
        None if options.quiet => {}
        None => print(&text),
    }
    Ok(())
}

fn load(options: &Options, root: &Root) -> Result<(Manifest, String)> {
    const PATH: &str = "/etc/vastimg/manifest.json";
    let (name, bytes) = match &options.manifest {
        Some(path) => (path.display().to_string(), facts::root::read_bounded(path)),
        None => {
            (options.root.join(PATH.trim_start_matches('/')).display().to_string(), root.read_bytes(PATH))
        }
    };
    let bytes = bytes.with_context(|| format!("reading the manifest {name}"))?;
    let manifest = parse(&bytes).with_context(|| format!("reading the manifest {name}"))?;
    Ok((manifest, crate::digest::sha256(&bytes)))
}

fn parse(bytes: &[u8]) -> Result<Manifest> {
    let value: serde_json::Value = serde_json::from_slice(bytes)?;
    // One of another version is told as that, whatever else is different.
    let schema = value.get("schema").and_then(serde_json::Value::as_str).unwrap_or("no manifest of vastimg");
    if schema != SCHEMA {
        bail!("it is {schema:?}, and this verifier knows {SCHEMA}; use the one of the same seed");
    }
    for check in value.get("checks").and_then(serde_json::Value::as_array).into_iter().flatten() {
        if let Err(error) = Check::deserialize(check) {
            let id = check.get("id").and_then(serde_json::Value::as_str).unwrap_or("without an id");
            bail!("check {id} is none that this verifier knows ({error}); use the one of the same seed");
        }
    }
    Ok(Manifest::deserialize(value)?)
}

fn names(id: &str, check: &str, fix: &str) -> bool {
    id == check || id == fix
}

fn fixes(manifest: &Manifest) -> String {
    manifest.fixes.iter().map(|fix| fix.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// To standard output; that nobody reads it to its end is no error.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
