//! The convolution of sequences.

use std::sync::Arc;

use super::settings::{Channels, Padding, Settings};
use crate::error::Error;
use crate::layer::window::Size2d;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// A convolution of sequences: y\[o, i\] = bias\[o\] + Σ weight\[o, c, k\] · x\[c, i·stride + k·dilation − padding\].
///
/// The sum is over the input channels c of the group that the output channel o belongs to, and over the kernel k. Outside the sequence x is 0.
///
/// Takes samples of shape `[channels, length]` and gives `[channels, length]` with the channels that are asked for and
/// length = ⌊(length + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.
///
/// | setting | default | range |
/// |---|---|---|
/// | `channels` (outputs) | – | ≥ 1, a multiple of `groups` |
/// | `kernel` | – | ≥ 1 |
/// | [`stride`](Self::stride) | 1 | ≥ 1 |
/// | [`padding`](Self::padding) | 0 | any; or [`same_padding`](Self::same_padding) |
/// | [`dilation`](Self::dilation) | 1 | ≥ 1 |
/// | [`groups`](Self::groups) | 1 | ≥ 1, divides the input channels |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[channels, input channels / groups, kernel]` | weight | what the following activation prefers (He for ReLU …), else Glorot uniform |
/// | `bias` | `[channels]` | bias | zero |
///
/// All as PyTorch's `Conv1d`, but for the start.
///
/// # Errors
/// Building the model fails if the sample has not two axes, if the kernel is longer than the padded sequence, if groups do not divide the channels,
/// or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::Conv1d, params::init::Constant};
/// let sums = Conv1d::new(1, 3).same_padding().weight_init(Constant(1.0));
/// let model: Model<f64> = Model::build(sums, &[[1, 4].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[1.0, 2.0, 3.0, 4.0]]])?;
/// assert_eq!(y, ndarray::array![[[3.0, 6.0, 9.0, 7.0]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Conv1d(Settings);

impl Conv1d {
    /// A convolution with so many output channels, with bias.
    pub fn new(channels: usize, kernel: usize) -> Self {
        Self(Settings::new("Conv1d", Channels::Count(channels), Size2d::row(kernel)))
    }

    /// A convolution of each channel by itself: `multiplier` output channels for each input channel, and as many groups as there are input channels.
    pub fn depthwise(multiplier: usize, kernel: usize) -> Self {
        Self(Settings::new("Conv1d", Channels::Depthwise(multiplier), Size2d::row(kernel)))
    }

    /// The same with a kernel that moves by so much.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        Self(Settings { stride: Size2d::row(stride), ..self.0 })
    }

    /// The same with so many zeros at both ends.
    #[must_use]
    pub fn padding(self, padding: usize) -> Self {
        let padding = Padding::Zeros(Size2d { height: 0, width: padding });
        Self(Settings { padding, ..self.0 })
    }

    /// The same with as many zeros as keep the length, for a stride of 1: (kernel − 1)·dilation in all. Of an odd number, the larger part is at the
    /// end.
    #[must_use]
    pub fn same_padding(self) -> Self {
        Self(Settings { padding: Padding::Same, ..self.0 })
    }

    /// The same with a kernel that looks at every so-manyth number.
    #[must_use]
    pub fn dilation(self, dilation: usize) -> Self {
        Self(Settings { dilation: Size2d::row(dilation), ..self.0 })
    }

    /// The same in so many groups: each part of the output channels sees its part of the input channels alone. A
    /// [`depthwise`](Self::depthwise) layer has its own groups.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self(Settings { groups, ..self.0 })
    }

    /// The same without bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self(Settings { bias: false, ..self.0 })
    }

    /// The same with weights that start by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self(Settings { weight_init: Some(Arc::new(init)), ..self.0 })
    }

    /// The same with a bias that starts by this rule.
    #[must_use]
    pub fn bias_init(self, init: impl Init + 'static) -> Self {
        Self(Settings { bias_init: Some(Arc::new(init)), ..self.0 })
    }
}

impl<F: Scalar> Layer<F> for Conv1d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        self.0.plan(plan, 2)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        self.0.forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        self.0.backward(pass);
    }
}
