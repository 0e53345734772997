//! The gated recurrent unit.

use super::cell::{Cell, Step, StepBack, blocks, blocks_mut};
use super::recurrence::Recurrence;
use crate::layer::{Activation, Sigmoid, Tanh};
use crate::scalar::Scalar;

/// The gated recurrent unit: a state that is kept or replaced number by number.
///
/// With r, z and n the three blocks of W·xₜ + b, in this order, and r′, z′ and n′ those of V·hₜ₋₁ + b′:
///
/// hₜ = (1 − u)·tanh(n + σ(r + r′)·n′) + u·hₜ₋₁ with u = σ(z + z′).
///
/// The reset gate acts after the product and its bias, as in PyTorch's `GRU`; in the paper, before it. Inputs, outputs, settings and parameters are those of
/// [`Recurrence`], with three blocks of weights. (Cho et al.: *Learning phrase representations using RNN encoder-decoder*, EMNLP 2014.)
///
/// ```
/// use downhill::{Model, layer::Gru};
/// let model: Model<f32> = Model::build(Gru::new(16).layers(2).bidirectional(), &[[8, 3].into()], 7)?;
/// assert_eq!(model.output_shapes(), [[8, 32].into()]);
/// assert_eq!(model.get("weight_ih_l1_reverse")?.shape(), [3 * 16, 32]);
/// # Ok::<(), downhill::Error>(())
/// ```
pub type Gru = Recurrence<Gated>;

/// The step of [`Gru`].
///
/// ```
/// use downhill::layer::cell::{Cell, Gated, Step};
/// let mut h = [4.0];
/// Gated.forward(Step { gates: &mut [0.0; 3], product: &[0.0; 3], kept: &mut [0.0], h: &mut h, c: &mut [] });
/// assert_eq!(h, [2.0]); // half is kept, half replaced by tanh(0)
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gated;

impl Cell for Gated {
    const TYPE: &'static str = "Gru";
    const NAME: &'static str = "gru";
    const GATES: usize = 3;
    const KEPT: usize = 1;
    const SPLITS: bool = true;

    #[inline(always)]
    fn forward<F: Scalar>(&self, step: Step<'_, F>) {
        let Step { gates, product, kept, h, .. } = step;
        let size = h.len();
        let (doors, n) = gates.split_at_mut(2 * size);
        for (door, &product) in doors.iter_mut().zip(product) {
            *door = Sigmoid.value(*door + product);
        }
        kept.copy_from_slice(&product[2 * size..]);
        let [r, u] = blocks(doors, size);
        let (n, kept) = (&mut n[..size], &kept[..size]);
        for j in 0..size {
            n[j] = Tanh.value(n[j] + r[j] * kept[j]);
            h[j] = (F::one() - u[j]) * n[j] + u[j] * h[j];
        }
    }

    #[inline(always)]
    fn backward<F: Scalar>(&self, step: StepBack<'_, F>) {
        let StepBack { gates, kept, before, dgates, dproduct, dh, .. } = step;
        let size = dh.len();
        let [r, u, n] = blocks(gates, size);
        let (kept, before) = (&kept[..size], &before[..size]);
        let [dr, du, dn_all] = blocks_mut(dgates, size);
        let through = &mut dproduct[2 * size..3 * size];
        for j in 0..size {
            let dn = dh[j] * (F::one() - u[j]) * Tanh.slope(n[j], n[j]);
            dr[j] = dn * kept[j] * Sigmoid.slope(r[j], r[j]);
            du[j] = dh[j] * (before[j] - n[j]) * Sigmoid.slope(u[j], u[j]);
            dn_all[j] = dn;
            through[j] = dn * r[j];
            dh[j] *= u[j];
        }
        dproduct[..2 * size].copy_from_slice(&dgates[..2 * size]);
    }
}
