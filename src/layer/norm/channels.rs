//! Normalisation of each channel with statistics of all samples, or with fixed ones.

use std::ops::Range;

use super::moments::{Moments, sum_of};
use super::running::{self, Running};
use super::weights::spread;
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::images::{self, Buffers};
use crate::layer::{Backward, Forward, Mode, Plan};
use crate::scalar::Scalar;

/// So many channels are measured together: their numbers lie side by side in each sample, those of one alone may be short stretches far from each other.
const TOGETHER: usize = 16;

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
        let shape = plan.input()?;
        // The mean of each channel, and what the distance from it is multiplied by: the same for all samples, in the place of the first.
        plan.save([2, self.count]);
        self.plan_scratch(plan);
        plan.leaves_outputs();
        if self.running.is_none() {
            plan.mixes_samples();
        }
        plan.output(shape)
    }

    /// Asks for up to four numbers for each channel, of both passes.
    pub fn plan_scratch<F: Scalar>(&self, plan: &mut Plan<'_, F>) {
        plan.scratch_once([4, self.row()]);
    }

    fn is_fixed(&self, mode: Mode) -> bool {
        mode == Mode::Evaluate && self.running.is_some()
    }

    /// Numbers in a row of the scratch memory: one for each channel, filled up to whole stretches.
    fn row(&self) -> usize {
        self.count.checked_next_multiple_of(TOGETHER).unwrap_or(self.count)
    }

    /// Row after row of the scratch memory, each with one number for each channel.
    fn rows<'a, F, const N: usize>(&self, scratch: &'a mut [F]) -> [&'a mut [F]; N] {
        let mut rows = scratch.chunks_exact_mut(self.row());
        std::array::from_fn(|_| rows.next().unwrap_or_default())
    }

    /// Does `work(range, out)` for stretches of channels, with what is written for them.
    fn each_stretch<F: Scalar, const N: usize>(
        &self,
        parallel: Parallel,
        batch: usize,
        out: [&mut [F]; N],
        work: &(impl Fn(Range<usize>, [&mut [F]; N]) + Sync),
    ) {
        let cost = TOGETHER.min(self.count) * self.plane * batch;
        images::each_stretch(parallel, cost, TOGETHER, out, &|stretch, out| {
            let first = stretch * TOGETHER;
            work(first..self.count.min(first + TOGETHER), out);
        });
    }

    /// Adds two sums over each channel's numbers in a sample; `a` and `b` begin with the first channel's.
    fn add<F: Scalar>(
        &self,
        totals: &mut [[f64; 2]],
        a: &[F],
        b: &[F],
        first: impl Fn(usize, F, F) -> f64,
        second: impl Fn(usize, F, F) -> f64,
    ) {
        if self.plane == 1 {
            for (i, (total, (&a, &b))) in totals.iter_mut().zip(a.iter().zip(b)).enumerate() {
                total[0] += first(i, a, b);
                total[1] += second(i, a, b);
            }
            return;
        }
        let planes = a.chunks_exact(self.plane).zip(b.chunks_exact(self.plane));
        for (i, (total, (a, b))) in totals.iter_mut().zip(planes).enumerate() {
            // One after the other for each channel, whose numbers stay in the nearest cache.
            total[0] += sum_of(a, b, |a, b| first(i, a, b));
            total[1] += sum_of(a, b, |a, b| second(i, a, b));
        }
    }

    pub fn forward<F: Scalar>(&self, mut pass: Forward<'_, F>) {
        if pass.batch == 0 {
            return;
        }
        let (x, params) = (pass.inputs.one(), pass.params);
        let numbers = pass.batch * self.plane;
        let mut scratch = pass.scratch_once.one();
        let [means, scales, variances] = self.rows(scratch.values());
        if self.is_fixed(pass.mode) {
            let all = means.iter_mut().zip(&mut *scales).take(self.count);
            for (channel, (mean, scale)) in all.enumerate() {
                let moments = running::moments(&pass.states, channel);
                (*mean, *scale) = (F::of(moments.mean), F::of(moments.scale(self.epsilon)));
            }
        } else {
            let out = [&mut *means, &mut *scales, &mut *variances];
            self.each_stretch(pass.parallel, pass.batch, out, &|channels, out| {
                let [means, scales, variances] = out;
                let mut totals = [[0.0; 2]; TOGETHER];
                let totals = &mut totals[..channels.len()];
                // Distances from a number among them, whose squares do not cancel as those of the numbers themselves would.
                let mut near = [0.0; TOGETHER];
                for (near, channel) in near.iter_mut().zip(channels.clone()) {
                    *near = x.row(0)[channel * self.plane].as_f64();
                }
                let first = channels.start * self.plane;
                let distance = |i: usize, x: F, _| x.as_f64() - near[i];
                let square = |i: usize, x: F, _| distance(i, x, x) * distance(i, x, x);
                for x in x.rows() {
                    self.add(totals, &x[first..], &x[first..], distance, square);
                }
                for (i, &mut [distance, square]) in totals.iter_mut().enumerate() {
                    let [distance, square] = [distance, square].map(|sum| sum / numbers as f64);
                    let (mean, variance) = (near[i] + distance, square - distance * distance);
                    // Written so that NaN stays.
                    let variance = if variance < 0.0 { 0.0 } else { variance };
                    let moments = Moments { count: numbers, mean, variance };
                    (means[i], scales[i]) = (F::of(mean), F::of(moments.scale(self.epsilon)));
                    // One number says nothing about the variance that it is a sample of.
                    variances[i] = F::of(moments.unbiased().unwrap_or(0.0));
                }
            });
            if let Some(weight) = self.running.and_then(|running| running.weight(&mut pass.states))
            {
                let moments = means.iter().zip(&*variances).take(self.count).enumerate();
                for (channel, (mean, variance)) in moments {
                    let variance = (numbers > 1).then(|| variance.as_f64());
                    let states = &mut pass.states;
                    running::follow(states, channel, weight, mean.as_f64(), variance);
                }
            }
        }

        let (means, scales) = (&means[..self.count], &scales[..self.count]);
        let mut kept = pass.saved.one();
        let (kept_means, kept_scales) = kept.row(0)[..2 * self.count].split_at_mut(self.count);
        kept_means.copy_from_slice(means);
        kept_scales.copy_from_slice(scales);
        let mut y = pass.outputs.one();
        let size = y.size();
        images::each(pass.parallel, y.values(), size, Buffers::none(), &|image, y, _| {
            let x = [x.row(image)];
            match (params.get(0), params.get(1)) {
                (Some(weight), Some(bias)) => {
                    let shared = [means, scales, weight, bias];
                    spread(y, x, self.plane, shared, |[x], [mean, scale, weight, bias]| {
                        (x - mean) * scale * weight + bias
                    });
                }
                _ => spread(y, x, self.plane, [means, scales], |[x], [mean, scale]| {
                    (x - mean) * scale
                }),
            }
        });
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
        if pass.batch == 0 {
            return;
        }
        let (x, dy) = (pass.inputs.one(), pass.output_gradients.one());
        let mut kept = pass.saved.one();
        let (centres, scales) = kept.row(0)[..2 * self.count].split_at(self.count);
        let mut scratch = pass.scratch_once.one();
        let [means, slopes, totals, products] = self.rows(scratch.values());
        let fixed = self.is_fixed(pass.mode);
        let numbers = pass.batch * self.plane;
        let share = 1.0 / numbers as f64;
        let out = [&mut *means, &mut *slopes, &mut *totals, &mut *products];
        self.each_stretch(pass.parallel, pass.batch, out, &|channels, out| {
            let [means, slopes, totals, products] = out;
            let mut found = [[0.0; 2]; TOGETHER];
            let found = &mut found[..channels.len()];
            let (centres, scales) = (&centres[channels.clone()], &scales[channels.clone()]);
            let product =
                |i: usize, dy: F, x: F| dy.as_f64() * ((x - centres[i]) * scales[i]).as_f64();
            let first = channels.start * self.plane;
            for (dy, x) in dy.rows().zip(x.rows()) {
                self.add(found, &dy[first..], &x[first..], |_, dy, _| dy.as_f64(), product);
            }
            for (i, &mut [total, product]) in found.iter_mut().enumerate() {
                (totals[i], products[i]) = (F::of(total), F::of(product));
                // Zeros, not products with 0, which would carry NaN from one sample to the others.
                let mean = |sum: f64| if fixed { F::zero() } else { F::of(sum * share) };
                (means[i], slopes[i]) = (mean(total), mean(product));
            }
        });
        for (parameter, sums) in [(0, products), (1, totals)] {
            let gradient = pass.gradients.get(parameter).iter_mut();
            gradient.zip(sums).for_each(|(gradient, sum)| *gradient += *sum);
        }

        let Some(mut dx) = pass.input_gradients.one() else { return };
        let (means, slopes) = (&means[..self.count], &slopes[..self.count]);
        let (params, size) = (pass.params, dx.size());
        images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
            let from = [x.row(image), dy.row(image)];
            let slope = |[x, dy]: [F; 2], [centre, scale, mean, slope]: [F; 4]| {
                (dy - (mean + (x - centre) * scale * slope)) * scale
            };
            match params.get(0) {
                Some(weight) => {
                    let shared = [centres, scales, means, slopes, weight];
                    spread(dx, from, self.plane, shared, |from, [c, s, mean, by, weight]| {
                        slope(from, [c, s, mean, by]) * weight
                    });
                }
                None => spread(dx, from, self.plane, [centres, scales, means, slopes], slope),
            }
        });
    }
}
