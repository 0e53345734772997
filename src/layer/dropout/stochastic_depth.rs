//! Whole branches left out at random.

use super::factors::Factors;
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// Leaves out the whole of each sample with probability `rate` in training, and scales what is kept by 1/(1 − rate); copies its input in evaluation.
///
/// As the last layer of a [`Residual`](super::super::Residual)'s body it leaves out the body, so that a sample takes the way around alone: y = x + body(x)·b/(1 − rate)
/// with b = 1 or 0. The rate usually grows with depth, from 0 to about 0.2.
///
/// Takes and gives samples of any one shape. What is left out is a function of the seed, the step, the layer and the sample's number in the batch: the same on any number of
/// threads, and in whatever parts a batch is computed. The paper scales in evaluation instead, by 1 − rate; torchvision's `StochasticDepth` in mode `row` is as here.
/// No parameters. What is left out is computed all the same.
///
/// (Huang, Sun, Liu, Sedra, Weinberger: *Deep networks with stochastic depth*, ECCV 2016.)
///
/// # Errors
/// Building the model fails if the rate is outside its range.
///
/// ```
/// use downhill::prelude::*;
/// let body = Chain::new().then(Dense::new(4)).then(Relu).then(Dense::new(4)).then(StochasticDepth::new(0.2));
/// let model: Model<f32> = Model::build(Residual::new(body), &[4.into()], 7)?;
/// assert_eq!(model.output_shapes(), [4.into()]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StochasticDepth {
    /// The probability that a sample is left out, in [0, 1); 0.5 by default.
    pub rate: f64,
}

impl Default for StochasticDepth {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl StochasticDepth {
    /// A layer that leaves out this share of the samples.
    pub fn new(rate: f64) -> Self {
        Self { rate }
    }

    fn factors(&self) -> Factors {
        Factors { rate: self.rate, parts: 1 }
    }
}

impl<F: Scalar> Layer<F> for StochasticDepth {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        self.factors().plan(plan, "StochasticDepth")
    }

    fn forward(&self, pass: Forward<'_, F>) {
        self.factors().forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        self.factors().backward(pass);
    }
}
