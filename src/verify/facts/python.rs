//! Python distributions by their metadata directories, without starting Python.
//!
//! Directories are searched in the order of sys.path that Rocky 8's python3 has: /usr/local before /usr, lib64 before
//! lib. Debian's dist-packages count too. Source: PEP 376 and PEP 503, and EL8's python3 patch 251.

use std::io;

use super::{Root, named, root::is_missing};

/// The version of a distribution that python3 finds first, and where; none where it finds none.
///
/// # Errors
/// When a directory cannot be listed, or there is no /usr/bin/python3.
pub fn distribution(root: &Root, name: &str) -> io::Result<Option<(String, String)>> {
    let interpreter = interpreter(root).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => error,
        _ => named("/usr/bin/python3")(error),
    })?;
    for base in ["/usr/local/lib64", "/usr/local/lib", "/usr/lib64", "/usr/lib"] {
        for site in [
            &format!("{interpreter}/site-packages"),
            &format!("{interpreter}/dist-packages"),
            "python3/dist-packages",
        ] {
            let directory = format!("{base}/{site}");
            for entry in root.names(&directory).map_err(named(&directory))? {
                let stem = entry.strip_suffix(".dist-info").or_else(|| entry.strip_suffix(".egg-info"));
                let Some((found, version)) = stem.and_then(|stem| stem.split_once('-')) else { continue };
                if normalised(found) == normalised(name) {
                    // An egg-info has the interpreter's version behind a further hyphen.
                    let version = version.split('-').next().unwrap_or(version);
                    return Ok(Some((version.to_owned(), format!("{directory}/{entry}"))));
                }
            }
        }
    }
    Ok(None)
}

/// The name of /usr/bin/python3's library directory, such as `python3.6`: what its links lead to.
fn interpreter(root: &Root) -> io::Result<String> {
    let real = root.locate("/usr/bin/python3").map_err(named("/usr/bin/python3"))?;
    if let Err(error) = real.metadata() {
        let missing = io::Error::new(io::ErrorKind::NotFound, "/usr/bin/python3 is not there");
        return Err(if is_missing(&error) { missing } else { error });
    }
    let name = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // Rocky's python3.6 may be a link to platform-python3.6, or to python3.6m.
    let version: String = name
        .trim_start_matches("platform-")
        .trim_start_matches("python")
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    Ok(format!("python{version}"))
}

fn normalised(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}
