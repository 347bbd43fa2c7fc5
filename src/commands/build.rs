//! `vastimg build`: profile and arguments -> plan -> documents -> medium.

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8PathBuf;

use crate::access;
use crate::catalogue::Catalogue;
use crate::cli::{BuildArgs, FormatArg};
use crate::documents::{self, Seed};
use crate::embedded;
use crate::media::{self, Format, Options};
use crate::output::{self, Target};
use crate::plan::{self, Access, Host, Plan, Templates};
use crate::profile::{self, Overrides, Selection};

/// The time of every file on a medium, unless SOURCE_DATE_EPOCH says otherwise: 2026-01-01T00:00:00Z.
const DEFAULT_EPOCH: u64 = 1_767_225_600;

/// Arguments, resolved: everything that can be refused has been, but nothing is written.
struct Job {
    plan: Plan,
    host: Host,
    format: Format,
    target: Target,
    options: Options,
    dry_run: bool,
    warnings: Vec<String>,
}

/// Builds one seed. Talk goes to standard error; standard output has the medium when it was asked for there.
///
/// # Errors
/// With the place, the reason and the way out of whatever is wrong.
pub fn run(args: &BuildArgs) -> Result<()> {
    let templates = Templates::new()?;
    let job = resolve(args, &templates)?;
    for warning in &job.warnings {
        eprintln!("warning: {warning}");
    }
    let seed = documents::seed(&job.plan, &job.host, &templates)?;
    if job.dry_run {
        describe(&job, &seed);
        return Ok(());
    }
    let digest = output::write(&job.target, job.format, &seed.tree, &job.options)?;
    report(&job, &seed, digest.as_deref());
    Ok(())
}

fn resolve(args: &BuildArgs, templates: &Templates) -> Result<Job> {
    let mut warnings = Vec::new();
    let catalogue = Catalogue::load(args.catalogue.as_deref())?;
    let overrides = Overrides {
        set: args.set.clone(),
        only: args.only.clone(),
        skip: args.skip.clone(),
        user: args.user.clone(),
    };
    let selection = profile::select(&catalogue, &args.profile, &overrides)?;

    let mut ssh_keys = Vec::new();
    for path in &args.ssh_key {
        for key in access::ssh_keys(path)? {
            if !ssh_keys.contains(&key) {
                ssh_keys.push(key);
            }
        }
    }
    let password_hash = args.password_hash_file.as_deref().map(access::password_hash).transpose()?;
    let network = match &args.network {
        Some(path) => {
            let (text, warning) = access::network_config(path)?;
            warnings.extend(warning);
            Some(text)
        }
        None => None,
    };
    let hostname = args
        .hostname
        .clone()
        .unwrap_or_else(|| format!("vast-{}", selection.profile.replace(['_', '.'], "-")));
    access::check_hostname(&hostname)?;

    let format = format(args)?;
    let target = match args.output.as_deref().map(camino::Utf8Path::as_str) {
        Some("-") if format == Format::Dir => {
            bail!("-o -: a directory cannot go to standard output; use --format tar")
        }
        Some("-") => Target::Stdout,
        Some(path) => Target::Path { path: Utf8PathBuf::from(path), force: args.force },
        None => Target::Path { path: format.default_name(&selection.profile).into(), force: args.force },
    };
    if !args.dry_run {
        output::check(&target, format)?;
    }
    if ssh_keys.is_empty()
        && password_hash.is_none()
        && matches!(format, Format::Iso | Format::Disk | Format::Dir)
    {
        warnings.push(format!(
            "NOBODY CAN LOG IN to a VM made with this seed: it has neither --ssh-key nor --password-hash-file.\n         \
             VAST's own monitor brings its key; add --ssh-key ~/.ssh/id_ed25519.pub to let yourself in as {}",
            selection.user
        ));
    }
    if matches!(format, Format::Tar | Format::Zip) {
        let given = [
            ("--hostname", args.hostname.is_some()),
            ("--network", network.is_some()),
            ("--password-hash-file", password_hash.is_some()),
        ];
        for (option, _) in given.iter().filter(|(_, given)| *given) {
            warnings.push(format!(
                "{option} is for cloud-init; prepare.sh, which a host that exists runs, leaves that alone"
            ));
        }
    }
    warnings.extend(left_out(&catalogue, &selection));
    let private = password_hash.is_some();
    let access = Access { ssh_keys, password_hash };
    let plan = plan::assemble(&catalogue, selection, access, templates, embedded::VERIFIER)?;
    let options = Options { modified: epoch()?, private };
    Ok(Job {
        plan,
        host: Host { hostname, network },
        format,
        target,
        options,
        dry_run: args.dry_run,
        warnings,
    })
}

