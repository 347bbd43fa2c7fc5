//! The verifier that every seed carries: a static ELF, built and embedded by build.rs.

/// The program, for x86_64 Linux without any library.
pub static VERIFIER: &[u8] = include_bytes!(env!("VASTIMG_VERIFIER"));
