//! The groups and hosts of an Ansible inventory, and the order in which variables hold.
//!
//! Source: Ansible's `yaml` inventory plugin; "How variables are merged" in its inventory guide: groups by their depth below
//! `all`, then by `ansible_group_priority`, then by name; then the host.

use std::collections::HashMap;

use super::range;
use super::vars::{Shape, Vars, over};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::inventory::MOST;
use crate::yaml::{Key, Node, Value};

pub(super) const ALL: &str = "all";

pub(super) struct Group<'n> {
    name: &'n str,
    place: &'n Place,
    depth: usize,
    priority: i64,
    parents: Vec<usize>,
    vars: Vars<'n>,
}

pub(super) struct Host<'n> {
    pub name: String,
    pub place: &'n Place,
    /// Those that name it.
    pub groups: Vec<usize>,
    pub vars: Vars<'n>,
}

/// What a group may have.
const PARTS: [&str; 3] = ["hosts", "children", "vars"];

/// A key that Ansible skips, with a warning as well.
fn unexpected(key: &Key) -> Option<Diagnostic> {
    let known = PARTS.contains(&key.name.as_str());
    let help = match nearest(&key.name, PARTS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("a group has `{}`; groups in it are its `children`", PARTS.join("`, `")),
    };
    let message = format!("`{}` is skipped, as Ansible does", key.name);
    (!known).then(|| Diagnostic::warning(Some(&key.place), message).help(help))
}

/// Everything that an inventory names.
#[derive(Default)]
pub(super) struct Tree<'n> {
    pub groups: Vec<Group<'n>>,
    pub hosts: Vec<Host<'n>>,
    by_group: HashMap<&'n str, usize>,
    by_host: HashMap<String, usize>,
    /// Names that ranges came to, those that several groups name among them.
    expanded: usize,
}

impl<'n> Tree<'n> {
    /// Adds a group with all that is below it.
    pub fn add(
        &mut self,
        key: &'n Key,
        node: &'n Node,
        parent: Option<usize>,
        shape: &Shape,
        found: &mut Vec<Diagnostic>,
    ) {
        let index = *self.by_group.entry(&key.name).or_insert_with(|| {
            let (name, place) = (key.name.as_str(), &key.place);
            self.groups.push(Group { name, place, depth: 0, priority: 1, parents: vec![], vars: vec![] });
            self.groups.len() - 1
        });
        if let Some(parent) = parent.filter(|parent| !self.groups[index].parents.contains(parent)) {
            self.groups[index].parents.push(parent);
        }
        if !matches!(node.value, Value::Map(_) | Value::Null) {
            let message = format!("group `{}` must be a mapping, not {}", key.name, node.value.kind());
            found.push(
                Diagnostic::at(&node.place, message).help("a group has `hosts`, `children` and `vars`"),
            );
        }
        found.extend(node.entries().iter().filter_map(|(key, _)| unexpected(key)));
        if let Some(node) = node.get("vars") {
            let vars = shape.counting(node, found);
            over(&mut self.groups[index].vars, &vars);
            match node.get("ansible_group_priority").map(|node| &node.value) {
                Some(Value::Integer(number)) => {
                    self.groups[index].priority = i64::try_from(*number).unwrap_or(i64::MAX);
                }
                Some(Value::Text(text)) => self.groups[index].priority = text.parse().unwrap_or(1),
                _ => {}
            }
        }
        if let Some((at, node)) = node.entry("hosts") {
            match &node.value {
                Value::Map(hosts) => {
                    hosts.iter().for_each(|(key, node)| self.host(key, node, index, shape, found))
                }
                Value::Null => {}
                _ => found.push(no_mapping("hosts", "vast-01", at, node)),
            }
        }
        if let Some((at, node)) = node.entry("children") {
            match &node.value {
                Value::Map(groups) => {
                    groups.iter().for_each(|(key, node)| self.add(key, node, Some(index), shape, found));
                }
                Value::Null => {}
                _ => found.push(no_mapping("children", "storage", at, node)),
            }
        }
    }

