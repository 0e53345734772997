//! The largest number of each stretch of sequences.

use super::{maximum, settings::Settings};
use crate::error::Error;
use crate::layer::window::Size2d;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// The largest number under each window: y\[c, i\] = max x\[c, i·stride + k·dilation − padding\] over the kernel k.
///
/// Padding never wins. Among equal numbers the first one gets the gradient. A NaN wins over every number, so that it is not hidden.
///
/// Takes samples of shape `[channels, length]` and gives the same channels with length = ⌊(length + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1; with
/// [`ceil_mode`](Self::ceil_mode) it is rounded up, but no window begins after the input.
///
/// | setting | default | range |
/// |---|---|---|
/// | `kernel` | – | ≥ 1 |
/// | [`stride`](Self::stride) | `kernel` | ≥ 1 |
/// | [`padding`](Self::padding) | 0 | at most half of what the window reaches over |
/// | [`dilation`](Self::dilation) | 1 | ≥ 1 |
/// | [`ceil_mode`](Self::ceil_mode) | off | – |
///
/// No parameters. All as PyTorch's `MaxPool1d`.
///
/// # Errors
/// Building the model fails if the sample has not two axes, if the window is larger than the padded sequence, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::MaxPool1d};
/// let model: Model<f64> = Model::build(MaxPool1d::new(2), &[[1, 4].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[1.0, 5.0, 2.0, 2.0]]])?;
/// assert_eq!(y, ndarray::array![[[5.0, 2.0]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool1d(Settings);

impl MaxPool1d {
    /// Windows of this size that do not overlap.
    pub fn new(kernel: usize) -> Self {
        Self(Settings::new("MaxPool1d", Size2d::row(kernel)))
    }

    /// The same with windows so far apart.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        Self(Settings { stride: Some(Size2d::row(stride)), ..self.0 })
    }

    /// The same with so much padding at both ends.
    #[must_use]
    pub fn padding(self, padding: usize) -> Self {
        Self(Settings { padding: Size2d { height: 0, width: padding }, ..self.0 })
    }

    /// The same with windows that look at every so-manyth number.
    #[must_use]
    pub fn dilation(self, dilation: usize) -> Self {
        Self(Settings { dilation: Size2d::row(dilation), ..self.0 })
    }

    /// The same with a last window that may reach over the end, so that no number is left out.
    #[must_use]
    pub fn ceil_mode(self) -> Self {
        Self(Settings { ceil: true, ..self.0 })
    }
}

impl<F: Scalar> Layer<F> for MaxPool1d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let (window, output) = self.0.plan_window(plan, 2)?;
        maximum::plan(&window, output, plan)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        if let Some(window) = self.0.window(pass.inputs.one().shape()) {
            maximum::forward(&window, pass);
        }
    }

    fn backward(&self, pass: Backward<'_, F>) {
        if let Some(window) = self.0.window(pass.inputs.one().shape()) {
            maximum::backward(&window, pass);
        }
    }
}
