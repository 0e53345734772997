//! Metrics: accumulators that can be merged, so that any partition of the data gives the value of the whole.
//!
//! Of classes, with the shapes of [answers](#answers):
//!
//! | type | name | value | setting and default | scikit-learn's name |
//! |---|---|---|---|---|
//! | [`Accuracy`] | `accuracy` | right answers / all | – | `accuracy_score` |
//! | [`TopK`] | `top_5_accuracy` for k = 5 | targets among the k largest scores / all | `k` = 5 | `top_k_accuracy_score` |
//! | [`BinaryAccuracy`] | `binary_accuracy` | right sides of the threshold / all; single outputs only | `threshold` = 0, for logits | `accuracy_score` |
//! | [`BalancedAccuracy`] | `balanced_accuracy` | the mean recall of the classes that are a target | – | `balanced_accuracy_score` |
//! | [`Precision`] | `precision` | hits / answers of a class | `average` = macro | `precision_score` |
//! | [`Recall`] | `recall` | hits / targets of a class | `average` = macro | `recall_score` |
//! | [`F1`] | `f1` | 2 · hits / (targets + answers) of a class | `average` = macro | `f1_score` |
//! | [`Matthews`] | `matthews` | the correlation of targets and answers | – | `matthews_corrcoef` |
//! | [`ConfusionMatrix`] | `confusion_matrix` | right answers / all; [`matrix`](ConfusionMatrix::matrix) gives the counts | – | `confusion_matrix` |
//! | [`RocAuc`] | `roc_auc` | how often a sample of a class has a higher score for it than another | `multi_class` = one against the rest | `roc_auc_score` |
//! | [`AveragePrecision`] | `average_precision` | Σ (step of recall) · precision; two classes only | – | `average_precision_score` |
//! | [`LogLoss`] | `log_loss` | the mean of −ln p(target) | – | `log_loss` |
//! | [`IgnoreIndex`] | that of the metric within | another metric without one class of targets | – | – |
//!
//! The default average of precision, recall and F1 is **macro**; scikit-learn's is binary. [`Average::Binary`]`{ positive: 1 }` gives its numbers. Macro takes the mean over all
//! classes, also over those that neither targets nor answers contain, which scikit-learn leaves out; a quotient 0 / 0 counts as 0. The name has a suffix for another average: `precision_micro`,
//! `precision_weighted`, `precision_of_class_1`; and `roc_auc_one_vs_one` is the area by pairs of classes.
//!
//! Of numbers p with targets t, both of any one shape. Of several numbers to a sample, [`Rmse`], [`R2`], [`ExplainedVariance`] and [`MedianAbsoluteError`] are the mean of what they
//! are for each of them alone. None of them has a setting:
//!
//! | type | name | value | scikit-learn's name |
//! |---|---|---|---|
//! | [`MeanAbsoluteError`] | `mean_absolute_error` | the mean of \|p − t\| | `mean_absolute_error` |
//! | [`MeanSquaredError`] | `mean_squared_error` | the mean of (p − t)² | `mean_squared_error` |
//! | [`Rmse`] | `rmse` | √ of the mean of (p − t)² | `root_mean_squared_error` |
//! | [`R2`] | `r2` | 1 − Σ(p − t)² / Σ(t − mean t)² | `r2_score` |
//! | [`ExplainedVariance`] | `explained_variance` | 1 − variance(t − p) / variance(t) | `explained_variance_score` |
//! | [`MaxError`] | `max_error` | the largest \|p − t\| | `max_error` |
//! | [`MedianAbsoluteError`] | `median_absolute_error` | the median of \|p − t\| | `median_absolute_error` |
//!
//! The name is what [`Fit::monitor`](crate::Fit::monitor) and [`Evaluation::metric`](crate::train::Evaluation::metric) take. Both also take `"loss"`.
//!
//! ```
//! use downhill::metric::{Average, Metric, Precision, TopK};
//! let precision = |average| Metric::<f32>::name(&Precision { average });
//! assert_eq!(precision(Average::Macro), "precision");
//! assert_eq!(precision(Average::Binary { positive: 1 }), "precision_of_class_1");
//! assert_eq!(Metric::<f32>::name(&TopK { k: 3 }), "top_3_accuracy");
//! ```
//!
//! What all of them keep to:
//!
//! * A sample of weight 2 counts as if it were there twice, one of weight 0 as if it were not there.
//! * The value is NaN if nothing was counted, and if an output that counts is NaN.
//! * A metric knows nothing of the loss: classes that a loss ignores count, unless [`IgnoreIndex`] leaves them out or their samples have weight 0. Only the
//!   accuracy that a trainer measures by default follows the loss's `ignore_index`.
//! * Sums are kept in double precision whatever the model's type is.
//!
//! # Answers
//!
//! A model that tells classes apart has one output, of one of these shapes:
//!
//! | output | targets |
//! |---|---|
//! | `[…, classes]`: a score for each class | class indices, `[…]` |
//! | `[…]` or `[…, 1]`: the logit of class 1 of two | class indices 0 and 1, `[…]` |
//! | any shape: logits | the numbers 0 and 1, of the same shape; for [`LogLoss`] any number from 0 to 1 |
//!
//! Scores are logits where a metric needs probabilities ([`LogLoss`], [`RocAuc`] of more than two classes): it takes their softmax or sigmoid.

