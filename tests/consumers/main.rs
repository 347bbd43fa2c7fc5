//! Rendered results in the hands of those that they are made for: cloud-init's schema, YAML and shell readers,
//! systemd, udev, sudo, archivers, and the VM that starts the verifier. One module for each.
//!
//! `tests/tools.sh` installs what they call. A tool that is missing is reported as SKIPPED on the terminal, and fails
//! its test where CI=true. What only a booted system can tell is the boot test's.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod archives;
mod captured;
mod chance;
mod changed;
mod cloud_init;
mod culprits;
mod enablement;
mod fetch;
mod history;
mod host;
#[path = "../shared/http.rs"]
mod http;
mod ipmitool;
mod iso;
mod kickstart;
mod kickstart_network;
mod limits;
mod live;
mod network_state;
mod networks;
mod packages;
mod persisted;
mod prepare;
mod privilege;
mod pykickstart;
mod reports;
mod robust;
mod seed;
mod shell;
#[path = "../shared/skip.rs"]
mod skip;
mod sudo;
mod sudoers;
mod sysctl;
mod systemd;
mod systemd_239;
mod tools;
mod udev;
mod units;
mod verifier;
mod words;
