//! `vastimg attach`: the scripts it prints, held against the shells and tools that are to take them, and its refusals.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
#[allow(dead_code, unused_imports)]
#[path = "../cli/harness.rs"]
mod harness;
mod hostile;
mod kubevirt;
mod libvirt;
mod qemu;
mod refusals;
mod scripts;
mod served;
#[path = "../shared/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../inspect/small.rs"]
mod small;
#[allow(dead_code)]
#[path = "../consumers/tools.rs"]
mod tools;
