//! The largest number of each rectangle of images.

use super::{maximum, settings::Settings};
use crate::error::Error;
use crate::layer::window::Size2d;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// The largest number under each window: y\[c, i, j\] = max x\[c, i·stride + k·dilation − padding, j·stride + l·dilation − padding\] over the rows k and columns l of the kernel.
///
/// Padding never wins. Among equal numbers the first one, row by row, gets the gradient. A NaN wins over every number, so that it is not hidden.
///
/// Takes samples of shape `[channels, height, width]` and gives the same channels with height = ⌊(height + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, and the width likewise; with
/// [`ceil_mode`](Self::ceil_mode) it is rounded up, but no window begins after the input.
///
/// | setting | default | range |
/// |---|---|---|
/// | `kernel` | – | ≥ 1; one number, or `[height, width]` as for all below |
/// | [`stride`](Self::stride) | `kernel` | ≥ 1 |
/// | [`padding`](Self::padding) | 0 | at most half of what the window reaches over |
/// | [`dilation`](Self::dilation) | 1 | ≥ 1 |
/// | [`ceil_mode`](Self::ceil_mode) | off | – |
///
/// No parameters. All as PyTorch's `MaxPool2d`.
///
/// # Errors
/// Building the model fails if the sample has not three axes, if the window is larger than the padded image, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::MaxPool2d};
/// let model: Model<f64> = Model::build(MaxPool2d::new(2), &[[1, 2, 3].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[[1.0, 5.0, 2.0], [3.0, 4.0, 9.0]]]])?;
/// assert_eq!(y, ndarray::array![[[[5.0]]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2d(Settings);

impl MaxPool2d {
    /// Windows of this size that do not overlap.
    pub fn new(kernel: impl Into<Size2d>) -> Self {
        Self(Settings::new("MaxPool2d", kernel.into()))
    }

    /// The same with windows so far apart.
    #[must_use]
    pub fn stride(self, stride: impl Into<Size2d>) -> Self {
        Self(Settings { stride: Some(stride.into()), ..self.0 })
    }

    /// The same with so much padding on each side.
    #[must_use]
    pub fn padding(self, padding: impl Into<Size2d>) -> Self {
        Self(Settings { padding: padding.into(), ..self.0 })
    }

    /// The same with windows that look at every so-manyth number.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<Size2d>) -> Self {
        Self(Settings { dilation: dilation.into(), ..self.0 })
    }

    /// The same with a last window that may reach over the end, so that no number is left out.
    #[must_use]
    pub fn ceil_mode(self) -> Self {
        Self(Settings { ceil: true, ..self.0 })
    }
}

impl<F: Scalar> Layer<F> for MaxPool2d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let (window, output) = self.0.plan_window(plan, 3)?;
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
