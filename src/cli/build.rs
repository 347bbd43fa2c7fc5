//! Arguments of `vastimg build`.

use std::num::NonZeroUsize;

use camino::Utf8PathBuf;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::SeedArgs;
use crate::fleet::Shard;
use crate::media::Format;

/// Build a seed that prepares the VM it is attached to.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct BuildArgs {
    /// What goes into it.
    #[command(flatten)]
    pub seed: SeedArgs,

    /// Kind of medium; by default what OUTPUT's name ends in, or iso
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// One image for each host of this inventory, into the folder OUTPUT
    #[arg(long, value_name = "INVENTORY", conflicts_with_all = ["hostname", "network"])]
    pub hosts: Option<Utf8PathBuf>,

    /// With --hosts: images written at once [default: the cores there are]
    #[arg(long, value_name = "N", requires = "hosts")]
    pub jobs: Option<NonZeroUsize>,

    /// With --hosts: only the share I of N, for one machine of N
    #[arg(long, value_name = "I/N", requires = "hosts")]
    pub shard: Option<Shard>,

    /// With --hosts: remove images of hosts that the inventory lost
    #[arg(long, requires = "hosts")]
    pub prune: bool,

    /// Where to write; "-" for standard output [default: vast-PROFILE.iso]
    #[arg(long, short, value_name = "PATH|-", allow_hyphen_values = true)]
    pub output: Option<Utf8PathBuf>,

    /// Replace OUTPUT if it exists
    #[arg(long, short)]
    pub force: bool,

    /// Say what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.about()))
    }
}
