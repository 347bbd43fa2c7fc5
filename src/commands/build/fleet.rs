//! `vastimg build --hosts`: one image for each host of an inventory.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::job;
use crate::catalogue::Catalogue;
use crate::cli::BuildArgs;
use crate::commands::seed;
use crate::diagnostic::Diagnostic;
use crate::documents::{GENERATOR, kickstart};
use crate::fleet::directory::Pruned;
use crate::fleet::index::{self, Image, Index};
use crate::fleet::plan::Host;
use crate::fleet::write::{self, How, State};
use crate::fleet::{Directory, Fleet, Request, Shard};
use crate::inventory;
use crate::media::{self, Format, Options};
use crate::plan::Templates;
use crate::talk::{self, Talk};

/// Warnings that are told one by one.
const TOLD: usize = 10;

/// Arguments, resolved.
struct Job {
    fleet: Fleet,
    output: Utf8PathBuf,
    shard: Option<Shard>,
    how: How,
    prune: bool,
}

/// Builds a fleet.
///
/// # Errors
/// All that is wrong with any host before anything is written; afterwards why an image could not be written.
pub(super) fn run(args: &BuildArgs, hosts: &Utf8Path, talk: &Talk) -> Result<()> {
    let job = Job::resolve(args, hosts)?;
    if job.how.format == Format::NocloudNet {
        let network = job.fleet.has_networks().then_some("the network of a host");
        job::of_a_server(network, job.how.options.private).for_each(|warning| talk.tell(&warning));
    }
    tell(&job.fleet.warnings, hosts, talk);
    let chosen: Vec<&Host> = job.chosen();
    if args.dry_run {
        describe(&job, &chosen, &Directory::look(&job.output, job.shard)?, talk)?;
    } else {
        build(&job, &chosen, talk)?;
    }
    let wiped = job.fleet.wiped();
    if !wiped.is_empty() {
        let disks: Vec<String> = wiped.iter().map(|(disk, hosts)| format!("disk {disk} ({hosts})")).collect();
        talk.insist(&kickstart::warning(super::machine(job.how.format), &disks.join(", ")));
    }
    Ok(())
}

impl Job {
    fn resolve(args: &BuildArgs, hosts: &Utf8Path) -> Result<Self> {
        let output = args.output.clone().with_context(|| {
            format!("building the hosts of {hosts}: they become a folder of images; name it with -o, such as -o seeds")
        })?;
        ensure!(
            output != "-",
            "-o -: with --hosts there are many images, and standard output carries one; name a folder"
        );
        ensure!(
            !output.exists() || output.is_dir(),
            "writing {output}: with --hosts it is a folder of images, and this is none; name another"
        );
        let image = media::formats_of(&output).unwrap_or_default();
        if let (Some(format), false) = (image.first(), output.is_dir()) {
            bail!(
                "-o {output}: with --hosts that is a folder of images, and its name is that of one image; name a folder, and say --format {} if its images are to be that",
                format.name()
            );
        }
        let format = args.format.unwrap_or(Format::Iso);
        job::refuse_kickstart_arguments(args, format)?;
        let request = Request {
            catalogue: Catalogue::load(args.seed.catalogue.as_deref())?,
            profile: args.seed.profile.clone(),
            overrides: seed::overrides(&args.seed),
            access: seed::access(&args.seed)?,
            install_disk: seed::install_disk(&args.seed)?,
            format,
            modified: job::epoch()?,
        };
        let modified = request.modified;
        let source = inventory::load(hosts)?;
        let fleet = Fleet::plan(&source, request, Templates::new()?)?;
        let options = Options { modified, private: fleet.private() };
        let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let jobs = args.jobs.unwrap_or(cores);
        let how = How { format, options, jobs, force: args.force };
        Ok(Job { fleet, output, shard: args.shard, how, prune: args.prune })
    }

    /// The hosts of this share.
    fn chosen(&self) -> Vec<&Host> {
        let mine = |host: &&Host| self.shard.is_none_or(|shard| shard.has(&host.name));
        self.fleet.hosts.iter().filter(mine).collect()
    }

    fn file_of(&self, host: &Host) -> String {
        write::file_of(&host.name, self.how.format)
    }

    fn files(&self, hosts: &[&Host]) -> BTreeSet<String> {
        hosts.iter().map(|host| self.file_of(host)).collect()
    }

    fn index(&self, images: Vec<Image>, removed: Vec<Image>, complete: bool) -> Index {
        Index {
            schema: index::SCHEMA.to_owned(),
            generator: GENERATOR.to_owned(),
            format: self.how.format.name().to_owned(),
            fleet: self.fleet.digest.clone(),
            hosts: self.fleet.hosts.len(),
            shard: self.shard,
            complete,
            images,
            removed,
        }
    }

    /// What this is, in words.
    fn what(&self) -> String {
        let share = self.shard.map_or_else(String::new, |shard| format!("share {shard} of "));
        format!("profile {}, {share}{}", self.fleet.profile, count(self.fleet.hosts.len(), "host"))
    }
}

