//! Several machines, one fleet.

use std::fs;

use crate::images::sums_hold;
use crate::{build, content, index, inventory, scratch};

#[test]
fn shares_are_together_what_one_run_writes() {
    let scratch = scratch(11);
    scratch.done(&build(&["-o", "whole"]));
    for shard in ["2/3", "1/3", "3/3"] {
        let run = scratch.done(&build(&["-o", "shares", "--shard", shard]));
        assert!(run.stderr.contains(&format!("share {shard} of 11 hosts")), "{}", run.stderr);
    }
    let run = scratch.done(&["index", "merge", "shares", "--check"]);
    assert_eq!(run.stderr, "wrote shares/index.json and SHA256SUMS: 11 images, none missing, none twice\n");
    let mut shares = content(&scratch.path("shares"));
    shares.retain(|name, _| !name.starts_with("index-"));
    assert!(shares == content(&scratch.path("whole")), "the shares are not what one run writes");

    // Each of them goes on from there, and so does a run over all.
    for shard in ["1/3", "2/3", "3/3"] {
        let run = scratch.done(&build(&["-o", "shares", "--shard", shard]));
        assert!(run.stderr.contains(": 0 written, "), "{}", run.stderr);
    }
    let run = scratch.done(&build(&["-o", "shares"]));
    assert!(run.stderr.contains("0 written, 11 unchanged"), "{}", run.stderr);
}

#[test]
fn a_merge_proves_that_nothing_is_missing() {
    let scratch = scratch(9);
    let share = |shard: &str, more: &[&str]| {
        scratch.done(&build(&[&["-o", "s", "--shard", shard], more].concat()));
    };
    let refused = || scratch.refused(&["index", "merge", "s"]);
    fs::create_dir(scratch.path("s")).unwrap();
    assert!(refused().contains("there is no index of a share in it"));
    share("1/2", &[]);
    assert!(refused().contains("of 2 shares these are missing: 2/2"));
    share("2/2", &["--set", "fd-limits.nofile=2000000"]);
    assert!(refused().contains("share 2/2 and those before it are not of the same inventory"));
    share("2/2", &[]);
    // Another division of the same images takes them over.
    share("1/3", &[]);
    assert!(refused().contains("shares of 2 and of 3"));
    fs::remove_file(scratch.path("s/index-1-of-3.json")).unwrap();

    let first = index(&scratch.path("s/index-1-of-2.json"));
    let file = scratch.path("s").join(first["images"][0]["file"].as_str().unwrap());
    let kept = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(refused().contains("No such file"));
    fs::write(&file, &kept[..kept.len() - 1]).unwrap();
    assert!(refused().contains("and the index says"));
    let mut changed = kept.clone();
    changed[70_000] ^= 1;
    fs::write(&file, changed).unwrap();
    let error = scratch.refused(&["index", "merge", "s", "--check"]);
    assert!(error.contains("its digest is another"), "{error}");
    fs::write(&file, kept).unwrap();

    // What says that it is one share and is another, or has another's hosts.
    let path = scratch.path("s/index-1-of-2.json");
    let text = fs::read_to_string(&path).unwrap();
    let second = fs::read_to_string(scratch.path("s/index-2-of-2.json")).unwrap();
    fs::write(&path, &second).unwrap();
    assert!(refused().contains("not of the share that its name says"));
    fs::write(&path, second.replace("2/2", "1/2")).unwrap();
    assert!(refused().contains("does not fall to it"));
    let host = format!("\"host\":{}", first["images"][0]["host"]);
    let short: String = text.lines().filter(|line| !line.contains(&host)).map(|l| format!("{l}\n")).collect();
    fs::write(&path, short.replace("},\n  ]", "}\n  ]")).unwrap();
    assert!(refused().contains("the shares have 8 images, and the inventory 9 hosts"));
    fs::write(&path, text.replace("\"complete\": true", "\"complete\": false")).unwrap();
    assert!(refused().contains("share 1/2 was not written to its end"));
    fs::write(&path, text).unwrap();
    scratch.done(&["index", "merge", "s", "--check"]);
}

/// The indexes of shares are outdated where a run over all hosts came after them; sizes tell nothing of that.
#[test]
fn a_merge_does_not_go_back_behind_a_later_run() {
    let scratch = scratch(4);
    for shard in ["1/2", "2/2"] {
        scratch.done(&build(&["-o", "s", "--shard", shard]));
    }
    scratch.file("hosts.yaml", inventory(4).replace(".7/8", ".8/8"));
    scratch.done(&build(&["-o", "s"]));
    let error = scratch.refused(&["index", "merge", "s"]);
    assert!(error.contains("its digest is another; copy it again, or build its share again"), "{error}");
    sums_hold(&scratch, "s");
    for shard in ["1/2", "2/2"] {
        scratch.done(&build(&["-o", "s", "--shard", shard]));
    }
    scratch.done(&["index", "merge", "s"]);
    sums_hold(&scratch, "s");
}

#[test]
fn what_is_pruned_is_listed_nowhere_and_what_is_left_over_is_told_of() {
    let scratch = scratch(6);
    let shares = |more: &[&str]| {
        for shard in ["1/2", "2/2"] {
            scratch.done(&build(&[&["-o", "s", "--shard", shard], more].concat()));
        }
        scratch.done(&["index", "merge", "s", "--check"]);
        sums_hold(&scratch, "s");
    };
    let listed = || fs::read_to_string(scratch.path("s/SHA256SUMS")).unwrap().lines().count();
    shares(&[]);
    scratch.file("hosts.yaml", inventory(4));
    shares(&["--prune"]);
    assert_eq!(listed(), 4, "lines of images that were pruned");

    // A run over all hosts knows what shares have left over, and afterwards nobody tells of it again.
    scratch.file("hosts.yaml", inventory(2));
    shares(&[]);
    assert_eq!(listed(), 4);
    let run = scratch.done(&build(&["-o", "s"]));
    assert!(run.stderr.contains("no longer has the hosts of vast-02.iso, vast-03.iso"), "{}", run.stderr);
    let run = scratch.done(&build(&["-o", "s", "--prune"]));
    assert!(run.stderr.contains("2 removed"), "{}", run.stderr);
    let run = scratch.done(&build(&["-o", "s"]));
    assert!(!run.stderr.contains("no longer"), "{}", run.stderr);
    sums_hold(&scratch, "s");
    assert_eq!(listed(), 2);
    shares(&[]);
    assert_eq!(listed(), 2);
}
