//! The kickstart's way: %post takes the payload from a real medium, and the first boot of the new system prepares it.
//!
//! There is no Rocky 8 DVD here, so the installer is `installer.sh`; partitions, packages and network are not covered by it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::alike::{documented, quoted};
use crate::guest::{Attach, Boot, Guest, Run};
use crate::lab::{self, Lab};
use crate::prepared::{build, verdicts};

/// A seed with its %post, taken out of its ks.cfg as the installer takes it: what is between `%post` and `%end`.
pub(crate) struct Installation {
    pub(crate) seed: PathBuf,
    pub(crate) attach: Attach,
    post: PathBuf,
}

impl Installation {
    pub(crate) fn build(lab: &Lab, name: &str, profile: &str, attach: Attach) -> Self {
        let arguments = ["--profile", profile, "--install-disk", "vda"];
        let format = if matches!(attach, Attach::Cdrom) { "oemdrv" } else { "disk" };
        let seed = build(lab, name, &[&arguments[..], &["--format", format]].concat());
        let tree = build(lab, &format!("{name}.d"), &[&arguments[..], &["--format", "dir"]].concat());
        let text = std::fs::read_to_string(tree.join("ks.cfg")).unwrap();
        let (_, after) = text.split_once("%post --interpreter=/bin/bash\n").expect("ks.cfg has a %post");
        let post = seed.with_extension("post.sh");
        std::fs::write(&post, after.split_once("\n%end\n").unwrap().0).unwrap();
        Installation { seed, attach, post }
    }

    /// The boot in which %post runs, with the medium attached or not.
    pub(crate) fn install(&self, lab: &Lab, guest: &mut Guest<'_>, attached: bool) -> Run {
        let probe = std::fs::read_to_string(lab::source("installer.sh")).unwrap();
        let key = lab.public_key();
        let files: [(&str, &Path); 2] = [("post.sh", &self.post), ("ssh-key.pub", &key)];
        let seed = attached.then_some(self.seed.as_path());
        // The installer is no cloud image: nothing of a seed is to be applied while it runs.
        let kernel_args = "cloud-init=disabled";
        let run = guest.boot(&Boot {
            seed,
            seed_as: self.attach,
            probe: &probe,
            files: &files,
            kernel_args,
            ..Boot::default()
        });
        println!("%post from {:?}: {:.0} s", self.attach, run.duration.as_secs_f64());
        run
    }
}

const TOLD_PROBE: &str = r#"
report unit "$(systemctl show --property=Result --value vastimg-post-failed.service)"
report placed "$(ls -d /etc/vastimg /usr/libexec/vastimg /usr/bin/vastimg-verify /etc/sysctl.d/99-vast* 2>/dev/null)"
report_run documented bash -ec "$documented"
systemctl start vastimg-post-failed.service
report condition "$(systemctl show --property=ConditionResult --value vastimg-post-failed.service)"
"#;

/// The installer takes no notice of a failed %post. The next boot says so, and what it says to do helps.
#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn a_post_that_failed_is_told_at_the_next_boot() {
    let lab = Lab::ready();
    let installation = Installation::build(lab, "post-failed.img", "minimal", Attach::Virtio);
    let mut guest = Guest::fresh(lab, "post-failed");
    let run = installation.install(lab, &mut guest, false);
    assert_ne!(run.report.get("post.rc"), "0");
    assert!(run.console.contains("vastimg: NOT placed: no medium labelled OEMDRV or CIDATA is attached"));
    assert!(run.report.get("post.log").contains("NOT placed"), "{}", run.report.get("post.log"));

    let run = guest.boot(&Boot {
        seed: Some(&installation.seed),
        seed_as: Attach::Virtio,
        probe: &format!("documented={}\n{TOLD_PROBE}", quoted(documented(2))),
        kernel_args: "cloud-init=disabled",
        ..Boot::default()
    });
    println!("the boot that tells of it: {:.0} s", run.duration.as_secs_f64());
    let told = verdicts(&run);
    assert!(
        told[0].starts_with("vastimg-verify: ERROR this host is not prepared")
            && told[0].ends_with("no medium labelled OEMDRV or CIDATA is attached"),
        "{told:?}"
    );
    assert_eq!(run.report.get("unit"), "exit-code");
    assert_eq!(run.report.get("placed"), "", "half a seed was placed");
    // A FAT partition keeps no modes, and prepare.sh brings its own.
    assert_eq!(run.report.get("documented.rc"), "0", "{}", run.report.get("documented"));
    assert_eq!(run.report.get("condition"), "no", "it goes on telling of what was mended");
}

/// A file of the payload that is another one is found before anything is placed.
#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn an_altered_medium_is_refused_by_post() {
    let lab = Lab::ready();
    let mut installation = Installation::build(lab, "altered", "minimal", Attach::Cdrom);
    let altered = installation.seed.with_extension("altered.iso");
    let unit = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boot/altered.service");
    std::fs::write(&unit, "[Service]\nExecStart=/bin/true\n").unwrap();
    let _ = std::fs::remove_file(&altered);
    lab::run(
        Command::new("xorriso")
            .args(["-report_about", "WARNING", "-indev"])
            .arg(&installation.seed)
            .arg("-outdev")
            .arg(&altered)
            .args(["-volid", "OEMDRV", "-map"])
            .arg(&unit)
            .arg("/vastimg/rootfs/etc/systemd/system/vastimg-verify.service"),
    );
    installation.seed = altered;
    let mut guest = Guest::fresh(lab, "altered");
    let run = installation.install(lab, &mut guest, true);
    assert_ne!(run.report.get("post.rc"), "0");
    let log = run.report.get("post.log");
    assert!(log.contains("vastimg-verify.service does not have the digest it was built with"), "{log}");
    assert!(
        run.console.contains("vastimg: NOT placed: vastimg-prepare: the seed is not as it was built"),
        "{log}"
    );
    assert_eq!(run.report.get("units").trim(), "", "a unit of a refused seed is enabled");
}
