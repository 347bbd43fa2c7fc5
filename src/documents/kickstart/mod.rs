//! ks.cfg: an unattended installation by Rocky 8's installer that ends in the same first boot as every other way.
//!
//! It installs and places; nothing of a fix is applied before the new system runs. What stops the installer, or makes it
//! ask, was looked up in Anaconda 33.16 (EL 8), and the syntax is pykickstart's for RHEL 8.

pub mod network;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Document, Input, OfHost, Rendered, earlier, manifest, mode_of_access, octal, prepare};
use crate::catalogue::Catalogue;
use crate::plan::{Disk, Installation, Plan};
use crate::profile::InstallSource;

/// Path on the medium.
pub const PATH: &str = "ks.cfg";

/// What lets the VAST user call sudo, which a %post that fails places too.
const SUDOERS: &str = "/etc/sudoers.d/90-vastimg";

/// What its %pre makes in the installer and the kickstart includes: `repo` commands and nothing else.
pub const REPOSITORIES: &str = "/tmp/vastimg-repositories.ks";

pub(super) struct KickstartDocument;

/// What everybody has to know of a medium that carries a kickstart, in one sentence.
pub fn wipes(disk: &Disk) -> String {
    warning(UNASKED, &format!("disk {disk}"))
}

/// The machine that takes a kickstart from a medium by its label.
pub const UNASKED: &str = "a machine that boots Rocky's installer with this attached";

/// The machine that has to be told of a kickstart.
pub const TOLD: &str = "a machine whose installer is given this ks.cfg (inst.ks=)";

/// That sentence for any machine and any disks.
pub fn warning(machine: &str, disks: &str) -> String {
    format!("WARNING: {machine} is wiped without a question: {disks}.")
}

impl Document for KickstartDocument {
    fn path(&self) -> &'static str {
        PATH
    }

    fn mode(&self, plan: &Plan) -> u32 {
        mode_of_access(plan)
    }
}

impl OfHost for KickstartDocument {
    fn render(&self, input: Input<'_>, rendered: &Rendered) -> Result<Option<String>> {
        let Some(installation) = &input.plan.installation else { return Ok(None) };
        let mut context = settings(installation);
        context["version"] = json!(env!("CARGO_PKG_VERSION"));
        context["profile"] = json!(input.plan.profile);
        context["hostname"] = json!(input.host.hostname);
        context["network"] = json!(network::commands(&input.host.links, &input.host.hostname));
        context["user"] = json!(input.plan.user);
        context["ssh_keys"] = json!(input.plan.ssh_keys);
        context["password_hash"] = json!(input.plan.password_hash);
        let sudoers = input.plan.files.iter().find(|file| file.path == SUDOERS);
        let sudoers = sudoers.with_context(|| format!("rendering ks.cfg: the base must place {SUDOERS}"))?;
        context["sudoers"] =
            json!({ "path": SUDOERS, "mode": octal(sudoers.mode), "content": sudoers.text() });
        context["wipes"] = json!(wipes(&installation.disk));
        context["manifest_sha256"] = json!(&*earlier(rendered, manifest::PATH)?.sha256);
        context["prepare_sha256"] = json!(&*earlier(rendered, prepare::PATH)?.sha256);
        input.templates.render("ks.cfg", Catalogue::document("ks.cfg.j2")?, context).map(Some)
    }
}

/// What the profile says, in the form of the template.
fn settings(installation: &Installation) -> Value {
    let settings = &installation.settings;
    let url = match &settings.source {
        InstallSource::Cdrom => None,
        InstallSource::Url(url) => Some(url),
    };
    // The installer stops where it cannot reach a repository, so all but the one it cannot do without are tried first.
    let (needed, optional): (Vec<_>, Vec<_>) =
        settings.repositories.iter().partition(|repository| repository.name == "AppStream");
    let mut packages = installation.packages.clone();
    packages.extend_from_slice(&settings.packages);
    if !optional.is_empty() {
        packages.extend_from_slice(&installation.further_packages);
    }
    packages.sort_unstable();
    packages.dedup();
    let kernel: Vec<&str> = installation
        .kernel
        .iter()
        .map(String::as_str)
        .chain(settings.kernel.split_ascii_whitespace())
        .collect();
    json!({
        "disk": installation.disk.to_string(), "url": url, "needed": needed, "optional": optional,
        "lang": settings.lang, "keyboard": settings.keyboard, "timezone": settings.timezone,
        "ntp": settings.ntp.join(","), "firewall": settings.firewall, "selinux": settings.selinux,
        "partitions": settings.partitions,
        "own_boot": settings.partitions.iter().any(|partition| partition.mount == "/boot"),
        "repositories": REPOSITORIES, "packages": packages,
        "own_packages": settings.packages, "kernel": kernel.join(" "),
    })
}
