//! The JSON Schema of the JSON report, out of the types that are written; `schemas/report.json` is it. The generator's
//! side only.

use schemars::generate::SchemaSettings;

use super::{Report, SCHEMA};

/// The schema, draft 2020-12.
pub fn schema() -> schemars::Schema {
    let mut schema =
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report>();
    schema.insert("title".into(), SCHEMA.into());
    schema
}
