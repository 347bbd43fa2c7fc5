//! Arguments, resolved: everything that can be refused is refused here, before anything is written.

use std::env;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::access;
use crate::catalogue::Catalogue;
use crate::cli::{BuildArgs, FormatArg};
use crate::documents::kickstart;
use crate::embedded;
use crate::media::{self, Format, Options};
use crate::network::{self, Link, Network};
use crate::output::{self, Target};
use crate::plan::{self, Access, Disk, Host, Plan, Templates};
use crate::profile::{self, Overrides, Selection};

/// The time of every file on a medium, unless SOURCE_DATE_EPOCH says otherwise: 2026-01-01T00:00:00Z.
const DEFAULT_EPOCH: u64 = 1_767_225_600;

/// Everything that a build needs, and nothing written yet.
pub(super) struct Job {
    pub plan: Plan,
    pub host: Host,
    pub format: Format,
    pub target: Target,
    pub options: Options,
    pub dry_run: bool,
    pub warnings: Vec<String>,
}

impl Job {
    pub(super) fn resolve(args: &BuildArgs, templates: &Templates) -> Result<Self> {
        let catalogue = Catalogue::load(args.catalogue.as_deref())?;
        let overrides = Overrides {
            set: args.set.clone(),
            only: args.only.clone(),
            skip: args.skip.clone(),
            user: args.user.clone(),
            install_source: args.install_source.clone(),
        };
        let selection = profile::select(&catalogue, &args.profile, &overrides)?;
        let network = args.network.as_deref().map(network::read).transpose()?;
        let access = access(args)?;
        let hostname = args
            .hostname
            .clone()
            .unwrap_or_else(|| format!("vast-{}", selection.profile.replace(['_', '.'], "-")));
        access::check_hostname(&hostname)?;
        let format = format(args)?;
        let install_disk = install_disk(args, format)?;
        let target = target(args, format, &selection.profile)?;
        if !args.dry_run {
            output::check(&target, format)?;
        }

        let mut warnings = Vec::from_iter(network.iter().flat_map(Network::warnings).cloned());
        let links = match &network {
            Some(network) if install_disk.is_some() => installer_links(network, &hostname, &mut warnings)?,
            _ => Vec::new(),
        };
        if let (Some(network), Format::Iso | Format::Disk) = (&network, format) {
            warnings.extend(network.warnings_for_cloud_images());
        }
        warnings.extend(nobody_can_log_in(&access, &selection, format));
        warnings.extend(for_new_vms_only(args, format));
        warnings.extend(left_out(&catalogue, &selection));
        let options = Options { modified: epoch()?, private: access.password_hash.is_some() };
        let plan =
            plan::assemble(&catalogue, selection, access, templates, embedded::VERIFIER, install_disk)?;
        let host = Host { hostname, network: network.map(|network| network.text().to_owned()), links };
        Ok(Job { plan, host, format, target, options, dry_run: args.dry_run, warnings })
    }
}

/// Who may log in, each key once.
fn access(args: &BuildArgs) -> Result<Access> {
    let mut ssh_keys = Vec::new();
    for path in &args.ssh_key {
        for key in access::ssh_keys(path)? {
            if !ssh_keys.contains(&key) {
                ssh_keys.push(key);
            }
        }
    }
    let password_hash = args.password_hash_file.as_deref().map(access::password_hash).transpose()?;
    Ok(Access { ssh_keys, password_hash })
}

fn target(args: &BuildArgs, format: Format, profile: &str) -> Result<Target> {
    Ok(match args.output.as_deref().map(Utf8Path::as_str) {
        Some("-") if format == Format::Dir => {
            bail!("-o -: a directory cannot go to standard output; use --format tar")
        }
        Some("-") => Target::Stdout,
        Some(path) => Target::Path { path: Utf8PathBuf::from(path), force: args.force },
        None => Target::Path { path: format.default_name(profile).into(), force: args.force },
    })
}

/// The network as the installer is to set it up.
fn installer_links(network: &Network, hostname: &str, warnings: &mut Vec<String>) -> Result<Vec<Link>> {
    let installer = network.for_kickstart()?;
    warnings.extend(installer.warnings);
    let commands = kickstart::network::commands(&installer.links, hostname);
    warnings.extend(kickstart::network::warnings(&commands));
    Ok(installer.links)
}

/// The disk that the kickstart wipes, where there is one: never without having been named.
fn install_disk(args: &BuildArgs, format: Format) -> Result<Option<Disk>> {
    let disk = args.install_disk.as_deref().map(Disk::named).transpose().context("--install-disk")?;
    let always = matches!(format, Format::Oemdrv | Format::Disk);
    // A directory is for looking at, and for other ways to an installer: with a kickstart where a disk is given.
    let never = !always && format != Format::Dir;
    ensure!(
        disk.is_some() || !always,
        "--format {0} carries a kickstart, and Rocky's installer wipes a disk for it without a question: name that disk, such as --install-disk vda",
        format.name()
    );
    if let (true, Some(disk)) = (never, &disk) {
        bail!(
            "--install-disk {disk} is for a medium that carries a kickstart, and --format {} does not; use --format oemdrv or disk, or leave it out",
            format.name()
        );
    }
    let unused = args.install_source.is_some().then_some("--install-source");
    let unused =
        unused.or(args.set.iter().any(|set| set.starts_with("kickstart.")).then_some("--set kickstart"));
    if let (None, Some(option)) = (&disk, unused) {
        bail!("{option} is for a kickstart; use it with --format oemdrv or disk, and --install-disk");
    }
    Ok(disk)
}

fn nobody_can_log_in(access: &Access, selection: &Selection, format: Format) -> Option<String> {
    let new_vm = !matches!(format, Format::Tar | Format::Zip);
    let nobody = access.ssh_keys.is_empty() && access.password_hash.is_none();
    (nobody && new_vm).then(|| {
        format!(
            "NOBODY CAN LOG IN to a VM made with this seed: it has neither --ssh-key nor --password-hash-file.\n         \
             VAST's own monitor brings its key; add --ssh-key ~/.ssh/id_ed25519.pub to let yourself in as {}",
            selection.user
        )
    })
}

fn for_new_vms_only(args: &BuildArgs, format: Format) -> impl Iterator<Item = String> {
    let script_only = matches!(format, Format::Tar | Format::Zip);
    let given = [
        ("--hostname", args.hostname.is_some()),
        ("--network", args.network.is_some()),
        ("--password-hash-file", args.password_hash_file.is_some()),
    ];
    given.into_iter().filter(move |(_, given)| script_only && *given).map(|(option, _)| {
        format!("{option} is for a new VM; prepare.sh, which a host that exists runs, leaves that alone")
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
        FormatArg::Oemdrv => Format::Oemdrv,
        FormatArg::Disk => Format::Disk,
        FormatArg::Tar => Format::Tar,
        FormatArg::Zip => Format::Zip,
        FormatArg::Dir => Format::Dir,
    });
    let named = match &args.output {
        Some(path) if path != "-" => {
            media::formats_of(path).or_else(|error| asked.map(|_| Vec::new()).ok_or(error))?
        }
        _ => Vec::new(),
    };
    if let (Some(asked), Some(path)) = (asked, &args.output) {
        ensure!(
            named.is_empty() || named.contains(&asked),
            "--format and -o {path} contradict each other: the name asks for another format; change one of them"
        );
    }
    Ok(asked.or(named.first().copied()).unwrap_or(Format::Iso))
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
