//! Runs that do not come to their end: whole images or none, and the next run goes on.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Run, Scratch, is_root, skipped};
use crate::{build, content, index, scratch};

/// Everything in a directory is what the whole fleet has there, and nothing is there that it has not.
fn whole(scratch: &Scratch, directory: &str, wanted: &str) -> usize {
    let wanted = content(&scratch.path(wanted));
    let is_image = |name: &str| !name.starts_with('.') && !name.ends_with(".json");
    let images: Vec<_> =
        content(&scratch.path(directory)).into_iter().filter(|(name, _)| is_image(name)).collect();
    for (name, bytes) in &images {
        assert!(wanted.get(name) == Some(bytes), "{name} is not whole");
    }
    images.len()
}

#[test]
fn an_interrupt_leaves_whole_images_and_the_next_run_goes_on() {
    let scratch = scratch(300);
    scratch.done(&build(&["-o", "wanted"]));
    for signal in ["INT", "TERM", "KILL"] {
        let mut child =
            scratch.command(&build(&["-o", "seeds", "--jobs", "2"])).stderr(Stdio::null()).spawn().unwrap();
        let some = || {
            let names = fs::read_dir(scratch.path("seeds")).into_iter().flatten().flatten();
            names.filter(|entry| entry.file_name().to_string_lossy().ends_with(".iso")).count()
        };
        let start = Instant::now();
        while some() < 5 && start.elapsed() < Duration::from_secs(60) {
            thread::sleep(Duration::from_millis(1));
        }
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success(), "it was over too soon");
        child.wait().unwrap();
        let listing: Vec<String> = fs::read_dir(scratch.path("seeds"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        // Nothing can be taken away at once; what was unfinished has no image's name, and the next run takes it away.
        if signal == "KILL" {
            scratch.file("seeds/.vastimg-index.json-abcdef", "half an image");
        } else {
            assert!(listing.iter().all(|name| !name.starts_with('.')), "{listing:?}");
        }
        assert_eq!(index(&scratch.path("seeds/index.json"))["complete"], false);
        let written = whole(&scratch, "seeds", "wanted");
        assert!((5..300).contains(&written), "{written}");
        let run = scratch.done(&build(&["-o", "seeds"]));
        assert!(run.stderr.contains(&format!("{written} unchanged")), "{written}: {}", run.stderr);
        assert!(content(&scratch.path("seeds")) == content(&scratch.path("wanted")));
        fs::remove_dir_all(scratch.path("seeds")).unwrap();
    }
}

#[test]
fn a_full_disk_stops_it_and_room_lets_it_go_on() {
    let scratch = scratch(12);
    scratch.done(&build(&["-o", "wanted"]));
    if !is_root() {
        return skipped("mounting a tmpfs needs root");
    }
    let run = |line: &str| {
        assert!(
            Command::new("sh").args(["-c", line]).current_dir(scratch.path(".")).status().unwrap().success()
        );
    };
    run("mkdir small && mount -t tmpfs -o size=12m none small");
    let full = scratch.run(&build(&["-o", "small/seeds", "--jobs", "2"]));
    let written = whole(&scratch, "small/seeds", "wanted");
    let left = content(&scratch.path("small/seeds"));
    run("mount -o remount,size=100m small");
    let again = scratch.run(&build(&["-o", "small/seeds"]));
    let same = content(&scratch.path("small/seeds")) == content(&scratch.path("wanted"));
    run("umount small");
    assert_eq!(full.code, 2);
    assert!(full.stderr.contains("No space left on device"), "{}", full.stderr);
    assert!(full.stderr.contains(&format!("stopped after {written} of 12 images")), "{}", full.stderr);
    assert!(left.keys().all(|name| !name.starts_with('.')), "{:?}", left.keys());
    assert!((1..12).contains(&written), "{written}");
    assert!(
        again.stderr.contains(&format!("{} written, {written} unchanged", 12 - written)),
        "{}",
        again.stderr
    );
    assert!(same);
}

#[test]
fn two_runs_into_one_directory_do_not_mix() {
    let scratch = scratch(300);
    let start = || scratch.command(&build(&["-o", "seeds"])).stderr(Stdio::piped()).spawn().unwrap();
    let first = start();
    let signal = |name: &str| {
        let done = Command::new("kill").args([name, &first.id().to_string()]).status().unwrap();
        assert!(done.success());
    };
    // It holds the lock before it writes its first index, and is stopped there: it would soon be done.
    let begun = Instant::now();
    while !scratch.path("seeds/index.json").exists() && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(1));
    }
    signal("-STOP");
    let second = Run::from(start().wait_with_output().unwrap());
    signal("-CONT");
    let first = Run::from(first.wait_with_output().unwrap());
    assert_eq!(second.code, 2, "{}", second.stderr);
    assert!(second.stderr.contains("another vastimg is writing into seeds"), "{}", second.stderr);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(!scratch.path("seeds/.index.json.lock").exists());
    assert_eq!(index(&scratch.path("seeds/index.json"))["complete"], true);
}
