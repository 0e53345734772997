//! PyTorch's rule for the layers that multiply.

use super::{Init, LeCun, Start};

/// U(−1/√fan-in, 1/√fan-in): how PyTorch starts the weights **and biases** of its linear and convolution layers.
///
/// It makes weights smaller than [`LeCun`] does by √3. For a network that should start as one written for PyTorch:
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::FanInUniform};
/// let layer = Dense::new(30).weight_init(FanInUniform).bias_init(FanInUniform);
/// let model: Model<f64> = Model::build(layer, &[25.into()], 7)?;
/// assert!(model.values().iter().all(|value| value.abs() <= 0.2));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FanInUniform;

impl Init for FanInUniform {
    fn fill(&self, tensor: Start<'_>) {
        LeCun::uniform().gain(1.0 / 3.0_f64.sqrt()).fill(tensor);
    }
}
