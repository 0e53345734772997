//! Regularizers change the objective; constraints change the parameters after the update; decoupled decay changes the update itself.
//!
//! | | what it does | types |
//! |---|---|---|
//! | [`Regularizer`] | adds a penalty to the mean loss, and its gradient | [`L1`], [`L2`], [`ElasticNet`] |
//! | [`DecoupledDecay`] | shrinks the parameters before each update | |
//! | [`Constraint`] | moves the parameters back to where a condition holds after each update | [`MaxNorm`], [`UnitNorm`], [`NonNegative`] |

mod decoupled_decay;
mod elastic_net;
mod l1;
mod l2;
mod max_norm;
mod non_negative;
mod shared;
mod unit_norm;

pub use decoupled_decay::DecoupledDecay;
pub use elastic_net::ElasticNet;
pub use l1::L1;
pub use l2::L2;
pub use max_norm::MaxNorm;
pub use non_negative::NonNegative;
pub use unit_norm::UnitNorm;

use std::fmt::Debug;

use crate::error::Error;
use crate::params::{Parameter, Role};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A penalty that is added to the mean loss.
///
/// A trainer applies it to weights only, unless another selection is given.
///
/// ```
/// use downhill::prelude::*;
///
/// /// strength · Σ(w − 1)² / 2: pulls towards 1.
/// #[derive(Debug)]
/// struct TowardsOne(f64);
///
/// impl<F: Scalar> Regularizer<F> for TowardsOne {
///     fn penalty(&self, tensor: Weights<'_, F>) -> f64 {
///         tensor.values.iter().map(|w| self.0 / 2.0 * (w.as_f64() - 1.0).powi(2)).sum()
///     }
///     fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]) {
///         for (g, &w) in gradient.iter_mut().zip(tensor.values) {
///             *g += F::of(self.0) * (w - F::one());
///         }
///     }
/// }
///
/// let model: Model<f64> = Model::build(Dense::new(1).without_bias(), &[2.into()], 7)?;
/// let tensor = Weights::new(&model.parameters()[0], &[3.0, 1.0]);
/// assert_eq!(TowardsOne(0.5).penalty(tensor), 1.0);
/// let mut gradient = [10.0, 10.0];
/// TowardsOne(0.5).add_gradient(tensor, &mut gradient);
/// assert_eq!(gradient, [11.0, 10.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Regularizer<F: Scalar>: Debug + Send + Sync {
    /// The penalty of one tensor.
    fn penalty(&self, tensor: Weights<'_, F>) -> f64;

    /// Adds the penalty's gradient to `gradient`, a slice as long as the tensor's values.
    fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]);

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// A condition that parameters are moved back to after each update.
///
/// A trainer applies it to weights only, unless another selection is given.
///
/// ```
/// use downhill::prelude::*;
///
/// /// No weight is further from zero than this.
/// #[derive(Debug)]
/// struct Within(f64);
///
/// impl<F: Scalar> Constraint<F> for Within {
///     fn project(&self, tensor: WeightsMut<'_, F>) {
///         let most = F::of(self.0);
///         // Not by `min` and `max`, which would turn NaN into a number.
///         tensor.values.iter_mut().filter(|w| w.abs() > most).for_each(|w| *w = most.copysign(*w));
///     }
/// }
///
/// let model: Model<f64> = Model::build(Dense::new(1).without_bias(), &[3.into()], 7)?;
/// let mut w = [0.5, -2.0, 7.0];
/// Within(1.0).project(WeightsMut::new(&model.parameters()[0], &mut w));
/// assert_eq!(w, [0.5, -1.0, 1.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Constraint<F: Scalar>: Debug + Send + Sync {
    /// Moves the values of one tensor to where the condition holds.
    ///
    /// Values that hold it but for rounding stay as they are, so that a second call changes no bit; NaN stays NaN.
    fn project(&self, tensor: WeightsMut<'_, F>);

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// The values of one parameter, to read.
///
/// ```
/// use downhill::prelude::*;
/// let model: Model<f64> = Model::build(Dense::new(2), &[3.into()], 7)?;
/// let weights = Weights::new(&model.parameters()[0], &model.values()[..6]);
/// assert_eq!((weights.path, weights.role), ("weight", Role::Weight));
/// assert_eq!(weights.shape.axes(), [2, 3]); // two units of three inputs
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Weights<'a, F> {
    /// The parameter's path.
    pub path: &'a str,
    /// Its shape; the first axis counts the units.
    pub shape: &'a Shape,
    /// What it does in its layer.
    pub role: Role,
    /// Its values, row after row.
    pub values: &'a [F],
}

impl<'a, F> Weights<'a, F> {
    /// The values of `parameter`.
    pub fn new(parameter: &'a Parameter, values: &'a [F]) -> Self {
        Self { path: parameter.path(), shape: parameter.shape(), role: parameter.role(), values }
    }
}

/// The values of one parameter, to change.
///
/// ```
/// use downhill::prelude::*;
/// let model: Model<f64> = Model::build(Dense::new(2), &[1.into()], 7)?;
/// let mut values = [1.0, -1.0];
/// let weights = WeightsMut::new(&model.parameters()[0], &mut values);
/// assert_eq!(weights.shape.axes(), [2, 1]);
/// NonNegative.project(weights);
/// assert_eq!(values, [1.0, 0.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct WeightsMut<'a, F> {
    /// The parameter's path.
    pub path: &'a str,
    /// Its shape; the first axis counts the units.
    pub shape: &'a Shape,
    /// What it does in its layer.
    pub role: Role,
    /// Its values, row after row.
    pub values: &'a mut [F],
}

impl<'a, F> WeightsMut<'a, F> {
    /// The values of `parameter`.
    pub fn new(parameter: &'a Parameter, values: &'a mut [F]) -> Self {
        Self { path: parameter.path(), shape: parameter.shape(), role: parameter.role(), values }
    }
}

/// What the norm of a stretched vector may be off by, relatively: it is measured to 4 units of f64, and stretching rounds each element up to three times.
fn rounding<F: Scalar>() -> f64 {
    8.0 * F::epsilon().as_f64()
}
