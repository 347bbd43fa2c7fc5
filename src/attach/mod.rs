//! How a finished image gets to a VM: the commands of each hypervisor's own tool, as a script to read, edit and run.
//!
//! What is attached, and how, follows from what the image is and not from its name: a NoCloud seed beside a cloud image, or
//! a kickstart beside Rocky's DVD. Nothing is run, and nothing is asked of a hypervisor: names of networks, storage and
//! flavours are placeholders. Limits: of the tools, virt-install, QEMU and a YAML parser took these commands in the tests.
//! No test has a PowerShell, govc, openstack, qm, virtctl or VBoxManage; their options are as their manuals have them.
//!
//! | hypervisor | tool | the VM's own disk |
//! |---|---|---|
//! | [`libvirt`] | virt-install, virsh | vda |
//! | [`qemu`] | qemu-system-x86_64 | vda |
//! | [`proxmox`] | qm | vda |
//! | [`vsphere`] | govc | sda |
//! | [`openstack`] | openstack | vda |
//! | [`kubevirt`] | virtctl, kubectl | vda |
//! | [`hyperv`] | PowerShell | sda |
//! | [`virtualbox`] | VBoxManage | sda |
//!
//! Every value of the user's is escaped for its place by a filter of the template ([`crate::plan::Templates`]), and what a
//! tool takes in no form is refused. Sources: cloud-init 23.4 (ds-identify, DataSourceNoCloud) and Anaconda 33.16 for what a
//! machine looks for; each file names its tool's.

pub mod hyperv;
pub mod kubevirt;
pub mod libvirt;
mod names;
pub mod openstack;
pub mod proxmox;
pub mod qemu;
mod seed;
mod served;
pub mod virtualbox;
pub mod vsphere;

use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use crate::catalogue;
use crate::image::{Image, Kind};
use crate::inspection::{Inspection, What};
use crate::plan::Templates;
pub use names::Names;
use seed::Found;
pub use served::Url;

/// VAST asks for 110 to 117 GB and 12 CPUs; what is left over is the guest's kernel's.
const MEMORY_GIB: u32 = 128;
const CPUS: u32 = 12;
/// As docs/kickstart.md has it.
const DISK_GIB: u32 = 300;

/// The name by which Rocky's mirrors have the cloud image.
pub(crate) const CLOUD_IMAGE: &str = "Rocky-8-GenericCloud-Base.latest.x86_64.qcow2";
/// As [`CLOUD_IMAGE`], the DVD.
pub(crate) const DVD: &str = "Rocky-8.10-x86_64-dvd1.iso";

/// Every hypervisor, in the order in which help names them.
pub static ALL: [&dyn Hypervisor; 8] = [
    &libvirt::Libvirt,
    &qemu::Qemu,
    &proxmox::Proxmox,
    &vsphere::Vsphere,
    &openstack::Openstack,
    &kubevirt::Kubevirt,
    &hyperv::Hyperv,
    &virtualbox::Virtualbox,
];

/// The hypervisor of that name.
///
/// # Errors
/// When there is none.
pub fn named(name: &str) -> Result<&'static dyn Hypervisor> {
    ALL.into_iter().find(|hypervisor| hypervisor.facts().name == name).context("no such hypervisor")
}

/// What is known of a hypervisor without an image.
#[derive(Debug)]
pub struct Facts {
    /// As the command line names it.
    pub name: &'static str,
    /// For a person, with the tool.
    pub title: &'static str,
    /// The script's template below `templates/attach/`; what ends in `.ps1.j2` is PowerShell.
    pub template: &'static str,
    /// What --base and --dvd are.
    pub sources: Sources,
    /// Stands for the cloud image or template where the user names none.
    pub base: &'static str,
    /// Stands for the DVD likewise.
    pub dvd: &'static str,
    /// What Linux calls the first disk of the VM that is made.
    pub disk: &'static str,
    /// The names that its VMs may have.
    pub names: Names,
    /// Whether its template can give the VM an SMBIOS serial, by which it finds a seed on a web server.
    pub serial: bool,
}

/// What the VM's system comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sources {
    /// Files of a Unix, whose paths QEMU may take for a protocol.
    Files,
    /// Files of Windows, where a colon follows a drive.
    WindowsFiles,
    /// Names that only the hypervisor knows.
    Names,
}

/// A hypervisor.
pub trait Hypervisor: fmt::Debug + Send + Sync {
    /// What is known of it.
    fn facts(&self) -> &'static Facts;

    /// Says no to what its tool does not take.
    ///
    /// # Errors
    /// When it does not: with the reason and the way out.
    fn check(&self, _: &Attachment) -> Result<()> {
        Ok(())
    }

    /// The commands.
    ///
    /// # Errors
    /// When its tool does not take what is to be attached.
    fn commands(&self, attachment: &Attachment) -> Result<String> {
        self.check(attachment)?;
        let template = self.facts().template;
        let text = catalogue::embedded(&format!("attach/{template}"))?;
        Templates::new()?.render(template, text, attachment.context())
    }
}

/// What the user asks for beside the image.
#[derive(Debug, Default)]
pub struct Wishes<'a> {
    /// The VM's name.
    pub vm: Option<&'a str>,
    /// The cloud image or template.
    pub base: Option<&'a str>,
    /// Rocky's DVD.
    pub dvd: Option<&'a str>,
    /// Where a directory is served.
    pub url: Option<&'a str>,
}

/// What the VM boots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum System {
    /// A cloud image, whose cloud-init reads the seed.
    Cloud(String),
    /// Rocky's DVD, whose installer reads the kickstart.
    Installer(String),
}

