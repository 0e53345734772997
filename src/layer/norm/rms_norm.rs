//! Normalisation of the size alone.

use super::layer_norm::{last_size, plan_last};
use super::rows::Rows;
use super::weights;
use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The last axes of each sample brought to a mean square of 1: y = x / √(mean(x²) + ε) · weight.
///
/// Takes samples with at least as many axes as are normalized and gives the same shape. As [`LayerNorm`](super::LayerNorm) without taking the mean away and without
/// bias. The same in training and in evaluation.
///
/// | field | default | range |
/// |---|---|---|
/// | `axes` (how many of the last axes) | 1 | ≥ 1 |
/// | `epsilon` (ε) | `None`: the machine epsilon of the number type, as in PyTorch | > 0 |
/// | `affine` | true | without it there is no weight |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | the last axes | norm | 1 |
///
/// All as PyTorch's. Memory: one more tensor of the input's shape is kept for the gradient.
///
/// (Zhang, Sennrich: *Root mean square layer normalization*, NeurIPS 2019.)
///
/// # Errors
/// Building the model fails if the sample has fewer axes, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::RmsNorm};
/// let model: Model<f64> = Model::build(RmsNorm::default(), &[2.into()], 7)?;
/// let y = model.predict(&ndarray::array![[7.0, 1.0]])?; // mean square 25
/// assert!((y[[0, 0]] - 1.4).abs() < 1e-12 && (y[[0, 1]] - 0.2).abs() < 1e-12);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsNorm {
    /// How many of the last axes are normalized together, at least 1; 1 by default.
    pub axes: usize,
    /// What is added to the mean square, above 0; the machine epsilon of the number type by default.
    pub epsilon: Option<f64>,
    /// Whether there is a weight; true by default.
    pub affine: bool,
}

impl Default for RmsNorm {
    fn default() -> Self {
        Self { axes: 1, epsilon: None, affine: true }
    }
}

impl RmsNorm {
    fn rows<F: Scalar>(&self, input: &Shape) -> Rows {
        let size = last_size(input, self.axes);
        let epsilon = self.epsilon.unwrap_or_else(|| F::epsilon().as_f64());
        Rows { size, plane: 1, centred: false, epsilon }
    }
}

impl<F: Scalar> Layer<F> for RmsNorm {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        if let Some(epsilon) = self.epsilon {
            require::positive("RmsNorm::epsilon", epsilon)?;
        }
        let shape = plan_last(plan, "RmsNorm", self.axes)?;
        weights::plan(plan, &shape, self.affine, false)?;
        self.rows::<F>(&plan.input()?).plan(plan)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        self.rows::<F>(pass.inputs.one().shape()).forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        self.rows::<F>(pass.inputs.one().shape()).backward(pass);
    }
}
