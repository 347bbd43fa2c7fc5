//! The examples for schedulers, run as their schedulers would: the command of the file, with the scheduler's variables.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Scratch, skipped};
use crate::{build, content, scratch};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn has(tool: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap();
    found.status.success()
}

/// Runs a program that finds `vastimg` where a user would have it.
fn run(scratch: &Scratch, command: &mut Command) {
    let program = Path::new(env!("CARGO_BIN_EXE_vastimg")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let output = command.env("PATH", path).current_dir(scratch.path(".")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn merged_is_whole(scratch: &Scratch, directory: &str) {
    scratch.done(&["index", "merge", directory, "--check"]);
    let mut shares = content(&scratch.path(directory));
    shares.retain(|name, _| !name.starts_with("index-"));
    assert!(shares == content(&scratch.path("whole")), "the shares are not what one run writes");
}

#[test]
fn the_job_of_kubernetes_builds_every_share() {
    let scratch = scratch(12);
    scratch.done(&build(&["-o", "whole"]));
    let unpacked = std::env::var_os("VASTIMG_CLOUD_INIT")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/cloud-init"), PathBuf::from);
    let validator = unpacked.join("kubernetes-validate");
    if !validator.is_dir() {
        return skipped("kubernetes-validate is missing (tests/tools.sh)");
    }
    let job = example("kubernetes/seeds.yaml");
    let mut validate = Command::new("python3");
    validate.arg(validator.join("bin/kubernetes-validate")).arg("--strict").arg(&job);
    run(&scratch, validate.env("PYTHONPATH", validator));
    let print = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let json = Command::new("python3").args(["-c", print]).arg(&job).output().unwrap();
    let job: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let spec = &job["spec"];
    let container = &spec["template"]["spec"]["containers"][0];
    let shares = container["env"][0]["value"].as_str().unwrap();
    assert_eq!(spec["completions"].to_string(), shares);
    assert_eq!((&spec["completionMode"], &spec["parallelism"]), (&"Indexed".into(), &spec["completions"]));
    let command: Vec<&str> =
        container["command"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    let line = command[2]
        .replace("/inventory/hosts.yaml", "hosts.yaml")
        .replace("/inventory/operator.pub", "key.pub")
        .replace("/seeds", "seeds");
    for index in 0..shares.parse().unwrap() {
        let mut shell = Command::new(command[0]);
        shell.args([command[1], &line]).env("SHARES", shares);
        run(&scratch, shell.env("JOB_COMPLETION_INDEX", format!("{index}")));
    }
    merged_is_whole(&scratch, "seeds");
}

#[test]
fn the_array_of_slurm_builds_every_share() {
    let scratch = scratch(12);
    scratch.done(&build(&["-o", "whole"]));
    let text = fs::read_to_string(example("slurm/seeds.sbatch")).unwrap();
    let array = text.lines().find_map(|line| line.strip_prefix("#SBATCH --array=1-")).unwrap();
    for task in 1..=array.parse().unwrap() {
        let mut script = Command::new("bash");
        script.arg(example("slurm/seeds.sbatch")).args(["hosts.yaml", "seeds", "--ssh-key", "key.pub"]);
        script.env("SLURM_ARRAY_TASK_ID", format!("{task}")).env("SLURM_ARRAY_TASK_COUNT", array);
        run(&scratch, script.env("SLURM_CPUS_PER_TASK", "2"));
    }
    merged_is_whole(&scratch, "seeds");
}

#[test]
fn gnu_parallel_builds_every_share() {
    let scratch = scratch(12);
    scratch.done(&build(&["-o", "whole"]));
    if !has("parallel") {
        return skipped("GNU parallel is missing");
    }
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fleets.md")).unwrap();
    let line = page.lines().find_map(|line| line.strip_prefix("| GNU parallel | `")).unwrap();
    let line = line.split('`').next().unwrap().replace("-o all", "-o seeds --ssh-key key.pub");
    run(&scratch, Command::new("bash").args(["-c", &line]));
    merged_is_whole(&scratch, "seeds");
}
