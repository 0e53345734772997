//! Values whose spread depends on how many numbers meet in a unit.

use super::{Init, Normal, Start, TruncatedNormal, Uniform};
use crate::error::{Error, require};

/// Values of mean 0 and standard deviation **gain / √fan**: the rule behind [`Glorot`](super::Glorot), [`He`](super::He),
/// [`LeCun`](super::LeCun) and [`FanInUniform`](super::FanInUniform).
///
/// | distribution | values |
/// |---|---|
/// | [`Distribution::Uniform`] | U(−b, b) with b = gain·√(3 / fan) |
/// | [`Distribution::Normal`] | N(0, gain² / fan) |
/// | [`Distribution::TruncatedNormal`] | a normal cut at two of its standard deviations, and widened so that the spread is still gain / √fan |
///
/// ```
/// use downhill::params::init::{Distribution, Fan, Glorot, VarianceScaling};
/// let rule = VarianceScaling { gain: 2.0, fan: Fan::Average, distribution: Distribution::Uniform };
/// assert_eq!(rule, Glorot::uniform().gain(2.0));
/// assert_eq!(rule.std(6, 10), 2.0 / 8.0_f64.sqrt());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceScaling {
    /// The factor that makes up for what the activation takes away, such as √2 for a rectifier; see
    /// [`Nonlinearity::gain`](super::Nonlinearity::gain).
    pub gain: f64,
    /// Which count of numbers the spread is divided by.
    pub fan: Fan,
    /// How the values are spread.
    pub distribution: Distribution,
}

/// Which count of numbers a [`VarianceScaling`] divides by.
///
/// ```
/// use downhill::params::init::{Distribution, Fan, VarianceScaling};
/// let std = |fan| VarianceScaling { gain: 1.0, fan, distribution: Distribution::Normal }.std(4, 16);
/// assert_eq!([Fan::In, Fan::Out, Fan::Average].map(std), [0.5, 0.25, 1.0 / 10.0_f64.sqrt()]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The inputs of an output: keeps the spread of activations in the forward pass.
    In,
    /// The outputs of an input: keeps the spread of gradients in the backward pass.
    Out,
    /// The mean of both.
    Average,
}

/// How the values of a [`VarianceScaling`] are spread; the variance is the same for all.
///
/// ```
/// use downhill::params::init::{Distribution, Fan, Init, Start, VarianceScaling};
/// use downhill::random::Noise;
/// let mut values = [0.0; 1000];
/// for distribution in [Distribution::Uniform, Distribution::Normal, Distribution::TruncatedNormal] {
///     let rule = VarianceScaling { gain: 1.0, fan: Fan::In, distribution };
///     rule.fill(Start::new(&1000.into(), (4, 1), Noise::new(7), &mut values));
///     let variance = values.iter().map(|value| value * value).sum::<f64>() / 1000.0;
///     assert!((variance - 0.25).abs() < 0.05);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Evenly.
    Uniform,
    /// Normally.
    Normal,
    /// Normally, and cut at two standard deviations of the uncut distribution.
    TruncatedNormal,
}

/// The standard deviation of a standard normal number given that it lies in [−2, 2].
const CUT_STD: f64 = 0.879_625_661_034_239_8;

impl VarianceScaling {
    /// The same rule with this gain.
    #[must_use]
    pub fn gain(self, gain: f64) -> Self {
        Self { gain, ..self }
    }

    /// The same rule with the gain of a leaky rectifier of this slope below zero, √(2 / (1 + slope²)).
    #[must_use]
    pub fn negative_slope(self, slope: f64) -> Self {
        self.gain(super::Nonlinearity::LeakyRelu(slope).gain())
    }

    /// The same rule divided by fan-out.
    #[must_use]
    pub fn fan_out(self) -> Self {
        Self { fan: Fan::Out, ..self }
    }

    /// The same spread from a normal distribution that is cut at two of its standard deviations.
    #[must_use]
    pub fn truncated(self) -> Self {
        Self { distribution: Distribution::TruncatedNormal, ..self }
    }

    /// The standard deviation for these fans.
    pub fn std(&self, fan_in: usize, fan_out: usize) -> f64 {
        let fan = match self.fan {
            Fan::In => fan_in as f64,
            Fan::Out => fan_out as f64,
            Fan::Average => (fan_in as f64 + fan_out as f64) / 2.0,
        };
        self.gain / fan.max(1.0).sqrt()
    }
}

impl Init for VarianceScaling {
    fn fill(&self, tensor: Start<'_>) {
        let std = self.std(tensor.fan_in, tensor.fan_out);
        if std == 0.0 {
            // A gain of 0 makes bounds that coincide.
            return tensor.values.fill(0.0);
        }
        match self.distribution {
            Distribution::Uniform => {
                let high = 3.0_f64.sqrt() * std;
                Uniform { low: -high, high }.fill(tensor);
            }
            Distribution::Normal => Normal { mean: 0.0, std }.fill(tensor),
            Distribution::TruncatedNormal => {
                let std = std / CUT_STD;
                let high = 2.0 * std;
                TruncatedNormal { mean: 0.0, std, low: -high, high }.fill(tensor);
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("VarianceScaling::gain", self.gain)
    }
}
