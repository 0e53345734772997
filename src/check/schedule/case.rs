//! The cases that laws of schedules are tried on.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::check::Generate;

/// Steps to ask a schedule for.
///
/// `Case::default()` is the simplest one: step 0 alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Some steps, in no order: near the start, anywhere, and at the very end of what can be counted.
    pub steps: Vec<u64>,
    /// A small number: a distance from a turning point, or the length of a run.
    pub count: u64,
}

impl Default for Case {
    fn default() -> Self {
        Self { steps: vec![0], count: 1 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let step = prop_oneof![
            4 => 0..20_u64,
            4 => 0..5_000_u64,
            1 => any::<u64>(),
            1 => (0..3_u64).prop_map(|back| u64::MAX - back),
        ];
        (vec(step, 1..9), 1..9_u64).prop_map(|(steps, count)| Self { steps, count }).boxed()
    }
}

impl Case {
    /// The steps, those on both sides of `turn`, and the first and the last one of all.
    pub fn around(&self, turn: u64) -> Vec<u64> {
        let beside =
            (0..=self.count).flat_map(|d| [turn.saturating_sub(d), turn.saturating_add(d)]);
        self.steps.iter().copied().chain(beside).chain([0, u64::MAX]).collect()
    }
}
