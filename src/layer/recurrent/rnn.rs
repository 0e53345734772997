//! The plain recurrent layer.

use super::cell::{Cell, Step, StepBack};
use super::recurrence::Recurrence;
use crate::layer::{Activation, Relu, Tanh};
use crate::scalar::Scalar;

/// The plain recurrent layer: hₜ = tanh(W·xₜ + b + V·hₜ₋₁ + c), or with ReLU in place of tanh after [`relu`](Recurrence::relu).
///
/// Inputs, outputs, settings and parameters are those of [`Recurrence`], with one block of weights. (Elman: *Finding structure in time*, 1990.)
///
/// ```
/// use downhill::{Model, layer::Rnn};
/// let mut model: Model<f64> = Model::build(Rnn::new(1).without_bias().relu(), &[[3, 1].into()], 7)?;
/// model.values_mut().copy_from_slice(&[1.0, 0.5]); // weight_ih_l0, weight_hh_l0
/// let y = model.predict(&ndarray::array![[[1.0], [1.0], [1.0]]])?;
/// assert_eq!(y, ndarray::array![[[1.0], [1.5], [1.75]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
pub type Rnn = Recurrence<Plain>;

/// The step of [`Rnn`]: one block, through tanh or ReLU.
///
/// ```
/// use downhill::layer::cell::{Cell, Plain, Step};
/// let (mut gates, mut h) = ([1.0], [0.0]);
/// Plain { relu: true }.forward(Step { gates: &mut gates, product: &[-3.0], kept: &mut [], h: &mut h, c: &mut [] });
/// assert_eq!(h, [0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    /// Whether ReLU takes the place of tanh; false by default.
    pub relu: bool,
}

impl Recurrence<Plain> {
    /// The same with ReLU in place of tanh.
    #[must_use]
    pub fn relu(self) -> Self {
        self.with_cell(Plain { relu: true })
    }
}

impl Cell for Plain {
    const TYPE: &'static str = "Rnn";
    const NAME: &'static str = "rnn";
    const GATES: usize = 1;

    #[inline(always)]
    fn forward<F: Scalar>(&self, step: Step<'_, F>) {
        for ((gate, &product), h) in step.gates.iter_mut().zip(step.product).zip(step.h) {
            let x = *gate + product;
            *gate = if self.relu { Relu.value(x) } else { Tanh.value(x) };
            *h = *gate;
        }
    }

    #[inline(always)]
    fn backward<F: Scalar>(&self, step: StepBack<'_, F>) {
        for ((dgate, &y), dh) in step.dgates.iter_mut().zip(step.gates).zip(step.dh) {
            // Both slopes can be told from the value: it is positive where the argument is.
            let slope = if self.relu { Relu.slope(y, y) } else { Tanh.slope(y, y) };
            *dgate = *dh * slope;
            *dh = F::zero();
        }
    }
}
