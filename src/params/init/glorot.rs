//! Glorot's rule.

use super::{Distribution, Fan, VarianceScaling};

/// Glorot's (or Xavier's) rule: standard deviation gain·√(2 / (fan-in + fan-out)), gain 1 by default.
///
/// It keeps activations and gradients alike in size for activations that are near the identity around 0, such as tanh. (Glorot, Bengio:
/// *Understanding the difficulty of training deep feedforward neural networks*, AISTATS 2010.)
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::Glorot};
/// let layer = Dense::new(50).weight_init(Glorot::normal().gain(5.0 / 3.0));
/// let model: Model<f32> = Model::build(layer, &[40.into()], 7)?;
/// assert_eq!(Glorot::uniform().std(40, 50), 1.0 / 45.0_f64.sqrt());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glorot {}

impl Glorot {
    /// From a uniform distribution, U(−b, b) with b = gain·√(6 / (fan-in + fan-out)).
    pub fn uniform() -> VarianceScaling {
        VarianceScaling { gain: 1.0, fan: Fan::Average, distribution: Distribution::Uniform }
    }

    /// From a normal distribution.
    pub fn normal() -> VarianceScaling {
        VarianceScaling { distribution: Distribution::Normal, ..Self::uniform() }
    }
}
