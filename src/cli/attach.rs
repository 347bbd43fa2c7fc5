//! Arguments of `vastimg attach`.

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::attach::{ALL, Hypervisor, named};

/// Print the commands that attach a finished image to a VM, and run nothing.
///
/// The commands go to standard output, as a script to read, edit and run.
#[derive(Args, Debug)]
#[command(after_help = super::EXIT_CODES)]
pub struct AttachArgs {
    /// Where the VM runs
    #[arg(value_name = "HYPERVISOR", value_parser = hypervisors())]
    pub hypervisor: &'static dyn Hypervisor,

    /// Image that a machine finds by its label: an ISO or a raw disk; or the
    /// directory that is served at --url
    #[arg(value_name = "IMAGE")]
    pub image: Utf8PathBuf,

    /// Where a web server has the directory IMAGE, as the VM sees it
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// The VM's name [default: the seed's host name]
    #[arg(long, value_name = "NAME")]
    pub vm: Option<String>,

    /// Cloud image or template that the VM boots, as the hypervisor's tool names it
    #[arg(long, value_name = "PATH|NAME", allow_hyphen_values = true, conflicts_with = "dvd")]
    pub base: Option<String>,

    /// Rocky's DVD, for an image with a kickstart, as the hypervisor's tool names it
    #[arg(long, value_name = "PATH|NAME", allow_hyphen_values = true)]
    pub dvd: Option<String>,
}

fn hypervisors() -> impl TypedValueParser<Value = &'static dyn Hypervisor> {
    let values = ALL.iter().map(|hypervisor| {
        let facts = hypervisor.facts();
        PossibleValue::new(facts.name).help(facts.title)
    });
    PossibleValuesParser::new(values).try_map(|name| named(&name))
}
