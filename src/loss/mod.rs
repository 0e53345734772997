//! Losses: how wrong the outputs are, and in which direction they would be less so.
//!
//! | for | losses |
//! |---|---|
//! | numbers | [`Mse`], [`Mae`], [`SmoothL1`], [`Huber`], [`LogCosh`], [`Quantile`]; with an uncertainty [`GaussianNll`]; counts [`PoissonNll`] |
//! | one of several classes | [`CrossEntropy`] (logits), [`Nll`] (log-probabilities), [`MultiMargin`] |
//! | yes or no, once or for many labels | [`BinaryCrossEntropyWithLogits`], [`BinaryCrossEntropy`] (probabilities), [`Focal`], [`Hinge`], [`SquaredHinge`], [`SoftMargin`], [`MultiLabelMargin`] |
//! | labels in order, at no given step | [`Ctc`] |
//! | distributions | [`KlDivergence`], [`CrossEntropy`] with probabilities as targets |
//! | embeddings and rankings | [`CosineEmbedding`], [`HingeEmbedding`], [`Triplet`], [`MarginRanking`] |
//!
//! # Reduction
//!
//! The loss of a batch is Σ wᵢ·lᵢ divided by a weight. Here wᵢ is the weight of sample i, 1 if none is given, and
//!
//! | losses | lᵢ | divided by |
//! |---|---|---|
//! | those that compare number with number ([`ElementLoss`]), [`BinaryCrossEntropyWithLogits`], [`GaussianNll`], [`MarginRanking`] | the **mean** over the sample's numbers | Σ wᵢ |
//! | [`Triplet`], [`CosineEmbedding`] | the sample's one value | Σ wᵢ |
//! | [`Ctc`] | the sample's value over the number of its labels, unless `per_label` is false | Σ wᵢ |
//! | [`CrossEntropy`] and [`Nll`] with class indices | the sum over places of class weight × loss | Σ wᵢ × class weight, over the places that are not ignored |
//! | [`CrossEntropy`] with probabilities, [`KlDivergence`], [`MultiMargin`], [`MultiLabelMargin`] | the sum over places | Σ wᵢ × places |
//!
//! With equal sample weights this is PyTorch's `reduction='mean'`, or for [`KlDivergence`] of samples without places its `reduction='batchmean'`. There is no
//! setting for a plain sum: [`measure`] and [`Loss::evaluate`] give sum and weight.
//!
//! # What holds for all of them
//!
//! * A loss gives a weighted **sum** and its weight, and the gradient of the sum. The division comes last, so parts of a batch can be added up. Sums
//!   are taken in double precision, in the order of the samples.
//! * A sample of weight 0 is as if it were not there, whatever is in it.
//! * NaN among the outputs is NaN in the sum; it is never taken for a number.
//! * Targets of the wrong kind, shape or range are errors that name the loss, and the row and its value.
//! * Scalar targets for an output of shape `[1]` are the only case where shapes may differ.

mod binary_cross_entropy;
mod binary_cross_entropy_with_logits;
mod cosine_embedding;
mod cross_entropy;
mod ctc;
mod element;
mod fit;
mod focal;
mod gaussian_nll;
mod hinge;
mod hinge_embedding;
mod huber;
mod kl_divergence;
mod log_cosh;
mod mae;
mod margin_ranking;
mod measure;
mod mse;
mod multi_label_margin;
mod multi_margin;
mod nll;
mod numeric;
mod per_class;
mod poisson_nll;
mod quantile;
mod rows;
mod shared;
mod smooth_l1;
mod soft_margin;
mod squared_hinge;
mod triplet;
mod walk;

use std::fmt::Debug;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use binary_cross_entropy_with_logits::BinaryCrossEntropyWithLogits;
pub use cosine_embedding::CosineEmbedding;
pub use cross_entropy::CrossEntropy;
pub use ctc::Ctc;
pub use element::ElementLoss;
pub use focal::Focal;
pub use gaussian_nll::GaussianNll;
pub use hinge::Hinge;
pub use hinge_embedding::HingeEmbedding;
pub use huber::Huber;
pub use kl_divergence::KlDivergence;
pub use log_cosh::LogCosh;
pub use mae::Mae;
pub use margin_ranking::MarginRanking;
pub use measure::measure;
pub use mse::Mse;
pub use multi_label_margin::MultiLabelMargin;
pub use multi_margin::MultiMargin;
pub use nll::Nll;
pub use poisson_nll::PoissonNll;
pub use quantile::Quantile;
pub use smooth_l1::SmoothL1;
pub use soft_margin::SoftMargin;
pub use squared_hinge::SquaredHinge;
pub use triplet::Triplet;

use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::Tensors;
use crate::network::OutputGradients;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A weighted sum of losses and the weight that it is to be divided by.
///
/// The two are kept apart until the optimizer's step, so that any split of a batch gives the same total, up to rounding, if each sample's loss depends on that
/// sample alone.
///
/// ```
/// use downhill::loss::Total;
/// let whole = Total { sum: 6.0, weight: 3.0 } + Total { sum: 1.0, weight: 1.0 };
/// assert_eq!(whole.mean(), 1.75);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// The sum of weight × loss.
    pub sum: f64,
    /// The sum of the weights.
    pub weight: f64,
}

