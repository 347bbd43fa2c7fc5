//! limits.conf and limits.d, for root, a user and a group.
#![no_main]

vastimg_fuzz::checks! {
    files: ["/etc/security/limits.d/99-vast.conf", "/etc/security/limits.conf", "/etc/security/limits.d/20-a.conf"],
    fixed: [
        ("/etc/passwd", "root:x:0:0::/root:/bin/sh\ncentos:x:1000:1000::/home/centos:/bin/sh\n"),
        ("/etc/group", "root:x:0:\ncentos:x:1000:\nwheel:x:10:centos\n"),
    ],
    checks: [
        r#"{"login-limit": {"who": "centos", "item": "nofile", "value": "1048576", "path": "/etc/security/limits.d/99-vast.conf"}}"#,
        r#"{"login-limit": {"who": "root", "item": "nproc", "value": "65535", "path": "/etc/security/limits.d/99-vast.conf"}}"#,
    ],
}
