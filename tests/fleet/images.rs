//! What a fleet's images are, and what a second run does with them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use crate::harness::Scratch;
use crate::{build, content, index, scratch};

#[test]
fn each_image_is_the_one_that_a_build_of_its_own_gives() {
    let scratch = scratch(4);
    let run = scratch.done(&build(&["-o", "seeds"]));
    assert!(run.stdout.is_empty());
    assert!(
        run.stderr.starts_with("wrote seeds: profile loopback, 4 hosts: 4 written, 0 unchanged\n"),
        "{}",
        run.stderr
    );
    for (host, limit) in [(0, "fd-limits.nofile=2097152"), (2, "fd-limits.nofile=1048576")] {
        let name = format!("vast-0{host}");
        let network = format!("{{version: 2, ethernets: {{eth0: {{addresses: [10.0.{host}.7/8]}}}}}}");
        let listed = index(&scratch.path("seeds/index.json"));
        let image = &listed["images"][host];
        assert_eq!(image["host"], name);
        // What an inventory's inline network is written as is the inventory's business; what is in it, is not.
        let written = scratch.done(&["inspect", &format!("seeds/{name}.iso"), "--extract", "network-config"]);
        let written = String::from_utf8(written.stdout).unwrap();
        assert!(written.contains(&format!("10.0.{host}.7/8")), "{written} for {network}");
        scratch.file("network.yaml", written);
        let own = format!("{name}.iso");
        let args = ["build", "--ssh-key", "key.pub", "--hostname", &name, "--network", "network.yaml"];
        scratch.done(&[&args[..], &["--set", limit, "-o", &own]].concat());
        let fleet = fs::read(scratch.path(&format!("seeds/{own}"))).unwrap();
        assert!(fleet == fs::read(scratch.path(&own)).unwrap(), "{name} differs");
        assert_eq!(image["bytes"], fleet.len());
    }
    sums_hold(&scratch, "seeds");
}

/// As a user would check them.
pub(crate) fn sums_hold(scratch: &Scratch, directory: &str) {
    let sums = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(scratch.path(directory))
        .status()
        .unwrap();
    assert!(sums.success());
}

#[test]
fn how_many_workers_there_are_changes_nothing() {
    let scratch = scratch(13);
    for jobs in ["1", "2", "7"] {
        scratch.done(&build(&["-o", jobs, "--jobs", jobs]));
    }
    let one = content(&scratch.path("1"));
    assert_eq!(one.len(), 15, "13 images, index.json and SHA256SUMS");
    for jobs in ["2", "7"] {
        assert!(one == content(&scratch.path(jobs)), "{jobs} workers wrote something else");
    }
}

#[test]
fn every_format_makes_a_fleet() {
    let scratch = scratch(2);
    for (format, file) in [("tar", "vast-01.tar.gz"), ("zip", "vast-01.zip"), ("dir", "vast-01/user-data")] {
        scratch.done(&build(&["-o", format, "--format", format]));
        assert!(scratch.path(format).join(file).is_file());
        sums_hold(&scratch, format);
    }
    for (format, file) in [("oemdrv", "vast-01.iso"), ("disk", "vast-01.img")] {
        let run = scratch.done(&build(&["-o", format, "--format", format, "--install-disk", "vda"]));
        assert!(run.stderr.contains("is wiped without a question: disk vda (2)."), "{}", run.stderr);
        assert!(scratch.path(format).join(file).is_file());
        assert_eq!(index(&scratch.path(&format!("{format}/index.json")))["images"][1]["wipes"], "vda");
    }
    let run = scratch.done(&build(&["-o", "served", "--format", "nocloud-net"]));
    assert!(run.stderr.contains("the network of a host has no effect on Rocky 8"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("has no effect").count(), 1);
    for file in ["meta-data", "user-data", "vendor-data", "vastimg/rootfs/usr/bin/vastimg-verify"] {
        assert!(scratch.path("served/vast-01").join(file).is_file(), "{file}");
    }
    // What somebody put into a folder goes neither when it is replaced nor when its host is gone.
    scratch.file("served/vast-01/notes.txt", "mine");
    scratch.file("served/vast-01/user-data", "edited");
    let refused = scratch.run(&build(&["-o", "served", "--format", "nocloud-net"]));
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("notes.txt in it is of no seed"), "{}", refused.stderr);
    fs::rename(scratch.path("served/vast-01/notes.txt"), scratch.path("notes.txt")).unwrap();
    scratch.done(&build(&["-o", "served", "--format", "nocloud-net"]));
    fs::rename(scratch.path("notes.txt"), scratch.path("served/vast-01/notes.txt")).unwrap();
    scratch.file("hosts.yaml", crate::inventory(1));
    let pruned = scratch.done(&build(&["-o", "served", "--format", "nocloud-net", "--prune"]));
    assert!(pruned.stderr.contains("served/vast-01 is of no host any more"), "{}", pruned.stderr);
    assert_eq!(fs::read(scratch.path("served/vast-01/notes.txt")).unwrap(), b"mine");
    scratch.file("hosts.yaml", crate::inventory(2));
    // What a server gives beside a seed is of no plain directory.
    fs::remove_file(scratch.path("served/vast-01/notes.txt")).unwrap();
    scratch.done(&build(&["-o", "served", "--format", "dir", "--prune"]));
    assert!(!scratch.path("served/vast-00/vendor-data").exists());
    // A second run finds folders as they are, and mends one.
    let again = |words: &str| {
        let run = scratch.done(&build(&["-o", "dir", "--format", "dir"]));
        assert!(run.stderr.contains(words), "{}", run.stderr);
    };
    again("0 written, 2 unchanged");
    scratch.file("dir/vast-00/vastimg/prepare.sh", "echo changed\n");
    again("1 written, 1 unchanged");
    sums_hold(&scratch, "dir");
}

