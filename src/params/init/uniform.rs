//! Evenly spread values.

use super::{Init, Start};
use crate::error::{Error, require};

/// Values spread evenly between two bounds: w ~ U(low, high), with mean (low + high)/2 and standard deviation (high − low)/√12.
///
/// The default is U(0, 1). Rounding may make a value equal to `high`.
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::Uniform};
/// let layer = Dense::new(8).weight_init(Uniform { low: -0.3, high: 0.1 });
/// let model: Model<f64> = Model::build(layer, &[4.into()], 7)?;
/// assert!(model.get("weight")?.iter().all(|w| (-0.3..=0.1).contains(w)));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform {
    /// The least value; 0 by default.
    pub low: f64,
    /// The greatest value, above `low`; 1 by default.
    pub high: f64,
}

impl Default for Uniform {
    fn default() -> Self {
        Self { low: 0.0, high: 1.0 }
    }
}

impl Init for Uniform {
    fn fill(&self, tensor: Start<'_>) {
        for (i, value) in tensor.values.iter_mut().enumerate() {
            *value = self.low + (self.high - self.low) * tensor.noise.uniform(i as u64);
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("Uniform::low", self.low)?;
        require::finite("Uniform::high", self.high)?;
        require::that(self.low < self.high, "Uniform::high", self.high, "a number above low")?;
        require::finite("Uniform::high - low", self.high - self.low)
    }
}
