//! The convolution of images.

use std::sync::Arc;

use super::settings::{Channels, Padding, Settings};
use crate::error::Error;
use crate::layer::window::Size2d;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// A convolution of images: y\[o, i, j\] = bias\[o\] + Σ weight\[o, c, k, l\] · x\[c, i·stride + k·dilation − padding, j·stride + l·dilation − padding\].
///
/// The sum is over the input channels c of the group that the output channel o belongs to, and over the kernel's rows k and columns l. Outside the
/// image x is 0.
///
/// Takes samples of shape `[channels, height, width]` and gives `[channels, height, width]` with the channels that are asked for and
/// height = ⌊(height + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, and the width likewise.
///
/// | setting | default | range |
/// |---|---|---|
/// | `channels` (outputs) | – | ≥ 1, a multiple of `groups` |
/// | `kernel` | – | ≥ 1; one number, or `[height, width]` as for all below |
/// | [`stride`](Self::stride) | 1 | ≥ 1 |
/// | [`padding`](Self::padding) | 0 | any; or [`same_padding`](Self::same_padding) |
/// | [`dilation`](Self::dilation) | 1 | ≥ 1 |
/// | [`groups`](Self::groups) | 1 | ≥ 1, divides the input channels |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[channels, input channels / groups, height, width]` | weight | what the following activation prefers (He for ReLU …), else Glorot uniform |
/// | `bias` | `[channels]` | bias | zero |
///
/// All as PyTorch's `Conv2d`, but for the start.
///
/// # Errors
/// Building the model fails if the sample has not three axes, if the kernel is larger than the padded image, if groups do not divide the channels,
/// or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::Conv2d};
/// let model: Model<f32> = Model::build(Conv2d::new(8, 3).padding(1).stride(2), &[[3, 32, 32].into()], 7)?;
/// assert_eq!(model.output_shapes(), [[8, 16, 16].into()]);
/// assert_eq!(model.parameters()[0].shape(), &[8, 3, 3, 3].into());
///
/// let error = Model::<f32>::build(Conv2d::new(8, 5), &[[1, 3, 3].into()], 7).unwrap_err().to_string();
/// assert!(error.contains("at least 5×5 for kernel 5×5 with padding 0×0"), "{error}");
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Conv2d(Settings);

impl Conv2d {
    /// A convolution with so many output channels, with bias.
    pub fn new(channels: usize, kernel: impl Into<Size2d>) -> Self {
        Self(Settings::new("Conv2d", Channels::Count(channels), kernel.into()))
    }

    /// A convolution of each channel by itself: `multiplier` output channels for each input channel, and as many groups as there are input channels.
    pub fn depthwise(multiplier: usize, kernel: impl Into<Size2d>) -> Self {
        Self(Settings::new("Conv2d", Channels::Depthwise(multiplier), kernel.into()))
    }

    /// The same with kernels that move by so much.
    #[must_use]
    pub fn stride(self, stride: impl Into<Size2d>) -> Self {
        Self(Settings { stride: stride.into(), ..self.0 })
    }

    /// The same with so many zeros on each side.
    #[must_use]
    pub fn padding(self, padding: impl Into<Size2d>) -> Self {
        Self(Settings { padding: Padding::Zeros(padding.into()), ..self.0 })
    }

    /// The same with as many zeros as keep height and width, for a stride of 1: (kernel − 1)·dilation in all. Of an odd number, the larger part is
    /// at the bottom and the right.
    #[must_use]
    pub fn same_padding(self) -> Self {
        Self(Settings { padding: Padding::Same, ..self.0 })
    }

    /// The same with kernels that look at every so-manyth number.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<Size2d>) -> Self {
        Self(Settings { dilation: dilation.into(), ..self.0 })
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

impl<F: Scalar> Layer<F> for Conv2d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        self.0.plan(plan, 3)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        self.0.forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        self.0.backward(pass);
    }
}
