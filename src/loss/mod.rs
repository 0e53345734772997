//! Losses: how wrong the outputs are, and in which direction they would be less so.

mod element;
mod mse;

use std::fmt::Debug;

use ndarray::ArrayD;

pub use element::ElementLoss;
pub use mse::Mse;

use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::Tensors;
use crate::network::OutputGradients;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A weighted sum of losses and the weight that it is to be divided by.
///
/// Keeping the two apart until the optimizer's step makes any split of a batch give the same total.
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
pub trait Loss<F: Scalar>: Debug + Send + Sync {
    /// Checks, once before training, that the model's outputs and the targets fit together.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Arity`] or [`Error::TargetKind`] naming this loss.
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error>;

    /// The weighted sum over the batch with its weight, and the gradient **of the sum** for each output, if it is asked for.
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
        crate::layer::snake_case(std::any::type_name::<Self>())
    }
}

/// What is lent to a loss.
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

/// A loss on plain arrays, without a model: the total, and the gradient of the sum for each output.
///
/// # Errors
/// What [`Loss::validate`], [`Loss::check`] and [`Loss::evaluate`] find wrong; [`Error::Length`] if the first axes differ.
///
/// ```
/// use downhill::{data::Dataset, loss::{self, Mse}};
/// use ndarray::array;
/// let (total, gradients) = loss::measure(&Mse, &[array![[1.0], [3.0]].into_dyn()], array![[0.0], [0.0]], None)?;
/// assert_eq!(total.mean(), 5.0);
/// assert_eq!(gradients[0], array![[2.0], [6.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn measure<F: Scalar>(
    loss: &dyn Loss<F>,
    outputs: &[ArrayD<F>],
    targets: impl crate::data::IntoTargets<F>,
    weights: Option<&[F]>,
) -> Result<(Total, Vec<ArrayD<F>>), Error> {
    use crate::data::{Dataset, Sampling, Source};
    let data = Dataset::of_several(outputs.to_vec(), targets)?;
    let content = data.content();
    let len = data.len();
    if let Some(weights) = weights.filter(|weights| weights.len() != len) {
        return Err(Error::length("the weights", weights.len(), len, "the outputs"));
    }
    let mut batch = crate::data::Batch::new(&content);
    data.fill(&(0..len).collect::<Vec<_>>(), Sampling::new(0, 0), &mut batch)?;
    loss.validate()?;
    loss.check(&content.inputs, &content.targets)?;
    let buffers: Vec<Vec<F>> =
        (0..outputs.len()).map(|i| batch.input(i).values().to_vec()).collect();
    let mut gradients: Vec<Vec<F>> =
        buffers.iter().map(|buffer| vec![F::zero(); buffer.len()]).collect();
    let ids: Vec<usize> = (0..outputs.len()).collect();
    let total = loss.evaluate(LossPass {
        outputs: Tensors::new(&buffers, &ids, &content.inputs, len),
        targets: batch.target(),
        weights,
        gradients: Some(OutputGradients::new(&mut gradients, &ids, &content.inputs, len)),
        parallel: Parallel::Off,
    })?;
    let arrays = gradients.into_iter().zip(outputs).map(|(values, like)| {
        ArrayD::from_shape_vec(like.raw_dim(), values)
            .map_err(|error| Error::other(loss.name(), error.to_string()))
    });
    Ok((total, arrays.collect::<Result<_, _>>()?))
}
