//! What a recurrent layer computes in one step for one sample.

use std::fmt::Debug;

use crate::layer::images::part;
use crate::scalar::Scalar;

/// The rule of one step. Its numbers come in blocks of as many numbers as the state has.
pub trait Cell: Copy + Debug + Send + Sync + 'static {
    /// The layer's type, for messages.
    const TYPE: &'static str;
    /// The layer's name in paths.
    const NAME: &'static str;
    /// Blocks of the two products.
    const GATES: usize;
    /// Blocks that are kept for backward beside the gates.
    const KEPT: usize;
    /// Whether there is a second state, c.
    const HAS_CELL: bool;
    /// Whether the gradients of the two products differ.
    const SPLITS: bool;

    /// Takes a step: the states become the next ones. `gates` holds the product with the input, and is left as what backward reads.
    fn forward<F: Scalar>(&self, step: Step<'_, F>);

    /// From the gradients of the states after the step to those of the products and, but for what comes through the product with the state, of
    /// the states before it.
    fn backward<F: Scalar>(&self, step: StepBack<'_, F>);
}

/// One step of one sample.
pub struct Step<'a, F> {
    pub gates: &'a mut [F],
    /// The product with the state.
    pub product: &'a [F],
    pub kept: &'a mut [F],
    pub h: &'a mut [F],
    pub c: &'a mut [F],
}

/// One step of one sample, backwards.
pub struct StepBack<'a, F> {
    pub gates: &'a [F],
    pub kept: &'a [F],
    /// The state before the step.
    pub before: &'a [F],
    /// The gradient of the product with the input, and of that with the state unless the two differ.
    pub dgates: &'a mut [F],
    pub dproduct: &'a mut [F],
    pub dh: &'a mut [F],
    pub dc: &'a mut [F],
}

/// The blocks of a slice.
pub(super) fn blocks<F, const N: usize>(values: &[F], size: usize) -> [&[F]; N] {
    std::array::from_fn(|block| &values[part(block, size)])
}
