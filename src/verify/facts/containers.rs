//! Docker's running containers, by the files that docker keeps of them, each held against the running system. Docker is
//! not called. Source: moby's container.Config (config.v2.json) and daemon.json(5).

use std::io;

use serde_json::Value;

use super::root::is_missing;
use super::{Root, named};

/// A running container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name, without the slash.
    pub name: String,
    /// Its first process.
    pub pid: u32,
    /// The file that gives it a limit of open files of its own, if one does.
    pub own_limit: Option<String>,
}

/// The running containers whose names begin so, by name; none where docker keeps no containers.
///
/// # Errors
/// When a file cannot be read: docker's directory is root's.
pub fn running(root: &Root, prefix: &str) -> io::Result<Option<Vec<Container>>> {
    const DAEMON: &str = "/etc/docker/daemon.json";
    let daemon = json(root, DAEMON)?.unwrap_or_default();
    let data = daemon.get("data-root").and_then(Value::as_str).unwrap_or("/var/lib/docker");
    let directory = format!("{data}/containers");
    let real = root.locate(&directory).map_err(named(&directory))?;
    if let Err(error) = std::fs::metadata(real) {
        return if is_missing(&error) { Ok(None) } else { Err(named(&directory)(error)) };
    }
    let mut found = Vec::new();
    for id in root.names(&directory).map_err(named(&directory))? {
        let Some(config) = json(root, &format!("{directory}/{id}/config.v2.json"))? else { continue };
        let name = config.get("Name").and_then(Value::as_str).unwrap_or_default().trim_start_matches('/');
        let state = |key: &str| config.get("State").and_then(|state| state.get(key));
        let pid = state("Pid").and_then(Value::as_u64).and_then(|pid| u32::try_from(pid).ok());
        let (true, Some(pid), Some(true)) =
            (name.starts_with(prefix), pid, state("Running").and_then(Value::as_bool))
        else {
            continue;
        };
        // Docker may have been killed, and the process id be another's by now.
        if !is_of(root, pid, &id)? {
            continue;
        }
        let host = format!("{directory}/{id}/hostconfig.json");
        let ulimits = json(root, &host)?;
        let own = |ulimit: &Value| ulimit.get("Name").and_then(Value::as_str) == Some("nofile");
        let ulimits = ulimits.as_ref().and_then(|host| host.get("Ulimits")).and_then(Value::as_array);
        let own_limit = if ulimits.is_some_and(|ulimits| ulimits.iter().any(own)) {
            Some(host)
        } else {
            daemon.pointer("/default-ulimits/nofile").map(|_| DAEMON.to_owned())
        };
        found.push(Container { name: name.to_owned(), pid, own_limit });
    }
    found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(Some(found))
}

/// Whether a process is in the container: its id is part of the control group's name, whatever the hierarchy.
fn is_of(root: &Root, pid: u32, id: &str) -> io::Result<bool> {
    let path = format!("/proc/{pid}/cgroup");
    let text = root.read_if_there(&path).map_err(named(&path))?;
    Ok(text.is_some_and(|text| !id.is_empty() && text.contains(id)))
}

/// A file of docker's; none where it is missing.
fn json(root: &Root, path: &str) -> io::Result<Option<Value>> {
    let bytes = match root.read_bytes(path) {
        Ok(bytes) => bytes,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(named(path)(error)),
    };
    let value = serde_json::from_slice(&bytes).map_err(|error| named(path)(io::Error::other(error)))?;
    Ok(Some(value))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    const ID: &str = "5f0a1b2c3d4e5f60718293a4b5c6d7e8";

    fn tree(config: &[u8], cgroup: &str) -> tempfile::TempDir {
        let tree = tempfile::tempdir().unwrap();
        let container = tree.path().join("var/lib/docker/containers").join(ID);
        fs::create_dir_all(&container).unwrap();
        fs::write(container.join("config.v2.json"), config).unwrap();
        fs::create_dir_all(tree.path().join("proc/7")).unwrap();
        fs::write(tree.path().join("proc/7/cgroup"), cgroup).unwrap();
        tree
    }

    fn names(config: &str, cgroup: &str) -> Vec<String> {
        let tree = tree(config.as_bytes(), cgroup);
        let found = running(&Root::new(tree.path()), "vast_").unwrap().unwrap();
        found.into_iter().map(|container| container.name).collect()
    }

    #[test]
    fn one_runs_where_docker_and_the_kernel_agree() {
        let config = r#"{"Name": "/vast_a", "State": {"Running": true, "Pid": 7}}"#;
        for cgroup in [
            format!("4:pids:/docker/{ID}\n1:name=systemd:/docker/{ID}\n"),
            format!("0::/system.slice/docker-{ID}.scope\n"),
        ] {
            assert_eq!(names(config, &cgroup), ["vast_a"]);
        }
        assert!(names(config, "0::/user.slice\n").is_empty());
        let in_it = format!("0::/docker/{ID}\n");
        for other in [
            r#"{"Name": "/vast_a", "State": {"Running": false, "Pid": 7}}"#,
            r#"{"Name": "/vast_a", "State": {"Running": true, "Pid": 8}}"#,
            r#"{"Name": "/vast_a", "State": {"Running": true, "Pid": -7}}"#,
            r#"{"Name": "/other", "State": {"Running": true, "Pid": 7}}"#,
            r#"{"Name": 7, "State": []}"#,
            "[]",
        ] {
            assert!(names(other, &in_it).is_empty(), "{other}");
        }
    }

    #[test]
    fn no_docker_is_none_and_half_a_file_an_error() {
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(running(&Root::new(empty.path()), "vast_").unwrap(), None);
        let broken = tree(b"{\"Name\":", "");
        let error = running(&Root::new(broken.path()), "vast_").unwrap_err();
        assert!(error.to_string().contains("config.v2.json"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_give_an_answer(
            config in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                "\\{\"Name\":\"/vast_.{0,5}\",\"State\":\\{\"Running\":(true|1|null),\"Pid\":-?[0-9]{1,20}\\}\\}"
                    .prop_map(String::into_bytes),
            ],
        ) {
            let tree = tree(&config, &format!("0::/docker/{ID}\n"));
            let _ = running(&Root::new(tree.path()), "vast_");
        }
    }
}
