//! Normalisation of each channel with statistics of all samples, or with fixed ones.

use super::moments::{Moments, sum};
use super::running::{self, Running};
use super::weights::{self, spread};
use crate::error::Error;
use crate::layer::images::{self, Buffers};
use crate::layer::{Backward, Forward, Mode, Plan};
use crate::scalar::Scalar;

#[derive(Clone, Copy, Debug)]
pub(super) struct Channels {
    pub count: usize,
    /// Numbers of a channel.
    pub plane: usize,
    pub epsilon: f64,
    /// What evaluation uses; without it, evaluation does as training does.
    pub running: Option<Running>,
}

impl Channels {
    pub fn plan<F: Scalar>(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        weights::plan_memory(plan, self.count)?;
        // Two numbers for each channel, of both passes.
        plan.scratch_once([2, self.count]);
        Ok(())
    }

    fn is_fixed(&self, mode: Mode) -> bool {
        mode == Mode::Evaluate && self.running.is_some()
    }

    pub fn forward<F: Scalar>(&self, mut pass: Forward<'_, F>) {
        if pass.batch == 0 {
            return;
        }
        let x = pass.inputs.one();
        let weight = self.running.and_then(|running| running.weight(&mut pass.states));
        let mut scratch = pass.scratch_once.one();
        let (means, scales) = scratch.values().split_at_mut(self.count);
        for (channel, (mean, scale)) in means.iter_mut().zip(scales.iter_mut()).enumerate() {
            let moments = if self.is_fixed(pass.mode) {
                running::moments(&pass.states, channel)
            } else {
                let planes = x.values().chunks_exact(self.plane);
                Moments::of(planes.skip(channel).step_by(self.count))
            };
            if let Some(weight) = weight {
                let variance = moments.unbiased();
                running::follow(&mut pass.states, channel, weight, moments.mean, variance);
            }
            *mean = F::of(moments.mean);
            *scale = F::of(moments.scale(self.epsilon));
        }

        let (means, scales) = (&*means, &*scales);
        let mut kept = pass.saved.one();
        let size = kept.size();
        images::each(pass.parallel, kept.values(), size, Buffers::none(), &|image, kept, _| {
            let (standard, kept_scales) = kept.split_at_mut(x.size());
            standard.copy_from_slice(x.row(image));
            spread(standard, self.plane, means, scales, |x, mean, scale| (x - mean) * scale);
            kept_scales.copy_from_slice(scales);
        });
        weights::forward(&mut pass, self.plane);
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
        let dy = pass.output_gradients.one();
        let kept = pass.saved.one();
        let kept = kept.view();
        let mut scratch = pass.scratch_once.one();
        let (means, slopes) = scratch.values().split_at_mut(self.count);
        let fixed = self.is_fixed(pass.mode);
        let share = 1.0 / (pass.batch * self.plane) as f64;
        for (channel, (mean, slope)) in means.iter_mut().zip(slopes.iter_mut()).enumerate() {
            let plane = channel * self.plane..(channel + 1) * self.plane;
            let (mut total, mut products) = (0.0, 0.0);
            for (dy, kept) in dy.rows().zip(kept.rows()) {
                let (dy, standard) = (&dy[plane.clone()], &kept[plane.clone()]);
                total += sum(dy, dy, |dy, _| dy);
                products += sum(dy, standard, |dy, standard| dy * standard);
            }
            for (parameter, sum) in [(0, products), (1, total)] {
                if let Some(gradient) = pass.gradients.get(parameter).get_mut(channel) {
                    *gradient += F::of(sum);
                }
            }
            // Zeros, not products with 0, which would carry NaN from one sample to the others.
            let means = if fixed { (0.0, 0.0) } else { (total * share, products * share) };
            (*mean, *slope) = (F::of(means.0), F::of(means.1));
        }

        let Some(mut dx) = pass.input_gradients.one() else { return };
        let (means, slopes, params, size) = (&*means, &*slopes, pass.params, dx.size());
        images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
            let (standard, scales) = kept.row(image).split_at(size);
            dx.copy_from_slice(standard);
            spread(dx, self.plane, means, slopes, |standard, mean, slope| mean + standard * slope);
            for (dx, &dy) in dx.iter_mut().zip(dy.row(image)) {
                *dx = dy - *dx;
            }
            spread(dx, self.plane, scales, scales, |dx, scale, _| dx * scale);
            weights::weigh(dx, self.plane, params);
        });
    }
}
