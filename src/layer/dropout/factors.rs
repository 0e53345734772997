//! Parts of each sample multiplied by 0 or by 1/(1 − rate).

use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Mode, Plan, reshape};
use crate::random::Noise;
use crate::scalar::Scalar;

/// A sample is so many parts of one size, and each part is left out or kept as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors {
    pub rate: f64,
    pub parts: usize,
}

impl Factors {
    pub fn plan<F: Scalar>(&self, plan: &mut Plan<'_, F>, name: &str) -> Result<(), Error> {
        require::below_one(&format!("{name}::rate"), self.rate)?;
        // Drawing the numbers again in `backward` would take longer than reading them.
        plan.save(self.parts);
        let shape = plan.input()?;
        plan.output(shape)
    }

    pub fn forward<F: Scalar>(&self, mut pass: Forward<'_, F>) {
        if pass.mode == Mode::Evaluate {
            return reshape::copy(pass);
        }
        for sample in 0..pass.batch {
            let noise = pass.sample_noise(sample);
            draw(self.rate, pass.saved.one().row(sample), noise);
        }
        let x = pass.inputs.one();
        apply(pass.outputs.one().values(), x.values(), pass.saved.one().values());
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
        if pass.mode == Mode::Evaluate {
            return reshape::copy_back(pass);
        }
        if let Some(mut dx) = pass.input_gradients.one() {
            let dy = pass.output_gradients.one().values();
            apply(dx.values(), dy, pass.saved.one().values());
        }
    }
}

/// Writes what each part of one sample is multiplied by: 0 or 1/(1 − rate).
pub(super) fn draw<F: Scalar>(rate: f64, factors: &mut [F], noise: Noise) {
    let scale = F::of(1.0 / (1.0 - rate));
    // The share of 32-bit numbers below it is the rate, to 2⁻³³.
    let threshold = (rate * (1_u64 << 32) as f64).round() as u64;
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

/// Multiplies by the factors, which belong to parts of one size, and writes 0 where they are 0 even for what is not finite.
fn apply<F: Scalar>(out: &mut [F], values: &[F], factors: &[F]) {
    let kept = |value, factor| if factor == F::zero() { F::zero() } else { value * factor };
    if out.len() == factors.len() {
        for ((out, &value), &factor) in out.iter_mut().zip(values).zip(factors) {
            *out = kept(value, factor);
        }
        return;
    }
    let part = out.len().checked_div(factors.len()).unwrap_or(1);
    let parts = out.chunks_exact_mut(part).zip(values.chunks_exact(part));
    for ((out, values), &factor) in parts.zip(factors) {
        for (out, &value) in out.iter_mut().zip(values) {
            *out = kept(value, factor);
        }
    }
}
