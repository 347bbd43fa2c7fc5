//! What a user does on the command line, from outside: good builds, and every bad input with the words it gets.
//!
//! Each test runs the program in a directory of its own with relative paths, so that its messages are the same
//! everywhere and are held as snapshots, whole.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod catalogue;
mod harness;
mod hostile;
mod kickstart;
mod look;
mod manners;
mod network;
mod output;
mod profiles;
mod reference;
mod served;
#[path = "../shared/skip.rs"]
mod skip;
