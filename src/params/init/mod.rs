//! How parameters start.
//!
//! A rule fills one tensor as a pure function of the tensor's shape, its fans and its own random numbers: element `i` uses number `i`, so
//! neither the order of the parameters nor the thread that fills them changes a value.
//!
//! | rule | values |
//! |---|---|
//! | [`Constant`] | all the same |
//! | [`Uniform`], [`Normal`], [`TruncatedNormal`] | the distribution as given |
//! | [`Glorot`], [`He`], [`LeCun`], [`FanInUniform`] | zero mean, spread by fan: cases of [`VarianceScaling`] |
//! | [`Orthogonal`] | orthonormal rows or columns |
//! | [`Eye`], [`Dirac`] | the identity, for matrices and for convolutions |
//!
//! A dense layer without a rule of its own takes what the activation after it prefers, else [`Glorot::uniform`].

mod constant;
mod dirac;
mod eye;
mod fan_in_uniform;
mod glorot;
mod he;
mod lecun;
mod nonlinearity;
mod normal;
mod orthogonal;
mod truncated_normal;
mod uniform;
mod variance_scaling;

use std::fmt::Debug;
use std::sync::Arc;

pub use constant::Constant;
pub use dirac::Dirac;
pub use eye::Eye;
pub use fan_in_uniform::FanInUniform;
pub use glorot::Glorot;
pub use he::He;
pub use lecun::LeCun;
pub use nonlinearity::Nonlinearity;
pub use normal::Normal;
pub use orthogonal::Orthogonal;
pub use truncated_normal::TruncatedNormal;
pub use uniform::Uniform;
pub use variance_scaling::{Distribution, Fan, VarianceScaling};

use crate::error::Error;
use crate::random::Noise;
use crate::shape::Shape;

/// A rule for the first values of a parameter.
///
/// ```
/// use downhill::params::init::{Init, Start};
/// /// Every value is one over the number of inputs.
/// #[derive(Debug)]
/// struct Mean;
/// impl Init for Mean {
///     fn fill(&self, tensor: Start<'_>) {
///         tensor.values.fill(1.0 / tensor.fan_in as f64);
///     }
/// }
/// # use downhill::{Model, layer::Dense};
/// # let model: Model<f64> = Model::build(Dense::new(1).weight_init(Mean), &[2.into()], 7)?;
/// # assert_eq!(model.values(), [0.5, 0.5, 0.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Init: Debug + Send + Sync {
    /// Writes the first values of one tensor.
    fn fill(&self, tensor: Start<'_>);

    /// Checks the settings; called when a model is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// A shared rule is a rule.
impl<I: Init + ?Sized> Init for Arc<I> {
    fn fill(&self, tensor: Start<'_>) {
        (**self).fill(tensor);
    }

    fn validate(&self) -> Result<(), Error> {
        (**self).validate()
    }
}

/// One tensor to be given its first values.
///
/// ```
/// use downhill::{params::init::{Constant, Init, Start}, random::Noise};
/// let (shape, mut values) = ([2, 3].into(), [0.0; 6]);
/// let tensor = Start::new(&shape, (3, 2), Noise::new(7), &mut values);
/// assert_eq!((tensor.fan_in, tensor.fan_out), (3, 2));
/// Constant(0.5).fill(tensor);
/// assert_eq!(values, [0.5; 6]);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Start<'a> {
    /// The shape; the first axis counts the outputs.
    pub shape: &'a Shape,
    /// How many inputs feed one output.
    pub fan_in: usize,
    /// How many outputs one input feeds.
    pub fan_out: usize,
    /// Random numbers that belong to this tensor alone.
    pub noise: Noise,
    /// The values to write, row after row.
    pub values: &'a mut [f64],
}

impl<'a> Start<'a> {
    /// A tensor of `shape` with these fans (inputs per output, outputs per input).
    ///
    /// ```
    /// use downhill::params::init::{Init, Start, Uniform};
    /// use downhill::random::Noise;
    /// let mut values = [0.0; 6];
    /// Uniform::default().fill(Start::new(&[2, 3].into(), (3, 2), Noise::new(7), &mut values));
    /// assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
    /// ```
    pub fn new(
        shape: &'a Shape,
        fans: (usize, usize),
        noise: Noise,
        values: &'a mut [f64],
    ) -> Self {
        Self { shape, fan_in: fans.0, fan_out: fans.1, noise, values }
    }
}

impl Start<'_> {
    /// The size of the first axis, and the product of the others: the tensor seen as a matrix.
    fn matrix(&self) -> (usize, usize) {
        let (rows, len) = (self.shape.first().copied().unwrap_or(1).max(1), self.values.len());
        if len > 0 && len.is_multiple_of(rows) { (rows, len / rows) } else { (1, len) }
    }
}
