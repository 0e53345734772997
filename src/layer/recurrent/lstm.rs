//! Long short-term memory.

use super::cell::{Cell, Step, StepBack, blocks, blocks_mut};
use super::recurrence::Recurrence;
use crate::layer::{Activation, Sigmoid, Tanh};
use crate::scalar::Scalar;

/// Long short-term memory: a state c that gates write to, keep and read.
///
/// With i, f, g and o the four blocks of W·xₜ + b + V·hₜ₋₁ + b′, in this order:
///
/// cₜ = σ(f)·cₜ₋₁ + σ(i)·tanh(g), hₜ = σ(o)·tanh(cₜ).
///
/// Inputs, outputs, settings and parameters are those of [`Recurrence`], with four blocks of weights and a second state. As PyTorch's `LSTM`.
///
/// (Hochreiter, Schmidhuber: *Long short-term memory*, 1997; the forget gate f: Gers, Schmidhuber, Cummins: *Learning to forget*, 2000.)
///
/// ```
/// use downhill::prelude::*;
/// // Sequences of 8 steps of 3 features to one of 5 classes.
/// let model: Model<f32> = Model::build(Chain::new().then(Lstm::new(16).last()).then(Dense::new(5)), &[[8, 3].into()], 7)?;
/// assert_eq!(model.output_shapes(), [5.into()]);
/// assert_eq!(model.get("0.lstm.weight_ih_l0")?.shape(), [4 * 16, 3]);
/// # Ok::<(), Error>(())
/// ```
pub type Lstm = Recurrence<Memory>;

/// The step of [`Lstm`].
///
/// ```
/// use downhill::layer::cell::{Cell, Memory, Step};
/// let (mut h, mut c) = ([0.0], [4.0]);
/// Memory.forward(Step { gates: &mut [0.0; 4], product: &[0.0; 4], kept: &mut [0.0; 2], h: &mut h, c: &mut c });
/// assert_eq!((c, h), ([2.0], [0.5 * 2.0_f64.tanh()])); // all gates half open
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory;

impl Cell for Memory {
    const TYPE: &'static str = "Lstm";
    const NAME: &'static str = "lstm";
    const GATES: usize = 4;
    const KEPT: usize = 2;
    const HAS_CELL: bool = true;

    #[inline(always)]
    fn forward<F: Scalar>(&self, step: Step<'_, F>) {
        let Step { gates, product, kept, h, c } = step;
        let size = h.len();
        for (block, (gates, product)) in
            gates.chunks_exact_mut(size.max(1)).zip(product.chunks_exact(size.max(1))).enumerate()
        {
            // A choice within the loop would compute both for each number.
            if block == 2 {
                for (gate, &product) in gates.iter_mut().zip(product) {
                    *gate = Tanh.value(*gate + product);
                }
            } else {
                for (gate, &product) in gates.iter_mut().zip(product) {
                    *gate = Sigmoid.value(*gate + product);
                }
            }
        }
        let [i, f, g, o] = blocks(gates, size);
        let (before, squashed) = kept.split_at_mut(size);
        let (squashed, c) = (&mut squashed[..size], &mut c[..size]);
        before.copy_from_slice(c);
        for j in 0..size {
            c[j] = f[j] * c[j] + i[j] * g[j];
            squashed[j] = Tanh.value(c[j]);
            h[j] = o[j] * squashed[j];
        }
    }

    #[inline(always)]
    fn backward<F: Scalar>(&self, step: StepBack<'_, F>) {
        let StepBack { gates, kept, dgates, dh, dc, .. } = step;
        let size = dh.len();
        let [i, f, g, o] = blocks(gates, size);
        let [before, squashed] = blocks(kept, size);
        let [di, df, dg, d_o] = blocks_mut(dgates, size);
        let dc = &mut dc[..size];
        for j in 0..size {
            let dcell = dc[j] + dh[j] * o[j] * Tanh.slope(squashed[j], squashed[j]);
            di[j] = dcell * g[j] * Sigmoid.slope(i[j], i[j]);
            df[j] = dcell * before[j] * Sigmoid.slope(f[j], f[j]);
            dg[j] = dcell * i[j] * Tanh.slope(g[j], g[j]);
            d_o[j] = dh[j] * squashed[j] * Sigmoid.slope(o[j], o[j]);
            dc[j] = dcell * f[j];
            dh[j] = F::zero();
        }
    }
}
