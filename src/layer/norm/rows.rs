//! Normalisation of each sample by itself, over groups of neighbouring numbers.

use super::moments::scale;
use super::weights;
use crate::error::Error;
use crate::kernel::sum::sum;
use crate::kernel::wide::{Loop, wide};
use crate::layer::images::{self, Buffers};
use crate::layer::{Backward, Forward, Plan};
use crate::scalar::Scalar;

#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    /// Numbers of a group.
    pub size: usize,
    /// Neighbours that share a weight.
    pub plane: usize,
    /// Whether the mean is taken away; if not, it stands as 0 in the variance too.
    pub centred: bool,
    pub epsilon: f64,
}

impl Rows {
    pub fn plan<F: Scalar>(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let groups = plan.input()?.size() / self.size;
        weights::plan_memory(plan, groups)
    }

    pub fn forward<F: Scalar>(&self, mut pass: Forward<'_, F>) {
        let (x, params) = (pass.inputs.one(), pass.params);
        let (mut kept, mut y) = (pass.saved.one(), pass.outputs.one());
        let out = [Buffers::of(&mut kept), Buffers::of(&mut y)];
        let images = 0..pass.batch;
        images::each_of(pass.parallel, images, out, Buffers::none(), &|image, [kept, y], _| {
            let x = x.row(image);
            let (standard, scales) = kept.split_at_mut(x.len());
            wide::<Standardize, _>((self, x, &mut *standard, scales));
            weights::output(y, standard, self.plane, params);
        });
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
        let kept = pass.saved.one();
        let (dy, kept, params) = (pass.output_gradients.one(), kept.view(), pass.params);
        let (gradients, dx, parallel) =
            (&mut pass.gradients, pass.input_gradients.one(), pass.parallel);
        images::worth(parallel, pass.batch * dy.size()).join(
            || weights::backward(gradients, dy, kept, self.plane),
            || {
                let Some(mut dx) = dx else { return };
                let size = dx.size();
                images::each(parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
                    weights::weigh(dx, dy.row(image), self.plane, params);
                    let (standard, scales) = kept.row(image).split_at(size);
                    wide::<Back, _>((self, standard, scales, dx));
                });
            },
        );
    }
}

/// Writes the standardized numbers of each group, and what they were multiplied by.
struct Standardize;

impl<'a, F: Scalar> Loop<(&'a Rows, &'a [F], &'a mut [F], &'a mut [F])> for Standardize {
    #[inline(always)]
    fn run((rows, x, standard, scales): (&'a Rows, &'a [F], &'a mut [F], &'a mut [F])) {
        let share = 1.0 / rows.size as f64;
        let groups = standard.chunks_exact_mut(rows.size).zip(x.chunks_exact(rows.size));
        for ((standard, x), kept_scale) in groups.zip(scales) {
            let mean = if rows.centred { sum(x, x, |x, _| x.as_f64()) * share } else { 0.0 };
            // Squares of distances do not cancel as differences of squares do.
            let squares = sum(x, x, |x, _| (x.as_f64() - mean) * (x.as_f64() - mean));
            let (mean, scale) = (F::of(mean), F::of(scale(squares * share, rows.epsilon)));
            for (standard, &x) in standard.iter_mut().zip(x) {
                *standard = (x - mean) * scale;
            }
            *kept_scale = scale;
        }
    }
}

/// Turns the gradient for the standardized numbers of each group into that for the numbers.
struct Back;

impl<'a, F: Scalar> Loop<(&'a Rows, &'a [F], &'a [F], &'a mut [F])> for Back {
    #[inline(always)]
    fn run((rows, standard, scales, dx): (&'a Rows, &'a [F], &'a [F], &'a mut [F])) {
        let share = 1.0 / rows.size as f64;
        let groups = dx.chunks_exact_mut(rows.size).zip(standard.chunks_exact(rows.size));
        for ((dx, standard), &scale) in groups.zip(scales) {
            let mean = if rows.centred { sum(dx, dx, |g, _| g.as_f64()) * share } else { 0.0 };
            let slope = sum(dx, standard, |g, standard| g.as_f64() * standard.as_f64()) * share;
            let (mean, slope) = (F::of(mean), F::of(slope));
            for (dx, &standard) in dx.iter_mut().zip(standard) {
                *dx = scale * (*dx - mean - standard * slope);
            }
        }
    }
}
