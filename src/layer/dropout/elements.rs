//! Numbers left out at random.

use super::factors::{self, Factors};
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::random::Noise;
use crate::scalar::Scalar;

/// Leaves out each number with probability `rate` in training, and scales what is kept by 1/(1 − rate), so that the mean stays; copies its
/// input in evaluation.
///
/// Takes and gives samples of any one shape. What is left out is a function of the seed, the step, the layer, the sample's number in the
/// batch and the position in the sample: the same on any number of threads, and in whatever parts a batch is computed. A NaN
/// that is kept stays NaN; what is left out is 0, whatever it was. No parameters. (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov:
/// *Dropout*, JMLR 2014.)
///
/// ```
/// use downhill::{Model, layer::{Chain, Dense, Dropout, Relu}};
/// let chain = Chain::new().then(Dense::new(16)).then(Relu).then(Dropout::new(0.2)).then(Dense::new(3));
/// let model: Model<f32> = Model::build(chain, &[8.into()], 7)?;
/// let model: Result<Model<f32>, _> = Model::build(Dropout::new(1.0), &[8.into()], 7);
/// assert_eq!(model.unwrap_err().to_string(), "Dropout::rate = 1 is not allowed: use a number in [0, 1)");
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// The probability that a number is left out, in [0, 1); 0.5 by default.
    pub rate: f64,
}

impl Default for Dropout {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl Dropout {
    /// A layer that leaves out this share of the numbers.
    pub fn new(rate: f64) -> Self {
        Self { rate }
    }

    /// Writes for each number of one sample, or the first of them, what it is multiplied by: 0 or 1/(1 − rate).
    pub(in crate::layer) fn draw<F: Scalar>(&self, factors: &mut [F], noise: Noise) {
        factors::draw(self.rate, factors, noise);
    }
}

impl<F: Scalar> Layer<F> for Dropout {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let parts = plan.input()?.size();
        Factors { rate: self.rate, parts }.plan(plan, "Dropout")
    }

    fn forward(&self, pass: Forward<'_, F>) {
        Factors { rate: self.rate, parts: pass.inputs.one().size() }.forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        Factors { rate: self.rate, parts: pass.inputs.one().size() }.backward(pass);
    }
}
