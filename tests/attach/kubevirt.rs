//! KubeVirt: the script is run, and the manifest that reaches kubectl is parsed. Its fields are compared one by one, for
//! want of a schema in a package registry.

use serde_json::{Value, json};

use crate::bench::{images, script, shell, stand_in};
use crate::harness::Scratch;
use crate::tools;

fn manifest(scratch: &Scratch, printed: &str) -> Option<Value> {
    stand_in(scratch, "kubectl", "cat >manifest");
    stand_in(scratch, "virtctl", "");
    tools::output(&mut shell(scratch, printed));
    let mut python = tools::find("python3")?;
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let text = tools::output(python.args(["-c", program]).arg(scratch.path("manifest")));
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn the_manifest_says_what_is_attached() {
    let scratch = images("vda");
    let read_only = |bus| json!({"bus": bus, "readonly": true});
    let system = json!({"name": "system", "bootOrder": 1, "disk": {"bus": "virtio"}});
    let dvd = json!({"name": "dvd", "bootOrder": 2, "cdrom": read_only("sata")});
    for (arguments, disks) in [
        (&["a.iso"][..], json!([system, {"name": "seed", "disk": read_only("virtio")}])),
        (&["d.img"], json!([system, {"name": "seed", "disk": read_only("virtio")}])),
        (&["k.iso"], json!([system, dvd, {"name": "seed", "cdrom": read_only("sata")}])),
        (&["d.img", "--dvd", "x.iso"], json!([system, dvd, {"name": "seed", "disk": read_only("virtio")}])),
    ] {
        // A name that YAML would take for a number.
        let printed = script(&scratch, &[&["kubevirt", "--vm", "1e3"], arguments].concat());
        let Some(manifest) = manifest(&scratch, &printed) else { return };
        let domain = &manifest["spec"]["template"]["spec"]["domain"];
        assert_eq!(manifest["apiVersion"], "kubevirt.io/v1");
        assert_eq!(manifest["kind"], "VirtualMachine");
        assert_eq!(manifest["metadata"]["name"], "1e3");
        assert_eq!(domain["devices"]["disks"], disks, "{printed}");
        assert_eq!(domain["cpu"]["cores"], 12);
        assert_eq!(domain["memory"]["guest"], "128Gi");
        let volumes = manifest["spec"]["template"]["spec"]["volumes"].as_array().unwrap();
        let names: Vec<_> =
            volumes.iter().map(|volume| (&volume["name"], &volume["dataVolume"]["name"])).collect();
        let installer = disks.as_array().unwrap().len() == 3;
        let mut wanted = vec![("system", "1e3"), ("seed", "1e3-seed")];
        if installer {
            wanted.insert(1, ("dvd", "1e3-dvd"));
        }
        assert_eq!(names.len(), wanted.len());
        for (found, wanted) in names.into_iter().zip(wanted) {
            assert_eq!((found.0.as_str().unwrap(), found.1.as_str().unwrap()), wanted);
        }
        let blank = &manifest["spec"]["dataVolumeTemplates"][0];
        assert_eq!(blank["metadata"]["name"] == "1e3", installer, "{printed}");
        assert_eq!(blank["spec"]["source"] == json!({"blank": {}}), installer, "{printed}");
    }
}
