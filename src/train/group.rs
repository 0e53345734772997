//! Settings for some of the parameters.

use crate::error::{Error, require};

/// Settings that differ from the trainer's for some of the parameters.
///
/// ```
/// use downhill::train::Group;
/// let slow = Group { rate_scale: 0.1, ..Group::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// What the learning rate is multiplied by; finite, 0 or more.
    pub rate_scale: f64,
    /// Decoupled weight decay instead of the optimizer's; `None` leaves it as it is (weights decay, all else does not).
    pub weight_decay: Option<f64>,
}

impl Default for Group {
    fn default() -> Self {
        Self { rate_scale: 1.0, weight_decay: None }
    }
}

impl Group {
    pub(super) fn validate(&self) -> Result<(), Error> {
        require::non_negative("Group::rate_scale", self.rate_scale)?;
        self.weight_decay
            .map_or(Ok(()), |decay| require::non_negative("Group::weight_decay", decay))
    }
}
