//! Normally distributed values.

use super::{Init, Start};
use crate::error::{Error, require};

/// Values of the normal distribution: w ~ N(mean, std²).
///
/// The default is N(0, 1). See [`TruncatedNormal`](super::TruncatedNormal) for one without far outliers.
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::Normal};
/// let layer = Dense::new(50).weight_init(Normal { mean: 0.5, std: 0.02 });
/// let model: Model<f64> = Model::build(layer, &[40.into()], 7)?;
/// let weight = model.get("weight")?;
/// assert!((weight.mean().unwrap_or(0.0) - 0.5).abs() < 0.002);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// The mean; 0 by default.
    pub mean: f64,
    /// The standard deviation, 0 or more; 1 by default.
    pub std: f64,
}

impl Default for Normal {
    fn default() -> Self {
        Self { mean: 0.0, std: 1.0 }
    }
}

impl Init for Normal {
    fn fill(&self, tensor: Start<'_>) {
        for (i, value) in tensor.values.iter_mut().enumerate() {
            *value = self.mean + self.std * tensor.noise.normal(i as u64);
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("Normal::mean", self.mean)?;
        require::non_negative("Normal::std", self.std)
    }
}
