use crate::error::{Error, require};

use super::Schedule;

/// The same factor at every step: `factor`.
///
/// | field | meaning | range |
/// |---|---|---|
/// | `factor` | the factor | finite, 0 or more |
///
/// It never ends; give it a [length](Schedule::for_steps) to put another schedule behind it:
///
/// ```
/// use downhill::schedule::{Schedule, constant};
///
/// let schedule = constant(0.1).for_steps(3).then(constant(1.0));
/// assert_eq!([2, 3].map(|step| schedule.at(step)), [0.1, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    /// The factor.
    pub factor: f64,
}

/// The same factor at every step. See [`Constant`].
///
/// ```
/// use downhill::schedule::{Schedule, constant};
/// assert_eq!([0, 1_000_000].map(|step| constant(0.5).at(step)), [0.5, 0.5]);
/// ```
pub fn constant(factor: f64) -> Constant {
    Constant { factor }
}

impl Schedule for Constant {
    fn at(&self, _step: u64) -> f64 {
        self.factor
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("constant.factor", self.factor)
    }
}
