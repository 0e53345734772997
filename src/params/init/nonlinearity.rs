//! How much an activation shrinks what passes through it.

/// An activation, as far as the size of the weights before it is concerned.
///
/// | activation | gain |
/// |---|---|
/// | linear, sigmoid | 1 |
/// | tanh | 5/3 |
/// | ReLU | √2 |
/// | leaky ReLU of slope a | √(2 / (1 + a²)) |
/// | SELU | 3/4 |
///
/// These are PyTorch's `calculate_gain`, where the slope is 0.01 if none is given.
///
/// ```
/// use downhill::params::init::{Glorot, Nonlinearity};
/// let rule = Glorot::uniform().gain(Nonlinearity::Tanh.gain());
/// assert_eq!(rule.std(4, 4), 5.0 / 6.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Nonlinearity {
    /// No activation.
    Linear,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// max(0, x).
    Relu,
    /// x above 0, and x times this slope below.
    LeakyRelu(f64),
    /// The scaled exponential linear unit. Its paper uses gain 1 ([`LeCun::normal`](super::LeCun::normal)), which keeps the spread at 1
    /// exactly; 3/4 is PyTorch's choice for more stable gradients.
    Selu,
}

impl Nonlinearity {
    /// The factor on the weights before the activation that makes up for what it takes away.
    pub fn gain(self) -> f64 {
        match self {
            Self::Linear | Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => std::f64::consts::SQRT_2,
            Self::LeakyRelu(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
            Self::Selu => 0.75,
        }
    }
}
