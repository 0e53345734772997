//! Normalisation of each channel with statistics of all samples, or with fixed ones.

use std::ops::Range;

use super::moments::{Moments, sum};
use super::running::{self, Running};
use super::weights::{self, spread};
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
        weights::plan_memory(plan, self.count)?;
        // Up to four numbers for each channel, of both passes.
        plan.scratch_once([4, self.row()]);
        Ok(())
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

    /// Adds the sum of the terms over each channel's numbers in a sample; `a` and `b` begin with the first channel's.
    fn add<F: Scalar>(
        &self,
        totals: &mut [f64],
        a: &[F],
        b: &[F],
        term: impl Fn(usize, f64, f64) -> f64,
    ) {
        if self.plane == 1 {
            for (i, ((total, a), b)) in totals.iter_mut().zip(a).zip(b).enumerate() {
                *total += term(i, a.as_f64(), b.as_f64());
            }
            return;
        }
        let planes = a.chunks_exact(self.plane).zip(b.chunks_exact(self.plane));
        for (i, (total, (a, b))) in totals.iter_mut().zip(planes).enumerate() {
            *total += sum(a, b, |a, b| term(i, a, b));
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
                let first = channels.start * self.plane;
                let (mut mean, mut variance) = ([0.0; TOGETHER], [0.0; TOGETHER]);
                let (mean, variance) =
                    (&mut mean[..channels.len()], &mut variance[..channels.len()]);
                x.rows().for_each(|x| self.add(mean, &x[first..], &x[first..], |_, x, _| x));
                mean.iter_mut().for_each(|mean| *mean /= numbers as f64);
                // Read twice: squares of distances do not cancel as differences of squares do.
                let square = |i: usize, x, _| (x - mean[i]) * (x - mean[i]);
                x.rows().for_each(|x| self.add(variance, &x[first..], &x[first..], square));
                for (i, (&mean, &squares)) in mean.iter().zip(&*variance).enumerate() {
                    let moments =
                        Moments { count: numbers, mean, variance: squares / numbers as f64 };
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
        let (mut kept, mut y) = (pass.saved.one(), pass.outputs.one());
        let out = [Buffers::of(&mut kept), Buffers::of(&mut y)];
        let images = 0..pass.batch;
        images::each_of(pass.parallel, images, out, Buffers::none(), &|image, [kept, y], _| {
            let (standard, kept_scales) = kept.split_at_mut(x.size());
            let shared = [means, scales];
            spread(standard, [x.row(image)], self.plane, shared, |[x], [mean, scale]| {
                (x - mean) * scale
            });
            kept_scales.copy_from_slice(scales);
            weights::output(y, standard, self.plane, params);
        });
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
        let dy = pass.output_gradients.one();
        let kept = pass.saved.one();
        let kept = kept.view();
        let mut scratch = pass.scratch_once.one();
        let [means, slopes, totals, products] = self.rows(scratch.values());
        let fixed = self.is_fixed(pass.mode);
        let numbers = pass.batch * self.plane;
        let share = 1.0 / numbers as f64;
        let out = [&mut *means, &mut *slopes, &mut *totals, &mut *products];
        self.each_stretch(pass.parallel, pass.batch, out, &|channels, out| {
            let [means, slopes, totals, products] = out;
            let first = channels.start * self.plane;
            let (mut total, mut product) = ([0.0; TOGETHER], [0.0; TOGETHER]);
            let (total, product) = (&mut total[..channels.len()], &mut product[..channels.len()]);
            for (dy, kept) in dy.rows().zip(kept.rows()) {
                let (dy, standard) = (&dy[first..], &kept[first..]);
                self.add(total, dy, dy, |_, dy, _| dy);
                self.add(product, dy, standard, |_, dy, standard| dy * standard);
            }
            for (i, (&total, &product)) in total.iter().zip(&*product).enumerate() {
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
            let (standard, scales) = kept.row(image).split_at(size);
            let from = [standard, dy.row(image)];
            let slope = |[standard, dy]: [F; 2], mean, slope, scale| {
                (dy - (mean + standard * slope)) * scale
            };
            match params.get(0) {
                Some(weight) => {
                    let shared = [means, slopes, scales, weight];
                    spread(dx, from, self.plane, shared, |from, [mean, by, scale, weight]| {
                        slope(from, mean, by, scale) * weight
                    });
                }
                None => spread(
                    dx,
                    from,
                    self.plane,
                    [means, slopes, scales],
                    |from, [mean, by, scale]| slope(from, mean, by, scale),
                ),
            }
        });
    }
}
