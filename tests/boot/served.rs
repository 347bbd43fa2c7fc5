//! A seed that is on no medium: a web server of this host has the folder, and the guest's SMBIOS serial or kernel command
//! line says where.
//!
//! Limits: cloud-init is 22.4. Of 23.4, which Rocky 8.10 has, docs/serve.md says what differs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::guest::{Boot, Guest};
use crate::lab::{self, Lab};
use crate::prepared::{assert_passed, build, verdicts};

const PROBE: &str = r#"
report cloud-init "$(cat /var/lib/cloud/instance/datasource)"
report vendor-data "$(sed -n 's/.*Read from .*vendor-data (200, 0b) after \([0-9]*\) attempts.*/\1/p' /var/log/cloud-init.log)"
report verifier "$(sha256sum </usr/bin/vastimg-verify | cut -d' ' -f1) $(stat -c '%a %u %g' /usr/bin/vastimg-verify)"
report manifest "$(sha256sum </etc/vastimg/manifest.json | cut -c1-12)"
report left "$(find /usr/bin /run -name 'vastimg-verify*' -o -name fetched | tr '\n' ' ')"
report_file log /var/log/vastimg/prepare.log
# Once it is there, no server is needed any more.
[ -z "$AGAIN" ] || { ip link set eth0 down && report_run again /usr/libexec/vastimg/prepare; }
"#;

/// Python's own web server; it ends with this value.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn of(directory: &Path) -> Server {
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"])
            .current_dir(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port =
            line.split_whitespace().skip_while(|word| *word != "port").nth(1).unwrap().parse().unwrap();
        Server { process, port }
    }

    /// As the guest has to call it.
    fn url(&self, name: &str) -> String {
        format!("http://10.0.2.2:{}/{name}/", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn verifier(seed: &Path) -> String {
    let manifest = fs::read(seed.join("vastimg/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let mut files = manifest["files"].as_array().unwrap().iter();
    let file = files.find(|file| file["path"] == "/usr/bin/vastimg-verify").unwrap();
    file["sha256"].as_str().unwrap().to_owned()
}

#[test]
#[ignore = "boots a virtual machine; run by .ci/run"]
fn a_served_seed_prepares_the_vm_and_a_tampered_one_does_not() {
    let lab = Lab::ready();
    let seed = build(lab, "served", &["--profile", "minimal", "--format", "nocloud-net"]);
    let server = Server::of(seed.parent().unwrap());
    let url = server.url("served");
    let wanted = verifier(&seed);

    let serial = format!("ds=nocloud-net;s={url}");
    let probe = format!("AGAIN=1\n{PROBE}");
    let mut guest = Guest::fresh(lab, "served");
    let run = guest.boot(&Boot { serial: &serial, network: true, probe: &probe, ..Boot::default() });
    println!("a boot with a served seed: {:.0} s", run.duration.as_secs_f64());
    let report = &run.report;
    assert_eq!(
        report.get("cloud-init"),
        format!("DataSourceNoCloudNet: DataSourceNoCloudNet [seed=dmi,{url}][dsmode=net]")
    );
    assert_eq!(report.get("vendor-data"), "1", "cloud-init is not to wait for a vendor-data that is missing");
    assert_eq!(report.get("verifier"), format!("{wanted} 755 0 0"));
    assert_passed(&run, "minimal", report.get("manifest"));
    assert_eq!(report.get("again.rc"), "0", "{}", report.get("again"));
    assert!(!report.get("again").contains(": changed"), "{}", report.get("again"));

    // Another guest, another way to say where, and a server whose files somebody has changed since.
    let program = seed.join("vastimg/rootfs/usr/bin/vastimg-verify");
    let mut bytes = fs::read(&program).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&program, bytes).unwrap();
    let arguments = format!("ds=nocloud-net;s={url}");
    let probe = format!("AGAIN=\n{PROBE}");
    let mut guest = Guest::fresh(lab, "tampered");
    let run = guest.boot(&Boot { kernel_args: &arguments, network: true, probe: &probe, ..Boot::default() });
    println!("a boot with a tampered seed: {:.0} s", run.duration.as_secs_f64());
    let report = &run.report;
    assert!(
        report.get("cloud-init").contains(&format!("[seed=cmdline,{url}]")),
        "{}",
        report.get("cloud-init")
    );
    let log = report.get("log");
    let said = format!("{url}vastimg/rootfs/usr/bin/vastimg-verify: sha256 ");
    let line = log.lines().find(|line| line.contains(&said)).unwrap_or_else(|| panic!("{log}"));
    assert!(
        line.contains(&format!("this seed was built with {}...; nothing taken", &wanted[..12])),
        "{line}"
    );
    assert!(line.contains("serve the folder as it was built"), "{line}");
    assert!(run.console.contains(&said), "who watches the console reads it too");
    assert!(log.contains("REQUIRED base/files: failed"), "{log}");
    assert!(log.contains("NOT prepared"), "{log}");
    assert_eq!(report.get("left"), "", "nothing of it is in place");
    assert!(verdicts(&run).is_empty(), "no verifier, no verdict");
    lab::run(Command::new("rm").arg("-r").arg(&seed));
}