    fn host(
        &mut self,
        key: &'n Key,
        node: &'n Node,
        group: usize,
        shape: &Shape,
        found: &mut Vec<Diagnostic>,
    ) {
        let room = MOST.min((4 * MOST).saturating_sub(self.expanded));
        let names = match range::expand(&key.name, room) {
            Ok(names) => names,
            Err(message) => {
                let help = "a range is [FIRST:LAST] or [FIRST:LAST:STEP], such as vast-[01:40].example.com";
                found.push(Diagnostic::at(&key.place, format!("{:?}: {message}", key.name)).help(help));
                return;
            }
        };
        self.expanded += names.len();
        let vars = shape.counting(node, found);
        for name in names {
            let index = match self.by_host.get(&name) {
                Some(index) => *index,
                None if self.hosts.len() == MOST => {
                    let message = format!("more than {MOST} hosts");
                    found.push(Diagnostic::at(&key.place, message).help("split the file"));
                    return;
                }
                None => {
                    self.by_host.insert(name.clone(), self.hosts.len());
                    self.hosts.push(Host { name, place: &key.place, groups: vec![], vars: vec![] });
                    self.hosts.len() - 1
                }
            };
            let host = &mut self.hosts[index];
            if !host.groups.contains(&group) {
                host.groups.push(group);
            }
            over(&mut host.vars, &vars);
        }
    }

    /// Finds out how deep each group is; groups that are in a circle are told.
    pub fn settle(&mut self, found: &mut Vec<Diagnostic>) {
        let all = self.by_group.get(ALL).copied();
        for (index, group) in self.groups.iter_mut().enumerate() {
            if group.parents.is_empty() && Some(index) != all {
                // Ansible puts it below `all`.
                group.depth = 1;
            }
        }
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.groups.len()];
        let mut above: Vec<usize> = vec![0; self.groups.len()];
        for (index, group) in self.groups.iter().enumerate() {
            group.parents.iter().for_each(|parent| children[*parent].push(index));
            above[index] = group.parents.len();
        }
        let mut ready: Vec<usize> = (0..self.groups.len()).filter(|index| above[*index] == 0).collect();
        while let Some(index) = ready.pop() {
            for child in &children[index] {
                self.groups[*child].depth = self.groups[*child].depth.max(self.groups[index].depth + 1);
                above[*child] -= 1;
                if above[*child] == 0 {
                    ready.push(*child);
                }
            }
        }
        if let Some(index) = above.iter().position(|above| *above > 0) {
            let group = &self.groups[index];
            let message = format!("group `{}` is below itself, or below a group that is", group.name);
            found.push(
                Diagnostic::at(group.place, message).help("take it out of the `children` of one of them"),
            );
        }
    }

    /// The variables that hold for the hosts of some groups; those of a later group over those of an earlier one.
    pub fn vars_of(&self, groups: &[usize]) -> Vars<'n> {
        let mut held = vec![false; self.groups.len()];
        let mut open: Vec<usize> = groups.to_vec();
        open.extend(self.by_group.get(ALL));
        let mut all: Vec<usize> = Vec::new();
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut held[index], true) {
                all.push(index);
                open.extend(&self.groups[index].parents);
            }
        }
        all.sort_by_key(|index| {
            let group = &self.groups[*index];
            (group.depth, group.priority, group.name)
        });
        let mut vars = Vars::new();
        all.iter().for_each(|index| over(&mut vars, &self.groups[*index].vars));
        vars
    }
}

fn no_mapping(what: &str, example: &str, at: &Key, node: &Node) -> Diagnostic {
    let message = format!("`{what}` must be a mapping, not {}", node.value.kind());
    let help = format!(
        "a line for each, with a colon behind its name, such as `{example}:`; `ansible-inventory --list --yaml` writes them so"
    );
    Diagnostic::at(&at.place, message).help(help)
}
