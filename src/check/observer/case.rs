//! The cases that laws of observers are tried on.

use proptest::prelude::*;

use crate::check::Generate;

/// A short run, and where it is cut.
///
/// `Case::default()` is the simplest one: one step that changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The seed of data, parameters and order.
    pub seed: u64,
    /// Samples to a step, of 10 in all.
    pub batch: usize,
    /// How many steps.
    pub steps: u64,
    /// A moment of the run, as a share of its steps.
    pub moment: f64,
    /// The learning rate. At 0 the loss stays as it is; with a large one it goes up and down.
    pub rate: f64,
    /// Whether a part of the data is held out for validation.
    pub validate: bool,
    /// A row with a NaN, whose steps are skipped.
    pub bad_row: Option<usize>,
}

impl Default for Case {
    fn default() -> Self {
        let (rate, moment) = (0.0, 0.0);
        Self { seed: 0, batch: 1, steps: 1, moment, rate, validate: false, bad_row: None }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let rate = prop_oneof![Just(0.0), Just(0.02), Just(0.2)];
        let bad_row = prop_oneof![2 => Just(None), 1 => (0..10_usize).prop_map(Some)];
        (0..1_u64 << 32, 1..11_usize, 1..31_u64, 0.0..=1.0, rate, any::<bool>(), bad_row)
            .prop_map(|(seed, batch, steps, moment, rate, validate, bad_row)| Self {
                seed,
                batch,
                steps,
                moment,
                rate,
                validate,
                bad_row,
            })
            .boxed()
    }
}

impl Case {
    /// A step of the run, counted from 0; `steps` for its end.
    pub fn moment(&self) -> u64 {
        ((self.moment * (self.steps + 1) as f64) as u64).min(self.steps)
    }
}
