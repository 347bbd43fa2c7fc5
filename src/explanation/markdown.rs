//! Explanations for the documentation: the README's table, and `docs/fixes.md` as a whole.

use std::fmt::Write as _;

use super::text::shown;
use super::{Explanation, Value};
use crate::catalogue::Setting;

/// The table of the README.
pub fn table(fixes: &[Explanation]) -> String {
    let mut out = String::from("| fix | label | document | what it brings |\n|---|---|---|---|\n");
    for fix in fixes {
        let document = fix.document.as_deref().unwrap_or_default();
        let _ = writeln!(
            out,
            "| [`{0}`](docs/fixes.md#{0}) | {1} | {document} | {2} |",
            fix.id,
            fix.label.as_str(),
            fix.title
        );
    }
    out
}

/// All of `docs/fixes.md`.
pub fn whole(fixes: &[Explanation]) -> String {
    let mut out = String::from(
        "# The fixes\n\n\
         Generated from `templates/fixes/` by `VASTIMG_UPDATE=1 cargo test --test docs`; edit there.\n\
         `vastimg explain FIX` prints the same, with the values of a profile.\n",
    );
    for fix in fixes {
        one(&mut out, fix);
    }
    out
}

fn one(out: &mut String, fix: &Explanation) {
    let document =
        fix.document.as_ref().map(|place| format!(", {place} of the document")).unwrap_or_default();
    let _ = write!(
        out,
        "\n## {}\n\n**{}** ({}{document})\n\n{}\n",
        fix.id,
        fix.title,
        fix.label.as_str(),
        fix.problem.trim_end()
    );
    if let Some(evidence) = &fix.evidence {
        let _ = write!(out, "\n```text\n{}\n```\n", evidence.trim_end());
    }
    if !fix.needs.is_empty() {
        let _ = write!(out, "\nNeeds {}.\n", fix.needs.join(", "));
    }
    if !fix.values.is_empty() {
        out.push_str("\n| value | default | what it is |\n|---|---|---|\n");
        for Value { name, about, expects, default, .. } in &fix.values {
            let default = match default {
                Setting::Words(words) if words.is_empty() => "none".to_owned(),
                other => format!("`{}`", shown(other)),
            };
            let _ = writeln!(out, "| `{name}` | {default} | {about}; {expects} |");
        }
    }
    list(
        out,
        "Places",
        fix.files.iter().map(|file| {
            let settled = if file.settled { ", with values raised to what the VM's kernel has" } else { "" };
            format!("`{}` ({}{settled})", file.path, file.mode)
        }),
    );
    list(
        out,
        "Kernel arguments, where Rocky's installer sets up the boot loader",
        fix.kernel.iter().map(|argument| format!("`{argument}`")),
    );
    list(out, "Runs", fix.steps.iter().map(|step| format!("`{}`: {}", step.id, step.title)));
    list(out, "Checks", fix.checks.iter().map(|check| format!("`{}`: {}", check.id, check.wanted)));
    list(out, "Differs from the document", fix.differs.iter().cloned());
    let _ = write!(out, "\nUndo: {}\n", fix.undo.trim_end());
}

fn list(out: &mut String, title: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if !items.is_empty() {
        let _ = write!(out, "\n{title}:\n\n");
        for item in items {
            let _ = writeln!(out, "- {}", item.trim_end());
        }
    }
}
