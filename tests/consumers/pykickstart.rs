//! pykickstart, the library by which Anaconda reads a kickstart, as Rocky 8's syntax (`RHEL8`).
//!
//! `tests/tools.sh` puts two versions beside cloud-init. They know words and their values; what Anaconda
//! makes of them is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cloud_init::unpacked;
use crate::tools::{self, Ran};

/// The newest, and the nearest to Rocky 8's own, 3.16.16, that PyPI has.
const NEWEST: &str = "3.78";
const ROCKY: &str = "3.16.13";

fn directory(version: &str) -> Option<PathBuf> {
    let directory = unpacked().join(format!("pykickstart-{version}"));
    if !directory.join("pykickstart").is_dir() {
        tools::skipped(&format!("pykickstart is not in {}", directory.display()));
        return None;
    }
    Some(directory)
}

fn python(directory: &Path) -> Command {
    let mut command = tools::bounded("/usr/bin/python3");
    command.arg("-B").env("PYTHONPATH", directory);
    command
}

/// What ksvalidator says of a file; code 0 means that nothing is wrong. None when it is missing.
pub(crate) fn ksvalidator(path: &Path) -> Option<Ran> {
    let directory = directory(NEWEST)?;
    let mut command = python(&directory);
    Some(tools::run(command.arg(directory.join("bin/ksvalidator")).args(["-v", "RHEL8"]).arg(path)))
}

/// What a kickstart says, which has to be without fault: `commands` by name with their attributes (`network` has a
/// list of them under `network`), `packages` and `scripts`. Two network commands for one device are no fault here. None when pykickstart is missing.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/consumers/kickstart_as_json.py");
    let read = |version: &str| {
        let text = tools::output(python(&directory(version)?).arg(&program).arg(file.path()));
        Some(serde_json::from_str::<Value>(&text).unwrap())
    };
    let (newest, rocky) = (read(NEWEST)?, read(ROCKY)?);
    for (name, said) in rocky["commands"].as_object().unwrap() {
        for (attribute, value) in said.as_object().unwrap() {
            let other = newest["commands"][name].get(attribute);
            // What newer ones say in more words, and in which words, is their own business.
            let comparable = value.is_string() || value.is_boolean() || value.is_number();
            assert!(
                !comparable || other.is_none_or(|other| other == value),
                "{name} {attribute}: {value} and {other:?}"
            );
        }
    }
    Some(newest)
}

/// Commands that RHEL 8 has and does not call deprecated without a use, and sections.
pub(crate) struct Words {
    pub(crate) commands: BTreeSet<String>,
    pub(crate) sections: BTreeSet<String>,
    /// Without their hyphens, of the commands that have a parser of options.
    pub(crate) options: BTreeMap<String, BTreeSet<String>>,
}

/// What Rocky's own version knows. None when it is missing.
pub(crate) fn words() -> Option<Words> {
    let program = "from pykickstart.base import DeprecatedCommand
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion
handler = makeVersion('RHEL8')
for name, command in handler.commands.items():
    if not isinstance(command, DeprecatedCommand):
        print('command', name)
        parser = getattr(command, 'op', None)
        if parser is not None:
            known = [action for action in parser._actions
                     if not (action.introduced and action.introduced > parser.version)
                     and not (action.removed and action.removed <= parser.version)]
            print('options', name, *[option[2:] for action in known for option in action.option_strings])
for name in KickstartParser(handler)._sections:
    print('section', name)
";
    let directory = directory(ROCKY)?;
    let said = tools::output(python(&directory).args(["-c", program]));
    let of =
        |kind: &str| said.lines().filter_map(|line| line.strip_prefix(kind).map(str::to_owned)).collect();
    let options = said.lines().filter_map(|line| line.strip_prefix("options ")).filter_map(|line| {
        let mut words = line.split(' ').map(str::to_owned);
        Some((words.next()?, words.collect()))
    });
    let options = options.collect();
    Some(Words { commands: of("command "), sections: of("section "), options })
}

/// A reader that takes everything is none; and what it prints is what was written.
#[test]
fn pykickstart_reads_and_refuses() {
    let good = "lang en_US.UTF-8\nnetwork --device=ens3 --bootproto=dhcp --hostname=vast-01\n\
                rootpw --lock\nreboot\n%packages\n@^minimal-environment\nrsync\n-plymouth\n%end\n\
                %post --erroronfail\ntrue\n%end\n";
    let Some(read) = parse(good) else { return };
    assert_eq!(read["commands"]["network"]["network"][0]["device"], "ens3");
    assert_eq!(read["commands"]["rootpw"]["lock"], true);
    assert_eq!(read["commands"].get("timezone"), None, "it was not given");
    assert_eq!(read["packages"]["packageList"], Value::from(vec!["rsync"]));
    assert_eq!(read["scripts"][0]["script"], "true\n");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(good.as_bytes()).unwrap();
    assert_eq!(ksvalidator(file.path()).unwrap().code, 0);
    for wrong in
        ["network --devise=ens3\n", "timesource --ntp-server=a.example\n", "network --vlanid\n", "%post\n"]
    {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(wrong.as_bytes()).unwrap();
        assert_ne!(ksvalidator(file.path()).unwrap().code, 0, "{wrong}");
    }
}
