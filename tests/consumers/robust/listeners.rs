//! Standard streams that nobody reads, and surroundings that are not to matter.

use super::tree;
use crate::tools;

#[test]
fn whoever_does_not_listen_changes_no_verdict() {
    let tree = tree();
    let root = tree.root();
    let good = tree.verify(&["--only", "thp-off.files"]).code;
    assert_eq!((good, tree.verify(&[]).code), (0, 1));
    for (only, code) in [("thp-off.files", 0), ("base", 1), ("nonsense", 2)] {
        for (what, streams) in [
            ("no output", ">&-"),
            ("no errors", "2>&-"),
            ("nothing at all", "<&- >&- 2>&-"),
            ("a full disk", ">/dev/full 2>/dev/full"),
            ("a reader that has gone", "| true; exit \"${PIPESTATUS[0]}\""),
            ("the same, and SIGPIPE ignored", "| true; exit \"${PIPESTATUS[0]}\" # ignored"),
            ("input without end", "</dev/zero"),
        ] {
            for format in ["text", "json", "junit", "tap", "prometheus"] {
                let pipe = if streams.contains("ignored") { "trap '' PIPE;" } else { "" };
                let script = format!(
                    "{pipe} usr/bin/vastimg-verify --root . --only {only} --format {format} {streams}"
                );
                let Some(mut bash) = tools::find("bash") else { return };
                let ran =
                    tools::run(bash.args(["-c", &script]).current_dir(&root).env("RUST_BACKTRACE", "1"));
                assert_eq!(ran.code, code, "{what}: {script}: {}", ran.stderr);
                assert!(!ran.stderr.contains("panicked"), "{what}: {}", ran.stderr);
            }
        }
    }
    // Neither a directory that nobody can write to nor one that is gone, nor a language, changes a byte.
    let wanted = tree.verify(&[]).stdout;
    for script in [
        "cd /proc; exec env -i \"$1\" --root \"$2\"",
        "mkdir gone && cd gone && rmdir ../gone && exec env -i \"$1\" --root \"$2\"",
        "LC_ALL=tr_TR.UTF-8 LANG=ja_JP.EUC-JP LANGUAGE=de exec \"$1\" --root \"$2\"",
        "RUST_BACKTRACE=full RUST_LOG=trace MALLOC_CHECK_=3 exec \"$1\" --root \"$2\"",
    ] {
        let Some(mut shell) = tools::find("sh") else { return };
        shell
            .args(["-c", script, "sh"])
            .arg(root.join("usr/bin/vastimg-verify"))
            .arg(&root)
            .current_dir(&root);
        let ran = tools::run(&mut shell);
        assert_eq!(
            (ran.code, ran.stdout == wanted, ran.stderr.as_str()),
            (1, true, ""),
            "{script}: {}",
            ran.stdout
        );
    }
}
