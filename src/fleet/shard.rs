//! A share of an inventory: `--shard I/N` takes the hosts whose name falls to I of N.
//!
//! The name's digest decides and nothing else, so that a host which is added or removed moves no other, and every machine
//! comes to the same answer. Shares are of equal size only on average. Counting from 1 is what test runners do (`--shard 1/3`).

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// More than anybody has machines for.
const MOST: u32 = 100_000;

/// One of the shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// Which of all, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether the host of this name is in it.
    pub fn has(self, name: &str) -> bool {
        let digest = Sha256::digest(name.as_bytes());
        let number = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index - 1)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            Some(Shard { index: index.trim().parse().ok()?, count: count.trim().parse().ok()? })
        });
        let valid = |shard: &Shard| (1..=shard.count).contains(&shard.index) && shard.count <= MOST;
        let shard = numbers.filter(valid);
        ensure!(
            shard.is_some(),
            "{text:?} is no share: it is I/N, with I from 1 to N and N up to {MOST}, such as 1/8"
        );
        shard.ok_or_else(|| Error::msg("no share"))
    }
}

impl TryFrom<String> for Shard {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn shard(text: &str) -> Shard {
        text.parse().unwrap()
    }

    #[test]
    fn every_host_is_in_one_share_and_shares_are_about_equal() {
        let names: Vec<String> = (0..3000).map(|n| format!("vast-{n:04}")).collect();
        let all: Vec<Shard> = (1..=7).map(|index| Shard { index, count: 7 }).collect();
        assert!(names.iter().all(|name| all.iter().filter(|shard| shard.has(name)).count() == 1));
        for shard in &all {
            let hosts = names.iter().filter(|name| shard.has(name)).count();
            assert!((350..=510).contains(&hosts), "{shard}: {hosts}");
        }
        assert!(names.iter().all(|name| shard("1/1").has(name)));
    }

    /// What one release gave to a machine, the next gives to the same.
    #[test]
    fn shares_stay_what_they_were() {
        let of = |name: &str| (1..=8).find(|index| Shard { index: *index, count: 8 }.has(name)).unwrap();
        assert_eq!(["vast-01", "vast-02", "vast-03", "a"].map(of), SHARES);
    }

    const SHARES: [u32; 4] = [4, 7, 4, 3];

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "1", "0/3", "4/3", "1/0", "a/b", "1/3/4", "-1/3", "1/4294967295"] {
            let error = text.parse::<Shard>().unwrap_err().to_string();
            assert!(error.contains("I/N"), "{text}: {error}");
        }
        assert_eq!(shard("2/16").to_string(), "2/16");
    }
}
