use crate::error::{Error, require};

use super::anneal::{half_cosine, mix};
use super::{Schedule, progress, some_steps};

/// Cosine decay that starts again after each period: to + (1 − to) · (1 + cos(π · t / T)) / 2, where t counts from the
/// last restart and T is the length of the running period: `period`, then each time `growth` times as long.
///
/// | field | meaning | default | range |
/// |---|---|---|---|
/// | `period` | length of the first period, T₀ in the paper | | 1 or more |
/// | `growth` | length of a period over that of the one before, T<sub>mult</sub> in the paper | 1 | 1 or more |
/// | `to` | factor that each period falls towards | 0 | in [0, 1] |
///
/// The factor 1 comes at steps 0, T₀, T₀ + `growth` · T₀, …; `to` itself is not reached, because its place is the
/// restart. Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts".
///
/// | | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
/// |---|---|---|---|---|---|---|---|---|
/// | `warm_restarts(2)` | 1 | 0.5 | 1 | 0.5 | 1 | 0.5 | 1 | 0.5 |
/// | the same with `growth` 2 | 1 | 0.5 | 1 | 0.854 | 0.5 | 0.146 | 1 | 0.962 |
///
/// ```
/// use downhill::schedule::{Schedule, WarmRestarts, warm_restarts};
///
/// let schedule = WarmRestarts { growth: 2, ..warm_restarts(10) };
/// assert_eq!([0, 5, 10, 20, 30, 50].map(|step| schedule.at(step)), [1.0, 0.5, 1.0, 0.5, 1.0, 0.5]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmRestarts {
    /// Length of the first period.
    pub period: u64,
    /// Length of a period over that of the one before.
    pub growth: u64,
    /// Factor that each period falls towards.
    pub to: f64,
}

/// Cosine decay to 0 that starts again every `period` steps. See [`WarmRestarts`].
///
/// ```
/// use downhill::schedule::{Schedule, warm_restarts};
/// assert_eq!([0, 1, 2, 3].map(|step| warm_restarts(2).at(step)), [1.0, 0.5, 1.0, 0.5]);
/// ```
pub fn warm_restarts(period: u64) -> WarmRestarts {
    WarmRestarts { period, growth: 1, to: 0.0 }
}

impl WarmRestarts {
    /// Steps since the last restart, and the length of the running period.
    fn position(&self, step: u64) -> (u64, u64) {
        if self.growth <= 1 || self.period == 0 {
            return (step.checked_rem(self.period).unwrap_or(0), self.period);
        }
        // Periods at least double, so this takes 64 rounds at most; in whole numbers a restart is never off by one.
        let (mut since, mut period) = (step, self.period);
        while since >= period {
            since -= period;
            period = period.saturating_mul(self.growth);
        }
        (since, period)
    }
}

impl Schedule for WarmRestarts {
    fn at(&self, step: u64) -> f64 {
        let (since, period) = self.position(step);
        mix(1.0, self.to, half_cosine(progress(since, period)))
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("warm_restarts.period", self.period)?;
        require::that(self.growth >= 1, "warm_restarts.growth", self.growth, "1 or more")?;
        require::share("warm_restarts.to", self.to)
    }
}
