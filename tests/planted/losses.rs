//! Broken losses, and the laws that catch them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{Planted, healthy, table};
use downhill::check::loss::{LAWS, LossUnderTest, Targets};
use downhill::data::{Target, TargetKind};
use downhill::loss::{Loss, LossPass, Total};
use downhill::{Error, Scalar, Shape};

/// What is wrong with the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    // The gradient.
    GradientOfTheMean,
    FactorMissing,
    GradientUphill,
    LabelOffByOneInTheGradient,
    GradientAdded,
    SilentRowsNotOverwritten,
    LastNumberNotOverwritten,
    NothingWithoutGradients,
    MeanWithoutGradients,
    SumTwiceWithGradients,
    NoiseFromACounter,
    EverySecondCallHalved,
    GradientFromACounter,
    // Weights.
    ZeroTimesNan,
    CountsSamples,
    WeightsIgnored,
    WeightsSquared,
    WeightsLeftOutOfTheGradient,
    WeightsNormalized,
    // Samples.
    MeanOfTheBatch,
    LastSampleDropped,
    ConstantForEachBatch,
    FirstSampleTwice,
    PlaceInTheFormula,
    CentersTheBatch,
    TargetOfTheNextSample,
    ScaledByTheLargest,
    DividesByOneLess,
    EmptyIsNan,
    ReadsTheFirstSample,
    // Numbers.
    CoshDirectly,
    ExponentialDirectly,
    UnstableSoftmax,
    MaxSwallowsNan,
    NanIsPassedOver,
    ClampSwallowsNan,
    DifferenceOfLargeNumbers,
    EpsilonOfTheType,
    SumInTheType,
    // What does not fit.
    NoRange,
    RangeOfTheFirstNumber,
    RowIsThePlace,
    LabelUpToTheNumberOfClasses,
    AnyTargets,
    ClassesAsNumbers,
    NoTargetsEither,
    ErrorsWithoutName,
    FirstAxisOnly,
    PrefixOfTheShape,
    FirstOutputOnly,
    NoOutputsEither,
    MoreOutputsToo,
    SettingsNotChecked,
    NanIsNoBadSetting,
    AnotherFieldNamed,
    GoodSettingsRefused,
    // Claims.
    ValueNegated,
    TargetOfTheNextNumber,
    Biased,
    OddPower,
    ConstantLeftOut,
    Bounded,
    RootOfTheError,
    Waves,
}

use Bug::*;

/// The square of the error over two, or cross-entropy between classes, as it should be but for one bug.
#[derive(Debug)]
struct Rule {
    bug: Bug,
    /// What the whole is multiplied by.
    scale: f64,
    classes: bool,
    calls: AtomicU64,
}

fn rule(bug: Bug, classes: bool) -> Rule {
    Rule { bug, scale: 1.0, classes, calls: AtomicU64::new(0) }
}

impl Rule {
    fn is(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    fn place(&self) -> &'static str {
        if self.is(ErrorsWithoutName) { "loss" } else { "planted" }
    }

    /// Value and slope for the error d.
    fn number<F: Scalar>(&self, p: F, t: F) -> (F, F) {
        let (one, half) = (F::one(), F::of(0.5));
        let d = match self.bug {
            MaxSwallowsNan => (p - t).max(F::of(-100.0)),
            ClampSwallowsNan if (p - t).is_nan() || p - t < F::of(-100.0) => F::of(-100.0),
            DifferenceOfLargeNumbers => (p + F::of(1e4)) - (t + F::of(1e4)),
            EpsilonOfTheType => p - t + F::epsilon().sqrt(),
            Biased => p - t + F::of(0.3),
            _ => p - t,
        };
        match self.bug {
            FactorMissing => (d * d, d),
            GradientUphill => (half * d * d, -d),
            CoshDirectly => (d.cosh().ln(), d.tanh()),
            ExponentialDirectly => ((one + d.exp()).ln(), d.exp() / (one + d.exp())),
            ValueNegated => (-half * d * d, -d),
            OddPower => (d * d * d, F::of(3.0) * d * d),
            ConstantLeftOut => (half * d * d - one, d),
            Bounded => (d * d / (one + d * d), d),
            RootOfTheError => (d.abs().sqrt(), d),
            Waves => (half * d * d + (F::of(3.0) * d).cos(), d),
            NanIsPassedOver if d.is_nan() => (F::zero(), F::zero()),
            _ => (half * d * d, d),
        }
    }

