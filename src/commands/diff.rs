//! `vastimg diff`: how two images differ, or an image and what a profile would build.

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::access;
use crate::catalogue::Catalogue;
use crate::cli::{DiffArgs, MessageFormat};
use crate::comparison::{self, Options, Side};
use crate::diagnostic::Source;
use crate::documents;
use crate::embedded;
use crate::image;
use crate::network;
use crate::plan::{self, Access, Disk, Host, Templates};
use crate::profile::{self, Overrides};
use crate::talk::{Talk, print, print_json};
use crate::yaml::{self, Node};

/// Bytes of a document that is read.
const LARGEST: u64 = 4 << 20;

/// Compares; whether both hold the same.
///
/// # Errors
/// When one of them cannot be read or built.
pub fn run(args: &DiffArgs, talk: &Talk) -> Result<bool> {
    let (mut a, mut b) = match (is_profile(&args.a), is_profile(&args.b)) {
        (true, true) => bail!(
            "comparing {} and {}: both are profiles; build one of them first, or look with vastimg explain",
            args.a,
            args.b
        ),
        (false, false) => {
            if args.catalogue.is_some() || !args.set.is_empty() {
                bail!(
                    "--set and --catalogue are for a profile, and neither {} nor {} is one",
                    args.a,
                    args.b
                );
            }
            (open(&args.a)?, open(&args.b)?)
        }
        (true, false) => {
            let mut image = open(&args.b)?;
            (build(&args.a, &mut image, args, talk)?, image)
        }
        (false, true) => {
            let mut image = open(&args.a)?;
            let built = build(&args.b, &mut image, args, talk)?;
            (image, built)
        }
    };
    let options = Options { brief: args.brief, show_sensitive: args.show_sensitive };
    let comparison = comparison::compare(&mut a, &mut b, options)
        .with_context(|| format!("comparing {} and {}", args.a, args.b))?;
    match args.message_format {
        MessageFormat::Text => print(comparison.to_string().as_bytes())?,
        MessageFormat::Json => print_json(&comparison)?,
    }
    Ok(comparison.same)
}

/// A built-in profile's name, or that of a YAML file; everything else is an image.
fn is_profile(name: &str) -> bool {
    profile::builtin().contains(&name) || matches!(Utf8Path::new(name).extension(), Some("yaml" | "yml"))
}

fn open(name: &str) -> Result<Side> {
    Side::of_image(name, image::open(Utf8Path::new(name))?)
}

/// What a profile would build for the host that an image is for: only what the profile says is then different.
fn build(name: &str, image: &mut Side, args: &DiffArgs, talk: &Talk) -> Result<Side> {
    let taken = Taken::of(image)?;
    for what in &taken.unknown {
        talk.say(&format!(
            "note: {what} cannot be told from {}, and is built as if there were none",
            args_image(args)
        ));
    }
    let catalogue = Catalogue::load(args.catalogue.as_deref())?;
    let overrides = Overrides { set: args.set.clone(), user: taken.user, ..Overrides::default() };
    let selection = profile::select(&catalogue, name, &overrides)?;
    let links = match &taken.network {
        Some(network) if taken.disk.is_some() => network.for_kickstart()?.links,
        _ => Vec::new(),
    };
    let templates = Templates::new()?;
    let plan =
        plan::assemble(&catalogue, selection, taken.access, &templates, embedded::VERIFIER, taken.disk)?;
    let host = Host {
        hostname: taken.hostname,
        network: taken.network.map(|network| network.text().to_owned()),
        links,
    };
    Side::of_tree(name, &documents::seed(&plan, &host, &templates)?.tree)
}

/// The one of both that is the image.
fn args_image(args: &DiffArgs) -> &str {
    if is_profile(&args.a) { &args.b } else { &args.a }
}

/// What is an image's own, whatever its profile.
struct Taken {
    hostname: String,
    user: Option<String>,
    access: Access,
    network: Option<network::Network>,
    disk: Option<Disk>,
    /// What it has and is not known.
    unknown: Vec<&'static str>,
}

impl Taken {
    fn of(image: &mut Side) -> Result<Self> {
        let mut unknown = Vec::new();
        let seed = image.seed();
        let hostname = seed.and_then(|seed| seed.hostname.clone());
        let hostname = hostname.filter(|name| access::check_hostname(name).is_ok());
        let user = seed.and_then(|seed| seed.user.clone());
        let wipes = &image.inspection().wipes;
        let disk = match wipes.disks.as_slice() {
            [one] => Disk::named(one).ok(),
            _ => None,
        };
        if wipes.kickstart && disk.is_none() {
            unknown.push("the disk that its kickstart wipes");
        }
        let network = match image.text("network-config", LARGEST)? {
            Some(text) => match network::parse(&Source::new("network-config", text)) {
                Ok(network) => Some(network),
                Err(_) => {
                    unknown.push("its network-config");
                    None
                }
            },
            None => None,
        };
        let access = match image
            .text("user-data", LARGEST)?
            .map(|text| yaml::parse(&Source::new("user-data", text)))
        {
            Some(Ok(root)) => access_of(&root),
            _ => {
                unknown.push("who may log in");
                Access::default()
            }
        };
        if hostname.is_none() {
            unknown.push("its host name");
        }
        let hostname = hostname.unwrap_or_else(|| "vast-unknown".to_owned());
        Ok(Taken { hostname, user, access, network, disk, unknown })
    }
}

/// The keys and the hash of the first user, as vastimg writes them.
fn access_of(root: &Node) -> Access {
    let user = root.get("users").and_then(|users| users.items().first());
    let text = |name| user.and_then(|user: &Node| user.get(name));
    let keys = text("ssh_authorized_keys").map(Node::items).unwrap_or_default();
    Access {
        ssh_keys: keys.iter().filter_map(|key| key.text().map(ToOwned::to_owned)).collect(),
        password_hash: text("hashed_passwd").and_then(Node::text).map(ToOwned::to_owned),
    }
}