fn build(job: &Job, hosts: &[&Host], talk: &Talk) -> Result<()> {
    let directory = Directory::open(&job.output, job.shard)?;
    let files = job.files(hosts);
    directory.refuse_foreign(files.iter().map(String::as_str), job.how.force)?;

    let removed = directory.removed(|file| files.contains(file));
    let pending = hosts.iter().map(|host| pending(host, job.file_of(host))).collect();
    directory.write_index(&job.index(pending, removed.clone(), false))?;

    let bar = bar(hosts.len(), talk);
    let done = write::write(&job.fleet, hosts, &directory, &job.how, &|| bar.inc(1));
    bar.finish_and_clear();
    let done = done.with_context(|| format!("building {}", job.output))?;

    let (gone, kept) = if job.prune { prune(&directory, removed, talk)? } else { (0, removed) };
    let (written, unchanged) = (done.written, done.unchanged);
    let index = job.index(done.images, kept, true);
    directory.write_sums(&index)?;
    directory.write_index(&index)?;

    let pruned = if job.prune { format!(", {gone} removed") } else { String::new() };
    talk.say(&format!(
        "wrote {}: {}: {written} written, {unchanged} unchanged{pruned}",
        job.output,
        job.what()
    ));
    if !index.removed.is_empty() && !job.prune {
        left_over(&index.removed, hosts).for_each(|warning| talk.tell(&warning));
    }
    talk.say(&match job.shard {
        None => format!("  {} and SHA256SUMS list them", Index::name(None)),
        Some(shard) => format!(
            "  {} lists them; vastimg index merge {} joins it with the other shares",
            Index::name(Some(shard)),
            job.output
        ),
    });
    Ok(())
}

/// How many are gone, and those that stay.
fn prune(directory: &Directory, removed: Vec<Image>, talk: &Talk) -> Result<(usize, Vec<Image>)> {
    let (mut gone, mut kept) = (0, Vec::new());
    for image in removed {
        match directory.prune(&image)? {
            Pruned::Removed | Pruned::WasGone => gone += 1,
            Pruned::Kept => {
                let path = directory.join(&image.file);
                let message = format!("{path} is of no host any more, and not what was written; it stays");
                talk.tell(&Diagnostic::warning(None, message).help("remove it yourself, if nobody needs it"));
                kept.push(image);
            }
        }
    }
    Ok((gone, kept))
}

/// What to say of images that stay: those of hosts that are gone, and those of hosts that have another kind of image now.
fn left_over(removed: &[Image], hosts: &[&Host]) -> impl Iterator<Item = Diagnostic> {
    let names: BTreeSet<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    let (other, gone): (Vec<_>, Vec<_>) =
        removed.iter().partition(|image| names.contains(image.host.as_str()));
    [("the inventory no longer has the hosts of", gone), ("of another --format these stay:", other)]
        .into_iter()
        .filter(|(_, images)| !images.is_empty())
        .map(|(what, images)| {
            let shown: Vec<&str> = images.iter().take(TOLD).map(|image| image.file.as_str()).collect();
            let more = images.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Diagnostic::warning(None, format!("{what} {}{more}", shown.join(", ")))
                .help("--prune removes their images")
        })
}

/// What a build would do with each image.
fn describe(job: &Job, hosts: &[&Host], directory: &Directory, talk: &Talk) -> Result<()> {
    let mut listing = String::new();
    let mut foreign = Vec::new();
    write::foretell(&job.fleet, hosts, directory, &job.how, &mut |host, state| {
        if state == State::Foreign {
            foreign.push(job.file_of(host));
        }
        listing.push_str(&format!("{:<8} {}\n", state.name(), job.file_of(host)));
    })?;
    let files = job.files(hosts);
    for image in directory.removed(|file| files.contains(file)) {
        let state = if job.prune && directory.is_as_written(&image)? { "remove" } else { "stale" };
        listing.push_str(&format!("{state:<8} {}\n", image.file));
    }
    talk.say(&format!("would write {}: {}", job.output, job.what()));
    talk::print(listing.as_bytes())?;
    directory.refuse_foreign(files.iter().map(String::as_str), job.how.force)?;
    foreign.iter().try_for_each(|file| write::refuse_foreign_in(&directory.join(file)))
}

fn pending(host: &Host, file: String) -> Image {
    Image {
        host: host.name.clone(),
        hostname: host.hostname.clone(),
        file,
        instance_id: None,
        bytes: None,
        sha256: None,
        wipes: None,
    }
}

fn tell(warnings: &[Diagnostic], hosts: &Utf8Path, talk: &Talk) {
    for warning in warnings.iter().take(TOLD) {
        talk.tell(warning);
    }
    if warnings.len() > TOLD {
        let message = format!("there are {} more such findings", warnings.len() - TOLD);
        talk.tell(
            &Diagnostic::warning(None, message).help(format!("vastimg validate {hosts} tells them all")),
        );
    }
}

/// Rate and remaining time, on a terminal.
fn bar(hosts: usize, talk: &Talk) -> ProgressBar {
    let target = if talk.is_quiet() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(hosts as u64), target);
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} images, {per_sec}, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
