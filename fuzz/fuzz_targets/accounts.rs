//! passwd, group and sudoers.
#![no_main]

const LEFTOVERS: &str = r#"{"leftovers": {"directories": ["/tmp"], "names": ["*"], "owners": ["centos", "root"],
    "clean": "rm"}}"#;

vastimg_fuzz::checks! {
    files: ["/etc/sudoers.d/90-vastimg", "/etc/passwd", "/etc/group", "/etc/sudoers", "/etc/sudoers.d/zz"],
    fixed: [("/tmp/a", "")],
    checks: [r#"{"account": {"name": "centos"}}"#, r#"{"account": {"name": "root"}}"#, LEFTOVERS],
}