    /// The cross-entropy of one place and its gradient.
    fn place_of<F: Scalar>(&self, scores: &[F], label: usize, gradient: &mut [F]) -> f64 {
        let top = scores.iter().fold(F::neg_infinity(), |m, &x| if x > m { x } else { m });
        let top = if self.is(UnstableSoftmax) { F::zero() } else { top };
        let sum: F = scores.iter().map(|&x| (x - top).exp()).sum();
        let shifted = if self.is(LabelOffByOneInTheGradient) { label + 1 } else { label };
        for (class, (g, &x)) in gradient.iter_mut().zip(scores).enumerate() {
            let own = if class == shifted { F::one() } else { F::zero() };
            *g = (x - top).exp() / sum - own;
        }
        scores.get(label).map_or(0.0, |&own| (sum.ln() + top - own).as_f64())
    }

    fn target_error(&self, row: usize, value: impl ToString) -> Error {
        Error::target(self.place(), row, value, "something else")
    }

    /// The loss of one sample and its gradient.
    fn sample<F: Scalar>(
        &self,
        scores: &[F],
        sample: usize,
        targets: &Target<'_, F>,
        gradient: &mut [F],
    ) -> Result<f64, Error> {
        match targets {
            Target::Classes(labels) => {
                let classes = scores.len() / labels.shape().size().max(1);
                let mut sum = 0.0;
                let places = scores.chunks(classes).zip(gradient.chunks_mut(classes));
                for (i, (scores, gradient)) in places.enumerate() {
                    let place = sample * labels.shape().size() + i;
                    let label = labels.labels()[place];
                    let most =
                        if self.is(LabelUpToTheNumberOfClasses) { classes } else { classes - 1 };
                    if label > most {
                        return Err(self.target_error(sample, label));
                    }
                    sum += self.place_of(scores, label, gradient);
                }
                Ok(sum)
            }
            Target::Values(view) => {
                let values = view.row(sample);
                for (i, &t) in values.iter().enumerate() {
                    let seen = !(self.is(NoRange) || self.is(RangeOfTheFirstNumber) && i > 0);
                    if seen && t.abs() > F::of(5.0) {
                        let place = sample * values.len() + i;
                        let row = if self.is(RowIsThePlace) { place + 1 } else { sample };
                        return Err(self.target_error(row, t));
                    }
                }
                let next = if self.is(TargetOfTheNextSample) {
                    (sample + 1) % view.batch()
                } else {
                    sample
                };
                let values = view.row(next);
                let mut sum = 0.0;
                let mut short = F::of(1e4);
                for (i, (&p, g)) in scores.iter().zip(gradient).enumerate() {
                    let at =
                        if self.is(TargetOfTheNextNumber) { (i + 1) % values.len() } else { i };
                    let (value, slope) = self.number(p, values[at]);
                    *g = slope;
                    sum += value.as_f64();
                    short += value;
                }
                Ok(if self.is(SumInTheType) { (short - F::of(1e4)).as_f64() } else { sum })
            }
            _ => Err(Error::target_kind(self.place(), "numbers", "nothing")),
        }
    }
}

impl<F: Scalar> Loss<F> for Rule {
    fn name(&self) -> String {
        "planted".to_owned()
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let arity = match self.bug {
            FirstOutputOnly => !outputs.is_empty(),
            NoOutputsEither => outputs.len() < 2,
            MoreOutputsToo => (1..3).contains(&outputs.len()),
            _ => outputs.len() == 1,
        };
        if !arity {
            return Err(Error::arity(self.place(), 1, outputs.len()));
        }
        let Some(output) = outputs.first() else { return Ok(()) };
        let fits = match targets {
            _ if self.is(AnyTargets) => true,
            TargetKind::None => self.is(NoTargetsEither),
            TargetKind::Classes(shape) if self.classes => {
                output.split_last().is_some_and(|(_, places)| shape.axes() == places)
            }
            TargetKind::Classes(_) => self.is(ClassesAsNumbers),
            TargetKind::Values(_) if self.classes => false,
            TargetKind::Values(shape) => match self.bug {
                FirstAxisOnly => shape.first() == output.first(),
                PrefixOfTheShape => shape.starts_with(output),
                _ => shape == output,
            },
            _ => false,
        };
        let got = targets.to_string();
        if fits { Ok(()) } else { Err(Error::target_kind(self.place(), "numbers", got)) }
    }

