//! Arguments of the kernel: those of this boot, and those that the boot loader will give to the next one.
//!
//! Rocky 8 boots by Boot Loader Specification entries, /boot/loader/entries/ID.conf, whose `options` line may refer to
//! variables of /boot/grub2/grubenv such as `$kernelopts`; `saved_entry` there names the default entry. What is in
//! /etc/default/grub counts only after grub2-mkconfig wrote it there. Sources: the Boot Loader Specification, grubby(8),
//! and grub2's grubenv ("GRUB Environment Block", NAME=VALUE lines, padded with `#`).
//! Limits: without a saved entry it is the last entry by name, as grub's blscfg sorts them but for digits within a name;
//! other boot loaders are not known.

use std::io;

use super::{Root, named};

const ENTRIES: &str = "/boot/loader/entries";
const ENVIRONMENT: &str = "/boot/grub2/grubenv";
/// grub2-editenv makes it 1 KiB.
const LARGEST: usize = 1 << 16;
const MOST_VARIABLES: usize = 64;
/// As in the kernel's arch/x86/include/asm/setup.h.
const COMMAND_LINE_SIZE: usize = 2048;

/// The arguments of the kernel that runs.
///
/// # Errors
/// When they cannot be read.
pub fn live(root: &Root) -> io::Result<String> {
    root.read("/proc/cmdline").map(cut).map_err(named("/proc/cmdline"))
}

/// The arguments that the default entry gives, and its file; none where there are no such entries.
///
/// # Errors
/// When the entry or the environment cannot be read.
pub fn at_boot(root: &Root) -> io::Result<Option<(String, String)>> {
    let names = root.names(ENTRIES).map_err(named(ENTRIES))?;
    let entries: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".conf")).collect();
    if entries.is_empty() {
        return Ok(None);
    }
    let environment = root.read_if_there(ENVIRONMENT).map_err(named(ENVIRONMENT))?.unwrap_or_default();
    if environment.len() > LARGEST {
        return Err(io::Error::other(format!("{ENVIRONMENT}: larger than 64 KiB")));
    }
    let saved = variable(&environment, "saved_entry");
    let default = entries.iter().find(|entry| Some(**entry) == saved).or(entries.last());
    let Some(default) = default else { return Ok(None) };
    let path = format!("{ENTRIES}/{default}.conf");
    let text = root.read(&path).map_err(named(&path))?;
    let mut arguments = Vec::new();
    let mut variables = 0;
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if words.next() != Some("options") {
            continue;
        }
        for word in words {
            match word.strip_prefix('$') {
                Some(name) => {
                    variables += 1;
                    if variables > MOST_VARIABLES {
                        return Err(io::Error::other(format!(
                            "{path}: more than {MOST_VARIABLES} variables"
                        )));
                    }
                    let name = name.trim_matches(['{', '}']);
                    arguments.extend(variable(&environment, name).unwrap_or_default().split_whitespace());
                }
                None => arguments.push(word),
            }
        }
    }
    Ok(Some((cut(arguments.join(" ")), path)))
}

/// What a kernel takes in of its arguments.
fn cut(arguments: String) -> String {
    if arguments.len() < COMMAND_LINE_SIZE {
        arguments
    } else {
        arguments.chars().take(COMMAND_LINE_SIZE - 1).collect()
    }
}

/// The value of an argument such as `transparent_hugepage=never`: the last one, as the kernel takes them in turn.
pub fn value<'a>(arguments: &'a str, name: &str) -> Option<&'a str> {
    let mut assigned = arguments.split_whitespace().filter_map(|argument| argument.split_once('='));
    assigned.rfind(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'))
}

fn variable<'a>(environment: &'a str, name: &str) -> Option<&'a str> {
    let lines = environment.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_several_counts() {
        let arguments = "ro transparent_hugepage=always quiet transparent_hugepage=never elevator=bfq";
        assert_eq!(value(arguments, "transparent_hugepage"), Some("never"));
        assert_eq!(value(arguments, "quiet"), None);
    }

    #[test]
    fn variables_stop_at_the_padding() {
        let environment = "# GRUB Environment Block\nsaved_entry=a-1\nkernelopts=root=/dev/vda1 ro \n######";
        assert_eq!(variable(environment, "kernelopts"), Some("root=/dev/vda1 ro"));
        assert_eq!(variable(environment, "saved_entry"), Some("a-1"));
        assert_eq!(variable(environment, "######"), None);
    }
}
