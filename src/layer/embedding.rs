//! A row of numbers for each token.

use std::sync::Arc;

use super::{Backward, Forward, Layer, Plan};
use crate::error::{Error, require};
use crate::params::Role;
use crate::params::init::{Init, Normal, Start};
use crate::scalar::Scalar;

/// A row of `size` trained numbers for each of `count` tokens: y\[…\] = weight\[x\[…\]\].
///
/// Takes samples of any shape `[…]` that hold the tokens' numbers, as whole numbers from 0 to count − 1 in the number type of the model, and gives
/// `[…, size]`.
///
/// | setting | default | range |
/// |---|---|---|
/// | `count` (tokens) | – | 1 to 2²⁴ for f32, to 2⁵³ for f64: what the type can count to |
/// | `size` | – | ≥ 1 |
/// | [`padding`](Self::padding) | none | below `count` |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[count, size]` | embedding, so it does not decay | normal with mean 0 and variance 1; the padding row 0 |
///
/// Backward adds to the rows of the tokens that occur and touches no others; the padding row has no gradient. The tokens themselves have the
/// gradient 0. All as PyTorch's `Embedding`.
///
/// A number that is no token (negative, too large, not whole, NaN) gives a row of NaN. So a step with it ends in an error and changes nothing; the error is
/// [`Error::Cell`], which names the cell, if the tokens are an input of the model, else [`Error::Diverged`], which names this layer.
///
/// # Errors
/// Building the model fails for a setting outside its range.
///
/// ```
/// use downhill::{Model, layer::Embedding};
/// let mut model: Model<f64> = Model::build(Embedding::new(3, 2).padding(0), &[4.into()], 7)?;
/// model.set("weight", &ndarray::array![[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])?;
/// let y = model.predict(&ndarray::array![[2.0, 1.0, 2.0, 0.0]])?;
/// assert_eq!(y, ndarray::array![[[3.0, 4.0], [1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]].into_dyn());
/// assert!(model.predict(&ndarray::array![[0.0, 0.0, 0.0, 7.0]])?[[0, 3, 0]].is_nan());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Embedding {
    count: usize,
    size: usize,
    padding: Option<usize>,
    weight_init: Arc<dyn Init>,
}

impl Embedding {
    /// Rows of `size` numbers for `count` tokens.
    pub fn new(count: usize, size: usize) -> Self {
        Self { count, size, padding: None, weight_init: Arc::new(Normal::default()) }
    }

    /// The same with a token that stands for nothing: its row starts at 0 and is not trained.
    #[must_use]
    pub fn padding(self, token: usize) -> Self {
        Self { padding: Some(token), ..self }
    }

    /// The same with rows that start by this rule, but for the padding row.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self { weight_init: Arc::new(init), ..self }
    }
}

/// The number of a token below `count`, if it is one.
pub(crate) fn row<F: Scalar>(token: F, count: usize) -> Option<usize> {
    // Fractions and NaN differ from what they are brought to.
    token.to_usize().filter(|&row| row < count && F::of(row as f64) == token)
}

/// A rule with one row that stays 0.
#[derive(Debug)]
struct Padded {
    init: Arc<dyn Init>,
    row: usize,
    size: usize,
}

impl Init for Padded {
    fn fill(&self, tensor: Start<'_>) {
        let Start { shape, fan_in, fan_out, noise, values } = tensor;
        self.init.fill(Start::new(shape, (fan_in, fan_out), noise, &mut *values));
        if let Some(row) = values.chunks_exact_mut(self.size).nth(self.row) {
            row.fill(0.0);
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.init.validate()
    }
}

impl<F: Scalar> Layer<F> for Embedding {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let Self { count, size, .. } = *self;
        require::at_least_one("Embedding::count", count)?;
        require::at_least_one("Embedding::size", size)?;
        if count as f64 > 2.0 / F::epsilon().as_f64() {
            let expected = format!("no more tokens than {} can count", F::NAME);
            return Err(Error::argument("Embedding::count", count, expected));
        }
        let mut init = Arc::clone(&self.weight_init);
        if let Some(row) = self.padding {
            let expected = format!("a token below the count, {count}");
            require::that(row < count, "Embedding::padding", row, &expected)?;
            init = Arc::new(Padded { init, row, size });
        }
        let tokens = plan.input()?;
        plan.tokens(count);
        plan.param("weight", Role::Embedding, [count, size], (count, size), Some(init))?;
        plan.output([tokens.axes(), &[size]].concat())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let weight = &pass.params[0];
        let mut y = pass.outputs.one();
        let rows = y.values().chunks_exact_mut(self.size);
        for (y, &token) in rows.zip(pass.inputs.one().values()) {
            match row(token, self.count) {
                Some(row) => y.copy_from_slice(&weight[row * self.size..][..self.size]),
                None => y.fill(F::nan()),
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        if let Some(mut dx) = pass.input_gradients.one() {
            dx.values().fill(F::zero());
        }
        let gradient = pass.gradients.get(0);
        let rows = pass.output_gradients.one().values().chunks_exact(self.size);
        for (dy, &token) in rows.zip(pass.inputs.one().values()) {
            let Some(row) = row(token, self.count).filter(|&row| self.padding != Some(row)) else {
                continue;
            };
            let sum = &mut gradient[row * self.size..][..self.size];
            sum.iter_mut().zip(dy).for_each(|(sum, &dy)| *sum += dy);
        }
    }
}