    fn evaluate(&self, mut pass: LossPass<'_, F>) -> Result<Total, Error> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) as f64;
        let is = |bug: Bug| self.bug == bug;
        let mut lent = pass.gradients.take();
        let asked = lent.is_some();
        let output = pass.outputs.one();
        let (batch, size) = (output.batch(), output.size());
        let weights: Vec<f64> = (0..batch).map(|i| pass.weight(i).as_f64()).collect();
        if is(NothingWithoutGradients) && !asked {
            return Ok(Total::default());
        }
        if is(ReadsTheFirstSample) && output.values()[0].is_nan() {
            return Ok(Total { sum: f64::NAN, weight: 1.0 });
        }
        let all: f64 = weights.iter().sum();
        let middle =
            output.values().iter().copied().sum::<F>() / F::of((batch * size).max(1) as f64);
        let most = output.values().iter().fold(F::one(), |m, x| m.max(x.abs()));
        let mut total = Total::default();
        for (sample, &weight) in weights.iter().enumerate() {
            let last = sample + 1 == batch && batch > 1;
            let mut scores = output.row(sample).to_vec();
            if is(CentersTheBatch) {
                scores.iter_mut().for_each(|x| *x -= middle);
            }
            let mut gradient = vec![F::zero(); size];
            let silent = weight == 0.0 && !is(ZeroTimesNan);
            let value = if silent {
                0.0
            } else {
                self.sample(&scores, sample, &pass.targets, &mut gradient)?
            };
            let mut factor = match self.bug {
                WeightsIgnored => 1.0,
                WeightsSquared => weight * weight,
                WeightsNormalized if all > 0.0 => weight / all * batch as f64,
                FirstSampleTwice if sample == 0 => 2.0 * weight,
                PlaceInTheFormula => weight * (1.0 + 0.1 * sample as f64),
                DividesByOneLess => weight / (batch as f64 - 1.0),
                EverySecondCallHalved if calls % 2.0 > 0.0 => 0.5 * weight,
                _ => weight,
            };
            if is(LastSampleDropped) && last {
                factor = 0.0;
            }
            if !silent {
                total += Total { sum: factor * value, weight };
            }
            let mut slope = match self.bug {
                GradientOfTheMean => factor / batch as f64,
                WeightsLeftOutOfTheGradient if weight > 0.0 => 1.0,
                GradientFromACounter => factor * (1.0 + 1e-9 * calls),
                ScaledByTheLargest => factor / most.as_f64(),
                _ => factor,
            };
            slope *= self.scale;
            let Some(lent) = &mut lent else { continue };
            let mut view = lent.one();
            let row = &mut view.values()[sample * size..(sample + 1) * size];
            if is(SilentRowsNotOverwritten) && silent {
                continue;
            }
            for (i, (g, own)) in row.iter_mut().zip(gradient).enumerate() {
                let own = if silent { F::zero() } else { F::of(slope) * own };
                if is(GradientAdded) {
                    *g += own;
                } else if !(is(LastNumberNotOverwritten) && i + 1 == size) {
                    *g = own;
                }
            }
        }
        match self.bug {
            MeanWithoutGradients if !asked => total.sum /= (batch as f64).max(1.0) + 1.0,
            SumTwiceWithGradients if asked => total.sum *= 2.0,
            NoiseFromACounter => total.sum += 1e-9 * calls,
            CountsSamples => total.weight = batch as f64,
            MeanOfTheBatch => total.sum /= batch as f64,
            ConstantForEachBatch => total.sum += 0.1,
            EmptyIsNan => total.sum *= batch as f64 * (batch as f64).recip(),
            _ => {}
        }
        total.sum *= self.scale;
        Ok(total)
    }

    fn validate(&self) -> Result<(), Error> {
        let bad = match self.bug {
            SettingsNotChecked => false,
            NanIsNoBadSetting => self.scale < 0.0,
            GoodSettingsRefused => self.scale.is_nan() || self.scale <= 1.0,
            _ => self.scale.is_nan() || self.scale < 0.0,
        };
        let field = if self.is(AnotherFieldNamed) { "Planted::weight" } else { "Planted::scale" };
        if bad { Err(Error::argument(field, self.scale, "0 or more")) } else { Ok(()) }
    }
}

/// The square with this bug, and all that can be said of it.
fn squares(bug: Bug) -> LossUnderTest {
    LossUnderTest::new(rule(bug, false))
        .targets(Targets::Real)
        .minimum_at_target()
        .never_negative()
        .convex()
        .refuses_target(9.0)
        .refuses(Rule { scale: -1.0, ..rule(bug, false) }, "Planted::scale")
        .refuses(Rule { scale: f64::NAN, ..rule(bug, false) }, "Planted::scale")
}

