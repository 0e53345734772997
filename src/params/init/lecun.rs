//! LeCun's rule.

use super::{Distribution, Fan, VarianceScaling};

/// LeCun's rule: standard deviation gain / √fan-in, gain 1 by default; made for SELU's self-normalising networks too.
///
/// The normal form is not cut. Keras and JAX cut theirs at two standard deviations: `LeCun::normal().truncated()`. (LeCun, Bottou, Orr,
/// Müller: *Efficient BackProp*, 1998.)
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::LeCun};
/// let model: Model<f32> = Model::build(Dense::new(50).weight_init(LeCun::normal()), &[40.into()], 7)?;
/// assert_eq!(LeCun::normal().std(25, 1), 0.2);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeCun {}

impl LeCun {
    /// From a uniform distribution, U(−b, b) with b = gain·√(3 / fan-in).
    pub fn uniform() -> VarianceScaling {
        VarianceScaling { gain: 1.0, fan: Fan::In, distribution: Distribution::Uniform }
    }

    /// From a normal distribution.
    pub fn normal() -> VarianceScaling {
        VarianceScaling { distribution: Distribution::Normal, ..Self::uniform() }
    }
}
