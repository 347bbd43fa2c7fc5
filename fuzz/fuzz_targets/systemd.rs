//! systemd's own settings, a unit, its drop-in and what enables it.
#![no_main]

vastimg_fuzz::checks! {
    files: [
        "/usr/lib/systemd/system/docker.service",
        "/etc/systemd/system/docker.service.d/50-vast-limits.conf",
        "/etc/systemd/system.conf.d/50-vast-limits.conf",
        "/etc/systemd/system.conf",
    ],
    fixed: [("/etc/systemd/system/multi-user.target.wants/docker.service", "")],
    checks: [
        r#"{"service-limit": {"process": "systemd", "setting": "DefaultLimitNOFILE", "value": "1048576"}}"#,
        r#"{"service-limit": {"process": "dockerd", "unit": "docker.service", "setting": "LimitNOFILE", "value": "1048576"}}"#,
        r#"{"unit-enabled": {"unit": "docker.service"}}"#,
    ],
}
