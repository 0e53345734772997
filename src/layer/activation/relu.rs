//! The rectifier.

use std::sync::Arc;

use super::Activation;
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// The rectifier: y = max(0, x), slope 0 at 0. NaN stays NaN.
///
/// Takes samples of any shape and keeps it. Nair, Hinton: *Rectified linear units improve restricted Boltzmann machines* (ICML 2010).
///
/// ```
/// use downhill::{Model, layer::Relu};
/// let model: Model<f32> = Model::build(Relu, &[3.into()], 0)?;
/// let y = model.predict(&ndarray::array![[-2.0, 0.0, 3.0]])?;
/// assert_eq!(y, ndarray::array![[0.0, 0.0, 3.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu;

impl Activation for Relu {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        // Written so that NaN fails the comparison and passes through; `max` would turn it into 0.
        if x <= F::zero() { F::zero() } else { x }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, _x: F, y: F) -> F {
        if y <= F::zero() { F::zero() } else { F::one() }
    }

    fn slope_is_of_value(&self) -> bool {
        true
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }
}