#[test]
fn only_what_changed_is_written_again() {
    let scratch = scratch(5);
    scratch.done(&build(&["-o", "seeds"]));
    let inode = |host: usize| fs::metadata(scratch.path(&format!("seeds/vast-0{host}.iso"))).unwrap().ino();
    let before: Vec<u64> = (0..5).map(inode).collect();
    let all = content(&scratch.path("seeds"));

    let run = scratch.done(&build(&["-o", "seeds"]));
    assert!(run.stderr.contains("5 hosts: 0 written, 5 unchanged"), "{}", run.stderr);
    assert_eq!((0..5).map(inode).collect::<Vec<_>>(), before);
    assert!(content(&scratch.path("seeds")) == all);

    // One host's network changes, one image was edited, one is lost.
    let changed = crate::inventory(5).replace("10.0.1.7/8", "10.9.9.9/8");
    scratch.file("hosts.yaml", changed);
    let edited = scratch.path("seeds/vast-02.iso");
    let mut bytes = fs::read(&edited).unwrap();
    bytes[100_000] ^= 1;
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&edited, bytes).unwrap();
    fs::remove_file(scratch.path("seeds/vast-03.iso")).unwrap();
    let run = scratch.done(&build(&["-o", "seeds"]));
    assert!(run.stderr.contains("5 hosts: 3 written, 2 unchanged"), "{}", run.stderr);
    assert_eq!((inode(0), inode(4)), (before[0], before[4]));
    let now = content(&scratch.path("seeds"));
    assert!(now["vast-02.iso"] == all["vast-02.iso"] && now["vast-01.iso"] != all["vast-01.iso"]);
    sums_hold(&scratch, "seeds");
}

#[test]
fn a_host_that_is_gone_is_told_of_and_pruned_when_asked() {
    let scratch = scratch(4);
    scratch.file("seeds/notes.txt", "mine").file("seeds/vast-09.iso", "not an image of ours");
    scratch.done(&build(&["-o", "seeds"]));
    scratch.file("hosts.yaml", crate::inventory(2));
    for _ in 0..2 {
        let run = scratch.done(&build(&["-o", "seeds"]));
        assert!(run.stderr.contains("no longer has the hosts of vast-02.iso, vast-03.iso"), "{}", run.stderr);
    }
    let listing = scratch.done(&build(&["-o", "seeds", "--prune", "--dry-run"])).stdout;
    let listing = String::from_utf8(listing).unwrap();
    assert_eq!(
        listing,
        "keep     vast-00.iso\nkeep     vast-01.iso\nremove   vast-02.iso\nremove   vast-03.iso\n"
    );

    // Somebody put something else in the place of one.
    scratch.file("seeds/vast-03.iso", "mine now");
    let run = scratch.done(&build(&["-o", "seeds", "--prune"]));
    assert!(run.stderr.contains("seeds/vast-03.iso is of no host any more"), "{}", run.stderr);
    assert!(run.stderr.contains("0 written, 2 unchanged, 1 removed"), "{}", run.stderr);
    let left = content(&scratch.path("seeds"));
    let names: Vec<&str> = left.keys().map(String::as_str).collect();
    let kept =
        ["SHA256SUMS", "index.json", "notes.txt", "vast-00.iso", "vast-01.iso", "vast-03.iso", "vast-09.iso"];
    assert_eq!(names, kept);
    assert!(!String::from_utf8(left["SHA256SUMS"].clone()).unwrap().contains("vast-02"));
}

