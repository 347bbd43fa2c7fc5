//! A fleet: one image for each host of an inventory, with an index of them.
//!
//! Data flows as for a single seed, once for all hosts that are alike: `inventory -> plans -> documents -> media`. [`plan`]
//! resolves and checks every host before anything is written, and makes each distinct plan once; `write` then renders
//! what is a host's own and writes the images in parallel. What memory holds grows by a few hundred bytes for each host (its
//! name, its network, its line of the index), never by its image.
//!
//! | file | what is in it |
//! |---|---|
//! | [`plan`] | hosts, and the plans that they share |
//! | [`shard`] | the share of one machine of several |
//! | [`directory`] | the output directory: what is there, whose it is, who writes into it |
//! | [`write`](mod@write) | the workers |
//! | [`index`], [`merge`] | what was written, and the indexes of all shares in one |

pub mod directory;
mod folder;
pub mod index;
mod lock;
pub mod merge;
pub mod plan;
pub mod shard;
pub mod write;

pub use directory::Directory;
pub use index::{Image, Index};
pub use plan::{Fleet, Request};
pub use shard::Shard;
