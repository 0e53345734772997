//! Which cases a law is tried on.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;

use crate::random::Noise;

/// How many cases a law is tried on if nothing else is asked for.
const COUNT: u32 = 64;

/// The cases that each law is tried on.
///
/// Three of four are the same in every run; the others come from a seed that is new in each process, so that many runs see many cases.
///
/// | variable | |
/// |---|---|
/// | `PROPTEST_CASES` | how many cases, 64 if it is not set |
/// | `DOWNHILL_CHECK_SEED` | only this case, as the report of a broken law names it |
/// | `DOWNHILL_CHECK_STRICT` | tests of laws that say nothing about their subject fail, if it is neither empty nor 0 |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cases {
    count: u32,
    fresh: bool,
    only: Option<u64>,
}

impl Cases {
    /// As the environment says.
    pub fn from_env() -> Self {
        Self::from_env_or(COUNT)
    }

    /// As the environment says, and this many if it says nothing: for laws that take long.
    pub fn from_env_or(count: u32) -> Self {
        let number = |name: &str| std::env::var(name).ok();
        let count = number("PROPTEST_CASES").and_then(|count| count.parse().ok()).unwrap_or(count);
        let only = number("DOWNHILL_CHECK_SEED").and_then(|seed| parse_seed(&seed));
        Self { count, fresh: true, only }
    }

    /// This many, the same in each run.
    ///
    /// ```
    /// use downhill::check::{Cases, optimizer};
    /// use downhill::optim::Lion;
    /// let report = optimizer::report_on(Lion::default(), &Cases::fixed(4));
    /// assert!(report.broken().is_empty(), "{report}");
    /// ```
    pub fn fixed(count: u32) -> Self {
        Self { count, fresh: false, only: None }
    }

    /// The one case of this seed, as the report of a broken law names it.
    pub fn only(seed: u64) -> Self {
        Self { count: 0, fresh: false, only: Some(seed) }
    }

    /// The seed of each case of this law.
    pub(super) fn seeds(&self, law: &str) -> impl Iterator<Item = u64> + use<> {
        let known = if self.fresh { self.count - self.count / 4 } else { self.count };
        let (fixed, fresh) = (Noise::new(0).at(law), Noise::new(fresh_seed()).at(law));
        let many = (0..self.count).map(move |i| {
            let noise = if i < known { fixed } else { fresh };
            noise.bits(u64::from(i))
        });
        let many = many.take(if self.only.is_some() { 0 } else { usize::MAX });
        self.only.into_iter().chain(many)
    }
}

fn parse_seed(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// One seed for the whole process, from the keys that the system gives to hash maps.
fn fresh_seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| RandomState::new().build_hasher().finish())
}