/// One image for one VM of one hypervisor.
#[derive(Debug)]
pub struct Attachment {
    hypervisor: &'static dyn Hypervisor,
    /// Path of the image, which no tool takes for an option or a protocol.
    pub image: String,
    /// Whether it is an ISO image; a raw disk if not.
    pub iso: bool,
    /// Where a web server has it, if it is a directory.
    pub url: Option<Url>,
    /// The VM's name.
    pub vm: String,
    /// What it boots.
    pub system: System,
    what: String,
    ours: bool,
    warning: Option<String>,
    broken: Option<String>,
    size: u64,
}

impl Attachment {
    /// Decides how an image is attached.
    ///
    /// # Errors
    /// When no VM finds a seed in it, or it does not suit what else is asked for: with the way out.
    pub fn new(
        hypervisor: &'static dyn Hypervisor,
        image: &Image,
        inspection: &Inspection,
        wishes: &Wishes<'_>,
    ) -> Result<Self> {
        let facts = hypervisor.facts();
        let url = Url::of(image, wishes.url, facts)?;
        let found = Found::look(image, inspection, url.is_some())?;
        let values = [
            ("the image's path", Some(inspection.image.as_str())),
            ("--base", wishes.base),
            ("--dvd", wishes.dvd),
        ];
        for (name, value) in values {
            let control = value.is_some_and(|value| value.chars().any(char::is_control));
            ensure!(!control, "{name} has a control character, which no script can show; rename it");
            ensure!(value != Some(""), "{name} is empty");
        }
        let source = |path: &str| match facts.sources {
            Sources::Files => unlike_an_option(path, true),
            Sources::WindowsFiles => unlike_an_option(path, false),
            Sources::Names => path.to_owned(),
        };
        let system = match (wishes.base, wishes.dvd) {
            (Some(_), _) if !found.cloud => {
                bail!(
                    "--base: the image is for Rocky's installer alone (nothing in it is labelled CIDATA), which boots --dvd"
                )
            }
            (_, Some(_)) if !found.installer => {
                bail!(
                    "--dvd: the image has nothing for Rocky's installer (no ks.cfg labelled OEMDRV); the VM boots --base"
                )
            }
            (_, None) if found.cloud => System::Cloud(source(wishes.base.unwrap_or(facts.base))),
            (_, dvd) => System::Installer(source(dvd.unwrap_or(facts.dvd))),
        };
        let seed = inspection.seed.as_ref();
        let vm = wishes
            .vm
            .or_else(|| seed.and_then(|seed| seed.hostname.as_deref()))
            .context("its meta-data has no host name by which the VM could be called; name it with --vm")?;
        facts.names.check(facts.name, vm)?;
        let labels: Vec<_> = image.volumes.iter().filter_map(|volume| volume.label()).collect();
        let attachment = Attachment {
            hypervisor,
            image: unlike_an_option(&inspection.image, true),
            iso: image.kind == Kind::Iso,
            url,
            vm: vm.to_owned(),
            system,
            what: match labels.as_slice() {
                [] => format!("{}, a {}", inspection.title, image.kind.title()),
                _ => {
                    format!("{}, {} labelled {}", inspection.title, image.kind.title(), labels.join(" and "))
                }
            },
            ours: inspection.what == What::VastimgSeed,
            warning: inspection.wipes.wipes.then(|| inspection.wipes.sentence.clone()),
            size: image.size.unwrap_or_default(),
            broken: inspection.findings.first().map(ToString::to_string),
        };
        if let System::Installer(_) = attachment.system {
            found.suits(facts)?;
        }
        Ok(attachment)
    }

    /// The whole script: what a person has to know first, then the commands.
    ///
    /// # Errors
    /// When the hypervisor's tool does not take what is to be attached.
    pub fn script(&self) -> Result<String> {
        let commands = self.hypervisor.commands(self)?;
        let header = catalogue::embedded("attach/header.j2")?;
        Ok(Templates::new()?.render("header.j2", header, self.context())? + &commands)
    }

    /// The path of what the VM boots.
    pub fn system_path(&self) -> &str {
        match &self.system {
            System::Cloud(path) | System::Installer(path) => path,
        }
    }

    fn context(&self) -> serde_json::Value {
        let facts = self.hypervisor.facts();
        let extension = if self.iso { "iso" } else { "img" };
        json!({
            "hypervisor": facts.title, "powershell": facts.template.ends_with(".ps1.j2"),
            "image": self.image, "iso": self.iso, "url": self.url.as_ref().map(Url::as_str),
            "serial": self.url.as_ref().map(Url::serial), "what": self.what, "ours": self.ours,
            "vm": self.vm, "seed": format!("{}-seed.{extension}", self.vm),
            "cloud": matches!(self.system, System::Cloud(_)),
            // A template names only the one that there is.
            "base": self.system_path(), "dvd": self.system_path(),
            "warning": self.warning, "broken": self.broken,
            "cpus": CPUS, "memory_gib": MEMORY_GIB, "memory_mib": MEMORY_GIB << 10,
            // A file system around it takes its share.
            "seed_gib": self.size.saturating_add(128 << 20).div_ceil(1 << 30),
            "disk_gib": DISK_GIB, "disk_mib": DISK_GIB << 10,
        })
    }

    /// Refuses paths with characters that a tool does not take.
    fn without(&self, characters: &str, why: &str) -> Result<()> {
        for path in [self.image.as_str(), self.system_path()] {
            ensure!(!path.contains(|c| characters.contains(c)), "{path}: {why}; rename it");
        }
        Ok(())
    }
}

/// A path that begins like an option, or like a protocol of QEMU's, gets a directory in front, which changes nothing else.
fn unlike_an_option(path: &str, colons: bool) -> String {
    let protocol = colons && path.find(':').is_some_and(|colon| !path[..colon].contains('/'));
    if path.starts_with('-') || protocol { format!("./{path}") } else { path.to_owned() }
}