mod accuracy;
mod classes;
mod confusion;
mod ignore_index;
mod log_loss;
mod measure;
mod numbers;
mod places;
mod ranking;
mod regression;
mod shared;

use std::fmt::Debug;

pub use accuracy::{Accuracy, BinaryAccuracy, TopK};
pub use classes::{Average, BalancedAccuracy, F1, Matthews, Precision, Recall};
pub use confusion::ConfusionMatrix;
pub use ignore_index::IgnoreIndex;
pub use log_loss::LogLoss;
#[cfg(feature = "check")]
pub(crate) use measure::count_on;
pub use measure::{count, measure};
pub use ranking::{AveragePrecision, MultiClass, RocAuc};
pub use regression::{
    ExplainedVariance, MaxError, MeanAbsoluteError, MeanSquaredError, MedianAbsoluteError, R2, Rmse,
};

use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::goal::Goal;
use crate::layer::Tensors;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What a metric has counted so far: plain numbers whose meaning the metric knows.
///
/// ```
/// use downhill::metric::{Accuracy, Metric, Tally};
/// let tally: Tally = Metric::<f32>::start(&Accuracy);
/// assert!(Metric::<f32>::value(&Accuracy, &tally).is_nan()); // nothing was counted yet
/// ```
pub type Tally = Vec<f64>;

/// A measure of how good outputs are, counted over batches.
///
/// The metric itself holds settings alone; its counts are lent, so one metric serves any number of runs and threads.
///
/// ```
/// use downhill::metric::{self, Metric, MetricPass, Tally};
/// use downhill::{Error, Goal, Scalar, Shape, data::{Target, TargetKind}};
///
/// /// The share of numbers that are off by half a unit or less.
/// #[derive(Debug)]
/// struct Close;
///
/// impl<F: Scalar> Metric<F> for Close {
///     fn name(&self) -> String {
///         "close".to_owned()
///     }
///     fn goal(&self) -> Goal {
///         Goal::Maximize
///     }
///     fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
///         match (outputs, targets) {
///             ([output], TargetKind::Values(shape)) if shape == output && output.len() == 1 => Ok(()),
///             ([_], other) => Err(Error::target_kind("close", "numbers, as many as outputs", other.to_string())),
///             _ => Err(Error::arity("close", "one output", outputs.len())),
///         }
///     }
///     fn start(&self) -> Tally {
///         vec![0.0; 2]
///     }
///     fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
///         let Target::Values(targets) = pass.targets else {
///             return Err(Error::target_kind("close", "numbers", pass.targets.kind().to_string()));
///         };
///         for (sample, (outputs, targets)) in pass.outputs.one().rows().zip(targets.rows()).enumerate() {
///             let weight = pass.weight(sample);
///             // Whatever a sample of weight 0 holds, it counts for nothing.
///             for (y, t) in outputs.iter().zip(targets).filter(|_| weight > 0.0) {
///                 let off = (*y - *t).abs().as_f64();
///                 tally[0] += weight * if off.is_nan() { off } else { f64::from(u8::from(off <= 0.5)) };
///                 tally[1] += weight;
///             }
///         }
///         Ok(())
///     }
///     fn value(&self, tally: &Tally) -> f64 {
///         tally[0] / tally[1]
///     }
/// }
///
/// let (outputs, targets) = (ndarray::array![[1.0], [2.0], [3.0]], ndarray::array![[1.2], [0.0], [3.5]]);
/// let share = metric::measure(&Close, &[outputs.into_dyn()], targets, Some(&[1.0, 1.0, 2.0]))?;
/// assert_eq!(share, 0.75);
///
/// // It keeps all laws of metrics. (The test kit is the feature `check`.)
/// # #[cfg(feature = "check")]
/// downhill::check::metric::report(Close).assert();
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Metric<F: Scalar>: Debug + Send + Sync {
    /// The name in histories and reports, such as `"accuracy"`.
    fn name(&self) -> String;

    /// Which way is better.
    fn goal(&self) -> Goal;

    /// Checks, once, that the model's outputs and the targets can be measured.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Arity`], [`Error::TargetKind`] or [`Error::Argument`] naming this metric.
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error>;

    /// The counts before any batch.
    fn start(&self) -> Tally;

    /// Counts one batch. A sample of weight 0 is as if it were not there, whatever it holds; an output that is NaN makes the value NaN.
    ///
    /// # Errors
    /// [`Error::Target`] for a target that this metric does not allow.
    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error>;

    /// Adds the counts of another part of the data. The default adds number by number.
    fn merge(&self, tally: &mut Tally, other: &Tally) {
        for (sum, more) in tally.iter_mut().zip(other) {
            *sum += more;
        }
    }

    /// The value; NaN if nothing was counted.
    fn value(&self, tally: &Tally) -> f64;
}

