//! The verifier's runs over time, with the verifier that a seed carries: what is kept on which disk, what waiting waits
//! for, and what history and drift tell of it.

mod hindered;
mod host;
mod keeping;
mod random;
mod telling;
mod waiting;
