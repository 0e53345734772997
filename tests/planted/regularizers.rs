//! Broken regularizers and constraints, and the laws that catch them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{Planted, healthy, table};
use downhill::check::constraint::{self, ConstraintUnderTest};
use downhill::check::regularizer::{self, RegularizerUnderTest};
use downhill::regularize::{Constraint, Regularizer, Weights, WeightsMut};
use downhill::{Error, Scalar};

/// What is wrong with the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    // Of penalties.
    HalfMissing,
    StrengthMissing,
    Uphill,
    Assigned,
    AddedTwice,
    Overwritten,
    EpsilonInTheRoot,
    SignOfZero,
    Constant,
    Counter,
    CounterInTheGradient,
    EverySecondCall,
    MaxSwallows,
    NanPassedOver,
    Clamped,
    SquaresInTheType,
    DividesBySquares,
    Exponential,
    SumInTheType,
    Cancels,
    EpsilonOfTheType,
    Mean,
    RootOfTheSum,
    LastLeftOut,
    Negated,
    OddPower,
    ConstantTaken,
    Bounded,
    RootOfEach,
    PositiveOnly,
    Lopsided,
    // Of both.
    NotChecked,
    NanAccepted,
    OtherField,
    GoodRefused,
    // Of projections.
    EpsilonInTheDenominator,
    FirstUnitOnly,
    HalfWay,
    ShrinksAgain,
    AlwaysScaled,
    EpsilonAdded,
    ZeroByZero,
    DividesByTheLargest,
    LogarithmOfTheNorm,
    WholeTensor,
    FactorOfTheFirst,
    MeanOfAll,
}

use Bug::*;

/// Half the sum of squares, or the largest norm 1 for each unit, as it should be but for one bug.
#[derive(Debug)]
struct Rule {
    bug: Bug,
    strength: f64,
    calls: AtomicU64,
}

fn rule(bug: Bug) -> Rule {
    Rule { bug, strength: 0.5, calls: AtomicU64::new(0) }
}

impl Rule {
    fn call(&self) -> f64 {
        self.calls.fetch_add(1, Ordering::Relaxed) as f64
    }

    fn checked(&self) -> Result<(), Error> {
        let s = self.strength;
        let bad = match self.bug {
            NotChecked => false,
            NanAccepted => s < 0.0,
            GoodRefused => s.is_nan() || s < 1.0,
            _ => s.is_nan() || s < 0.0,
        };
        let field = if self.bug == OtherField { "Rule::size" } else { "Rule::strength" };
        if bad { Err(Error::argument(field, s, "0 or more")) } else { Ok(()) }
    }
}

impl<F: Scalar> Regularizer<F> for Rule {
    fn penalty(&self, tensor: Weights<'_, F>) -> f64 {
        let calls = self.call();
        let values = tensor.values.iter().map(|w| w.as_f64());
        let squares: f64 = values.clone().map(|w| w * w).sum();
        let short: F = tensor.values.iter().map(|&w| w * w).sum();
        let each = |of: &dyn Fn(f64) -> f64| -> f64 { values.clone().map(of).sum() };
        let count = tensor.values.len() as f64;
        let sum = match self.bug {
            EpsilonInTheRoot => (squares + 1e-12).sqrt(),
            Constant => squares + 1.0,
            ConstantTaken => squares - 1.0,
            Counter => squares + 1e-9 * calls,
            EverySecondCall if calls % 4.0 > 1.0 => 0.5 * squares,
            MaxSwallows => each(&|w| w.abs().max(0.0).powi(2)),
            NanPassedOver => each(&|w| if w.is_finite() { w * w } else { 0.0 }),
            Clamped => each(&|w| if w.abs() < 1e200 { w * w } else { 1e300 }),
            SquaresInTheType => short.as_f64(),
            DividesBySquares => (short * short / short).as_f64(),
            Exponential => each(&|w| w.abs().exp() - 1.0),
            SumInTheType => {
                (tensor.values.iter().fold(F::of(1e4), |s, &w| s + w * w) - F::of(1e4)).as_f64()
            }
            Cancels => ((short + F::of(1e3)) - F::of(1e3)).as_f64(),
            EpsilonOfTheType => squares + F::epsilon().as_f64().sqrt(),
            Mean => squares / count,
            RootOfTheSum => squares.sqrt(),
            LastLeftOut => squares - values.clone().last().map_or(0.0, |w| w * w),
            Negated => -squares,
            OddPower => each(&|w| w * w * w),
            Bounded => each(&|w| w * w / (1.0 + w * w)),
            RootOfEach => each(&|w| w.abs().sqrt()),
            PositiveOnly => each(&|w| if w > 0.0 { w * w } else { w }),
            Lopsided => each(&|w| if w > 0.0 { w * w } else { 2.0 * w * w }),
            _ => squares,
        };
        0.5 * self.strength * sum
    }

    fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]) {
        let calls = self.call();
        let strength = F::of(self.strength);
        let last = gradient.len() - 1;
        for (i, (g, &w)) in gradient.iter_mut().zip(tensor.values).enumerate() {
            let slope = match self.bug {
                HalfMissing => w * strength * F::of(2.0),
                StrengthMissing => w,
                Uphill => -w * strength,
                SignOfZero => strength * w + if w < F::zero() { F::zero() } else { F::of(0.1) },
                CounterInTheGradient => w * strength * F::of(1.0 + 1e-5 * calls),
                NanPassedOver if w.is_nan() => F::zero(),
                LastLeftOut if i == last => F::zero(),
                _ => w * strength,
            };
            match self.bug {
                Assigned => *g = slope,
                AddedTwice => *g = *g + *g + slope,
                Overwritten if i == 0 => *g = slope,
                _ => *g += slope,
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.checked()
    }
}

impl<F: Scalar> Constraint<F> for Rule {
    fn project(&self, tensor: WeightsMut<'_, F>) {
        let calls = self.call();
        let shape = tensor.shape.axes();
        let all = tensor.values.len();
        let unit = if shape.len() < 2 || self.bug == WholeTensor { all } else { all / shape[0] };
        let first = tensor.values[0];
        let mean: F = tensor.values.iter().map(|w| w.abs()).sum::<F>() / F::of(all as f64);
        for (i, unit) in tensor.values.chunks_mut(unit).enumerate() {
            let squares: f64 = unit.iter().map(|w| w.as_f64() * w.as_f64()).sum();
            let short: F = unit.iter().map(|&w| w * w).sum();
            let norm = match self.bug {
                FactorOfTheFirst => first.as_f64().abs() * 10.0,
                MeanOfAll => mean.as_f64() * 10.0,
                MaxSwallows => unit.iter().fold(F::zero(), |s, w| s.max(w.abs())).as_f64() * 3.0,
                _ => squares.sqrt(),
            };
            // Just below the bound, so that rounding does not bring it out again.
            let mut to = 1.0 - 16.0 * F::epsilon().as_f64();
            let outside = norm > 1.0
                || matches!(
                    self.bug,
                    AlwaysScaled
                        | EpsilonAdded
                        | ZeroByZero
                        | LogarithmOfTheNorm
                        | DividesByTheLargest
                );
            let mut factor = if norm > 1.0 { to / norm } else { 1.0 };
            match self.bug {
                FirstUnitOnly if i > 0 => continue,
                EpsilonInTheDenominator if outside => factor = 1.0 / (norm - 0.01),
                HalfWay if outside => factor = 0.5 + 0.5 * factor,
                ShrinksAgain => factor *= 0.999,
                AlwaysScaled => factor = 1.0 / norm,
                EpsilonAdded => factor = factor.min(1.0 / (1.0 + 1e-6)),
                ZeroByZero if norm <= 1.0 => factor = norm * norm.recip(),
                LogarithmOfTheNorm => factor *= (short.ln() * short.ln().recip()).as_f64(),
                DividesByTheLargest => factor = to / (norm * norm).sqrt().max(0.0),
                SquaresInTheType => {
                    factor = (F::one() / (F::one() + short * short * short)).as_f64()
                }
                DividesBySquares => factor = (short * short.recip()).as_f64(),
                Exponential => {
                    factor = (F::of(norm).exp() * F::of(factor) / F::of(norm).exp()).as_f64()
                }
                Counter => to -= 1e-3 * calls,
                CounterInTheGradient => factor *= 1.0 - 1e-3 * calls,
                EverySecondCall if calls % 2.0 > 0.0 => factor *= 0.5,
                EpsilonOfTheType => factor *= 1.0 - F::epsilon().as_f64().sqrt(),
                SumInTheType => factor *= (1.0 + 1e4 * F::epsilon().as_f64()).recip(),
                Cancels => factor = ((F::of(factor) + F::of(1e3)) - F::of(1e3)).as_f64(),
                _ => {}
            }
            if self.bug == Counter && norm > 1.0 {
                factor = to / norm;
            }
            for w in unit {
                *w = match self.bug {
                    MaxSwallows | Clamped => (*w * F::of(factor)).max(-F::one()).min(F::one()),
                    NanPassedOver if w.is_nan() => F::zero(),
                    _ if factor == 1.0 => *w,
                    _ => F::of(w.as_f64() * factor),
                };
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.checked()
    }
}

fn penalty(bug: Bug) -> RegularizerUnderTest {
    RegularizerUnderTest::new(rule(bug))
        .additive()
        .never_negative()
        .convex()
        .even()
        .homogeneous(2.0)
        .refuses(Rule { strength: -1.0, ..rule(bug) }, "Rule::strength")
        .refuses(Rule { strength: f64::NAN, ..rule(bug) }, "Rule::strength")
}

fn projection(bug: Bug) -> ConstraintUnderTest {
    ConstraintUnderTest::new(rule(bug))
        .holds(|values, shape, _| {
            let unit = if shape.len() < 2 { values.len() } else { values.len() / shape[0] };
            values.chunks(unit).all(|unit| unit.iter().map(|w| w * w).sum::<f64>() <= 1.0)
        })
        .by_units()
        .refuses(Rule { strength: -1.0, ..rule(bug) }, "Rule::strength")
        .refuses(Rule { strength: f64::NAN, ..rule(bug) }, "Rule::strength")
}

fn planted<S>(bugs: &[(&'static str, &[Bug])], subject: fn(Bug) -> S) -> Vec<Planted<S>> {
    let one = |law, bug| Planted { law, bug: format!("{bug:?}"), subject: subject(bug) };
    bugs.iter().flat_map(|(law, bugs)| bugs.iter().map(move |&bug| one(law, bug))).collect()
}

#[test]
fn every_law_of_penalties_catches_its_bugs() {
    let bugs: &[(&str, &[Bug])] = &[
        ("gradient_is_the_slope", &[HalfMissing, StrengthMissing, Uphill, Mean]),
        ("gradient_is_added", &[Assigned, AddedTwice, Overwritten]),
        ("zero_costs_nothing", &[EpsilonInTheRoot, SignOfZero, Constant]),
        ("same_input_same_bits", &[Counter, CounterInTheGradient, EverySecondCall]),
        ("nan_is_never_laundered", &[MaxSwallows, NanPassedOver, Clamped]),
        ("finite_at_any_magnitude", &[SquaresInTheType, DividesBySquares, Exponential]),
        ("f32_follows_f64", &[SumInTheType, Cancels, EpsilonOfTheType]),
        ("bad_settings_are_refused", &[NotChecked, NanAccepted, OtherField, GoodRefused]),
        ("parts_add_up", &[Mean, RootOfTheSum, LastLeftOut, Constant]),
        ("never_negative", &[Negated, OddPower, ConstantTaken]),
        ("convex", &[Negated, Bounded, RootOfEach]),
        ("even", &[OddPower, PositiveOnly, Lopsided]),
        ("grows_by_its_degree", &[OddPower, RootOfTheSum, Constant, Bounded]),
    ];
    table(regularizer::LAWS, &planted(bugs, penalty));
}

#[test]
fn every_law_of_constraints_catches_its_bugs() {
    let bugs: &[(&str, &[Bug])] = &[
        ("the_condition_holds", &[EpsilonInTheDenominator, FirstUnitOnly, HalfWay]),
        ("a_second_projection_changes_nothing", &[HalfWay, ShrinksAgain, EpsilonAdded]),
        ("what_is_inside_stays", &[AlwaysScaled, ShrinksAgain, EpsilonAdded]),
        ("zeros_are_safe", &[ZeroByZero, DividesByTheLargest, AlwaysScaled]),
        ("nan_is_never_laundered", &[MaxSwallows, NanPassedOver, Clamped]),
        ("finite_at_any_magnitude", &[LogarithmOfTheNorm, DividesBySquares, Exponential]),
        ("units_do_not_touch_each_other", &[WholeTensor, FactorOfTheFirst, MeanOfAll]),
        ("same_input_same_bits", &[Counter, CounterInTheGradient, EverySecondCall]),
        ("f32_follows_f64", &[EpsilonOfTheType, SumInTheType, Cancels]),
        ("bad_settings_are_refused", &[NotChecked, NanAccepted, OtherField, GoodRefused]),
    ];
    table(constraint::LAWS, &planted(bugs, projection));
}

#[test]
fn without_a_bug_no_law_is_broken() {
    healthy(regularizer::LAWS, &penalty(Bug::None));
    healthy(constraint::LAWS, &projection(Bug::None));
}
