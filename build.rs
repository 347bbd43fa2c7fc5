//! Builds the verifier as a static program and tells `src/embedded.rs` where it is.
//!
//! The verifier runs on Rocky 8, whose glibc is older than that of most build machines, so it must need no library at
//! all. Cargo cannot give one binary of a package other flags than the rest, hence a second, nested cargo: the same
//! package, without the generator's features, with `crt-static`, into a directory of its own.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", "Cargo.toml", "Cargo.lock", "src", "templates", "images"] {
        println!("cargo:rerun-if-changed={path}");
    }
    // The nested build has no generator, and therefore nothing to embed.
    if env::var_os("CARGO_FEATURE_GENERATOR").is_none() {
        return Ok(());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let target_dir = out.join("verifier");
    let host = env::var("HOST").unwrap_or_default();
    assert!(
        host == TARGET,
        "vastimg is built on {TARGET}, since the verifier that it embeds runs on Rocky 8 x86_64; this is {host}"
    );

    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "build",
            "--bin",
            "vastimg-verify",
            "--no-default-features",
            "--profile",
            "verifier",
            "--locked",
        ])
        .args(["--target", TARGET, "--manifest-path"])
        .arg(PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+crt-static\u{1f}-Crelocation-model=static");
    // What cargo set for this build would make the nested one build something else, or itself again.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let inherited = ["CARGO_FEATURE_", "CARGO_PROFILE_", "CARGO_CFG_", "CARGO_BUILD_"];
        let named = [
            "CARGO_TARGET_DIR",
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "CLIPPY_ARGS",
            "TARGET",
        ];
        if inherited.iter().any(|prefix| name.starts_with(prefix)) || named.contains(&name.as_str()) {
            cargo.env_remove(name);
        }
    }
    let status = cargo.status()?;
    assert!(
        status.success(),
        "building the verifier failed; its messages are above. A static program needs a C linker and the static C \
         library: gcc and libc6-dev on Debian and Ubuntu, gcc and glibc-static on Rocky and Fedora"
    );
    let verifier = target_dir.join(TARGET).join("verifier").join("vastimg-verify");
    println!("cargo:rustc-env=VASTIMG_VERIFIER={}", verifier.display());
    Ok(())
}
