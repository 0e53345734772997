//! Settings for some of the parameters.

use crate::error::{Error, require};

/// Settings that differ from the trainer's for some of the parameters.
///
/// ```
/// use downhill::prelude::*;
/// let slow = Group { learning_rate_scale: 0.1, weight_decay: Some(0.0) };
/// let trainer: Trainer<f32> =
///     Trainer::builder(Dense::new(1), Mse, AdamW::default()).group("weight", slow).build(&[2])?;
/// assert!(!trainer.summary().to_string().contains("yes")); // nothing decays
/// assert_eq!(Group::default(), Group { learning_rate_scale: 1.0, weight_decay: None });
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// What the learning rate is multiplied by; finite, 0 or more.
    pub learning_rate_scale: f64,
    /// Decoupled weight decay instead of the optimizer's; `None` leaves it as it is (weights decay, all else does not).
    pub weight_decay: Option<f64>,
}

impl Default for Group {
    fn default() -> Self {
        Self { learning_rate_scale: 1.0, weight_decay: None }
    }
}

impl Group {
    pub(super) fn validate(&self) -> Result<(), Error> {
        require::non_negative("Group::learning_rate_scale", self.learning_rate_scale)?;
        self.weight_decay
            .map_or(Ok(()), |decay| require::non_negative("Group::weight_decay", decay))
    }
}
