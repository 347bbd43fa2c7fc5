//! JSON Schemas (draft 2020-12) of what people and other programs read and write, derived from the types and from the
//! catalogue, so that editors complete and check what `vastimg` accepts. `schemas/` has them as files.
//!
//! | schema | derived from |
//! |---|---|
//! | [`profile`] | the catalogue: its fixes, their values with kinds and bounds |
//! | [`inventory`] | the same, for hosts |
//! | [`fix`] | the type that fix.yaml is read into |
//! | [`manifest`], [`report`], [`index`] | the types that are written |

mod profile;

use schemars::Schema;
use schemars::generate::SchemaSettings;

use crate::fleet::Index;
use crate::manifest::Manifest;

pub use crate::catalogue::schema::{assertions, fix};
pub use profile::{inventory, profile};

/// The manifest of a seed.
pub fn manifest() -> Schema {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Manifest>();
    schema.insert("title".into(), crate::manifest::SCHEMA.into());
    schema
}

/// The index of a fleet.
pub fn index() -> Schema {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Index>();
    schema.insert("title".into(), crate::fleet::index::SCHEMA.into());
    schema
}

/// The verifier's report.
pub fn report() -> Schema {
    crate::verify::report::schema()
}
