//! The fully connected layer.

use std::sync::Arc;

use super::affine::Affine;
use super::{Backward, Forward, Layer, Plan};
use crate::error::{Error, require};
use crate::kernel::parallel::Parallel;
use crate::params::init::Init;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A fully connected layer: y = x·Wᵀ + b.
///
/// Takes samples of shape `[…, inputs]` and gives `[…, units]`: the same product at each place before the last axis.
///
/// | setting | default | range |
/// |---|---|---|
/// | `units` | – | ≥ 1 |
/// | bias | on; [`without_bias`](Self::without_bias) | |
/// | [`weight_init`](Self::weight_init), [`bias_init`](Self::bias_init) | as in the next table | any [rule](crate::params::init) |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[units, inputs]` | weight | what the following activation prefers (He for ReLU …), else Glorot uniform |
/// | `bias` | `[units]` | bias | zero |
///
/// As PyTorch's `Linear`, but for the start: there weight and bias start by [`FanInUniform`](crate::params::init::FanInUniform), which can be set here too.
///
/// # Errors
/// Building the model fails if the sample has no axis, or if `units` is 0.
///
/// ```
/// use downhill::{Model, layer::Dense};
/// let model: Model<f64> = Model::build(Dense::new(3), &[5.into()], 7)?;
/// let y = model.predict(&ndarray::Array2::zeros((4, 5)))?;
/// assert_eq!(y.shape(), [4, 3]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dense {
    units: usize,
    bias: bool,
    weight_init: Option<Arc<dyn Init>>,
    bias_init: Option<Arc<dyn Init>>,
}

impl Dense {
    /// A layer of `units` outputs, with bias.
    pub fn new(units: usize) -> Self {
        Self { units, bias: true, weight_init: None, bias_init: None }
    }

    /// The same without bias: y = x·Wᵀ.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    /// The same with weights that start by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self { weight_init: Some(Arc::new(init)), ..self }
    }

    /// The same with a bias that starts by this rule.
    #[must_use]
    pub fn bias_init(self, init: impl Init + 'static) -> Self {
        Self { bias_init: Some(Arc::new(init)), ..self }
    }

    fn product(&self, input: &Shape, parallel: Parallel) -> Affine {
        Affine { units: self.units, features: input.last().copied().unwrap_or(1), parallel }
    }
}

impl<F: Scalar> Layer<F> for Dense {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::at_least_one("Dense::units", self.units)?;
        let input = plan.input()?;
        let Some((&features, places)) = input.split_last() else {
            return Err(plan.refuse("at least one axis", &input, "add a Reshape to [1] before it"));
        };
        plan.weight("weight", [self.units, features], self.weight_init.clone())?;
        plan.multiplies_by(self.units);
        if self.bias {
            plan.bias("bias", self.units, self.bias_init.clone())?;
        }
        plan.leaves_outputs();
        plan.output([places, &[self.units]].concat())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let product = self.product(x.shape(), pass.parallel);
        let y = pass.outputs.one().into_values();
        let weight = pass.params.factor(0, 0..product.size());
        product.forward(weight, pass.params.get(1), x.values(), y);
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let (x, dy) = (pass.inputs.one(), pass.output_gradients.one().values());
        let product = self.product(x.shape(), pass.parallel);
        let (gradients, weight) = (&mut pass.gradients, &pass.params[0]);
        let dx = pass.input_gradients.one();
        product.side_by_side(
            dy,
            || {
                product.weight(x.values(), dy, gradients.begin(0));
                if self.bias {
                    product.bias(dy, gradients.get(1));
                }
            },
            || {
                if let Some(mut dx) = dx {
                    product.input(weight, dy, F::zero(), dx.values());
                }
            },
        );
    }
}
