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
    print_json(&match args.of {
        SchemaOf::Profile => schema::profile(&catalogue()?),
        SchemaOf::Inventory => schema::inventory(&catalogue()?),
        SchemaOf::Fix => schema::fix(),
        SchemaOf::Manifest => schema::manifest(),
        SchemaOf::Report => schema::report(),
    })
}
