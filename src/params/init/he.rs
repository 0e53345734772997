//! He's rule.

use super::{Distribution, Fan, Nonlinearity, VarianceScaling};

/// He's (or Kaiming's) rule for rectifiers: standard deviation gain / √fan-in, gain √2 by default.
///
/// For a leaky rectifier use [`negative_slope`](VarianceScaling::negative_slope), for another activation
/// [`gain`](VarianceScaling::gain), and [`fan_out`](VarianceScaling::fan_out) to keep the size of gradients instead of activations. (He,
/// Zhang, Ren, Sun: *Delving deep into rectifiers*, ICCV 2015.)
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::He};
/// let layer = Dense::new(50).weight_init(He::uniform().negative_slope(0.2).fan_out());
/// let model: Model<f32> = Model::build(layer, &[40.into()], 7)?;
/// assert!((He::normal().std(50, 1) - 0.2).abs() < 1e-15);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum He {}

impl He {
    /// From a uniform distribution, U(−b, b) with b = gain·√(3 / fan-in).
    pub fn uniform() -> VarianceScaling {
        let gain = Nonlinearity::Relu.gain();
        VarianceScaling { gain, fan: Fan::In, distribution: Distribution::Uniform }
    }

    /// From a normal distribution.
    pub fn normal() -> VarianceScaling {
        VarianceScaling { distribution: Distribution::Normal, ..Self::uniform() }
    }
}
