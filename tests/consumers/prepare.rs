//! prepare's own functions, run by bash on this machine: what a virtual machine would show too late or not at all.
//!
//! The script's last line calls `main`; without it, the rest can be sourced.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::seed::Seed;
use crate::tools;

/// Sources prepare.sh and runs a snippet in a scratch directory; returns what it printed and whether it ended well.
fn sourced(snippet: &str) -> (String, bool) {
    let scratch = tempfile::tempdir().unwrap();
    sourced_in(scratch.path(), snippet)
}

/// The same in a directory of the caller's, in which `work` is made.
pub(crate) fn sourced_in(scratch: &Path, snippet: &str) -> (String, bool) {
    let seed = Seed::of_profile("loopback");
    let script = fs::read_to_string(seed.path().join("vastimg/prepare.sh")).unwrap();
    let functions = script.strip_suffix("main \"$@\"\n").expect("prepare.sh ends with the call of main");
    fs::write(scratch.join("functions.sh"), functions).unwrap();
    let text = format!("work=$PWD/work; mkdir work; . ./functions.sh; {snippet}");
    let output = Command::new("bash").args(["-c", &text]).current_dir(scratch).output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    (String::from_utf8(all).unwrap(), output.status.success())
}

#[test]
fn the_larger_of_two_limits_whatever_their_size() {
    for (a, b, larger) in [
        ("1", "2", "2"),
        ("10", "9", "10"),
        ("9223372036854775807", "8388608", "9223372036854775807"),
        ("18446744073709551615", "9223372036854775807", "18446744073709551615"),
        ("unlimited", "5", "unlimited"),
        ("5", "infinity", "unlimited"),
    ] {
        assert_eq!(sourced(&format!("larger {a} {b}")).0.trim(), larger);
    }
}

#[test]
fn a_file_is_placed_whole_or_not_at_all() {
    if std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) != 0)
    {
        return tools::skipped("mounting a tmpfs needs root");
    }
    let (text, _) = sourced(
        "mkdir disk && mount -t tmpfs -o size=16k none disk && trap 'umount disk' EXIT
         echo precious >disk/file
         head -c 100000 /dev/zero | tr '\\0' x >large
         if place 0644 \"$PWD/disk/file\" <large; then echo placed; else echo refused; fi
         cat disk/file; ls disk; [ -e work/changed ] && echo 'said that it changed'
         place 0600 \"$PWD/disk/file\" <<<'new'; cat disk/file; stat -c %a disk/file",
    );
    assert!(text.contains("could not be written; what was there stays"), "{text}");
    let told: Vec<&str> =
        text.lines().filter(|line| !line.contains("write error") && !line.contains("stays")).collect();
    assert!(told[0] == "refused" && told[1] == "precious" && told[2] == "file", "{text}");
    assert!(!text.contains("said that it changed"), "{text}");
    assert_eq!(told[told.len() - 2..], ["new", "600"], "{text}");
}

#[test]
fn what_needs_the_network_is_tried_five_times() {
    let count = "echo try >>tries; [ \"$(wc -l <tries)\" -ge";
    for (enough, status) in [("3", "0"), ("9", "1")] {
        let snippet = format!(
            "VASTIMG_RETRY_SECONDS=0; printf '%s\\n' '#!/bin/bash' '{count} {enough} ]' >go; chmod +x go
             retry ./go >/dev/null 2>&1; echo $?; wc -l <tries"
        );
        let (text, _) = sourced(&snippet);
        let wanted = if status == "0" { format!("0\n{enough}\n") } else { "1\n5\n".to_owned() };
        assert_eq!(text, wanted);
    }
}

#[test]
fn nr_open_is_raised_before_the_limits_that_need_it_and_packages_come_before_pip() {
    let seed = Seed::of_profile("loopback");
    let script = fs::read_to_string(seed.path().join("vastimg/prepare.sh")).unwrap();
    let at =
        |step: &str| script.find(&format!("    run '{step}' ")).unwrap_or_else(|| panic!("no step {step}"));
    assert!(at("fd-limits/sysctl-floors") < at("fd-limits/sysctl"));
    assert!(at("fd-limits/sysctl") < at("fd-limits/limits-floors"));
    assert!(at("packages/base") < at("packages/epel") && at("packages/epel") < at("pip-pin/install"));
}

#[test]
fn a_link_is_made_or_the_step_fails() {
    let (text, _) = sourced(
        "touch taken; ln -s x there
         link /target \"$PWD/new/dir/link\" && echo made; readlink new/dir/link
         link /target \"$PWD/new/dir/link\" && echo found
         link /target \"$PWD/taken\" || echo 'not over a file'
         link /target \"$PWD/there\" || echo 'not over a link'
         link /target /proc/none/link 2>/dev/null || echo 'not where nothing can be'; wc -l <work/placed",
    );
    let told: Vec<&str> =
        text.lines().filter(|line| !line.starts_with("changed:") && !line.contains("it stays")).collect();
    let wanted =
        ["made", "/target", "found", "not over a file", "not over a link", "not where nothing can be", "2"];
    assert_eq!(told, wanted, "{text}");
}

