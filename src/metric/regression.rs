//! How far numbers are from what they should be.

use super::numbers::{self, Pair};
use super::{Metric, MetricPass, Tally, add, add_to_mean, at, mean_of};
use crate::data::TargetKind;
use crate::error::Error;
use crate::goal::Goal;
use crate::moments::Moments;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The mean of |prediction − target|.
///
/// ```
/// use downhill::metric::{self, MeanAbsoluteError};
/// use ndarray::array;
/// let predictions = array![[1.0], [5.0]].into_dyn();
/// assert_eq!(metric::measure(&MeanAbsoluteError, &[predictions], array![[2.0], [2.0]], None)?, 2.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanAbsoluteError;

/// The mean of (prediction − target)².
///
/// ```
/// use downhill::metric::{self, MeanSquaredError};
/// use ndarray::array;
/// let predictions = array![[1.0], [5.0]].into_dyn();
/// assert_eq!(metric::measure(&MeanSquaredError, &[predictions], array![[2.0], [2.0]], None)?, 5.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanSquaredError;

/// The root of the mean of (prediction − target)². Of several outputs: the mean of their roots.
///
/// ```
/// use downhill::metric::{self, Rmse};
/// use ndarray::array;
/// let predictions = array![[1.0, 0.0], [1.0, 0.0]].into_dyn();
/// let targets = array![[4.0, 1.0], [-2.0, 1.0]]; // the errors are 3 and 3, and 1 and 1
/// assert_eq!(metric::measure(&Rmse, &[predictions], targets, None)?, (3.0 + 1.0) / 2.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rmse;

/// The coefficient of determination, 1 − Σ(prediction − target)² / Σ(target − mean target)²: 1 is perfect, 0 no better than the mean. Of
/// several outputs: the mean of theirs. If all targets are equal: 1 for perfect predictions, else 0.
///
/// ```
/// use downhill::metric::{self, R2};
/// use ndarray::array;
/// let predictions = array![[1.5], [2.0], [2.5]].into_dyn();
/// assert_eq!(metric::measure(&R2, &[predictions], array![[1.0], [2.0], [3.0]], None)?, 0.75);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct R2;

/// 1 − variance(target − prediction) / variance(target): as [`R2`], but a constant error costs nothing.
///
/// ```
/// use downhill::metric::{self, ExplainedVariance};
/// use ndarray::array;
/// let predictions = array![[11.0], [12.0], [13.0]].into_dyn();
/// let value = metric::measure(&ExplainedVariance, &[predictions], array![[1.0], [2.0], [3.0]], None)?;
/// assert_eq!(value, 1.0); // always 10 too much
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExplainedVariance;

/// The largest |prediction − target|.
///
/// ```
/// use downhill::metric::{self, MaxError};
/// use ndarray::array;
/// let predictions = array![[1.0], [5.0], [2.0]].into_dyn();
/// assert_eq!(metric::measure(&MaxError, &[predictions], array![[2.0], [2.0], [2.0]], None)?, 3.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaxError;

/// The median of |prediction − target|, which a few outliers do not move. Of several outputs: the mean of their medians. The tally keeps every
/// error.
///
/// ```
/// use downhill::metric::{self, MedianAbsoluteError};
/// use ndarray::array;
/// let predictions = array![[1.0], [1000.0], [4.0]].into_dyn();
/// assert_eq!(metric::measure(&MedianAbsoluteError, &[predictions], array![[2.0], [2.0], [2.0]], None)?, 2.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MedianAbsoluteError;

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

impl MeanAbsoluteError {
    const NAME: &'static str = "mean_absolute_error";
    const GOAL: Goal = Goal::Minimize;

    fn see(tally: &mut Tally, pair: &Pair) {
        add_to_mean(tally, pair.error().abs(), pair.weight);
    }

    fn join(tally: &mut Tally, other: &Tally) {
        add(tally, other);
    }

    fn of(tally: &Tally) -> f64 {
        mean_of(tally)
    }
}

impl MeanSquaredError {
    const NAME: &'static str = "mean_squared_error";
    const GOAL: Goal = Goal::Minimize;

    fn see(tally: &mut Tally, pair: &Pair) {
        add_to_mean(tally, pair.error().powi(2), pair.weight);
    }

    fn join(tally: &mut Tally, other: &Tally) {
        add(tally, other);
    }

    fn of(tally: &Tally) -> f64 {
        mean_of(tally)
    }
}

/// Sum and weight of each column.
impl Rmse {
    const NAME: &'static str = "rmse";
    const GOAL: Goal = Goal::Minimize;

    fn see(tally: &mut Tally, pair: &Pair) {
        *at(tally, 2 * pair.column + 2, 2 * pair.column + 1) += pair.weight;
        tally[2 * pair.column] += pair.weight * pair.error().powi(2);
    }

    fn join(tally: &mut Tally, other: &Tally) {
        add(tally, other);
    }

    fn of(tally: &Tally) -> f64 {
        mean(tally.chunks_exact(2).map(|column| (column[0] / column[1]).sqrt()))
    }
}

/// How many numbers are kept of [`Moments`].
const MOMENTS: usize = 4;

/// What R² and the explained variance count of a column: the moments of the targets and those of the errors.
const SPREAD: usize = 2 * MOMENTS;

fn moments(numbers: &[f64]) -> Moments {
    match *numbers {
        [weight, origin, drift, squares] => Moments { weight, origin, drift, squares },
        _ => Moments::default(),
    }
}

