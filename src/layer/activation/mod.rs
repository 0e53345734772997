//! Activations: functions of one number, applied to each number, and those that look at a whole axis.

mod axis;
mod celu;
mod elu;
mod gelu;
mod glu;
mod hard_sigmoid;
mod hard_swish;
mod leaky_relu;
mod log_sigmoid;
mod mish;
mod prelu;
mod relu;
mod selu;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod softsign;
mod tanh;

use std::fmt::Debug;
use std::sync::Arc;

pub use celu::Celu;
pub use elu::Elu;
pub use gelu::Gelu;
pub use glu::{Glu, SwiGlu};
pub use hard_sigmoid::HardSigmoid;
pub use hard_swish::HardSwish;
pub use leaky_relu::LeakyRelu;
pub use log_sigmoid::LogSigmoid;
pub use mish::Mish;
pub use prelu::PRelu;
pub use relu::Relu;
pub use selu::Selu;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softmax::{LogSoftmax, Softmax};
pub use softplus::Softplus;
pub use softsign::Softsign;
pub use tanh::Tanh;

use super::{Backward, Forward, Layer, Plan};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::kernel::wide::{Loop, wide};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// A function of one number with its slope. Whatever implements it is a [`Layer`] that applies it to each number of its input.
///
/// ```
/// use downhill::{Scalar, layer::Activation};
/// /// x·|x|
/// #[derive(Debug)]
/// struct SignedSquare;
/// impl Activation for SignedSquare {
///     fn value<F: Scalar>(&self, x: F) -> F {
///         x * x.abs()
///     }
///     fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
///         F::of(2.0) * x.abs()
///     }
/// }
/// # let model: downhill::Model<f64> = downhill::Model::build(SignedSquare, &[2.into()], 0)?;
/// # assert_eq!(model.predict(&ndarray::array![[-3.0, 2.0]])?, ndarray::array![[-9.0, 4.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Activation {
    /// The function: y for x. NaN in must be NaN out.
    fn value<F: Scalar>(&self, x: F) -> F;

    /// Its derivative at x, where y is [`value`](Activation::value) of x.
    fn slope<F: Scalar>(&self, x: F, y: F) -> F;

    /// Checks the settings; called when a model is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// How the weights of the layer before start best; `None` leaves it to the layer.
    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        None
    }
}

impl<F: Scalar, A: Activation + Debug + Send + Sync> Layer<F> for A {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        self.validate()?;
        let shape = plan.input()?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let parallel = pass.parallel;
        values(parallel, self, pass.inputs.one().values(), pass.outputs.one().values());
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let x = pass.inputs.one().values();
        let y = pass.outputs.one().values();
        let dy = pass.output_gradients.one().values();
        if let Some(mut dx) = pass.input_gradients.one() {
            gradients(pass.parallel, self, [x, y, dy], dx.values());
        }
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Activation::preferred_init(self)
    }
}

/// More numbers than this are halved between threads.
const SPLIT: usize = 1 << 15;

/// y = value(x) for each number.
fn values<F: Scalar, A: Activation + Sync>(
    parallel: Parallel,
    activation: &A,
    x: &[F],
    y: &mut [F],
) {
    if parallel == Parallel::Off || y.len() <= SPLIT {
        return wide::<Values, _>((activation, x, y));
    }
    let middle = y.len() / 2;
    let ((x, x_rest), (y, y_rest)) = (x.split_at(middle), y.split_at_mut(middle));
    parallel.join(
        || values(parallel, activation, x, y),
        || values(parallel, activation, x_rest, y_rest),
    );
}

struct Values;

impl<'a, F: Scalar, A: Activation> Loop<(&'a A, &'a [F], &'a mut [F])> for Values {
    #[inline(always)]
    fn run((activation, x, y): (&'a A, &'a [F], &'a mut [F])) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = activation.value(x);
        }
    }
}

/// dx = slope(x, y) · dy for each number.
fn gradients<F: Scalar, A: Activation + Sync>(
    parallel: Parallel,
    activation: &A,
    from: [&[F]; 3],
    dx: &mut [F],
) {
    if parallel == Parallel::Off || dx.len() <= SPLIT {
        return wide::<Gradients, _>((activation, from, dx));
    }
    let middle = dx.len() / 2;
    let (dx, dx_rest) = dx.split_at_mut(middle);
    let [first, rest] =
        [from.map(|values| &values[..middle]), from.map(|values| &values[middle..])];
    parallel.join(
        || gradients(parallel, activation, first, dx),
        || gradients(parallel, activation, rest, dx_rest),
    );
}

struct Gradients;

impl<'a, F: Scalar, A: Activation> Loop<(&'a A, [&'a [F]; 3], &'a mut [F])> for Gradients {
    #[inline(always)]
    fn run((activation, [x, y, dy], dx): (&'a A, [&'a [F]; 3], &'a mut [F])) {
        for (((dx, &x), &y), &dy) in dx.iter_mut().zip(x).zip(y).zip(dy) {
            *dx = activation.slope(x, y) * dy;
        }
    }
}
