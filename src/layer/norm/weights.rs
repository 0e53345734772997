//! Weight and bias after a normalisation, and what normalisations keep for their gradients.
//!
//! Kept is one tensor: for each sample the standardized numbers, then what each of its groups was multiplied by.

use std::sync::Arc;

use super::moments::sum;
use crate::error::Error;
use crate::kernel::wide::{Loop, wide};
use crate::layer::images::{self, Buffers};
use crate::layer::{Backward, Forward, Params, Plan};
use crate::params::Role;
use crate::params::init::Constant;
use crate::scalar::Scalar;
use crate::shape::Shape;

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
    plan.output(shape)
}

/// Replaces each value by `work(value, a, b)`, where `plane` neighbours share an `a` and a `b`, and these begin again when they end.
pub(super) fn spread<F: Scalar>(
    values: &mut [F],
    plane: usize,
    a: &[F],
    b: &[F],
    work: impl Fn(F, F, F) -> F,
) {
    wide::<Spread, _>((values, plane, a, b, work));
}

struct Spread;

impl<'a, F: Scalar, W: Fn(F, F, F) -> F> Loop<(&'a mut [F], usize, &'a [F], &'a [F], W)>
    for Spread
{
    #[inline(always)]
    fn run((values, plane, a, b, work): (&'a mut [F], usize, &'a [F], &'a [F], W)) {
        if plane == 1 {
            for values in values.chunks_exact_mut(a.len().max(1)) {
                for ((value, &a), &b) in values.iter_mut().zip(a).zip(b) {
                    *value = work(*value, a, b);
                }
            }
        } else {
            let pairs = a.iter().zip(b).cycle();
            for (values, (&a, &b)) in values.chunks_exact_mut(plane).zip(pairs) {
                for value in values {
                    *value = work(*value, a, b);
                }
            }
        }
    }
}

/// Multiplies by the weight, if there is one.
pub(super) fn weigh<F: Scalar>(values: &mut [F], plane: usize, params: Params<'_, F>) {
    if let Some(weight) = params.get(0) {
        spread(values, plane, weight, weight, |value, weight, _| value * weight);
    }
}

/// y = standard · weight + bias, once the standardized numbers are there.
pub(super) fn forward<F: Scalar>(pass: &mut Forward<'_, F>, plane: usize) {
    let (kept, mut y) = (pass.saved.one(), pass.outputs.one());
    let (kept, params, size) = (kept.view(), pass.params, y.size());
    images::each(pass.parallel, y.values(), size, Buffers::none(), &|image, y, _| {
        y.copy_from_slice(&kept.row(image)[..size]);
        match (params.get(0), params.get(1)) {
            (Some(weight), Some(bias)) => {
                spread(y, plane, weight, bias, |y, weight, bias| y * weight + bias);
            }
            _ => weigh(y, plane, params),
        }
    });
}

/// Adds Σ dy · standard to the gradient of the weight, and Σ dy to that of the bias.
pub(super) fn backward<F: Scalar>(pass: &mut Backward<'_, F>, plane: usize) {
    let kept = pass.saved.one();
    let kept = kept.view();
    for (dy, kept) in pass.output_gradients.one().rows().zip(kept.rows()) {
        add(pass.gradients.get(0), plane, dy, kept, |dy, standard| dy * standard);
        add(pass.gradients.get(1), plane, dy, kept, |dy, _| dy);
    }
}

/// Adds the sum of the terms over the numbers of one sample that share a parameter.
fn add<F: Scalar>(
    gradient: &mut [F],
    plane: usize,
    a: &[F],
    b: &[F],
    term: impl Fn(f64, f64) -> f64 + Copy,
) {
    let parameters = gradient.len();
    if parameters == 0 {
        return;
    }
    if plane == 1 {
        for (a, b) in a.chunks_exact(parameters).zip(b.chunks(parameters)) {
            for ((gradient, a), b) in gradient.iter_mut().zip(a).zip(b) {
                *gradient += F::of(term(a.as_f64(), b.as_f64()));
            }
        }
    } else {
        for (i, (a, b)) in a.chunks_exact(plane).zip(b.chunks(plane)).enumerate() {
            gradient[i % parameters] += F::of(sum(a, b, term));
        }
    }
}
