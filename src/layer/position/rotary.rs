//! Positions told by turning pairs of numbers.

use super::sequence;
use super::waves::waves;
use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// Turns pairs of numbers by angles that grow with the position, so that the product of a query and a key depends on how far they are apart.
///
/// Row t of each stretch of `size` features is turned pair by pair: (a, b) of the features (2i, 2i+1) becomes (a·cos θ − b·sin θ, a·sin θ + b·cos θ)
/// with θ = t / base^(2i/size). Takes and gives samples of shape `[time, features]`, where the features are a multiple of `size`, the size of one head.
/// No parameters. (Su et al.: *RoFormer*, section 3.2.2, arXiv:2104.09864. Neighbours make a pair, as there; some models pair i with i + size/2, and
/// their weights have to be put in this order to be used here.)
///
/// [`MultiHeadAttention::rotary`](crate::layer::MultiHeadAttention::rotary) puts it where it belongs: on queries and keys.
///
/// # Errors
/// Building the model fails if `size` is odd or does not divide the features, or `base` is not above 0.
///
/// ```
/// use downhill::{Model, layer::Rotary};
/// let model: Model<f64> = Model::build(Rotary { size: 2, ..Rotary::default() }, &[[2, 2].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[1.0, 0.0], [1.0, 0.0]]])?;
/// assert_eq!(y, ndarray::array![[[1.0, 0.0], [1.0_f64.cos(), 1.0_f64.sin()]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotary {
    /// How many features are turned together, an even number: the size of one head; 64 by default.
    pub size: usize,
    /// Each pair turns more slowly than the one before, the last one about this many times more slowly than the first; 10000 by default.
    pub base: f64,
}

impl Default for Rotary {
    fn default() -> Self {
        Self { size: 64, base: 1e4 }
    }
}

impl Rotary {
    /// Turns every pair of `from` forward (`direction` 1) or back (−1).
    fn turn<F: Scalar>(
        &self,
        table: &[F],
        from: &[F],
        to: &mut [F],
        features: usize,
        direction: F,
    ) {
        let rows = from.chunks_exact(features).zip(to.chunks_exact_mut(features));
        for ((from, to), waves) in rows.zip(table.chunks_exact(self.size)) {
            let heads = from.chunks_exact(self.size).zip(to.chunks_exact_mut(self.size));
            for (from, to) in heads {
                let pairs = from.as_chunks::<2>().0.iter().zip(to.as_chunks_mut::<2>().0);
                for ((&[a, b], to), &[sin, cos]) in pairs.zip(waves.as_chunks::<2>().0) {
                    let sin = direction * sin;
                    *to = [a * cos - b * sin, a * sin + b * cos];
                }
            }
        }
    }
}

impl<F: Scalar> Layer<F> for Rotary {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let Self { size, base } = *self;
        let even = size > 0 && size.is_multiple_of(2);
        require::that(even, "Rotary::size", size, "an even number above 0")?;
        require::positive("Rotary::base", base)?;
        let [time, features] = sequence(plan)?;
        if !features.is_multiple_of(size) {
            let expected = format!("a multiple of {size} features");
            return Err(plan.refuse(
                expected,
                &[time, features].into(),
                "choose a size that divides them",
            ));
        }
        plan.scratch_once([time, size]);
        plan.output([time, features])
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let mut table = pass.scratch_once.one();
        let table = table.values();
        waves(table, self.size, self.base);
        let x = pass.inputs.one();
        let features = x.shape().last().copied().unwrap_or(1);
        let mut y = pass.outputs.one();
        for (x, y) in x.rows().zip(y.rows()) {
            self.turn(table, x, y, features, F::one());
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let mut table = pass.scratch_once.one();
        let table = table.values();
        waves(table, self.size, self.base);
        let dy = pass.output_gradients.one();
        let features = dy.shape().last().copied().unwrap_or(1);
        let Some(mut dx) = pass.input_gradients.one() else { return };
        for (dy, dx) in dy.rows().zip(dx.rows()) {
            self.turn(table, dy, dx, features, -F::one());
        }
    }
}