#[test]
fn what_would_be_done_is_told_as_it_is_done() {
    let scratch = scratch(4);
    scratch.done(&build(&["-o", "seeds"]));
    scratch.file("hosts.yaml", crate::inventory(5).replace("10.0.1.7/8", "10.9.9.9/8"));
    fs::remove_file(scratch.path("seeds/vast-02.iso")).unwrap();
    scratch.file("seeds/vast-03.iso", "edited").file("seeds/vast-04.iso", "mine");
    let before = content(&scratch.path("seeds"));
    let told = |args: &[&str], code: i32| {
        let run = scratch.run(&build(&[&["-o", "seeds", "--dry-run"], args].concat()));
        assert_eq!(run.code, code, "{}", run.stderr);
        (String::from_utf8(run.stdout).unwrap(), run.stderr)
    };
    let (listing, error) = told(&[], 2);
    let wanted = [("keep", 0), ("update", 1), ("new", 2), ("update", 3), ("foreign", 4)];
    let wanted: String = wanted.map(|(state, host)| format!("{state:<8} vast-0{host}.iso\n")).concat();
    assert_eq!(listing, wanted);
    assert!(error.contains("seeds/vast-04.iso: it exists already and no index here names it"), "{error}");
    assert_eq!(told(&["--force"], 0).0, wanted);
    fs::rename(scratch.path("seeds/vast-01.iso"), scratch.path("kept")).unwrap();
    fs::create_dir(scratch.path("seeds/vast-01.iso")).unwrap();
    let (listing, error) = told(&["--force"], 2);
    assert!(listing.contains("foreign  vast-01.iso"), "{listing}");
    assert!(error.contains("--force replaces plain files only; move it"), "{error}");
    let refused = scratch.refused(&build(&["-o", "seeds", "--force"]));
    assert!(error.ends_with(&refused), "{error} and {refused}");
    fs::remove_dir(scratch.path("seeds/vast-01.iso")).unwrap();
    fs::rename(scratch.path("kept"), scratch.path("seeds/vast-01.iso")).unwrap();
    assert!(content(&scratch.path("seeds")) == before, "--dry-run wrote something");
    let run = scratch.done(&build(&["-o", "seeds", "--force"]));
    assert!(run.stderr.contains("5 hosts: 4 written, 1 unchanged"), "{}", run.stderr);
}

#[test]
fn images_of_another_format_are_told_of_as_that() {
    let scratch = scratch(2);
    scratch.done(&build(&["-o", "seeds"]));
    let run = scratch.done(&build(&["-o", "seeds", "--format", "dir"]));
    let words = "of another --format these stay: vast-00.iso, vast-01.iso";
    assert!(run.stderr.contains(words) && !run.stderr.contains("no longer has"), "{}", run.stderr);
    sums_hold(&scratch, "seeds");
    let run = scratch.done(&build(&["-o", "seeds", "--format", "dir", "--prune"]));
    assert!(run.stderr.contains("0 written, 2 unchanged, 2 removed"), "{}", run.stderr);
    sums_hold(&scratch, "seeds");
    let sums = fs::read_to_string(scratch.path("seeds/SHA256SUMS")).unwrap();
    let names: Vec<&str> = sums.lines().filter_map(|line| line.split_once("  ")).map(|line| line.1).collect();
    assert_eq!(names, ["vast-00/vastimg/SHA256SUMS", "vast-01/vastimg/SHA256SUMS"]);
}

#[test]
fn a_folder_of_images_is_not_taken_for_one() {
    let scratch = scratch(2);
    scratch.done(&build(&["-o", "seeds"]));
    for args in [&["inspect", "seeds"][..], &["attach", "qemu", "seeds"], &["diff", "seeds", "seeds"]] {
        let error = scratch.refused(args);
        assert!(error.contains("name one of them, such as seeds/vast-00.iso"), "{args:?}: {error}");
    }
    let run = scratch.run(&["validate", "seeds"]);
    let told = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
    assert!(run.code != 0 && told.contains("such as seeds/vast-00.iso"), "{told}");
}

/// The blocks of images that begin alike are shared where the file system can; the bytes are the same.
#[test]
fn blocks_are_shared_on_btrfs() {
    let scratch = scratch(6);
    scratch.done(&build(&["-o", "plain"]));
    if !crate::harness::is_root() {
        return crate::harness::skipped("mounting a file system needs root");
    }
    let run = |line: &str| {
        let status = Command::new("sh").args(["-c", line]).current_dir(scratch.path(".")).status().unwrap();
        status.success()
    };
    if !run("command -v mkfs.btrfs >/dev/null") {
        return crate::harness::skipped("mkfs.btrfs is missing (btrfs-progs)");
    }
    assert!(run("truncate -s 256M fs.img && mkfs.btrfs -q fs.img && mkdir fs && mount -o loop fs.img fs"));
    let written = scratch.run(&build(&["-o", "fs/seeds", "--jobs", "1"]));
    let same = content(&scratch.path("fs/seeds")) == content(&scratch.path("plain"));
    let shared = Command::new("sh")
        .args(["-c", "sync; btrfs filesystem du -s --raw fs/seeds | tail -n 1"])
        .current_dir(scratch.path("."))
        .output()
        .unwrap();
    assert!(run("umount fs"));
    assert_eq!(written.code, 0, "{}", written.stderr);
    assert!(same, "shared blocks gave other bytes");
    let text = String::from_utf8(shared.stdout).unwrap();
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [total, exclusive, ..] = numbers[..] else { panic!("{text}") };
    assert!(exclusive * 2 < total, "most blocks should be shared: {text}");
}
