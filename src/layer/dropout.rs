//! Numbers left out at random.

use super::{Backward, Forward, Layer, Mode, Plan};
use crate::error::{Error, require};
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
    pub(super) fn draw<F: Scalar>(&self, factors: &mut [F], noise: Noise) {
        let scale = F::of(1.0 / (1.0 - self.rate));
        // The share of 32-bit numbers below it is the rate, to 2⁻³³.
        let threshold = (self.rate * (1_u64 << 32) as f64).round() as u64;
        let factor = |word| if u64::from(word) < threshold { F::zero() } else { scale };
        // Whole blocks first: a length that the compiler knows makes this three times as fast.
        let (blocks, tail) = factors.as_chunks_mut::<4>();
        for (block, factors) in blocks.iter_mut().enumerate() {
            *factors = noise.words(block as u64).map(factor);
        }
        for (tail, word) in tail.iter_mut().zip(noise.words(blocks.len() as u64)) {
            *tail = factor(word);
        }
    }
}

impl<F: Scalar> Layer<F> for Dropout {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::below_one("Dropout::rate", self.rate)?;
        let shape = plan.input()?;
        // Drawing the numbers again in `backward` would take longer than reading them.
        plan.save(shape.clone());
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        if pass.mode == Mode::Evaluate {
            return super::reshape::copy(pass);
        }
        for sample in 0..pass.batch {
            let noise = pass.sample_noise(sample);
            self.draw(pass.saved.one().row(sample), noise);
        }
        let x = pass.inputs.one().values();
        apply(pass.outputs.one().values(), x, pass.saved.one().values());
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        if pass.mode == Mode::Evaluate {
            return super::reshape::copy_back(pass);
        }
        if let Some(mut dx) = pass.input_gradients.one() {
            let dy = pass.output_gradients.one().values();
            apply(dx.values(), dy, pass.saved.one().values());
        }
    }
}

/// Multiplies by the factors, and writes 0 where they are 0 even for what is not finite.
fn apply<F: Scalar>(out: &mut [F], values: &[F], factors: &[F]) {
    for ((out, &value), &factor) in out.iter_mut().zip(values).zip(factors) {
        *out = if factor == F::zero() { F::zero() } else { value * factor };
    }
}
