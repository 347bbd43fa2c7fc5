//! `vastimg inspect` and `vastimg validate`: what `build` writes and what other tools write is read, and what is spoilt or
//! made to harm gives an answer, soon and without a panic.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod archives;
mod built;
mod chance;
mod fat;
#[allow(dead_code, unused_imports)]
#[path = "../cli/harness.rs"]
mod harness;
mod iso;
mod kickstarts;
mod made;
mod secrets;
#[path = "../shared/skip.rs"]
mod skip;
mod small;
#[allow(dead_code)]
#[path = "../consumers/tools.rs"]
mod tools;
