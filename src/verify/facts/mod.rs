//! Facts: how to read the system. What to assert of it is in [`super::checks`].
//!
//! Everything is read below a [`Root`], bounded in size, and taken for hostile: any bytes give an answer.

pub mod accounts;
pub mod cmdline;
pub mod containers;
pub mod disks;
pub mod glob;
pub mod limits;
pub mod process;
pub mod program;
pub mod python;
pub mod root;
pub mod sudoers;
pub mod sysctl;
pub mod systemd;
pub mod tuned;
pub mod udev;

pub use root::{Root, named};
