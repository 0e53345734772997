//! Gradients with a bound that they are outside or inside of.

use std::ops::Range;

use super::{Call, Case, ClipUnderTest, Precision};
use crate::check::optimizer::parameters;
use crate::clip::{Clip, Norm, norm, unit_size};
use crate::kernel::parallel::Parallel;
use crate::params::Parameter;
use crate::scalar::Scalar;

/// What a clipper is called with.
#[derive(Clone, Debug)]
pub(super) struct Scene<F> {
    pub(super) parameters: Vec<Parameter>,
    pub(super) weights: Vec<F>,
    pub(super) gradient: Vec<F>,
    pub(super) scale: f64,
}

/// Numbers that are bounded together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) range: Range<usize>,
    /// The bound where the scale is 1.
    pub(super) bound: f64,
}

impl<F: Precision> Scene<F> {
    /// The case's gradients, with a bound of `share` of the norm that exceeds it most.
    pub(super) fn new(subject: &ClipUnderTest, case: &Case, share: f64) -> Self {
        let gradient = case.gradient().into_iter().map(F::of).collect();
        Self::with(subject, case, gradient, share)
    }

    /// The same with these gradients.
    pub(super) fn with(subject: &ClipUnderTest, case: &Case, gradient: Vec<F>, share: f64) -> Self {
        let weights = case.weights().into_iter().map(F::of).collect();
        let parameters = parameters(&case.shapes);
        let mut scene = Self { parameters, weights, gradient, scale: 1.0 };
        let excess =
            |group: &Group| size(subject, &scene.gradient[group.range.clone()]) / group.bound;
        let most = scene.groups(subject).iter().map(excess).fold(0.0, f64::max);
        if most > 0.0 {
            scene.scale = share * most;
        }
        scene
    }

    /// What is bounded together, by the claim.
    pub(super) fn groups(&self, subject: &ClipUnderTest) -> Vec<Group> {
        let all = 0..self.gradient.len();
        match subject.claim {
            Clip::Value(bound) => all.map(|i| Group { range: i..i + 1, bound }).collect(),
            Clip::GlobalNorm(bound) | Clip::GlobalNormOf { max: bound, .. } => {
                vec![Group { range: all, bound }]
            }
            Clip::TensorNorm(bound) => {
                self.parameters.iter().map(|p| Group { range: p.range(), bound }).collect()
            }
            Clip::Adaptive { factor, epsilon } => {
                let units = |parameter: &Parameter| {
                    let (range, size) = (parameter.range(), unit_size(parameter.shape()));
                    range.clone().step_by(size).map(move |i| i..(i + size).min(range.end))
                };
                let bound = |range: Range<usize>| {
                    let weight = length(Norm::L2, &self.weights[range.clone()]);
                    Group { range, bound: factor * weight.max(epsilon) }
                };
                self.parameters.iter().flat_map(units).map(bound).collect()
            }
        }
    }

    /// Clips; the gradients afterwards and the factor.
    pub(super) fn clip(&self, subject: &ClipUnderTest, parallel: Parallel) -> (Vec<F>, f64) {
        let mut gradient = self.gradient.clone();
        let factor = F::rule(subject).clip(Call {
            parameters: &self.parameters,
            weights: &self.weights,
            gradient: &mut gradient,
            norm: norm(&self.gradient, Parallel::Off),
            scale: self.scale,
            parallel,
        });
        (gradient, factor)
    }
}

/// The size of a group, by the norm that the claim is about.
pub(super) fn size<F: Scalar>(subject: &ClipUnderTest, values: &[F]) -> f64 {
    match subject.claim {
        Clip::GlobalNormOf { norm, .. } => length(norm, values),
        _ => length(Norm::L2, values),
    }
}

/// The norm by its formula, with what rounding loses kept aside. Squares of what a case holds, 10⁻³⁸ to 10³⁸, are within the range of `f64`.
pub(super) fn length<F: Scalar>(norm: Norm, values: &[F]) -> f64 {
    let most = values.iter().fold(0.0_f64, |most, x| most.max(x.as_f64().abs()));
    let total = |term: &dyn Fn(f64) -> f64| {
        let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
        for x in values {
            let term = term(x.as_f64().abs());
            let next = sum + term;
            // The smaller of the two loses digits.
            lost += if sum >= term { (sum - next) + term } else { (term - next) + sum };
            sum = next;
        }
        sum + lost
    };
    match norm {
        Norm::L1 => total(&|x| x),
        Norm::L2 => total(&|x| x * x).sqrt(),
        Norm::Max => most,
        Norm::P(_) if most == 0.0 => 0.0,
        Norm::P(p) => most * total(&|x| (x / most).powf(p)).powf(1.0 / p),
    }
}

/// What a norm of `count` numbers may be off by because each is a multiple of the smallest number there is.
pub(super) fn grain<F: Scalar>(count: usize) -> f64 {
    F::min_positive_value().as_f64() * F::epsilon().as_f64() * count.max(1) as f64
}
