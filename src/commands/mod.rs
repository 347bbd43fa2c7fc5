//! The commands. Each resolves its arguments first, then runs the stages one after the other.

pub mod attach;
pub mod build;
pub mod inspect;
pub mod validate;
