//! Attention with several heads.

use std::sync::Arc;

use super::dot_product::DotProduct;
use super::projection::Projection;
use crate::error::{Error, require};
use crate::layer::{Backward, Dense, Dropout, Forward, Layer, Plan, Rotary};
use crate::params::init::{Glorot, Init};
use crate::scalar::Scalar;

/// Attention with several heads: for each query a sum of values, weighted by how well their keys answer the query.
///
/// For each head, with the queries Q, keys K and values V that it gets from its part of one projection, softmax(Q·Kᵀ / √size)·V; the heads side by side
/// go through a last projection. (Vaswani et al.: *Attention is all you need*, section 3.2, arXiv:1706.03762.)
///
/// It takes samples of shape `[time, features]`, and gives one with the time and the features of the first input:
///
/// | inputs | queries | keys and values |
/// |---|---|---|
/// | one | x | x: self-attention |
/// | two | the first | the second, of any time: cross-attention |
/// | three | the first | the second and the third |
/// | one more, after [`key_padding_mask`](Self::key_padding_mask) | | `[time]` of the keys: 0 if a key may be seen, any other number if it is blocked |
///
/// | setting | default | range |
/// |---|---|---|
/// | `heads` | – | ≥ 1, divides the features |
/// | [`causal`](Self::causal) | off | query i sees the keys 0 to i alone |
/// | [`key_padding_mask`](Self::key_padding_mask) | off | |
/// | [`dropout`](Self::dropout) of weights | 0 | \[0, 1) |
/// | [`rotary`](Self::rotary) | none | base above 0; the size of a head is even |
/// | bias | on; [`without_bias`](Self::without_bias) | |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `in_proj_weight` | `[3·features, features]`: queries, keys, values | weight | Glorot uniform |
/// | `in_proj_bias` | `[3·features]` | bias | zero |
/// | `out_proj.weight` | `[features, features]` | weight | Glorot uniform |
/// | `out_proj.bias` | `[features]` | bias | zero |
///
/// Names, shapes and numbers are those of PyTorch's `MultiheadAttention` with `batch_first`, but for the start of `out_proj.weight` (there uniform in
/// ±1/√features) and for this: a query that sees no key gets zeros from every head, and so `out_proj.bias` from the layer (there NaN). The weights of the
/// sums are not given out, since they are never held together.
///
/// A NaN in a query makes its row NaN (unless it sees no key), and a NaN in a key or value the rows of all queries that see it; a key that a query does not see has no influence
/// on its row, whatever it holds. A NaN in the mask makes its key NaN.
///
/// # Memory
/// For each sample queries, keys, values and sums are held (rotary doubles queries and keys), and two numbers for each query and head. Weights are
/// computed again in backward, in blocks of 32 queries: no buffer of time × time numbers is held. All layers work in the same
/// scratch memory, of about (64 + 4·size of a head)·time numbers for each of the up to 8 samples that are computed at the same time.
///
/// # Errors
/// Building the model fails if the shapes are not those above, if the heads do not divide the features, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::MultiHeadAttention};
/// let model: Model<f32> = Model::build(MultiHeadAttention::new(2).causal(), &[[5, 8].into()], 7)?;
/// let mut x = ndarray::Array3::from_shape_fn((1, 5, 8), |(_, t, i)| ((7 * t + i) as f32).sin());
/// let y = model.predict(&x)?;
/// assert_eq!(y.shape(), [1, 5, 8]);
/// x[[0, 4, 0]] = 100.0; // what comes last changes nothing before it
/// let changed = model.predict(&x)?;
/// assert_eq!(y.slice(ndarray::s![.., ..4, ..]), changed.slice(ndarray::s![.., ..4, ..]));
/// assert_ne!(y, changed);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MultiHeadAttention {
    heads: usize,
    causal: bool,
    masked: bool,
    bias: bool,
    dropout: Dropout,
    rotary: Option<f64>,
    weight_init: Arc<dyn Init>,
}

