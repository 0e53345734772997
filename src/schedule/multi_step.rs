use crate::error::{Error, require};

use super::{Schedule, power};

/// A drop at each milestone: gamma<sup>number of milestones ≤ step</sup>.
///
/// | field | meaning | range |
/// |---|---|---|
/// | `milestones` | the first steps with the lower factor, in any order; one that is listed twice counts twice | any |
/// | `gamma` | factor of each drop | finite, 0 or more |
///
/// Drops of different sizes are a product: `multi_step([15], 0.5).times(multi_step([40], 0.1))`.
///
/// ```
/// use downhill::schedule::{Schedule, multi_step};
///
/// let schedule = multi_step([30, 80, 80], 0.5);
/// assert_eq!([29, 30, 79, 80].map(|step| schedule.at(step)), [1.0, 0.5, 0.5, 0.125]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MultiStep {
    /// The first steps with the lower factor.
    pub milestones: Vec<u64>,
    /// Factor of each drop.
    pub gamma: f64,
}

/// A drop by `gamma` at each milestone. See [`MultiStep`].
///
/// ```
/// use downhill::schedule::{Schedule, multi_step};
/// assert_eq!([1, 2, 6].map(|step| multi_step([2, 6], 0.5).at(step)), [1.0, 0.5, 0.25]);
/// ```
pub fn multi_step(milestones: impl Into<Vec<u64>>, gamma: f64) -> MultiStep {
    MultiStep { milestones: milestones.into(), gamma }
}

impl Schedule for MultiStep {
    fn at(&self, step: u64) -> f64 {
        let drops = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        power(self.gamma, drops as f64)
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("multi_step.gamma", self.gamma)
    }
}
