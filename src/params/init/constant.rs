//! The same value everywhere.

use super::{Init, Start};
use crate::error::{Error, require};

/// Every value is the same: `Constant(0.0)` for zeros, `Constant(1.0)` for ones.
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::Constant};
/// let layer = Dense::new(1).weight_init(Constant(1.0)).bias_init(Constant(0.3));
/// let model: Model<f64> = Model::build(layer, &[2.into()], 7)?;
/// assert_eq!(model.values(), [1.0, 1.0, 0.3]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Constant(
    /// The value; 0 by default.
    pub f64,
);

impl Init for Constant {
    fn fill(&self, tensor: Start<'_>) {
        tensor.values.fill(self.0);
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("Constant", self.0)
    }
}