impl Total {
    /// The weighted mean; 0 if nothing has any weight.
    pub fn mean(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.sum / self.weight }
    }
}

impl std::ops::Add for Total {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, weight: self.weight + other.weight }
    }
}

impl std::ops::AddAssign for Total {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// How wrong the outputs of a batch are.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::data::Target;
/// use downhill::loss::Total;
///
/// /// Σ |output|, for data without targets.
/// #[derive(Debug)]
/// struct Size;
///
/// impl<F: Scalar> Loss<F> for Size {
///     fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
///         match (outputs.len(), targets) {
///             (1, TargetKind::None) => Ok(()),
///             (1, other) => Err(Error::target_kind("size", "no targets", other.to_string())),
///             (count, _) => Err(Error::arity("size", "one output", count)),
///         }
///     }
///     fn evaluate(&self, mut pass: LossPass<'_, F>) -> Result<Total, Error> {
///         let outputs = pass.outputs.one();
///         let mut total = Total::default();
///         for (sample, row) in outputs.rows().enumerate() {
///             let weight = pass.weight(sample);
///             if weight == F::zero() {
///                 // Whatever such a sample holds, it counts for nothing.
///                 if let Some(gradients) = &mut pass.gradients {
///                     gradients.one().row(sample).fill(F::zero());
///                 }
///                 continue;
///             }
///             let sum: f64 = row.iter().map(|y| y.abs().as_f64()).sum();
///             total += Total { sum: weight.as_f64() * sum, weight: weight.as_f64() };
///             if let Some(gradients) = &mut pass.gradients {
///                 for (g, y) in gradients.one().row(sample).iter_mut().zip(row) {
///                     *g = weight * y.signum();
///                 }
///             }
///         }
///         Ok(total)
///     }
/// }
///
/// let (total, gradients) = loss::measure(&Size, &[ndarray::array![[1.0, -2.0], [3.0, 0.5]].into_dyn()], (), Some(&[1.0, 2.0]))?;
/// assert_eq!(total, Total { sum: 3.0 + 2.0 * 3.5, weight: 3.0 });
/// assert_eq!(gradients[0], ndarray::array![[1.0, -1.0], [2.0, 2.0]].into_dyn());
///
/// // It keeps all laws of losses. (The test kit is the feature `check`.)
/// # #[cfg(feature = "check")]
/// downhill::check::loss::report(Size).assert();
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Loss<F: Scalar>: Debug + Send + Sync {
    /// Checks, once before training, that the model's outputs and the targets fit together.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Arity`] or [`Error::TargetKind`] naming this loss.
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error>;

    /// The weighted sum over the batch with its weight, and the gradient **of the sum** for each output, if it is asked for.
    ///
    /// A sample of weight 0 is passed over, whatever it holds: its target is not checked, and its gradient is 0 even where 0 × NaN is not.
    ///
    /// # Errors
    /// [`Error::Target`] for a target that this loss does not allow.
    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error>;

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The name in messages and reports. The default is the type's name.
    fn name(&self) -> String {
        crate::names::snake_case(std::any::type_name::<Self>())
    }

    /// The class whose places this loss leaves out, if there is one: the accuracy that a trainer measures by default leaves them out, too.
    fn ignore_index(&self) -> Option<usize> {
        None
    }
}

/// What is lent to a loss.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[0.0], [1.0]])?;
/// # let model: Model<f64> = Model::build(Chain::new(), &[1.into()], 7)?;
/// let batch = Batch::of(&data)?; // inputs 1 and 2, targets 0 and 1
/// let mut work = Workspace::new(&model); // of a model that hands on its input
/// work.load_part(&batch.part(0, 2))?;
/// work.evaluate(&model, 2, Draw::default())?;
/// let mut pass = LossPass::new(work.outputs(), batch.target());
/// pass.weights = Some(&[1.0, 3.0]);
/// assert_eq!(Mse.evaluate(pass)?, downhill::loss::Total { sum: 4.0, weight: 4.0 });
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct LossPass<'a, F> {
    /// The model's outputs.
    pub outputs: Tensors<'a, F>,
    /// What they should have been.
    pub targets: Target<'a, F>,
    /// The weights of the samples; `None` stands for 1 each.
    pub weights: Option<&'a [F]>,
    /// The gradients for the outputs, to overwrite; `None` if only the value is wanted.
    pub gradients: Option<OutputGradients<'a, F>>,
    /// Whether kernels may use several threads.
    pub parallel: Parallel,
}

impl<'a, F: Scalar> LossPass<'a, F> {
    /// A pass over these outputs and targets, without weights or gradients.
    pub fn new(outputs: Tensors<'a, F>, targets: Target<'a, F>) -> Self {
        Self { outputs, targets, weights: None, gradients: None, parallel: Parallel::Off }
    }

    /// The weight of a sample.
    pub fn weight(&self, sample: usize) -> F {
        self.weights.and_then(|weights| weights.get(sample)).copied().unwrap_or(F::one())
    }
}
