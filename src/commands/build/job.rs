//! Arguments, resolved: everything that can be refused is refused here, before anything is written.

use std::env;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::BuildArgs;
use crate::commands::seed::{self, Inputs, Planned};
use crate::diagnostic::Diagnostic;
use crate::media::{self, Carried, Format, Options};
use crate::output::{self, Target};
use crate::plan::{Disk, Host, Plan, Templates};

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
    pub warnings: Vec<Diagnostic>,
}

impl Job {
    pub(super) fn resolve(args: &BuildArgs, templates: &Templates) -> Result<Self> {
        let inputs = Inputs::read(&args.seed)?;
        let format = format(args)?;
        let install_disk = install_disk(args, format)?;
        let target = target(args, format, &inputs.selection.profile)?;
        if !args.dry_run {
            output::check(&target, format)?;
        }
        let mut of_format = Vec::new();
        if let (Some(network), Format::Iso | Format::Disk | Format::NocloudNet) = (&inputs.network, format) {
            of_format.extend(network.warnings_for_cloud_images());
        }
        if format == Format::NocloudNet {
            let network = inputs.network.is_some().then_some("--network");
            of_format.extend(of_a_server(network, inputs.access.password_hash.is_some()));
        }
        of_format.extend(nobody_can_log_in(&inputs, format));
        of_format.extend(for_new_vms_only(args, format));
        let options = Options { modified: epoch()?, private: inputs.access.password_hash.is_some() };
        let Planned { plan, host, mut warnings } = inputs.plan(templates, install_disk)?;
        warnings.splice(0..0, of_format);
        Ok(Job { plan, host, format, target, options, dry_run: args.dry_run, warnings })
    }
}

fn target(args: &BuildArgs, format: Format, profile: &str) -> Result<Target> {
    Ok(match args.output.as_deref().map(Utf8Path::as_str) {
        Some("-") if format.is_directory() => {
            bail!("-o -: a directory cannot go to standard output; use --format tar")
        }
        Some("-") => Target::Stdout,
        Some(path) => Target::Path { path: Utf8PathBuf::from(path), force: args.force },
        None => Target::Path { path: format.default_name(profile).into(), force: args.force },
    })
}

/// The disk that the kickstart wipes, where there is one: never without having been named.
fn install_disk(args: &BuildArgs, format: Format) -> Result<Option<Disk>> {
    let disk = seed::install_disk(&args.seed)?;
    ensure!(
        disk.is_some() || format.kickstart() != Carried::Always,
        "--format {0} carries a kickstart, and Rocky's installer wipes a disk for it without a question: name that disk, such as --install-disk vda",
        format.name()
    );
    refuse_kickstart_arguments(args, format)?;
    if let (None, Some(option)) = (&disk, of_kickstart(args)) {
        bail!("{option} is for a kickstart; use it with --format oemdrv or disk, and --install-disk");
    }
    Ok(disk)
}

/// An argument that only a kickstart has a use for, besides the disk.
fn of_kickstart(args: &BuildArgs) -> Option<String> {
    let source = args.seed.install_source.is_some().then(|| "--install-source".to_owned());
    let mut keys = args.seed.set.iter().filter_map(|set| set.split('=').next());
    let key = keys.find(|key| key.starts_with("kickstart.")).map(|key| format!("--set {key}"));
    source.or(key)
}

/// Refuses what is for a kickstart where there never is one.
pub(super) fn refuse_kickstart_arguments(args: &BuildArgs, format: Format) -> Result<()> {
    let never = format.kickstart() == Carried::Never;
    if let (true, Some(disk)) = (never, &args.seed.install_disk) {
        bail!(
            "--install-disk {disk} is for a medium that carries a kickstart, and --format {} does not; use --format oemdrv or disk, or leave it out",
            format.name()
        );
    }
    if let (true, Some(option)) = (never, of_kickstart(args)) {
        bail!("{option} is for a kickstart; use it with --format oemdrv or disk, and --install-disk");
    }
    Ok(())
}

/// What a seed does not do, or does besides, where it comes from a web server. `network` is what it was given by.
pub(super) fn of_a_server(network: Option<&str>, password: bool) -> impl Iterator<Item = Diagnostic> {
    let network = network.map(|given| {
        let message = format!(
            "{given} has no effect on Rocky 8: cloud-init asks a server for network-config only from 24.3 on, and Rocky 8.10 has 23.4"
        );
        Diagnostic::warning(None, message).help(
            "the VM needs a network to reach the server: let DHCP give it the address, or add \
             network-config=$(base64 -w0 FILE) to its kernel command line, or use --format iso",
        )
    });
    let password = password.then(|| {
        let message = "the password hash is in user-data, and the server gives that to whoever asks";
        Diagnostic::warning(None, message).help(
            "use --ssh-key in its place, or --format iso; only the owner can read the folder, and the server must run as that",
        )
    });
    network.into_iter().chain(password)
}

fn nobody_can_log_in(inputs: &Inputs, format: Format) -> Option<Diagnostic> {
    let new_vm = !matches!(format, Format::Tar | Format::Zip);
    let nobody = inputs.access.ssh_keys.is_empty() && inputs.access.password_hash.is_none();
    (nobody && new_vm).then(|| {
        let message =
            "NOBODY CAN LOG IN to a VM made with this seed: it has neither --ssh-key nor --password-hash-file";
        Diagnostic::warning(None, message).help(format!(
            "VAST's own monitor brings its key; add --ssh-key ~/.ssh/id_ed25519.pub to let yourself in as {}",
            inputs.selection.user
        ))
    })
}

fn for_new_vms_only(args: &BuildArgs, format: Format) -> impl Iterator<Item = Diagnostic> {
    let script_only = matches!(format, Format::Tar | Format::Zip);
    let given = [
        ("--hostname", args.seed.hostname.is_some()),
        ("--network", args.seed.network.is_some()),
        ("--password-hash-file", args.seed.password_hash_file.is_some()),
    ];
    given.into_iter().filter(move |(_, given)| script_only && *given).map(|(option, _)| {
        let message =
            format!("{option} is for a new VM; prepare.sh, which a host that exists runs, leaves that alone");
        Diagnostic::warning(None, message)
    })
}

fn format(args: &BuildArgs) -> Result<Format> {
    let asked = args.format;
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
pub(super) fn epoch() -> Result<u64> {
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
