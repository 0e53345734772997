//! Normalisation over the last axes.

use super::rows::Rows;
use super::weights;
use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The last axes of each sample brought to mean 0 and variance 1: y = (x − mean) / √(variance + ε) · weight + bias.
///
/// Takes samples with at least as many axes as are normalized, such as `[features]` and `[time, features]`, and gives the same shape. Mean and variance are those of
/// the numbers along the last axes alone; the variance divides by their count. The same in training and in evaluation.
///
/// | field | default | range |
/// |---|---|---|
/// | `axes` (how many of the last axes) | 1 | ≥ 1 |
/// | `epsilon` (ε) | 1e-5 | > 0 |
/// | `affine` | true | without it there is neither weight nor bias |
/// | `bias` | true | |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | the last axes | norm | 1 |
/// | `bias` | the last axes | norm | 0 |
///
/// All as PyTorch's, whose `normalized_shape` is here inferred from the input. One number along the axes gives the bias. Memory: one more tensor of the input's shape is
/// kept for the gradient.
///
/// (Ba, Kiros, Hinton: *Layer normalization*, 2016.)
///
/// # Errors
/// Building the model fails if the sample has fewer axes, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::LayerNorm};
/// let model: Model<f64> = Model::build(LayerNorm::default(), &[2.into()], 7)?;
/// let y = model.predict(&ndarray::array![[1.0, 3.0], [10.0, 20.0]])?;
/// assert!((y[[0, 0]] + 1.0).abs() < 1e-5 && (y[[1, 1]] - 1.0).abs() < 1e-5);
///
/// let layer = LayerNorm { axes: 2, bias: false, ..LayerNorm::default() };
/// let model: Model<f64> = Model::build(layer, &[[5, 2, 3].into()], 7)?;
/// assert_eq!(model.parameters()[0].shape(), &[2, 3].into());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm {
    /// How many of the last axes are normalized together, at least 1; 1 by default.
    pub axes: usize,
    /// What is added to the variance, above 0; 1e-5 by default.
    pub epsilon: f64,
    /// Whether there is a weight, and a bias if that is asked for; true by default.
    pub affine: bool,
    /// Whether there is a bias beside the weight; true by default.
    pub bias: bool,
}

impl Default for LayerNorm {
    fn default() -> Self {
        Self { axes: 1, epsilon: 1e-5, affine: true, bias: true }
    }
}

impl LayerNorm {
    fn rows(&self, input: &Shape) -> Rows {
        let size = last_size(input, self.axes);
        Rows { size, plane: 1, centred: true, epsilon: self.epsilon }
    }
}

impl<F: Scalar> Layer<F> for LayerNorm {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::positive("LayerNorm::epsilon", self.epsilon)?;
        let shape = plan_last(plan, "LayerNorm", self.axes)?;
        weights::plan(plan, &shape, self.affine, self.bias)?;
        self.rows(&plan.input()?).plan(plan)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        self.rows(pass.inputs.one().shape()).forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        self.rows(pass.inputs.one().shape()).backward(pass);
    }
}

/// How many numbers so many last axes have; a pass may ask, so no shape is made.
pub(super) fn last_size(input: &Shape, axes: usize) -> usize {
    last(input, axes).map_or(1, |axes| axes.iter().product())
}

/// So many last axes, if there are that many.
fn last(input: &Shape, axes: usize) -> Option<&[usize]> {
    input.get(input.len().checked_sub(axes)?..)
}

/// The shape of so many last axes, or the error that there are fewer.
pub(super) fn plan_last<F: Scalar>(
    plan: &Plan<'_, F>,
    name: &str,
    axes: usize,
) -> Result<Shape, Error> {
    require::at_least_one(&format!("{name}::axes"), axes)?;
    let input = plan.input()?;
    last(&input, axes).map(Shape::from).ok_or_else(|| {
        let fix = "normalize fewer axes, or add a Reshape before it";
        plan.refuse(format!("at least {axes} axes"), &input, fix)
    })
}
