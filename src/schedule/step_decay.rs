use crate::error::{Error, require};

use super::{Schedule, power, some_steps};

/// A drop every so many steps: gamma<sup>⌊step / every⌋</sup>.
///
/// | field | meaning | range |
/// |---|---|---|
/// | `every` | steps from one drop to the next | 1 or more |
/// | `gamma` | factor of each drop | finite, 0 or more |
///
/// ```
/// use downhill::schedule::{Schedule, step_decay};
///
/// let schedule = step_decay(10, 0.5);
/// assert_eq!([0, 9, 10, 20].map(|step| schedule.at(step)), [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    /// Steps from one drop to the next.
    pub every: u64,
    /// Factor of each drop.
    pub gamma: f64,
}

/// A drop by `gamma` every so many steps. See [`StepDecay`].
///
/// ```
/// use downhill::schedule::{Schedule, step_decay};
/// assert_eq!([0, 2, 3, 6].map(|step| step_decay(3, 0.5).at(step)), [1.0, 1.0, 0.5, 0.25]);
/// ```
pub fn step_decay(every: u64, gamma: f64) -> StepDecay {
    StepDecay { every, gamma }
}

impl Schedule for StepDecay {
    fn at(&self, step: u64) -> f64 {
        let drops = step.checked_div(self.every).unwrap_or(0);
        power(self.gamma, drops as f64)
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("step_decay.every", self.every)?;
        require::non_negative("step_decay.gamma", self.gamma)
    }
}
