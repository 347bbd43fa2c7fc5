//! Arguments that say what goes into a seed: those of every command that renders one.

use camino::Utf8PathBuf;
use clap::Args;

/// What goes into a seed.
#[derive(Args, Debug)]
pub struct SeedArgs {
    /// Profile: a built-in name (loopback, minimal) or a YAML file
    /// [default: loopback]
    #[arg(long, short, value_name = "NAME|FILE")]
    pub profile: Option<String>,

    /// Set a value of a fix or of the kickstart, such as
    /// fd-limits.nofile=2097152; may be given again
    #[arg(long, value_name = "FIX.KEY=VALUE")]
    pub set: Vec<String>,

    /// Only these fixes, by id or label (REQUIRED, WORKAROUND, OPTIONAL); several
    /// with commas, or with the option again
    #[arg(long, value_name = "FIX|LABEL", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Not these fixes, by id or label; several likewise
    #[arg(long, value_name = "FIX|LABEL", value_delimiter = ',')]
    pub skip: Vec<String>,

    /// Host name of the VM [default: vast-PROFILE]
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<String>,

    /// The user that VAST's monitor logs in as [default: centos]
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,

    /// Public keys that may log in as that user; may be given again
    #[arg(long, value_name = "FILE")]
    pub ssh_key: Vec<Utf8PathBuf>,

    /// The user's password as a crypt(5) hash, from `openssl passwd -6`
    #[arg(long, value_name = "FILE")]
    pub password_hash_file: Option<Utf8PathBuf>,

    /// cloud-init network-config, version 1 or 2; without it the VM asks DHCP
    #[arg(long, value_name = "FILE")]
    pub network: Option<Utf8PathBuf>,

    /// Kickstart: the disk that Rocky's installer wipes, such as vda or
    /// disk/by-id/NAME
    #[arg(long, value_name = "DISK")]
    pub install_disk: Option<String>,

    /// Kickstart: where the installer finds its packages [default: cdrom]
    #[arg(long, value_name = "URL|cdrom")]
    pub install_source: Option<String>,

    /// Directory with fixes of your own, one folder each
    #[arg(long, value_name = "DIR")]
    pub catalogue: Option<Utf8PathBuf>,
}
