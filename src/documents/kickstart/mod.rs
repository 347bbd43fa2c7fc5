//! Kickstart.

pub mod network;