/// What is lent to a metric.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[1.0], [0.0]])?;
/// # let model: Model<f64> = Model::build(Chain::new(), &[1.into()], 7)?;
/// let batch = Batch::of(&data)?; // inputs 1 and 2, targets 1 and 0
/// let mut work = Workspace::new(&model); // of a model that hands on its input
/// work.load_part(&batch.part(0, 2))?;
/// work.evaluate(&model, 2, Draw::default())?;
/// let mut pass = MetricPass::new(work.outputs(), batch.target());
/// pass.weights = Some(&[3.0, 1.0]);
/// let mut tally = Metric::<f64>::start(&MeanAbsoluteError);
/// MeanAbsoluteError.update(&mut tally, pass)?;
/// assert_eq!(Metric::<f64>::value(&MeanAbsoluteError, &tally), 0.5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MetricPass<'a, F> {
    /// The model's outputs.
    pub outputs: Tensors<'a, F>,
    /// What they should have been.
    pub targets: Target<'a, F>,
    /// The weights of the samples; `None` stands for 1 each.
    pub weights: Option<&'a [F]>,
    /// Places whose target is this class are as if they were not there.
    pub ignore_index: Option<usize>,
}

impl<'a, F: Scalar> MetricPass<'a, F> {
    /// A pass over these outputs and targets, without weights.
    pub fn new(outputs: Tensors<'a, F>, targets: Target<'a, F>) -> Self {
        Self { outputs, targets, weights: None, ignore_index: None }
    }

    /// The weight of a sample.
    pub fn weight(&self, sample: usize) -> f64 {
        self.weights.and_then(|weights| weights.get(sample)).map_or(1.0, |weight| weight.as_f64())
    }
}

/// The element at `index` of a tally whose length was not known at the start.
fn at(tally: &mut Tally, len: usize, index: usize) -> &mut f64 {
    if tally.len() < len {
        tally.resize(len, 0.0);
    }
    &mut tally[index]
}

/// Adds number by number; a tally that is still empty takes the other's length.
fn add(tally: &mut Tally, other: &Tally) {
    for (index, more) in other.iter().enumerate() {
        *at(tally, other.len(), index) += more;
    }
}

/// Counts a weighted value, for metrics that are a mean.
fn add_to_mean(tally: &mut Tally, value: f64, weight: f64) {
    *at(tally, 2, 0) += value * weight;
    *at(tally, 2, 1) += weight;
}

/// The value of metrics that are a mean.
fn mean_of(tally: &Tally) -> f64 {
    if let [sum, weight] = tally[..] { sum / weight } else { f64::NAN }
}
