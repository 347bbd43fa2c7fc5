//! From a selection to a plan: renders the files of every fix, derives steps and checks, and refuses collisions.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::{
    Disk, FLOORS, Installation, MANIFEST, PREPARE, Plan, PlannedFile, PlannedFix, Templates, VERIFIER,
    checks, steps,
};
use crate::catalogue::{BASE, Catalogue};
use crate::profile::{SelectedFix, Selection};

/// Who may log in, beside what a profile says.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Public keys, one authorized_keys line each.
    pub ssh_keys: Vec<String>,
    /// A password in crypt(5) form.
    pub password_hash: Option<String>,
}

/// Resolves everything that does not depend on the host. `verifier` is the program that goes to [`VERIFIER`];
/// `install_disk` is given where the medium has a kickstart.
///
/// # Errors
/// When a template fails, a path is not one for a VM, two fixes place one path, or two checks have one id.
pub fn assemble(
    catalogue: &Catalogue,
    selection: Selection,
    access: Access,
    templates: &Templates,
    verifier: &'static [u8],
    install_disk: Option<Disk>,
) -> Result<Plan> {
    let base = SelectedFix::with_defaults(catalogue.base.clone())?;
    let all: BTreeMap<&str, &BTreeMap<_, _>> =
        selection.fixes.iter().map(|selected| (selected.fix.id.as_str(), &selected.values)).collect();
    let shared = json!({
        "user": selection.user, "profile": selection.profile, "ssh_keys": access.ssh_keys, "fixes": all,
    });
    let selected: Vec<&SelectedFix> = [&base].into_iter().chain(&selection.fixes).collect();
    let contexts: Vec<Value> = selected.iter().map(|fix| context_of(fix, &shared)).collect();

    let mut files = Files::default();
    files.add(PlannedFile::new(VERIFIER, 0o755, verifier, BASE))?;
    for (selected, context) in selected.iter().zip(&contexts) {
        files.add_rootfs(selected, context, templates)?;
    }
    let files = files.finish(&selected);

    let mut plan = Plan {
        profile: selection.profile.clone(),
        user: selection.user.clone(),
        ssh_keys: access.ssh_keys,
        password_hash: access.password_hash,
        fixes: Vec::new(),
        files: Vec::new(),
        steps: Vec::new(),
        checks: Vec::new(),
        installation: install_disk.map(|disk| Installation::of(disk, &selection)),
    };
    for (selected, context) in selected.iter().zip(&contexts) {
        let fix = &selected.fix;
        let own: Vec<&PlannedFile> = files.iter().filter(|file| file.fix == fix.id).collect();
        let script = |path: &str| render_file(selected, path, context, templates);
        plan.steps.extend(steps::steps_of(selected, &own, &script)?);
        let name = format!("{}/fix.yaml", fix.folder.name);
        let string = |text: &str| templates.render(&name, text, context);
        plan.checks.extend(checks::checks_of(selected, &own, &selection.user, &string)?);
        plan.fixes.push(PlannedFix {
            id: fix.id.clone(),
            label: fix.spec.label,
            title: fix.spec.title.clone(),
            values: selected.values.clone(),
        });
    }
    plan.files = files;
    Ok(plan)
}

/// A fix's own values beside what all fixes share; RESERVED keeps their names apart.
pub(super) fn context_of(selected: &SelectedFix, shared: &Value) -> Value {
    let mut context = shared.clone();
    for (name, setting) in &selected.values {
        context[name.as_str()] = json!(setting);
    }
    context
}

/// A file of a fix's folder as text, rendered if its name says so.
pub(super) fn render_file(
    selected: &SelectedFix,
    path: &str,
    context: &Value,
    templates: &Templates,
) -> Result<String> {
    let text = selected.fix.folder.text(path)?;
    if path.ends_with(".j2") {
        templates.render(&format!("{}/{path}", selected.fix.folder.name), text, context)
    } else {
        Ok(text.to_owned())
    }
}

/// Files by path, while fixes add theirs.
#[derive(Default)]
pub(super) struct Files(pub(super) BTreeMap<String, PlannedFile>);

