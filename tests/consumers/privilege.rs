//! What this process may do. Source: /proc/self/status.

use std::fs;

/// Whether this is root's process.
pub(crate) fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    status.lines().any(|line| line.split_whitespace().take(2).eq(["Uid:", "0"]))
}

/// Whether a hard limit may be raised: CAP_SYS_RESOURCE.
pub(crate) fn may_raise_limits() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let bits = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap();
    u64::from_str_radix(bits.trim(), 16).unwrap() & (1 << 24) != 0
}
