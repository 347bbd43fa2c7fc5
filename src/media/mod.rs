//! Media: how the finished tree of a seed becomes one file or directory. A medium knows nothing of VAST.

pub mod iso;
pub mod tree;
