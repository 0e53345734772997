//! Broken clippers, and the laws that catch them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{Planted, healthy, table};
use downhill::check::clip::{Call, ClipUnderTest, Clipper, LAWS};
use downhill::clip::norm;
use downhill::{Clip, Error, Parallel, Scalar};

/// What is wrong with the clipper.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    NormOverflows,
    EpsilonAdded,
    EpsilonInTheRoot,
    FirstTensorOnly,
    PerTensor,
    PerNumber,
    LastLeftOut,
    AlwaysToTheBound,
    SignFlipped,
    Inverse,
    NearlyOne,
    HalfWay,
    TooFar,
    ScaleLeftOut,
    ScaleOnTheGradient,
    ScaleSquared,
    BudgetUsedUp,
    LastTensorTwice,
    ZeroByZero,
    MeanOverTensors,
    MeanOverNumbers,
    Counter,
    EverySecondCall,
    CounterInTheFactor,
    ByThreads,
    ByThreadsInTheFactor,
    SumInParallel,
    FactorInverted,
    FactorOfTheFirst,
    FactorAlways,
    InfinityToZero,
    NanIsSmall,
    NanToZero,
    SaysOne,
    SignNotLookedAt,
    MagnitudeOfTheScale,
    NanScaleIsOne,
    NotChecked,
    NanAccepted,
    OtherField,
    GoodRefused,
}

use Bug::*;

/// The bound 0.7 on the global norm, kept as it should be but for one bug.
#[derive(Debug)]
struct Rule {
    bug: Bug,
    max: f64,
    calls: AtomicU64,
}

fn rule(bug: Bug) -> Rule {
    Rule { bug, max: 0.7, calls: AtomicU64::new(0) }
}

impl<F: Scalar> Clipper<F> for Rule {
    fn clip(&self, call: Call<'_, F>) -> f64 {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) as f64;
        let Call { parameters, gradient, norm: size, parallel, .. } = call;
        let side_by_side = parallel == Parallel::On;
        let scale = match self.bug {
            ScaleLeftOut => 1.0,
            ScaleOnTheGradient => 1.0 + call.scale / (1.0 + call.scale),
            ScaleSquared => call.scale * call.scale,
            MagnitudeOfTheScale => call.scale.abs(),
            NanScaleIsOne if call.scale.is_nan() => 1.0,
            _ => call.scale,
        };
        let bound = scale * self.max;
        match self.bug {
            InfinityToZero | NanIsSmall | NanToZero | SaysOne if !size.is_finite() => {
                for g in gradient.iter_mut() {
                    *g = match self.bug {
                        InfinityToZero if size.is_infinite() => *g * F::zero(),
                        NanToZero if g.is_nan() => F::zero(),
                        NanIsSmall if g.is_infinite() => F::of(bound).copysign(*g),
                        _ => *g,
                    };
                }
                return if self.bug == SaysOne { 1.0 } else { f64::NAN };
            }
            SignNotLookedAt => {}
            _ if !size.is_finite() || bound.is_nan() || bound < 0.0 => return f64::NAN,
            _ => {}
        }
        let first = parameters.first().map_or(0..0, |p| p.range());
        let count = parameters.len() as f64;
        let short: F = gradient.iter().map(|&g| g * g).sum();
        let norms = || parameters.iter().map(|p| norm(&gradient[p.range()], Parallel::Off));
        let measured = match self.bug {
            NormOverflows => short.sqrt().as_f64(),
            EpsilonAdded => size + 1e-6,
            EpsilonInTheRoot => (size * size + 1e-12).sqrt(),
            FirstTensorOnly => norm(&gradient[first.clone()], Parallel::Off),
            MeanOverTensors => size / count,
            MeanOverNumbers => size / (gradient.len() as f64).sqrt(),
            BudgetUsedUp => norms().fold(0.0, |sum, n| 0.5 * sum + n),
            LastTensorTwice => norms().last().unwrap_or(0.0) + size,
            _ => size,
        };
        let mut factor = if measured > bound { bound / measured } else { 1.0 };
        match self.bug {
            AlwaysToTheBound => factor = if size > 0.0 { bound / size } else { 1.0 },
            SignFlipped if factor < 1.0 => factor = -factor,
            Inverse => factor = 1.0 / factor.max(1e-30),
            NearlyOne => factor = factor.min(1.0 - 1e-4),
            HalfWay => factor = 0.5 + 0.5 * factor,
            TooFar if measured > 0.5 * bound => factor *= 0.9,
            ZeroByZero => factor = (bound / size).min(1.0) * (size * size.recip()),
            Counter => factor *= 1.0 - 1e-4 * calls.min(1e3),
            EverySecondCall if calls % 2.0 > 0.0 => factor *= 0.5,
            ByThreads if side_by_side => factor *= 0.999,
            _ => {}
        }
        if factor != 1.0 || matches!(self.bug, PerTensor | PerNumber) {
            let last = gradient.len() - 1;
            let by = |part: &[F]| {
                let size = norm(part, Parallel::Off);
                if size > bound { bound / size } else { 1.0 }
            };
            for parameter in parameters {
                let tensor = by(&gradient[parameter.range()]);
                for i in parameter.range() {
                    let factor = match self.bug {
                        PerTensor => tensor,
                        PerNumber => by(&gradient[i..=i]),
                        LastLeftOut if i == last => 1.0,
                        SumInParallel if side_by_side && i == last => 0.5 * factor,
                        _ => factor,
                    };
                    gradient[i] = F::of(gradient[i].as_f64() * factor);
                }
            }
        }
        if self.bug == ScaleOnTheGradient {
            gradient.iter_mut().for_each(|g| *g *= F::of(call.scale.min(1e30)));
        }
        match self.bug {
            FactorInverted => 1.0 / factor,
            FactorOfTheFirst => norm(&gradient[first], Parallel::Off) / size,
            FactorAlways => bound / size,
            CounterInTheFactor => factor * (1.0 - 1e-9 * calls),
            ByThreadsInTheFactor if side_by_side => 0.999 * factor,
            _ => factor,
        }
    }

