//! Weight and bias after a normalisation, and what normalisations keep for their gradients.
//!
//! Kept is one tensor: for each sample the standardized numbers, then what each of its groups was multiplied by.

use std::sync::Arc;

use crate::error::Error;
use crate::kernel::sum::sum;
use crate::kernel::wide::{Loop, wide};
use crate::layer::{Gradients, Params, Plan};
use crate::params::Role;
use crate::params::init::Constant;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::View;

/// Declares `weight` and `bias`, as far as there are any.
pub(super) fn plan<F: Scalar>(
    plan: &mut Plan<'_, F>,
    shape: &Shape,
    weight: bool,
    bias: bool,
) -> Result<(), Error> {
    for (name, start, there) in [("weight", 1.0, weight), ("bias", 0.0, weight && bias)] {
        if there {
            let start = Arc::new(Constant(start));
            plan.param(name, Role::Norm, shape.clone(), (1, 1), Some(start))?;
        }
    }
    Ok(())
}

/// Declares the output, and memory for the standardized numbers and so many groups.
pub(super) fn plan_memory<F: Scalar>(plan: &mut Plan<'_, F>, groups: usize) -> Result<(), Error> {
    let shape = plan.input()?;
    plan.save(shape.size().saturating_add(groups));
    plan.leaves_outputs();
    plan.output(shape)
}

/// Writes `work(from, shared)` to each place of `to`, where `from` are the numbers at that place and `plane` neighbours have what is shared in common;
/// that begins again when it ends.
pub(super) fn spread<F: Scalar, const N: usize, const M: usize>(
    to: &mut [F],
    from: [&[F]; N],
    plane: usize,
    shared: [&[F]; M],
    work: impl Fn([F; N], [F; M]) -> F,
) {
    wide::<Spread, _>((to, from, plane, shared, work));
}

struct Spread;

impl<'a, F, W, const N: usize, const M: usize>
    Loop<(&'a mut [F], [&'a [F]; N], usize, [&'a [F]; M], W)> for Spread
where
    F: Scalar,
    W: Fn([F; N], [F; M]) -> F,
{
    #[inline(always)]
    fn run((to, from, plane, shared, work): (&'a mut [F], [&'a [F]; N], usize, [&'a [F]; M], W)) {
        let channels = shared.iter().map(|shared| shared.len()).min().unwrap_or(0);
        if plane == 1 {
            let rows = to.chunks_mut(channels.max(1)).enumerate();
            for (row, to) in rows {
                let from = from.map(|from| &from[row * channels..][..to.len()]);
                let shared = shared.map(|shared| &shared[..to.len()]);
                for (i, to) in to.iter_mut().enumerate() {
                    *to = work(from.map(|from| from[i]), shared.map(|shared| shared[i]));
                }
            }
        } else {
            let stretches = to.chunks_exact_mut(plane).enumerate().zip((0..channels).cycle());
            for ((stretch, to), channel) in stretches {
                let from = from.map(|from| &from[stretch * plane..][..plane]);
                let shared = shared.map(|shared| shared[channel]);
                for (i, to) in to.iter_mut().enumerate() {
                    *to = work(from.map(|from| from[i]), shared);
                }
            }
        }
    }
}

/// `values`, multiplied by the weight if there is one.
pub(super) fn weigh<F: Scalar>(to: &mut [F], values: &[F], plane: usize, params: Params<'_, F>) {
    match params.get(0) {
        Some(weight) => spread(to, [values], plane, [weight], |[value], [weight]| value * weight),
        None => to.copy_from_slice(values),
    }
}

/// y = standard · weight + bias.
pub(super) fn output<F: Scalar>(y: &mut [F], standard: &[F], plane: usize, params: Params<'_, F>) {
    match (params.get(0), params.get(1)) {
        (Some(weight), Some(bias)) => {
            spread(y, [standard], plane, [weight, bias], |[standard], [weight, bias]| {
                standard * weight + bias
            });
        }
        _ => weigh(y, standard, plane, params),
    }
}

/// Adds Σ dy · standard to the gradient of the weight, and Σ dy to that of the bias.
pub(super) fn backward<F: Scalar>(
    gradients: &mut Gradients<'_, F>,
    dy: View<'_, F>,
    kept: View<'_, F>,
    plane: usize,
) {
    for (dy, kept) in dy.rows().zip(kept.rows()) {
        wide::<Add, _>((gradients.get(0), plane, dy, Some(kept)));
        wide::<Add, _>((gradients.get(1), plane, dy, None));
    }
}

/// Adds the sum over the numbers of one sample that share a parameter: of dy · standard, or of dy alone.
struct Add;

impl<'a, F: Scalar> Loop<(&'a mut [F], usize, &'a [F], Option<&'a [F]>)> for Add {
    #[inline(always)]
    fn run((gradient, plane, dy, standard): (&'a mut [F], usize, &'a [F], Option<&'a [F]>)) {
        let parameters = gradient.len();
        if parameters == 0 {
            return;
        }
        if plane > 1 {
            let standards = standard.unwrap_or(dy).chunks(plane);
            for (i, (dy, standards)) in dy.chunks_exact(plane).zip(standards).enumerate() {
                let sum = match standard {
                    Some(_) => sum(dy, standards, |dy, x| dy.as_f64() * x.as_f64()),
                    None => sum(dy, dy, |dy, _| dy.as_f64()),
                };
                gradient[i % parameters] += F::of(sum);
            }
            return;
        }
        for (row, dy) in dy.chunks_exact(parameters).enumerate() {
            let sums = gradient.iter_mut().zip(dy);
            match standard {
                Some(standard) => {
                    let standard = &standard[row * parameters..];
                    sums.zip(standard).for_each(|((sum, &dy), &x)| *sum += dy * x);
                }
                None => sums.for_each(|(sum, &dy)| *sum += dy),
            }
        }
    }
}
