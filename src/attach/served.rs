//! The URL of a directory that a web server has, and the SMBIOS serial that tells a VM of it.
//!
//! Limits: nothing is asked of the server. cloud-init splits the serial at spaces and semicolons, and takes `%s` for the place
//! of a file's name; both are refused. Source: DataSourceNoCloud.parse_cmdline_data of cloud-init 22.4 and 23.4.

use anyhow::{Result, bail, ensure};

use super::Facts;
use crate::image::{Image, Kind};

/// A URL that ends in a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// The URL of an image, which only a directory has.
    ///
    /// # Errors
    /// When the image is none, no VM could use the URL, or no command is known that tells it.
    pub(super) fn of(image: &Image, url: Option<&str>, facts: &Facts) -> Result<Option<Self>> {
        let Some(url) = url else { return Ok(None) };
        ensure!(
            image.kind == Kind::Dir,
            "--url is for a directory that is served, and this is {} {}: leave --url out, or build with --format nocloud-net",
            if image.kind == Kind::Iso { "an" } else { "a" },
            image.kind.title()
        );
        ensure!(
            facts.serial,
            "no command for {} is known here that gives a VM the serial ds=nocloud-net;s=URL: build it again with --format iso, \
             or see docs/serve.md for the kernel command line",
            facts.name
        );
        Url::parse(url).map(Some)
    }

    fn parse(url: &str) -> Result<Self> {
        let Some(rest) = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme)) else {
            bail!("--url {url}: it must begin with http:// or https://")
        };
        ensure!(
            !rest.is_empty() && !rest.starts_with('/'),
            "--url {url}: it names no server, as http://192.0.2.1:8000/vast-01/ does"
        );
        let fine = |c: char| c.is_ascii_alphanumeric() || "-._~:/@+,=%[]".contains(c);
        if let Some(other) = url.chars().find(|c| !fine(*c)) {
            bail!(
                "--url {url}: {other:?} in a URL does not reach cloud-init whole; serve the folder under a plainer name"
            );
        }
        ensure!(
            !url.contains("%s"),
            "--url {url}: cloud-init takes %s for the place of a file's name; rename it"
        );
        // cloud-init puts the file's name right behind it, and those before 23.4 add no slash.
        Ok(Url(if url.ends_with('/') { url.to_owned() } else { format!("{url}/") }))
    }

    /// With its slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the VM's serial is to be. With `nocloud` alone cloud-init before 23.2 never gets to asking a server.
    pub fn serial(&self) -> String {
        format!("ds=nocloud-net;s={}", self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_url_ends_in_a_slash() {
        for url in ["http://192.0.2.1:8000/a", "http://192.0.2.1:8000/a/"] {
            assert_eq!(Url::parse(url).unwrap().serial(), "ds=nocloud-net;s=http://192.0.2.1:8000/a/");
        }
    }

    #[test]
    fn what_cloud_init_would_split_is_refused() {
        for url in [
            "ftp://a/",
            "a/",
            "http://",
            "http:///a",
            "http://a/b;c",
            "http://a/b c",
            "http://a/?b",
            "http://a/%s/",
        ] {
            assert!(Url::parse(url).is_err(), "{url}");
        }
    }
}
