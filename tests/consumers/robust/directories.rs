//! Directories with more in them than anybody looks at.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::{Report, bounded, tree};

#[test]
fn full_and_deep_directories_take_no_time() {
    let tree = tree();
    let root = tree.root();
    let arguments = ["--format", "json", "--root", root.to_str().unwrap()];
    let tmp = root.join("tmp");
    fs::create_dir_all(&tmp).unwrap();
    for number in 0..100_000 {
        fs::write(tmp.join(format!("{number:08}")), "").unwrap();
        fs::write(root.join(format!("etc/sysctl.d/{number}.txt")), "").unwrap();
    }
    let mut deep = tmp.join("aaaaaaaa");
    for _ in 0..300 {
        deep.push("d");
    }
    fs::create_dir_all(deep).unwrap();
    fs::write(tmp.join(std::ffi::OsStr::from_bytes(b"abcdefg\xff")), "").unwrap();
    let Some(ran) = bounded(&tree, &arguments) else { return };
    let report = Report::of(&ran);
    assert_ne!(report.text("kernel-perf.vm.swappiness", "result"), "error");
    assert_ne!(report.text("tmp-orphans.none-left", "result"), "error");
    // Each of them would be a file that sets something.
    for number in 0..10_000 {
        let text = root.join(format!("etc/sysctl.d/{number}.txt"));
        fs::rename(&text, text.with_extension("conf")).unwrap();
    }
    let report = Report::of(&bounded(&tree, &arguments).unwrap());
    assert_eq!(report.text("kernel-perf.vm.swappiness", "result"), "error");
    assert!(report.text("kernel-perf.vm.swappiness", "source").contains("/etc/sysctl.d/"));
}
