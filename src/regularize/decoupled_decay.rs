//! Weight decay as part of the update.

use crate::error::{Error, require};

/// Decoupled weight decay: before each update, w ← w · (1 − rate · decay), where rate is the learning rate of that step.
///
/// It is no [`Regularizer`](super::Regularizer): it changes the update, not the objective. The loss does not contain it, clipping does not see it, and an
/// adaptive optimizer does not divide it away; with plain gradient descent it equals [`L2`](super::L2) of the same strength. A trainer applies it to
/// weights only, unless another selection is given.
///
/// I. Loshchilov, F. Hutter: Decoupled weight decay regularization. ICLR 2019.
///
/// ```
/// use downhill::regularize::DecoupledDecay;
/// assert!(DecoupledDecay(0.01).validate().is_ok());
/// assert!(DecoupledDecay(-0.01).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecoupledDecay(
    /// The decay per unit of learning rate: a finite number, 0 or more. Values above 1 / rate would turn the weights around.
    pub f64,
);

impl DecoupledDecay {
    /// Checks the decay.
    ///
    /// # Errors
    /// [`Error::Argument`] for a negative, infinite or NaN decay.
    pub fn validate(&self) -> Result<(), Error> {
        require::non_negative("DecoupledDecay", self.0)
    }
}
