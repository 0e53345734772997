//! The same numbers in another shape.

use super::{Backward, Forward, Layer, Plan};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The same numbers in another shape of the sample, in the same order (last axis fastest).
///
/// The sizes must agree. One axis can be [`Reshape::REST`]: whatever is left for it. No parameters.
///
/// ```
/// use downhill::{Model, layer::Reshape};
/// let image = Reshape::to([1, 8, Reshape::REST]);
/// let model: Model<f32> = Model::build(image, &[64.into()], 7)?;
/// assert_eq!(model.output_shapes(), [[1, 8, 8].into()]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshape {
    shape: Shape,
}

impl Reshape {
    /// Stands for an axis that is as long as it must be for the sizes to agree.
    pub const REST: usize = usize::MAX;

    /// To this shape of one sample, without the batch axis.
    pub fn to(shape: impl Into<Shape>) -> Self {
        Self { shape: shape.into() }
    }

    /// The shape for samples of `size` numbers, if there is one.
    fn resolve(&self, size: usize) -> Option<Shape> {
        let mut axes = self.shape.to_vec();
        if let Some(rest) = axes.iter().position(|&axis| axis == Self::REST) {
            axes[rest] = 1;
            axes[rest] = size.checked_div(Shape::from(&axes[..]).size())?;
        }
        Some(Shape::from(axes)).filter(|shape| shape.size() == size)
    }
}

impl<F: Scalar> Layer<F> for Reshape {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let input = plan.input()?;
        match self.resolve(input.size()) {
            Some(shape) => plan.output(shape),
            None => {
                let rest = self.shape.iter().filter(|&&axis| axis == Self::REST).count();
                let axes = self.shape.iter().filter(|&&axis| axis != Self::REST);
                let known = Shape::from(axes.copied().collect::<Vec<_>>());
                let expected = match rest {
                    0 => format!("{} numbers for {}", known.size(), self.shape),
                    1 => format!("a multiple of {} numbers for {known} and the rest", known.size()),
                    _ => "a Reshape with one axis REST at most".to_owned(),
                };
                let fix = format!("reshape to a shape of {} numbers", input.size());
                Err(plan.refuse(expected, &input, fix))
            }
        }
    }

    fn forward(&self, pass: Forward<'_, F>) {
        copy(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        copy_back(pass);
    }
}

/// The output is the input.
pub(super) fn copy<F: Scalar>(mut pass: Forward<'_, F>) {
    pass.outputs.one().values().copy_from_slice(pass.inputs.one().values());
}

/// The input's gradient is the output's.
pub(super) fn copy_back<F: Scalar>(mut pass: Backward<'_, F>) {
    if let Some(mut dx) = pass.input_gradients.one() {
        dx.values().copy_from_slice(pass.output_gradients.one().values());
    }
}