/// Cross-entropy with this bug.
fn entropy(bug: Bug) -> LossUnderTest {
    LossUnderTest::new(rule(bug, true)).targets(Targets::Classes).never_negative().convex()
}

fn subject(bug: Bug) -> LossUnderTest {
    match bug {
        LabelOffByOneInTheGradient | UnstableSoftmax | LabelUpToTheNumberOfClasses => entropy(bug),
        _ => squares(bug),
    }
}

#[test]
fn every_law_catches_its_bugs() {
    let bugs: &[(&str, &[Bug])] = &[
        (
            "gradient_is_the_slope_of_the_sum",
            &[
                GradientOfTheMean,
                FactorMissing,
                GradientUphill,
                LabelOffByOneInTheGradient,
                WeightsLeftOutOfTheGradient,
            ],
        ),
        (
            "gradients_are_overwritten",
            &[GradientAdded, SilentRowsNotOverwritten, LastNumberNotOverwritten],
        ),
        (
            "gradients_change_no_total",
            &[NothingWithoutGradients, MeanWithoutGradients, SumTwiceWithGradients],
        ),
        ("same_input_same_bits", &[NoiseFromACounter, EverySecondCallHalved, GradientFromACounter]),
        (
            "weight_zero_removes_a_sample",
            &[ZeroTimesNan, CountsSamples, SilentRowsNotOverwritten, WeightsNormalized],
        ),
        (
            "weight_two_is_the_sample_twice",
            &[WeightsIgnored, WeightsSquared, WeightsLeftOutOfTheGradient, CountsSamples],
        ),
        (
            "everything_is_proportional_to_the_weights",
            &[WeightsNormalized, WeightsSquared, WeightsIgnored, CountsSamples],
        ),
        ("parts_add_up", &[MeanOfTheBatch, LastSampleDropped, ConstantForEachBatch]),
        (
            "order_of_samples_is_irrelevant",
            &[FirstSampleTwice, LastSampleDropped, PlaceInTheFormula],
        ),
        (
            "samples_do_not_touch_each_other",
            &[CentersTheBatch, TargetOfTheNextSample, ScaledByTheLargest],
        ),
        ("a_batch_of_one_is_a_batch", &[DividesByOneLess, MeanOfTheBatch, ConstantForEachBatch]),
        ("an_empty_batch_is_nothing", &[EmptyIsNan, ConstantForEachBatch, ReadsTheFirstSample]),
        ("large_outputs_have_finite_losses", &[CoshDirectly, ExponentialDirectly, UnstableSoftmax]),
        ("nan_is_never_laundered", &[MaxSwallowsNan, NanIsPassedOver, ClampSwallowsNan]),
        ("f32_follows_f64", &[DifferenceOfLargeNumbers, EpsilonOfTheType, SumInTheType]),
        (
            "targets_out_of_range_are_errors",
            &[NoRange, RangeOfTheFirstNumber, RowIsThePlace, LabelUpToTheNumberOfClasses],
        ),
        (
            "targets_of_another_kind_are_errors",
            &[AnyTargets, ClassesAsNumbers, NoTargetsEither, ErrorsWithoutName],
        ),
        (
            "targets_of_another_shape_are_errors",
            &[AnyTargets, FirstAxisOnly, PrefixOfTheShape, ErrorsWithoutName],
        ),
        (
            "another_number_of_outputs_is_an_error",
            &[FirstOutputOnly, NoOutputsEither, MoreOutputsToo, ErrorsWithoutName],
        ),
        (
            "bad_settings_are_refused",
            &[SettingsNotChecked, NanIsNoBadSetting, AnotherFieldNamed, GoodSettingsRefused],
        ),
        ("minimum_at_the_target", &[ValueNegated, TargetOfTheNextNumber, Biased]),
        ("never_negative", &[ValueNegated, OddPower, ConstantLeftOut]),
        ("convex", &[ValueNegated, Bounded, RootOfTheError, Waves]),
    ];
    let planted: Vec<_> = bugs
        .iter()
        .flat_map(|(law, bugs)| {
            bugs.iter().map(|&bug| Planted { law, bug: format!("{bug:?}"), subject: subject(bug) })
        })
        .collect();
    table(LAWS, &planted);
}

#[test]
fn without_a_bug_no_law_is_broken() {
    healthy(LAWS, &squares(Bug::None));
    healthy(LAWS, &entropy(Bug::None));
}
