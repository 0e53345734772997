use crate::error::{Error, require};

use super::anneal::mix;
use super::{Schedule, power, progress, some_steps};

/// Up and down again along straight lines: low + (high − low) · h · a, where h rises from 0 to 1 in `up` steps and
/// falls back to 0 in `down` steps, and the amplitude a depends on the mode.
///
/// | field | meaning | default | range |
/// |---|---|---|---|
/// | `low` | factor at the start of a cycle | | finite, 0 or more |
/// | `high` | factor at the peak of the first cycle | | finite, 0 or more |
/// | `up` | steps from `low` to the peak | | 1 or more |
/// | `down` | steps from the peak back to `low` | `up` | 1 or more |
/// | `mode` | how the peaks shrink | `Triangular` | see [`CyclicMode`] |
///
/// Smith 2017, "Cyclical Learning Rates for Training Neural Networks". PyTorch's `CyclicLR` takes the two rates and
/// ignores the one of the optimizer; here both are factors on it: with `learning_rate` = `max_lr`, `high` is 1 and `low`
/// is `base_lr / max_lr`.
///
/// ```
/// use downhill::schedule::{Cyclic, CyclicMode, Schedule, cyclic};
///
/// let schedule = cyclic(0.5, 1.0, 2);
/// assert_eq!([0, 1, 2, 3, 4, 6].map(|step| schedule.at(step)), [0.5, 0.75, 1.0, 0.75, 0.5, 1.0]);
/// let schedule = Cyclic { mode: CyclicMode::Triangular2, ..schedule };
/// assert_eq!([0, 2, 4, 6, 8, 10].map(|step| schedule.at(step)), [0.5, 1.0, 0.5, 0.75, 0.5, 0.625]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cyclic {
    /// Factor at the start of a cycle.
    pub low: f64,
    /// Factor at the peak of the first cycle.
    pub high: f64,
    /// Steps from `low` to the peak.
    pub up: u64,
    /// Steps from the peak back to `low`.
    pub down: u64,
    /// How the peaks shrink.
    pub mode: CyclicMode,
}

/// The amplitude of a [`Cyclic`] schedule.
///
/// ```
/// use downhill::schedule::{Cyclic, CyclicMode, Schedule, cyclic};
/// let peaks = |mode| [1, 3, 5].map(|step| Cyclic { mode, ..cyclic(0.0, 1.0, 1) }.at(step));
/// assert_eq!(peaks(CyclicMode::Triangular), [1.0, 1.0, 1.0]);
/// assert_eq!(peaks(CyclicMode::Triangular2), [1.0, 0.5, 0.25]);
/// assert_eq!(peaks(CyclicMode::ExpRange { gamma: 0.5 }), [0.5, 0.125, 0.03125]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CyclicMode {
    /// Every peak is as high as the first: a = 1.
    #[default]
    Triangular,
    /// The amplitude halves from cycle to cycle: a = 1 / 2<sup>cycle</sup>, with cycles counted from 0.
    Triangular2,
    /// The amplitude shrinks from step to step: a = gamma<sup>step</sup>.
    ExpRange {
        /// Factor from one step to the next, in (0, 1].
        gamma: f64,
    },
}

/// Up from `low` to `high` in `up` steps, down again in as many, and so on. See [`Cyclic`].
///
/// ```
/// use downhill::schedule::{Schedule, cyclic};
/// assert_eq!([0, 1, 2, 3, 4].map(|step| cyclic(0.0, 1.0, 2).at(step)), [0.0, 0.5, 1.0, 0.5, 0.0]);
/// ```
pub fn cyclic(low: f64, high: f64, up: u64) -> Cyclic {
    Cyclic { low, high, up, down: up, mode: CyclicMode::Triangular }
}

impl Cyclic {
    /// The companion for momentum (or beta1): at `high` where the rate is lowest, towards `low` where it is highest.
    ///
    /// Both are factors on the configured momentum. With `momentum` = 0.9, PyTorch's defaults are `low` = 0.8 / 0.9 and
    /// `high` = 1.
    ///
    /// ```
    /// use downhill::schedule::{Schedule, cyclic};
    ///
    /// let momentum = cyclic(0.1, 1.0, 2).momentum(0.5, 1.0);
    /// assert_eq!([0, 1, 2, 3, 4].map(|step| momentum.at(step)), [1.0, 0.75, 0.5, 0.75, 1.0]);
    /// ```
    pub fn momentum(&self, low: f64, high: f64) -> Self {
        Self { low: high, high: low, ..*self }
    }
}

impl Schedule for Cyclic {
    fn at(&self, step: u64) -> f64 {
        let length = self.up.saturating_add(self.down);
        let cycle = step.checked_div(length).unwrap_or(0);
        let since = step.checked_rem(length).unwrap_or(0);
        let height = if since <= self.up {
            progress(since, self.up)
        } else {
            1.0 - progress(since - self.up, self.down)
        };
        let amplitude = match self.mode {
            CyclicMode::Triangular => 1.0,
            CyclicMode::Triangular2 => power(0.5, cycle as f64),
            CyclicMode::ExpRange { gamma } => power(gamma, step as f64),
        };
        mix(self.high, self.low, height * amplitude)
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("cyclic.low", self.low)?;
        require::non_negative("cyclic.high", self.high)?;
        some_steps("cyclic.up", self.up)?;
        some_steps("cyclic.down", self.down)?;
        match self.mode {
            CyclicMode::ExpRange { gamma } => require::that(
                gamma > 0.0 && gamma <= 1.0,
                "cyclic.mode.gamma",
                gamma,
                "a number above 0, at most 1",
            ),
            CyclicMode::Triangular | CyclicMode::Triangular2 => Ok(()),
        }
    }
}