impl MultiHeadAttention {
    /// Attention with so many heads, with bias.
    pub fn new(heads: usize) -> Self {
        Self {
            heads,
            causal: false,
            masked: false,
            bias: true,
            dropout: Dropout::new(0.0),
            rotary: None,
            weight_init: Arc::new(Glorot::uniform()),
        }
    }

    /// The same, where query i sees the keys 0 to i alone.
    #[must_use]
    pub fn causal(self) -> Self {
        Self { causal: true, ..self }
    }

    /// The same with one more input, the last: a number for each key, 0 if it may be seen, any other if it is blocked.
    ///
    /// ```
    /// use downhill::{Model, Workspace, layer::MultiHeadAttention};
    /// use ndarray::array;
    /// let attention = MultiHeadAttention::new(1).key_padding_mask();
    /// let model: Model<f64> = Model::build(attention, &[[2, 1].into(), 2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(1, &array![[0.0, 1.0]])?;
    /// work.load(0, &array![[[3.0], [f64::NAN]]])?;
    /// work.evaluate(&model, 1, Default::default())?;
    /// assert!(work.output(0).values()[0].is_finite()); // the second key is blocked
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn key_padding_mask(self) -> Self {
        Self { masked: true, ..self }
    }

    /// The same, where in training each weight is left out with this probability, and the others are scaled by 1/(1 − rate); which ones is a function of
    /// the seed, the step, the layer, the sample, the head, the query and the key.
    #[must_use]
    pub fn dropout(self, rate: f64) -> Self {
        Self { dropout: Dropout::new(rate), ..self }
    }

    /// The same with queries and keys that are turned by their positions; see [`Rotary`], whose default base is 10000.
    #[must_use]
    pub fn rotary(self, base: f64) -> Self {
        Self { rotary: Some(base), ..self }
    }

    /// The same without any bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    /// The same with both weights starting by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self { weight_init: Arc::new(init), ..self }
    }

    /// Whether the last input is a mask.
    pub(in crate::layer) fn takes_mask(&self) -> bool {
        self.masked
    }
}

impl<F: Scalar> Layer<F> for MultiHeadAttention {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::at_least_one("MultiHeadAttention::heads", self.heads)?;
        require::below_one("MultiHeadAttention::dropout", self.dropout.rate)?;
        let mut inputs = plan.tensors();
        let mask = if self.masked { inputs.pop() } else { None };
        let bias = self.bias;
        let weight_init = Arc::clone(&self.weight_init);
        if !(1..=3).contains(&inputs.len()) {
            let expected = if self.masked { "1, 2 or 3 and a mask" } else { "1, 2 or 3" };
            return Err(Error::arity(plan.path(), expected, plan.tensors().len()));
        }
        let query = plan.shape(inputs[0]).clone();
        let features = query.last().copied().unwrap_or(1);
        if !features.is_multiple_of(self.heads) {
            let expected = format!("a multiple of {} features, for as many heads", self.heads);
            return Err(plan.refuse(
                expected,
                &query,
                "choose a number of heads that divides the features",
            ));
        }
        let mut tensors = plan.instead(Projection { bias, weight_init }, &inputs)?;
        if let Some(base) = self.rotary {
            let rotary = Rotary { size: features / self.heads, base };
            for (name, tensor) in ["rotary_query", "rotary_key"].into_iter().zip(&mut tensors) {
                *tensor = plan.part(name, rotary, &[*tensor])?;
            }
        }
        tensors.extend(mask);
        let Self { heads, causal, dropout, .. } = *self;
        let context = plan.part("heads", DotProduct { heads, causal, dropout }, &tensors)?;
        let out = Dense::new(features).weight_init(Arc::clone(&self.weight_init));
        let out = if bias { out } else { out.without_bias() };
        let output = plan.part("out_proj", out, &[context])?;
        plan.pass_on(vec![output]);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}