impl Files {
    fn add(&mut self, file: PlannedFile) -> Result<()> {
        let taken = |path: &str| {
            let theirs = |other: &&PlannedFile| other.path == path || other.settles.as_deref() == Some(path);
            self.0.values().find(theirs)
        };
        let path = file.settles.as_deref().unwrap_or(&file.path);
        if let Some(other) = taken(path).or_else(|| taken(&file.path)) {
            bail!(
                "two fixes place {path}: {} and {}; leave one of them out with --skip",
                other.fix,
                file.fix
            );
        }
        ensure!(
            ![PREPARE, MANIFEST].contains(&path),
            "fix {} places {path}, which vastimg itself does; name the file otherwise",
            file.fix
        );
        self.0.insert(file.path.clone(), file);
        Ok(())
    }

    fn add_rootfs(&mut self, selected: &SelectedFix, context: &Value, templates: &Templates) -> Result<()> {
        let mut files = selected.fix.rootfs();
        files.try_for_each(|(path, source)| self.add_file(selected, path, source, context, templates))
    }

    /// Adds what goes to `path` on the VM and is at `source` in the fix's folder.
    pub(super) fn add_file(
        &mut self,
        selected: &SelectedFix,
        path: String,
        source: &str,
        context: &Value,
        templates: &Templates,
    ) -> Result<()> {
        let fix = &selected.fix;
        check_vm_path(&path)
            .with_context(|| format!("reading {:?}", format!("{}/{source}", fix.folder.name)))?;
        let options = fix.spec.files.get(&path).cloned().unwrap_or_default();
        let mode = options.mode.as_deref().map_or(Ok(0o644), |mode| u32::from_str_radix(mode, 8))?;
        let content = if source.ends_with(".j2") {
            render_file(selected, source, context, templates)?.into_bytes()
        } else {
            fix.folder.files[source].clone()
        };
        let settles = (!options.floors.is_empty()).then(|| path.clone());
        let path = if settles.is_some() { format!("{FLOORS}{path}") } else { path };
        self.add(PlannedFile { settles, ..PlannedFile::new(&path, mode, content, &fix.id) })
    }

    /// Drops what is placed only together with something that is not there.
    fn finish(self, selected: &[&SelectedFix]) -> Vec<PlannedFile> {
        let paths: Vec<String> = self.0.keys().cloned().collect();
        let wanted = |file: &PlannedFile| {
            let options = selected.iter().find(|selected| selected.fix.id == file.fix).and_then(|selected| {
                selected.fix.spec.files.get(file.settles.as_ref().unwrap_or(&file.path))
            });
            match options.and_then(|options| options.only_with.as_deref()) {
                Some(directory) => paths.iter().any(|path| path.starts_with(&format!("{directory}/"))),
                None => true,
            }
        };
        self.0.into_values().filter(wanted).collect()
    }
}

/// A path that cloud-init, tar, bash and the ISO all take without a thought, and that a boot does not hide.
fn check_vm_path(path: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/._@%+:~-".contains(c);
    if let Some(other) = path.chars().find(|c| !allowed(*c)) {
        bail!("{other:?} in a path on the VM; use letters, digits and ._@%+:~-");
    }
    ensure!(
        path.split('/').skip(1).all(|component| !matches!(component, "" | "." | "..")) && path.len() <= 1024,
        "{path:?} leaves the VM's root, or is no path at all"
    );
    let hidden = ["/proc/", "/sys/", "/dev/", "/run/"];
    ensure!(
        !hidden.iter().any(|directory| path.starts_with(directory)),
        "{path}: what is placed there is gone after a boot"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_vm_path;

    #[test]
    fn paths_that_leave_the_root_or_vanish_are_refused() {
        assert!(check_vm_path("/etc/sysctl.d/99-vast.conf").is_ok());
        for path in ["/etc/../../x", "/etc//x", "/a b", "/x\n", "/proc/sys/x", "/run/x", "/\u{e9}"] {
            assert!(check_vm_path(path).is_err(), "{path:?}");
        }
    }
}
