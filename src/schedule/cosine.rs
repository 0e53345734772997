use crate::error::{Error, require};

use super::anneal::{half_cosine, mix};
use super::{Schedule, power, progress, some_steps};

/// Half a cosine: to + (from − to) · c<sup>power</sup> with c = (1 + cos(π · min(step / steps, 1))) / 2.
///
/// | field | meaning | default | range |
/// |---|---|---|---|
/// | `steps` | length of the decay | | 1 or more |
/// | `from` | factor at step 0 | 1 | finite, 0 or more |
/// | `to` | factor from step `steps` on | 0 | finite, 0 or more |
/// | `power` | above 1 decays earlier | 1 | finite, above 0 |
///
/// After `steps` steps the factor **stays** at `to`. PyTorch's `CosineAnnealingLR` rises again and is back at the
/// maximum after 2 · `T_max` steps; a run that is longer than planned then ends at a high rate. For cycles on purpose
/// there is [`warm_restarts`](super::warm_restarts), the schedule of the paper that annealing by a cosine comes from:
/// Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts".
///
/// | | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
/// |---|---|---|---|---|---|---|---|---|---|
/// | `cosine(4)` | 1 | 0.854 | 0.5 | 0.146 | 0 | 0 | 0 | 0 | 0 |
/// | PyTorch, `T_max` 4 | 1 | 0.854 | 0.5 | 0.146 | 0 | 0.146 | 0.5 | 0.854 | 1 |
///
/// ```
/// use downhill::schedule::{Cosine, Schedule, cosine};
///
/// assert_eq!([0, 500, 1_000, 5_000].map(|step| cosine(1_000).at(step)), [1.0, 0.5, 0.0, 0.0]);
/// let schedule = Cosine { to: 0.1, ..cosine(1_000) };
/// assert_eq!([0, 1_000, 5_000].map(|step| schedule.at(step)), [1.0, 0.1, 0.1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    /// Length of the decay.
    pub steps: u64,
    /// Factor at step 0.
    pub from: f64,
    /// Factor from step `steps` on.
    pub to: f64,
    /// Exponent of the cosine.
    pub power: f64,
}

/// Half a cosine from 1 to 0, where it stays. See [`Cosine`].
///
/// ```
/// use downhill::schedule::{Schedule, cosine};
/// assert_eq!([0, 2, 4, 5].map(|step| cosine(4).at(step)), [1.0, 0.5, 0.0, 0.0]);
/// ```
pub fn cosine(steps: u64) -> Cosine {
    Cosine { steps, from: 1.0, to: 0.0, power: 1.0 }
}

impl Schedule for Cosine {
    fn at(&self, step: u64) -> f64 {
        let left = half_cosine(progress(step, self.steps));
        mix(self.from, self.to, power(left, self.power))
    }

    fn length(&self) -> Option<u64> {
        Some(self.steps)
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("cosine.steps", self.steps)?;
        require::non_negative("cosine.from", self.from)?;
        require::non_negative("cosine.to", self.to)?;
        require::positive("cosine.power", self.power)
    }
}