/// What the user may have meant to be in the seed, and is not.
fn left_out(catalogue: &Catalogue, selection: &Selection) -> Vec<String> {
    let has = |id: &str| selection.fixes.iter().any(|selected| selected.fix.id == id);
    let unused = catalogue.own.iter().filter(|id| !has(id)).map(|id| {
        format!(
            "profile {} does not have {id} of --catalogue; name it under `fixes:` of a profile of yours",
            selection.profile
        )
    });
    let needed = selection.fixes.iter().flat_map(|selected| {
        let fix = &selected.fix;
        fix.spec.needs.iter().filter(|id| !has(id)).map(|id| {
            format!(
                "{} needs what {id} brings, and this seed does not have {id}: the VM must have that already",
                fix.id
            )
        })
    });
    unused.chain(needed).collect()
}

fn format(args: &BuildArgs) -> Result<Format> {
    let asked = args.format.map(|format| match format {
        FormatArg::Iso => Format::Iso,
        FormatArg::Disk => Format::Disk,
        FormatArg::Tar => Format::Tar,
        FormatArg::Zip => Format::Zip,
        FormatArg::Dir => Format::Dir,
    });
    let named = match &args.output {
        Some(path) if path != "-" => {
            media::format_of(path).or_else(|error| asked.map(|_| None).ok_or(error))?
        }
        _ => None,
    };
    if let (Some(asked), Some(named), Some(path)) = (asked, named, &args.output) {
        ensure!(
            asked == named,
            "--format and -o {path} contradict each other: the name asks for another format; change one of them"
        );
    }
    Ok(asked.or(named).unwrap_or(Format::Iso))
}

/// SOURCE_DATE_EPOCH as reproducible-builds.org specifies it.
fn epoch() -> Result<u64> {
    match env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => {
            let seconds: u64 = text.trim().parse().with_context(|| {
                format!("reading SOURCE_DATE_EPOCH={text:?}: not a number of seconds since 1970; unset it or correct it")
            })?;
            Ok(seconds)
        }
        Err(env::VarError::NotPresent) => Ok(DEFAULT_EPOCH),
        Err(error) => Err(error).context("reading SOURCE_DATE_EPOCH"),
    }
}

fn describe(job: &Job, seed: &Seed) {
    eprintln!("would write {}: profile {}, host {}", job.target, job.plan.profile, job.host.hostname);
    let mut listing = String::new();
    for (path, entry) in seed.tree.iter() {
        if let media::tree::Entry::File { mode, payload } = entry {
            let _ = writeln!(listing, "{mode:04o} {:>9}  {path}", payload.len());
        }
    }
    // That nobody reads it to its end is no error.
    let _ = io::stdout().write_all(listing.as_bytes());
}

fn report(job: &Job, seed: &Seed, digest: Option<&str>) {
    let manifest =
        seed.documents.get("vastimg/manifest.json").map(|text| crate::digest::sha256(text.as_bytes()));
    let manifest = manifest.unwrap_or_default();
    eprintln!(
        "wrote {}: profile {}, {} fixes, {} checks, host {}",
        job.target,
        job.plan.profile,
        job.plan.fixes.len() - 1,
        job.plan.checks.len(),
        job.host.hostname
    );
    if let Some(digest) = digest {
        eprintln!("  sha256    {digest}");
    }
    eprintln!("  manifest  sha256:{}", &manifest[..manifest.len().min(12)]);
    match job.format {
        Format::Iso => eprintln!(
            "Attach it to the VM as a read-only CD-ROM or disk, boot, and wait for the line \"vastimg-verify: PASS\" on the console."
        ),
        Format::Disk => eprintln!(
            "Attach it to the VM as a disk. Without an installer, cloud-init prepares the VM: wait for the line \"vastimg-verify: PASS\" on the console. \
             A VM that boots Rocky's installer with it attached is reinstalled without a question."
        ),
        Format::Tar | Format::Zip => {
            eprintln!("On the host: unpack it and run  sudo vastimg/prepare.sh && sudo vastimg-verify")
        }
        Format::Dir => eprintln!(
            "It is the tree that the other formats carry; sudo vastimg/prepare.sh applies it to this host."
        ),
    }
}
