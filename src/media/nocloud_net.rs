//! The seed as a directory that any web server can serve: cloud-init's NoCloud data source asks for its files by name, below
//! the URL that the VM's SMBIOS serial or kernel command line gives (`ds=nocloud-net;s=URL/`).
//!
//! Limits: nothing in it knows the URL, so that the directory may be moved and served anywhere; the payload is below the
//! same URL, from where prepare takes what user-data cannot carry. cloud-init before 24.3 does not ask for network-config.
//! Source: cloud-init 22.4, 23.4 and 24.3, util.read_seeded and url_helper.readurl.

use anyhow::Result;

use super::tree::Tree;

/// What cloud-init also asks for. Where there is none it asks eleven times, a second apart, and goes on without.
pub const VENDOR_DATA: &str = "vendor-data";

/// Adds an empty vendor-data.
pub(super) fn complete(tree: &Tree) -> Result<Tree> {
    let mut tree = tree.clone();
    tree.file(VENDOR_DATA, 0o644, String::new())?;
    Ok(tree)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::media::tree::Entry;

    #[test]
    fn vendor_data_is_there_and_empty() {
        let mut tree = Tree::default();
        tree.file("user-data", 0o600, "#cloud-config\n".to_owned()).unwrap();
        let whole = complete(&tree).unwrap();
        let found: Vec<_> = whole.iter().map(|(path, _)| path).collect();
        assert_eq!(found, ["user-data", "vendor-data"]);
        let Some((_, Entry::File { mode: 0o644, payload })) = whole.iter().nth(1) else { panic!() };
        assert!(payload.is_empty());
        assert!(complete(&whole).is_err(), "what a seed brings itself is not replaced");
    }
}
