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
use crate::kernel::stretches;
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

    /// Whether [`slope`](Activation::slope) follows from y alone. It is then given y in the place of x, and the layer writes y over x where nobody else
    /// needs x, which saves memory and time.
    fn slope_is_of_value(&self) -> bool {
        false
    }

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

    /// y = value(x) for each number; without `x`, it is what `y` holds.
    #[doc(hidden)]
    #[inline(always)]
    fn each_value<F: Scalar>(&self, x: Option<&[F]>, y: &mut [F]) {
        // Loops, not closures: those would not be compiled for the widest vectors.
        if let Some(x) = x {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = self.value(x);
            }
        } else {
            for y in y {
                *y = self.value(*y);
            }
        }
    }

    /// dx = slope(x, y) · dy for each number; without `dy`, it is what `dx` holds.
    #[doc(hidden)]
    #[inline(always)]
    fn each_slope<F: Scalar>(&self, [x, y]: [&[F]; 2], dy: Option<&[F]>, dx: &mut [F]) {
        if let Some(dy) = dy {
            for (((dx, &x), &y), &dy) in dx.iter_mut().zip(x).zip(y).zip(dy) {
                *dx = self.slope(x, y) * dy;
            }
        } else {
            for ((dx, &x), &y) in dx.iter_mut().zip(x).zip(y) {
                *dx = self.slope(x, y) * *dx;
            }
        }
    }
}

impl<F: Scalar, A: Activation + Debug + Send + Sync> Layer<F> for A {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        self.validate()?;
        let shape = plan.input()?;
        if self.slope_is_of_value() {
            plan.in_place();
        }
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = (!pass.in_place).then(|| pass.inputs.one().values());
        stretches::each(pass.parallel, x, pass.outputs.one().values(), &|x, y| {
            wide::<EachValue, _>((self, x, y));
        });
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let y = pass.outputs.one().values();
        let x = if self.slope_is_of_value() { y } else { pass.inputs.one().values() };
        let dy = (!pass.in_place).then(|| pass.output_gradients.one().values());
        if let Some(mut dx) = pass.input_gradients.one() {
            gradients(pass.parallel, [x, y], dy, dx.values(), &|from, dy, dx| {
                wide::<EachSlope, _>((self, from, dy, dx));
            });
        }
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Activation::preferred_init(self)
    }
}

struct EachValue;

impl<'a, F: Scalar, A: Activation> Loop<(&'a A, Option<&'a [F]>, &'a mut [F])> for EachValue {
    #[inline(always)]
    fn run((activation, x, y): (&'a A, Option<&'a [F]>, &'a mut [F])) {
        activation.each_value(x, y);
    }
}

/// The same of x and y, dy, if it is elsewhere than in dx, and dx.
type Slopes<'a, F> = &'a (dyn Fn([&[F]; 2], Option<&[F]>, &mut [F]) + Sync);

/// dx = slope(x, y) · dy for each number; without `dy`, it is what `dx` holds.
fn gradients<F: Scalar>(
    parallel: Parallel,
    from: [&[F]; 2],
    dy: Option<&[F]>,
    dx: &mut [F],
    each: Slopes<'_, F>,
) {
    if parallel == Parallel::Off || dx.len() <= stretches::SPLIT {
        return each(from, dy, dx);
    }
    let middle = dx.len() / 2;
    let (dx, dx_rest) = dx.split_at_mut(middle);
    let (dy, dy_rest) = stretches::halves(dy, middle);
    let [first, rest] =
        [from.map(|values| &values[..middle]), from.map(|values| &values[middle..])];
    parallel.join(
        || gradients(parallel, first, dy, dx, each),
        || gradients(parallel, rest, dy_rest, dx_rest, each),
    );
}

struct EachSlope;

impl<'a, F: Scalar, A: Activation> Loop<(&'a A, [&'a [F]; 2], Option<&'a [F]>, &'a mut [F])>
    for EachSlope
{
    #[inline(always)]
    fn run((activation, from, dy, dx): (&'a A, [&'a [F]; 2], Option<&'a [F]>, &'a mut [F])) {
        activation.each_slope(from, dy, dx);
    }
}
