//! Names of units: plain, templates (`getty@.service`) and instances (`getty@tty1.service`). Source: unit-name.c.

const LONGEST: usize = 255;

/// Whether systemd takes it for a unit's name: no path, and a known type at its end.
pub(super) fn is_valid(name: &str) -> bool {
    const TYPES: [&str; 11] = [
        "service",
        "socket",
        "target",
        "device",
        "mount",
        "automount",
        "swap",
        "timer",
        "path",
        "slice",
        "scope",
    ];
    let Some((stem, kind)) = name.rsplit_once('.') else { return false };
    let good = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
    name.len() <= LONGEST && !stem.is_empty() && stem.chars().all(good) && TYPES.contains(&kind)
}

/// Prefix, instance (empty for a template) and type.
fn parts(name: &str) -> (&str, Option<&str>, &str) {
    let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
    match stem.split_once('@') {
        Some((prefix, instance)) => (prefix, Some(instance), kind),
        None => (stem, None, kind),
    }
}

/// Of an instance, the template.
pub(super) fn template(name: &str) -> Option<String> {
    match parts(name) {
        (_, Some(""), _) => None,
        (prefix, Some(_), kind) => Some(format!("{prefix}@.{kind}")),
        _ => None,
    }
}

/// Whether it is a template.
pub(super) fn is_template(name: &str) -> bool {
    parts(name).1 == Some("")
}

/// Of a template, an instance.
pub(super) fn instance(template: &str, instance: &str) -> String {
    let (prefix, _, kind) = parts(template);
    format!("{prefix}@{instance}.{kind}")
}

/// What stands between `@` and the type of an instance's name.
pub(super) fn instance_of(name: &str) -> Option<&str> {
    parts(name).1.filter(|instance| !instance.is_empty())
}

/// The names whose `.d` directories hold drop-ins for the unit: its own, its template's, and those of its prefixes
/// (`foo-bar.service` has `foo-.service.d`).
pub(super) fn drop_in_names(name: &str) -> Vec<String> {
    // What is no unit's name has no parts that would get shorter.
    if !is_valid(name) {
        return vec![name.to_owned()];
    }
    let mut names = Vec::new();
    collect(name, &mut names);
    names
}

fn collect(name: &str, names: &mut Vec<String>) {
    names.push(name.to_owned());
    if let Some(template) = template(name) {
        collect(&template, names);
    }
    let (prefix, instance, kind) = parts(name);
    // A hyphen at the end is a prefix's own; the one before it counts.
    let stem = prefix.strip_suffix('-').unwrap_or(prefix);
    let Some(dash) = stem.rfind('-').filter(|dash| *dash > 0) else { return };
    let (shorter, _) = stem.split_at(dash + 1);
    match instance.filter(|instance| !instance.is_empty()) {
        Some(instance) => collect(&format!("{shorter}@{instance}.{kind}"), names),
        None => collect(&format!("{shorter}.{kind}"), names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_drop_in_directories() {
        for (name, wanted) in [
            ("docker.service", &["docker.service"][..]),
            ("a-b-c.service", &["a-b-c.service", "a-b-.service", "a-.service"]),
            ("-a.service", &["-a.service"]),
            ("a@.service", &["a@.service"]),
            (
                "a-b@x.service",
                &["a-b@x.service", "a-b@.service", "a-.service", "a-@x.service", "a-@.service"],
            ),
        ] {
            assert_eq!(drop_in_names(name), wanted, "{name}");
        }
    }

    #[test]
    fn templates_and_instances() {
        assert_eq!(template("getty@tty1.service").as_deref(), Some("getty@.service"));
        assert_eq!(template("getty@.service"), None);
        assert_eq!(template("docker.service"), None);
        assert!(is_template("getty@.service"));
        assert_eq!(instance("getty@.service", "tty1"), "getty@tty1.service");
        for (name, valid) in
            [("a.service", true), ("a", false), (".service", false), ("a b.service", false), ("null", false)]
        {
            assert_eq!(is_valid(name), valid, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_gives_an_answer(name in ".{0,40}|[a@.-]{0,40}|[a@-]{1,40}\\.service") {
            let names = drop_in_names(&name);
            proptest::prop_assert_eq!(&names[0], &name);
            let _ = (is_valid(&name), is_template(&name), instance_of(&name), template(&name));
        }
    }
}
