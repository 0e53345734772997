//! What a recurrent layer computes in one step for one sample.

use std::fmt::Debug;

pub use super::gru::Gated;
pub use super::lstm::Memory;
pub use super::rnn::Plain;
use crate::scalar::Scalar;

/// The rule of one step. With it, [`Recurrence`](super::Recurrence) is a layer: stacks, directions, masks, products and their gradients are there already.
///
/// The numbers of a step come in blocks of as many numbers as the state has.
///
/// ```
/// use downhill::layer::{Recurrence, cell::{Cell, Step, StepBack}};
/// use downhill::{Model, Scalar};
///
/// /// h ← h/2 + W·x + b + V·h + b′
/// #[derive(Clone, Copy, Debug, Default)]
/// struct Fading;
///
/// impl Cell for Fading {
///     const TYPE: &'static str = "Fading";
///     const NAME: &'static str = "fading";
///     const GATES: usize = 1;
///
///     fn forward<F: Scalar>(&self, step: Step<'_, F>) {
///         for ((h, gate), product) in step.h.iter_mut().zip(step.gates).zip(step.product) {
///             *h = *h * F::of(0.5) + *gate + *product;
///         }
///     }
///
///     fn backward<F: Scalar>(&self, step: StepBack<'_, F>) {
///         for (dh, dgate) in step.dh.iter_mut().zip(step.dgates) {
///             *dgate = *dh;
///             *dh *= F::of(0.5);
///         }
///     }
/// }
///
/// let layer = Recurrence::<Fading>::new(1).without_bias();
/// let mut model: Model<f64> = Model::build(layer, &[[3, 1].into()], 7)?;
/// model.values_mut().copy_from_slice(&[1.0, 0.0]); // W and V
/// let y = model.predict(&ndarray::array![[[4.0], [0.0], [1.0]]])?;
/// assert_eq!(y, ndarray::array![[[4.0], [2.0], [2.0]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Cell: Copy + Debug + Send + Sync + 'static {
    /// The layer's type, for messages.
    const TYPE: &'static str;
    /// The layer's name in paths.
    const NAME: &'static str;
    /// Blocks of each of the two products, W·x + b and V·h + b′.
    const GATES: usize;
    /// Blocks that are kept for backward beside the gates.
    const KEPT: usize = 0;
    /// Whether there is a second state, c.
    const HAS_CELL: bool = false;
    /// Whether the gradients of the two products differ.
    const SPLITS: bool = false;

    /// Takes a step: the states become the next ones.
    fn forward<F: Scalar>(&self, step: Step<'_, F>);

    /// From the gradients of the states after the step to those of the products and, but for what comes through the product with the state, of
    /// the states before it.
    fn backward<F: Scalar>(&self, step: StepBack<'_, F>);
}

/// One step of one sample.
///
/// ```
/// use downhill::layer::cell::{Cell, Plain, Step};
/// let (mut gates, mut h) = ([0.25], [0.0]);
/// Plain::default().forward(Step { gates: &mut gates, product: &[0.5], kept: &mut [], h: &mut h, c: &mut [] });
/// assert_eq!(h, [0.75_f64.tanh()]);
/// ```
#[derive(Debug)]
pub struct Step<'a, F> {
    /// The product with the input; what is left here is what backward reads.
    pub gates: &'a mut [F],
    /// The product with the state.
    pub product: &'a [F],
    /// What else backward will read.
    pub kept: &'a mut [F],
    /// The state.
    pub h: &'a mut [F],
    /// The second state; empty if there is none.
    pub c: &'a mut [F],
}

/// One step of one sample, backwards.
///
/// ```
/// use downhill::layer::cell::{Cell, Plain, StepBack};
/// let (mut dgates, mut dh) = ([0.0], [2.0]);
/// Plain::default().backward(StepBack {
///     gates: &[0.5], kept: &[], before: &[0.0], dgates: &mut dgates, dproduct: &mut [], dh: &mut dh, dc: &mut [],
/// });
/// assert_eq!((dgates, dh), ([1.5], [0.0])); // tanh has the slope 1 − y²
/// ```
#[derive(Debug)]
pub struct StepBack<'a, F> {
    /// What forward left in `gates`.
    pub gates: &'a [F],
    /// What forward left in `kept`.
    pub kept: &'a [F],
    /// The state before the step.
    pub before: &'a [F],
    /// To write: the gradient of the product with the input, and of that with the state unless the two differ.
    pub dgates: &'a mut [F],
    /// To write: the gradient of the product with the state; empty unless the two differ.
    pub dproduct: &'a mut [F],
    /// The gradient of the state: after the step; to be replaced by that before the step.
    pub dh: &'a mut [F],
    /// The same of the second state.
    pub dc: &'a mut [F],
}

/// The blocks of a slice.
#[inline(always)]
pub(super) fn blocks<F, const N: usize>(values: &[F], size: usize) -> [&[F]; N] {
    // In this way the compiler sees that each has this size.
    std::array::from_fn(|block| &values[block * size..][..size])
}

/// The blocks of a slice, to write.
#[inline(always)]
pub(super) fn blocks_mut<F, const N: usize>(values: &mut [F], size: usize) -> [&mut [F]; N] {
    let mut rest = values;
    std::array::from_fn(|_| {
        let (block, more) = std::mem::take(&mut rest).split_at_mut(size);
        rest = more;
        block
    })
}
