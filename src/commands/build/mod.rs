//! `vastimg build`: profile and arguments -> plan -> documents -> medium.

mod fleet;
mod job;

use std::fmt::Write as _;

use anyhow::{Result, bail};

use crate::catalogue::BASE;
use crate::cli::BuildArgs;
use crate::documents::{self, Seed, kickstart};
use crate::media::{self, Format};
use crate::output::{self, Target};
use crate::plan::Templates;
use crate::talk::{self, Talk};

use job::Job;

/// Builds one seed. Talk goes to standard error; standard output has the medium when it was asked for there.
///
/// # Errors
/// With the place, the reason and the way out of whatever is wrong.
pub fn run(args: &BuildArgs, talk: &Talk) -> Result<()> {
    if let Some(hosts) = &args.hosts {
        return fleet::run(args, hosts, talk);
    }
    // The parser lets them pass beside --hostname and --network, which exclude --hosts.
    let of_fleets =
        [("--jobs", args.jobs.is_some()), ("--shard", args.shard.is_some()), ("--prune", args.prune)];
    if let Some((option, _)) = of_fleets.iter().find(|(_, given)| *given) {
        bail!("{option} is for many images; use it with --hosts INVENTORY, or leave it out");
    }
    let templates = Templates::new()?;
    let job = Job::resolve(args, &templates)?;
    for warning in &job.warnings {
        talk.tell(warning);
    }
    let seed = documents::seed(&job.plan, &job.host, &templates)?;
    if job.dry_run {
        describe(&job, &seed, talk)?;
    } else {
        let digest = match output::write(&job.target, job.format, &seed.tree, &job.options) {
            Err(error) if job.target == Target::Stdout && talk::reader_has_left(&error) => return Ok(()),
            other => other?,
        };
        report(&job, &seed, digest.as_deref(), talk);
    }
    if let Some(installation) = &job.plan.installation {
        talk.insist(&kickstart::warning(machine(job.format), &format!("disk {}", installation.disk)));
    }
    Ok(())
}

/// The machine that a medium with a kickstart wipes.
fn machine(format: Format) -> &'static str {
    // A directory has no label by which an installer would find it.
    if format == Format::Dir { kickstart::TOLD } else { kickstart::UNASKED }
}

fn describe(job: &Job, seed: &Seed, talk: &Talk) -> Result<()> {
    let (plan, host) = (&job.plan, &job.host);
    talk.say(&format!("would write {}: profile {}, host {}", job.target, plan.profile, host.hostname));
    let mut listing = String::new();
    for (path, entry) in job.format.complete(&seed.tree)?.iter() {
        if let media::tree::Entry::File { mode, payload } = entry {
            let _ = writeln!(listing, "{mode:04o} {:>9}  {path}", payload.len());
        }
    }
    talk::print(listing.as_bytes())
}

fn report(job: &Job, seed: &Seed, digest: Option<&str>, talk: &Talk) {
    let manifest = seed.documents.get(documents::MANIFEST).map_or("", |text| &text.sha256);
    let fixes = match job.plan.fixes.len() - 1 {
        1 => "1 fix".to_owned(),
        fixes => format!("{fixes} fixes"),
    };
    talk.say(&format!(
        "wrote {}: profile {}, {fixes}, {} checks, host {}",
        job.target,
        job.plan.profile,
        job.plan.checks.len(),
        job.host.hostname
    ));
    if let Some(digest) = digest {
        talk.say(&format!("  sha256    {digest}"));
    }
    talk.say(&format!("  manifest  sha256:{}", &manifest[..manifest.len().min(12)]));
    for fix in job.plan.fixes.iter().filter(|fix| fix.id != BASE) {
        talk.detail(&format!("  {:<10} {}: {}", fix.label.as_str(), fix.id, fix.title));
    }
    talk.say(match job.format {
        Format::Iso => {
            "Attach it to the VM as a read-only CD-ROM or disk, boot, and wait for the line \"vastimg-verify: PASS\" on the console."
        }
        Format::Oemdrv => {
            "Attach it as a second CD-ROM beside Rocky's DVD, boot the DVD, and wait for the line \"vastimg-verify: PASS\" on the console."
        }
        Format::Disk => {
            "Attach it as a read-only disk, to a cloud image or beside Rocky's DVD, and wait for the line \"vastimg-verify: PASS\" on the console."
        }
        Format::Tar | Format::Zip => {
            "On the host: unpack it and run  sudo vastimg/prepare.sh && sudo vastimg-verify"
        }
        Format::NocloudNet => {
            "Serve it with any web server. The VM's SMBIOS serial or kernel command line says ds=nocloud-net;s=http://SERVER/NAME/ (vastimg attach --url has the commands); wait for the line \"vastimg-verify: PASS\" on the console."
        }
        Format::Dir => {
            "It is the tree that the other formats carry. Copied to a host, its vastimg/prepare.sh prepares that host."
        }
    });
}