fn add_moments(tally: &mut Tally, place: usize, more: Moments) {
    at(tally, place + MOMENTS, place);
    let slots = &mut tally[place..place + MOMENTS];
    let mut sum = moments(slots);
    sum.merge(more);
    slots.copy_from_slice(&[sum.weight, sum.origin, sum.drift, sum.squares]);
}

fn see_spread(tally: &mut Tally, pair: &Pair) {
    let place = SPREAD * pair.column;
    add_moments(tally, place, Moments::of(pair.target, pair.weight));
    add_moments(tally, place + MOMENTS, Moments::of(pair.error(), pair.weight));
}

fn join_spread(tally: &mut Tally, other: &Tally) {
    for (i, numbers) in other.chunks_exact(MOMENTS).enumerate() {
        add_moments(tally, i * MOMENTS, moments(numbers));
    }
}

/// The mean over columns of 1 − left/all, where `left` is what the errors leave unexplained.
fn explained(tally: &Tally, left: impl Fn(Moments) -> f64) -> f64 {
    mean(tally.chunks_exact(SPREAD).map(|column| {
        let (target, error) = column.split_at(MOMENTS);
        let (left, all) = (left(moments(error)), moments(target).squares);
        match (left, all) {
            (0.0, 0.0) => 1.0,
            (left, 0.0) if !left.is_nan() => 0.0,
            _ => 1.0 - left / all,
        }
    }))
}

impl R2 {
    const NAME: &'static str = "r2";
    const GOAL: Goal = Goal::Maximize;

    fn see(tally: &mut Tally, pair: &Pair) {
        see_spread(tally, pair);
    }

    fn join(tally: &mut Tally, other: &Tally) {
        join_spread(tally, other);
    }

    fn of(tally: &Tally) -> f64 {
        explained(tally, |error| error.squares + error.weight * error.mean().powi(2))
    }
}

impl ExplainedVariance {
    const NAME: &'static str = "explained_variance";
    const GOAL: Goal = Goal::Maximize;

    fn see(tally: &mut Tally, pair: &Pair) {
        see_spread(tally, pair);
    }

    fn join(tally: &mut Tally, other: &Tally) {
        join_spread(tally, other);
    }

    fn of(tally: &Tally) -> f64 {
        explained(tally, |error| error.squares)
    }
}

/// The largest error; nothing before the first one.
impl MaxError {
    const NAME: &'static str = "max_error";
    const GOAL: Goal = Goal::Minimize;

    fn see(tally: &mut Tally, pair: &Pair) {
        let (error, largest) = (pair.error().abs(), at(tally, 1, 0));
        // Unlike f64::max, this keeps NaN.
        if error > *largest || error.is_nan() {
            *largest = error;
        }
    }

    fn join(tally: &mut Tally, other: &Tally) {
        for &more in other {
            let largest = at(tally, 1, 0);
            if more > *largest || more.is_nan() {
                *largest = more;
            }
        }
    }

    fn of(tally: &Tally) -> f64 {
        tally.first().copied().unwrap_or(f64::NAN)
    }
}

/// Column, weight and error of each number.
impl MedianAbsoluteError {
    const NAME: &'static str = "median_absolute_error";
    const GOAL: Goal = Goal::Minimize;

    fn see(tally: &mut Tally, pair: &Pair) {
        tally.extend([pair.column as f64, pair.weight, pair.error().abs()]);
    }

    fn join(tally: &mut Tally, other: &Tally) {
        tally.extend_from_slice(other);
    }

    fn of(tally: &Tally) -> f64 {
        let mut errors: Vec<(usize, f64, f64)> =
            tally.chunks_exact(3).map(|error| (error[0] as usize, error[2], error[1])).collect();
        if errors.iter().any(|(_, error, _)| error.is_nan()) {
            return f64::NAN;
        }
        errors.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let medians: Vec<f64> = errors.chunk_by(|a, b| a.0 == b.0).map(weighted_median).collect();
        mean(medians.into_iter())
    }
}

/// The error at half of the weight; between two errors their mean. `column` is sorted by error.
fn weighted_median(column: &[(usize, f64, f64)]) -> f64 {
    let half = 0.5 * column.iter().map(|(_, _, weight)| weight).sum::<f64>();
    let mut below = 0.0;
    for (i, (_, error, weight)) in column.iter().enumerate() {
        below += weight;
        if below == half {
            let next = column.get(i + 1).map_or(*error, |(_, next, _)| *next);
            return 0.5 * (error + next);
        }
        if below > half {
            return *error;
        }
    }
    f64::NAN
}

macro_rules! metric_of_numbers {
    ($($type:ty),*) => {$(
        impl<F: Scalar> Metric<F> for $type {
            fn name(&self) -> String {
                Self::NAME.to_owned()
            }

            fn goal(&self) -> Goal {
                Self::GOAL
            }

            fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
                numbers::check(Self::NAME, outputs, targets)
            }

            /// Nothing yet: the number of columns is known at the first batch.
            fn start(&self) -> Tally {
                Tally::new()
            }

            fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
                numbers::each(Self::NAME, &pass, |pair| Self::see(tally, &pair))
            }

            fn merge(&self, tally: &mut Tally, other: &Tally) {
                Self::join(tally, other);
            }

            fn value(&self, tally: &Tally) -> f64 {
                Self::of(tally)
            }
        }
    )*};
}

metric_of_numbers!(
    MeanAbsoluteError,
    MeanSquaredError,
    Rmse,
    R2,
    ExplainedVariance,
    MaxError,
    MedianAbsoluteError
);
