//! Normalisation over groups of channels.

use super::rows::Rows;
use super::weights;
use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Groups of channels of each sample brought to mean 0 and variance 1: y = (x − mean) / √(variance + ε) · weight + bias.
///
/// Takes samples of shape `[channels, …]` and gives the same shape. Neighbouring channels are a group, and mean and variance are those of all its numbers; the variance
/// divides by their count. Each channel has a weight and a bias. The same in training and in evaluation.
///
/// | field | default | range |
/// |---|---|---|
/// | `groups` | – | ≥ 1, divides the channels |
/// | `epsilon` (ε) | 1e-5 | > 0 |
/// | `affine` | true | without it there is neither weight nor bias |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[channels]` | norm | 1 |
/// | `bias` | `[channels]` | norm | 0 |
///
/// All as PyTorch's. A group of one number gives the bias. Memory: one more tensor of the input's shape is kept for the gradient.
///
/// (Wu, He: *Group normalization*, ECCV 2018.)
///
/// # Errors
/// Building the model fails if the groups do not divide the channels, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::GroupNorm};
/// let model: Model<f64> = Model::build(GroupNorm::new(2), &[4.into()], 7)?;
/// let y = model.predict(&ndarray::array![[1.0, 3.0, 10.0, 20.0]])?;
/// assert!((y[[0, 1]] - 1.0).abs() < 1e-5 && (y[[0, 2]] + 1.0).abs() < 1e-5);
///
/// let error = Model::<f64>::build(GroupNorm::new(3), &[4.into()], 7).unwrap_err().to_string();
/// assert!(error.contains("a multiple of 3 channels"), "{error}");
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNorm {
    /// How many groups, at least 1; divides the number of channels.
    pub groups: usize,
    /// What is added to the variance, above 0; 1e-5 by default.
    pub epsilon: f64,
    /// Whether there are a weight and a bias; true by default.
    pub affine: bool,
}

impl GroupNorm {
    /// A layer of so many groups, with weight and bias.
    pub fn new(groups: usize) -> Self {
        Self { groups, epsilon: 1e-5, affine: true }
    }

    fn rows(&self, input: &Shape) -> Rows {
        let of = |parts: usize| input.size().checked_div(parts).unwrap_or(1);
        let channels = input.first().copied().unwrap_or(1);
        Rows { size: of(self.groups), plane: of(channels), centred: true, epsilon: self.epsilon }
    }
}

impl<F: Scalar> Layer<F> for GroupNorm {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let Self { groups, epsilon, affine } = *self;
        require::at_least_one("GroupNorm::groups", groups)?;
        require::positive("GroupNorm::epsilon", epsilon)?;
        let input = plan.input()?;
        let Some(&channels) = input.first().filter(|channels| channels.is_multiple_of(groups))
        else {
            let expected = format!("a multiple of {groups} channels");
            return Err(plan.refuse(expected, &input, "choose groups that divide the channels"));
        };
        weights::plan(plan, &channels.into(), affine, true)?;
        self.rows(&input).plan(plan)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        self.rows(pass.inputs.one().shape()).forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        self.rows(pass.inputs.one().shape()).backward(pass);
    }
}