    fn validate(&self) -> Result<(), Error> {
        let bad = match self.bug {
            NotChecked => false,
            NanAccepted => self.max <= 0.0,
            GoodRefused => self.max.is_nan() || self.max < 1.0,
            _ => self.max.is_nan() || self.max <= 0.0,
        };
        let field = if self.bug == OtherField { "Rule::norm" } else { "Rule::max" };
        if bad { Err(Error::argument(field, self.max, "above 0")) } else { Ok(()) }
    }
}

fn clipper(bug: Bug) -> ClipUnderTest {
    ClipUnderTest::new(Clip::GlobalNorm(0.7))
        .done_by(rule(bug))
        .refuses(Rule { max: -1.0, ..rule(bug) }, "Rule::max")
        .refuses(Rule { max: f64::NAN, ..rule(bug) }, "Rule::max")
}

#[test]
fn every_law_catches_its_bugs() {
    let bugs: &[(&str, &[Bug])] = &[
        (
            "the_norm_is_right_to_4_ulp",
            &[NormOverflows, EpsilonAdded, EpsilonInTheRoot, FirstTensorOnly, PerTensor],
        ),
        ("the_direction_is_kept", &[PerTensor, PerNumber, LastLeftOut, SignFlipped]),
        ("nothing_grows", &[AlwaysToTheBound, SignFlipped, Inverse]),
        ("what_is_inside_stays", &[AlwaysToTheBound, NearlyOne, EpsilonAdded, LastTensorTwice]),
        ("a_second_time_changes_nothing", &[HalfWay, TooFar, NearlyOne]),
        ("the_scale_multiplies_the_bound", &[ScaleLeftOut, ScaleOnTheGradient, ScaleSquared]),
        ("order_of_tensors_is_irrelevant", &[FirstTensorOnly, BudgetUsedUp, LastTensorTwice]),
        ("zeros_stay_and_take_no_part", &[ZeroByZero, MeanOverTensors, MeanOverNumbers]),
        ("same_input_same_bits", &[Counter, EverySecondCall, CounterInTheFactor]),
        ("same_bits_on_any_number_of_threads", &[ByThreads, ByThreadsInTheFactor, SumInParallel]),
        ("the_factor_is_true", &[FactorInverted, FactorOfTheFirst, FactorAlways]),
        ("non_finite_gradients_are_left_alone", &[InfinityToZero, NanIsSmall, NanToZero, SaysOne]),
        ("senseless_scales_change_nothing", &[SignNotLookedAt, MagnitudeOfTheScale, NanScaleIsOne]),
        ("bad_bounds_are_refused", &[NotChecked, NanAccepted, OtherField, GoodRefused]),
    ];
    let one = |law, bug| Planted { law, bug: format!("{bug:?}"), subject: clipper(bug) };
    let planted: Vec<_> =
        bugs.iter().flat_map(|(law, bugs)| bugs.iter().map(move |&bug| one(law, bug))).collect();
    table(LAWS, &planted);
}

#[test]
fn without_a_bug_no_law_is_broken() {
    healthy(LAWS, &clipper(Bug::None));
}
