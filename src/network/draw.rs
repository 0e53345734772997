//! The random numbers of a pass.

use crate::kernel::parallel::Parallel;
use crate::random::Noise;

/// Which random numbers a pass uses: those of a step, from this sample of the step's batch on.
///
/// ```
/// use downhill::network::Draw;
/// let step = Draw::new(7, 12);
/// assert_eq!(step, Draw::new(7, 12));
/// assert_ne!(step.noise, Draw::new(7, 13).noise);
/// // The second half of a batch of 64, computed by itself, has the numbers that it has in the whole.
/// assert_eq!(step.from_sample(32).first_sample, 32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Draw {
    /// The random numbers of this step.
    pub noise: Noise,
    /// The number of the first sample within the whole batch of the step.
    pub first_sample: usize,
    /// Whether kernels may use several threads.
    pub parallel: Parallel,
}

impl Draw {
    /// The random numbers of step `step` of a run with this seed.
    pub fn new(seed: u64, step: u64) -> Self {
        Self { noise: Noise::new(seed).at("step").step(step), ..Self::default() }
    }

    /// The same, from this sample of the batch on.
    #[must_use]
    pub fn from_sample(self, first_sample: usize) -> Self {
        Self { first_sample, ..self }
    }

    /// The same, on several threads or not.
    #[must_use]
    pub fn parallel(self, parallel: Parallel) -> Self {
        Self { parallel, ..self }
    }
}

impl Default for Draw {
    fn default() -> Self {
        Self { noise: Noise::new(0), first_sample: 0, parallel: Parallel::Off }
    }
}
