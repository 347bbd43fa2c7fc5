//! vastimg: everything that is shared by the generator (`vastimg`) and the on-host verifier (`vastimg-verify`).
//!
//! Data flows one way: profile -> plan -> documents -> medium. Each stage is a module that knows only those before it.
//! On the VM, [`verify`] reads the [`manifest`] that the last stage but one wrote.

#[cfg(feature = "generator")]
pub mod media;
