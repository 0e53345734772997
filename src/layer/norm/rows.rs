//! Normalisation of each sample by itself, over groups of neighbouring numbers.

use super::moments::{Moments, sum};
use super::weights;
use crate::error::Error;
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

    fn moments<F: Scalar>(&self, x: &[F]) -> Moments {
        if self.centred {
            return Moments::of(std::iter::once(x));
        }
        let squares = sum(x, x, |x, _| x * x);
        Moments { count: x.len(), mean: 0.0, variance: squares / x.len() as f64 }
    }

    pub fn forward<F: Scalar>(&self, mut pass: Forward<'_, F>) {
        let (x, params) = (pass.inputs.one(), pass.params);
        let (mut kept, mut y) = (pass.saved.one(), pass.outputs.one());
        let out = [Buffers::of(&mut kept), Buffers::of(&mut y)];
        let images = 0..pass.batch;
        images::each_of(pass.parallel, images, out, Buffers::none(), &|image, [kept, y], _| {
            let x = x.row(image);
            let (standard, scales) = kept.split_at_mut(x.len());
            let groups = standard.chunks_exact_mut(self.size).zip(x.chunks_exact(self.size));
            for ((standard, x), kept_scale) in groups.zip(scales) {
                let moments = self.moments(x);
                let (mean, scale) = (F::of(moments.mean), F::of(moments.scale(self.epsilon)));
                for (standard, &x) in standard.iter_mut().zip(x) {
                    *standard = (x - mean) * scale;
                }
                *kept_scale = scale;
            }
            weights::output(y, standard, self.plane, params);
        });
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
        weights::backward(&mut pass, self.plane);
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let (dy, params, size) = (pass.output_gradients.one(), pass.params, dx.size());
        let kept = pass.saved.one();
        let kept = kept.view();
        images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
            weights::weigh(dx, dy.row(image), self.plane, params);
            let (standard, scales) = kept.row(image).split_at(size);
            let groups = dx.chunks_exact_mut(self.size).zip(standard.chunks_exact(self.size));
            for ((dx, standard), &scale) in groups.zip(scales) {
                let share = 1.0 / self.size as f64;
                let mean = if self.centred { sum(dx, dx, |g, _| g) * share } else { 0.0 };
                let slope = F::of(sum(dx, standard, |g, standard| g * standard) * share);
                let mean = F::of(mean);
                for (dx, &standard) in dx.iter_mut().zip(standard) {
                    *dx = scale * (*dx - mean - standard * slope);
                }
            }
        });
    }
}
