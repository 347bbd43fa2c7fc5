//! `vastimg schema`: the JSON Schema of what is read or written.

use anyhow::Result;

use crate::catalogue::Catalogue;
use crate::cli::{SchemaArgs, SchemaOf};
use crate::schema;
use crate::talk::print_json;

/// Prints one schema.
///
/// # Errors
/// When the user's own catalogue cannot be read.
pub fn run(args: &SchemaArgs) -> Result<()> {
    let catalogue = || Catalogue::load(args.catalogue.as_deref());
    match args.of {
        SchemaOf::Profile => print_json(&schema::profile(&catalogue()?)),
        SchemaOf::Inventory => print_json(&schema::inventory(&catalogue()?)),
        SchemaOf::Fix => print_json(&schema::fix()),
        SchemaOf::Manifest => print_json(&schema::manifest()),
        SchemaOf::Report => print_json(&schema::report()),
        SchemaOf::Index => print_json(&schema::index()),
    }
}
