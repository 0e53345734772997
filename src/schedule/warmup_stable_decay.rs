use crate::error::{Error, require};

use super::{Anneal, Schedule, progress, some_steps, warmup};

/// A rise, a long plateau at 1, and a decay at the end.
///
/// | steps | factor |
/// |---|---|
/// | the first `warmup` | (step + 1) / warmup, as in [`Warmup`](super::Warmup) |
/// | the next `stable` | 1 |
/// | the next `decay` | from 1 towards `to`, along `anneal` |
/// | all later ones | `to` |
///
/// | field | meaning | default | range |
/// |---|---|---|---|
/// | `warmup` | steps of the rise | | any; 0 leaves it out |
/// | `stable` | steps of the plateau | | any; 0 leaves it out |
/// | `decay` | steps of the decay | | 1 or more |
/// | `to` | last factor | 0 | in [0, 1] |
/// | `anneal` | shape of the decay | `Linear` | see [`Anneal`] |
///
/// A run can be prolonged from any checkpoint of the plateau: until the decay begins, the factors do not depend on its
/// place. Hu et al. 2024, "MiniCPM", with an exponential decay; Hägele et al. 2024 compare shapes and find
/// [`Anneal::OneMinusSqrt`] over a fifth of the run to be best. Another shape is
/// `warmup(n).then(constant(1.0).for_steps(m)).then(…)`.
///
/// ```
/// use downhill::schedule::{Schedule, warmup_stable_decay};
///
/// let schedule = warmup_stable_decay(10, 70, 20);
/// assert_eq!([0, 9, 79, 80, 90, 100].map(|step| schedule.at(step)), [0.1, 1.0, 1.0, 1.0, 0.5, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmupStableDecay {
    /// Steps of the rise.
    pub warmup: u64,
    /// Steps of the plateau.
    pub stable: u64,
    /// Steps of the decay.
    pub decay: u64,
    /// Last factor.
    pub to: f64,
    /// Shape of the decay.
    pub anneal: Anneal,
}

/// A rise, a plateau at 1, and a linear decay to 0. See [`WarmupStableDecay`].
///
/// ```
/// use downhill::schedule::{Schedule, warmup_stable_decay};
/// let schedule = warmup_stable_decay(2, 3, 4);
/// assert_eq!([0, 1, 4, 5, 7, 9].map(|step| schedule.at(step)), [0.5, 1.0, 1.0, 1.0, 0.5, 0.0]);
/// ```
pub fn warmup_stable_decay(warmup: u64, stable: u64, decay: u64) -> WarmupStableDecay {
    WarmupStableDecay { warmup, stable, decay, to: 0.0, anneal: Anneal::Linear }
}

impl Schedule for WarmupStableDecay {
    fn at(&self, step: u64) -> f64 {
        if step < self.warmup {
            return warmup(self.warmup).at(step);
        }
        let decaying = (step - self.warmup).saturating_sub(self.stable);
        self.anneal.between(1.0, self.to, progress(decaying, self.decay))
    }

    fn length(&self) -> Option<u64> {
        Some(self.warmup.saturating_add(self.stable).saturating_add(self.decay))
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("warmup_stable_decay.decay", self.decay)?;
        require::share("warmup_stable_decay.to", self.to)
    }
}
