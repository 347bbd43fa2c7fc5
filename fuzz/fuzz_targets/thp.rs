//! A file of /sys that lists choices, and prepare's own account of its last run.
#![no_main]

vastimg_fuzz::checks! {
    files: ["/sys/kernel/mm/transparent_hugepage/enabled", "/var/lib/vastimg/prepare.json"],
    fixed: [],
    checks: [
        r#"{"selected": {"path": "/sys/kernel/mm/transparent_hugepage/enabled", "value": "never",
            "by": "disable-thp.service", "argument": "transparent_hugepage", "tuned": ["transparent_hugepages"]}}"#,
        r#"{"prepared": {}}"#,
    ],
}
