//! Checks as sentences: what is to hold, without how it is looked up.

use crate::manifest::Assertion;

/// What is to hold, as a sentence without a full stop.
pub(super) fn sentence(assertion: &Assertion) -> String {
    match assertion {
        Assertion::Sysctl { key, value, floor, .. } => {
            format!("{key} is {}{value}", if *floor { "at least " } else { "" })
        }
        Assertion::LoginLimit { who, item, value, .. } => {
            format!("a login of {who} gets {item} of at least {value}")
        }
        Assertion::ServiceLimit { process, unit: None, setting, value } => {
            format!("{process} gives its services {setting} of at least {value}")
        }
        Assertion::ServiceLimit { unit: Some(unit), setting, value, .. } => {
            format!("{unit} has {setting} of at least {value}")
        }
        Assertion::ContainerLimit { containers, value } => {
            format!("containers named {containers}... may open at least {value} files")
        }
        Assertion::ContainerProgram { containers, program, .. } => {
            format!("containers named {containers}... have {program}")
        }
        Assertion::Selected { path, value, .. } => format!("{path} has {value} selected"),
        Assertion::Scheduler { disks, value, .. } => {
            format!("disks named {} have the scheduler {value}", disks.join(", "))
        }
        Assertion::PythonDist { name, version } => format!("python3 finds {name} {version}"),
        Assertion::Package { name } => format!("an installed package provides {name}"),
        Assertion::Command { name, search, arguments, .. } => {
            format!("{name} {} answers, with the path of {search}", arguments.join(" "))
        }
        Assertion::Leftovers { directories, .. } => {
            format!("nothing is left over in {}", directories.join(", "))
        }
        Assertion::UnitEnabled { unit } => format!("{unit} is started at boot"),
        Assertion::RunsWith { unit, host } => format!("{unit} runs whenever {host} does"),
        Assertion::Account { name } => format!("{name} exists and may call sudo without a password"),
        Assertion::Files {} => "its files are as they were built".to_owned(),
        Assertion::Prepared {} => "the last run of prepare failed in nothing that matters".to_owned(),
    }
}
