//! `vastimg build --hosts` and `vastimg index merge` as a user calls them: what is written, what is left alone, what is refused.

#![cfg(feature = "generator")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod examples;
#[path = "../cli/harness.rs"]
#[allow(dead_code, reason = "the harness is for the tests of all commands")]
mod harness;
mod images;
mod interrupted;
mod refusals;
mod shards;
#[path = "../shared/skip.rs"]
mod skip;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use harness::Scratch;

/// An inventory of `hosts` hosts with a network each, every third in a group with another limit.
fn inventory(hosts: usize) -> String {
    let mut text = String::from(
        "profile: loopback\ngroups:\n  large: {fixes: {fd-limits: {nofile: 2097152}}}\nhosts:\n",
    );
    for host in 0..hosts {
        let group = if host % 3 == 0 { "groups: [large], " } else { "" };
        let network = format!(
            "{{version: 2, ethernets: {{eth0: {{addresses: [10.{}.{}.7/8]}}}}}}",
            host / 250,
            host % 250
        );
        let _ = writeln!(text, "  vast-{host:02}: {{{group}network: {network}}}");
    }
    text
}

/// A directory with that inventory as `hosts.yaml`, and a key.
fn scratch(hosts: usize) -> Scratch {
    let scratch = Scratch::new();
    scratch.file("hosts.yaml", inventory(hosts));
    scratch.file("key.pub", fs::read(harness::key_file()).unwrap());
    scratch
}

/// The arguments of a build, with further ones.
fn build<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["build", "--hosts", "hosts.yaml", "--ssh-key", "key.pub"], more].concat()
}

/// Every file below a directory with its content.
fn content(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn index(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
