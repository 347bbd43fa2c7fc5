//! The verifier.
fn main() {}