/// What an earlier seed placed goes; what is this seed's stays even when its step failed, and so does what was changed.
#[test]
fn retiring_takes_only_what_is_nobody_elses() {
    let (text, _) = sourced(
        "systemctl() { :; }; mkdir -p a; for n in old edited kept; do echo $n >a/$n; done; ln -s /t a/link; ln -s /u a/other
         line() { echo \"file $(digest_of \"a/$1\") $PWD/a/$1\"; }
         { line old; line edited; line kept; echo \"link /t $PWD/a/link\"; echo \"link /t $PWD/a/other\"
           echo 'file 00 /etc/sysctl.d/99-vast-fd.conf'; } >old-record
         echo mine >>a/edited; line kept >work/placed
         eval \"$(declare -f step_retire | sed \"s|\\$placed|$PWD/old-record|g\")\"
         failures=1; step_retire >/dev/null; ls a | tr '\\n' ' '; cut -d' ' -f3 old-record | sed 's|.*/||' | tr '\\n' ' '
         failures=0; step_retire >/dev/null; echo; ls a | tr '\\n' ' '; cut -d' ' -f3 old-record | sed 's|.*/||' | tr '\\n' ' '",
    );
    let lines: Vec<&str> = text.lines().collect();
    // The sysctl file is this seed's, though no step has placed it in this run.
    assert_eq!(lines[0].trim(), "edited kept link other 99-vast-fd.conf kept link other", "{text}");
    assert_eq!(lines[1].trim(), "edited kept other 99-vast-fd.conf kept", "{text}");
}

#[test]
fn a_unit_that_does_not_stay_is_no_change_and_one_that_fails_is_a_failure() {
    for (state, status, told) in
        [("active", 0, "changed: started x"), ("failed", 1, "failed after"), ("inactive", 0, "ended already")]
    {
        let (text, _) = sourced(&format!(
            "systemctl() {{ case $1 in is-active) echo {state}; [ {state} = active ] ;; show) echo ;; esac; }}
             wait_for_unit x; echo rc=$?"
        ));
        assert!(text.contains(told) && text.contains(&format!("rc={status}")), "{state}: {text}");
        assert_eq!(text.contains("changed:"), state == "active");
    }
}

#[test]
fn a_machine_that_has_grown_is_noticed() {
    for (chosen, grown) in [("8388608", "yes"), ("99999999999", "no"), ("unlimited", "no")] {
        let (text, _) = sourced(&format!(
            "own() {{ echo 13421772; }}; echo 'fs.file-max kernel=1 wanted=8388608 chosen={chosen}' >seen
             eval \"$(declare -f grown | sed \"s|\\$floors_seen|$PWD/seen|g\")\"
             grown >/dev/null && echo yes || echo no"
        ));
        assert_eq!(text.trim(), grown, "{chosen}");
    }
}

/// Rocky's own are shadowed, an older one of ours is replaced, and what is there is left alone.
#[test]
fn pip_is_called_for_what_is_not_there_as_it_has_to_be() {
    let told = |there: &[&str]| {
        let made: String = there.iter().map(|path| format!("mkdir -p {path}; ")).collect();
        let (text, ended_well) = sourced(&format!(
            "{made} echo '[ $1 = -c ] && printf \"%s\\n\" '$PWD'/{{local,none,rpm}} || echo \"pip $*\"' >python; chmod +x python; sed -i '1i #!/bin/bash' python
             step=$(for f in $(compgen -A function step_); do declare -f $f | grep -q 'pip install' && echo $f; done)
             eval \"$(declare -f $step | sed \"s|/usr/bin/python3 -|$PWD/python -|; s|-x /usr/bin/python3|-x /bin/sh|; s|/usr/local/|$PWD/local/|\")\"
             $step"
        ));
        assert!(ended_well, "{text}");
        let installed = text.lines().filter_map(|line| line.split_once("--retries 2 "));
        installed.map(|(_, what)| what.to_owned()).collect::<Vec<_>>()
    };
    let all = "--ignore-installed pip==21.3.1 setuptools==59.6.0 wheel==0.37.1";
    let fresh =
        ["rpm/pip-9.0.3.dist-info", "rpm/setuptools-39.2.0-py3.6.egg-info", "local/pip_tools-1.dist-info"];
    assert_eq!(told(&fresh), [all]);
    let older =
        ["local/pip-21.3.1.dist-info", "local/setuptools-58.0.0.egg-info", "rpm/wheel-0.31.1.dist-info"];
    assert_eq!(told(&older), ["--ignore-installed wheel==0.37.1", "setuptools==59.6.0"]);
    let shadowed = ["local/pip-20.0.0.dist-info", "rpm/pip-21.3.1.dist-info"];
    assert_eq!(told(&shadowed), ["--ignore-installed setuptools==59.6.0 wheel==0.37.1", "pip==21.3.1"]);
    let done = [
        "rpm/pip-21.3.1-py3.6.egg-info",
        "local/setuptools-59.6.0.dist-info",
        "local/wheel-0.37.1.dist-info",
    ];
    assert!(told(&done).is_empty());
}
