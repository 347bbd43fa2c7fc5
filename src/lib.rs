//! vastimg: everything that is shared by the generator (`vastimg`) and the on-host verifier (`vastimg-verify`).
//!
//! Data flows one way: profile -> plan -> documents -> medium. Each stage is a module that knows only those before it.
//! On the VM, [`mod@verify`] reads the [`mod@manifest`] and nothing else of the generator's.
//! Finished images are read back by `image`, and judged by `inspection`; `attach` tells how they get to a VM.

pub mod calendar;
pub mod colour;
pub mod digest;
pub mod manifest;
pub mod verify;

#[cfg(feature = "generator")]
pub mod access;
#[cfg(feature = "generator")]
pub mod attach;
#[cfg(feature = "generator")]
pub mod bash;
#[cfg(feature = "generator")]
pub mod catalogue;
#[cfg(feature = "generator")]
pub mod cli;
#[cfg(feature = "generator")]
pub mod commands;
#[cfg(feature = "generator")]
pub mod comparison;
#[cfg(feature = "generator")]
pub mod diagnostic;
#[cfg(feature = "generator")]
pub mod documents;
#[cfg(feature = "generator")]
pub mod embedded;
#[cfg(feature = "generator")]
pub mod explanation;
#[cfg(feature = "generator")]
pub mod fleet;
#[cfg(feature = "generator")]
pub mod image;
#[cfg(feature = "generator")]
pub mod input;
#[cfg(feature = "generator")]
pub mod inspection;
#[cfg(feature = "generator")]
pub mod inventory;
#[cfg(feature = "generator")]
pub mod media;
#[cfg(feature = "generator")]
pub mod network;
#[cfg(feature = "generator")]
pub mod output;
#[cfg(feature = "generator")]
pub mod plan;
#[cfg(feature = "generator")]
pub mod profile;
#[cfg(feature = "generator")]
pub mod schema;
#[cfg(feature = "generator")]
pub mod talk;
#[cfg(feature = "generator")]
pub mod validation;
#[cfg(feature = "generator")]
pub mod yaml;
