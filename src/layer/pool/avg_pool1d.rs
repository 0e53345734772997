//! The mean of each stretch of sequences.

use super::average;
use super::settings::Settings;
use crate::error::Error;
use crate::layer::window::Size2d;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// The mean under each window: y\[c, i\] = Σ x\[c, i·stride + k − padding\] / count over the kernel k.
///
/// The zeros of the padding count, unless [`without_padding`](Self::without_padding) says that only numbers of the input do.
///
/// Takes samples of shape `[channels, length]` and gives the same channels with length = ⌊(length + 2·padding − kernel) / stride⌋ + 1; with
/// [`ceil_mode`](Self::ceil_mode) it is rounded up, but no window begins after the input.
///
/// | setting | default | range |
/// |---|---|---|
/// | `kernel` | – | ≥ 1 |
/// | [`stride`](Self::stride) | `kernel` | ≥ 1 |
/// | [`padding`](Self::padding) | 0 | at most half of what the window reaches over |
/// | [`without_padding`](Self::without_padding) | padding counts | – |
/// | [`ceil_mode`](Self::ceil_mode) | off | – |
///
/// No parameters. All as PyTorch's `AvgPool1d`.
///
/// # Errors
/// Building the model fails if the sample has not two axes, if the window is larger than the padded sequence, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::AvgPool1d};
/// let model: Model<f64> = Model::build(AvgPool1d::new(2), &[[1, 4].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[1.0, 5.0, 2.0, 4.0]]])?;
/// assert_eq!(y, ndarray::array![[[3.0, 3.0]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool1d {
    settings: Settings,
    counts_padding: bool,
}

impl AvgPool1d {
    /// Windows of this size that do not overlap.
    pub fn new(kernel: usize) -> Self {
        Self { settings: Settings::new("AvgPool1d", Size2d::row(kernel)), counts_padding: true }
    }

    /// The same with windows so far apart.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        Self { settings: Settings { stride: Some(Size2d::row(stride)), ..self.settings }, ..self }
    }

    /// The same with so much padding at both ends.
    #[must_use]
    pub fn padding(self, padding: usize) -> Self {
        Self {
            settings: Settings { padding: Size2d { height: 0, width: padding }, ..self.settings },
            ..self
        }
    }

    /// The same where only numbers of the input count (PyTorch's `count_include_pad = False`).
    #[must_use]
    pub fn without_padding(self) -> Self {
        Self { counts_padding: false, ..self }
    }

    /// The same with a last window that may reach over the end, so that no number is left out.
    #[must_use]
    pub fn ceil_mode(self) -> Self {
        Self { settings: Settings { ceil: true, ..self.settings }, ..self }
    }
}

impl<F: Scalar> Layer<F> for AvgPool1d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        self.settings.plan(plan, 2)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        if let Some(window) = self.settings.window(pass.inputs.one().shape()) {
            average::forward(&window, self.counts_padding, pass);
        }
    }

    fn backward(&self, pass: Backward<'_, F>) {
        if let Some(window) = self.settings.window(pass.inputs.one().shape()) {
            average::backward(&window, self.counts_padding, pass);
        }
    }
}
