//! The weight of an embedding, used the other way round.

use super::{Backward, Dense, Forward, Layer, Plan, Shared};
use crate::error::Error;
use crate::scalar::Scalar;

/// From rows to a logit for each token, with the weight of a shared layer: y = x·Wᵀ.
///
/// The weight is that of an [`Embedding`](super::Embedding) that comes before it in the model, or of any other [`Shared`] layer with a `weight` of two
/// axes `[count, size]`. Takes samples of shape `[…, size]` and gives `[…, count]`. It has no parameter of its own: there is one weight, saved once under
/// the embedding's name, and its gradient is the sum of both uses. (Press, Wolf: *Using the output embedding to improve language models*, EACL 2017.)
///
/// An embedding starts with variance 1, as PyTorch's does, which is much for logits: with tied weights, let it start at 0.02, as GPT-2 does.
///
/// # Errors
/// Building the model fails if the shared layer was not put in the model before, or if its weight has not as many columns as the input.
///
/// ```
/// use downhill::prelude::*;
/// let tokens = Shared::new(Embedding::new(65, 16).weight_init(init::Normal { std: 0.02, ..Default::default() }));
/// let chain = Chain::new().then(tokens.clone()).then(Tanh).then(Unembedding::of(&tokens));
/// let model: Model<f32> = Model::build(chain, &[10.into()], 7)?;
/// assert_eq!(model.output_shapes(), [[10, 65].into()]);
/// let paths: Vec<_> = model.parameters().iter().map(|parameter| parameter.path()).collect();
/// assert_eq!(paths, ["0.embedding.weight"]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Unembedding<F> {
    embedding: Shared<F>,
}

impl<F: Scalar> Unembedding<F> {
    /// With the weight of this layer.
    pub fn of(embedding: &Shared<F>) -> Self {
        Self { embedding: embedding.clone() }
    }
}

/// The layer with as many outputs as `output` has, which computes the same from a weight of its own.
fn dense(output: Option<&usize>) -> Dense {
    Dense::new(output.copied().unwrap_or(1)).without_bias()
}

impl<F: Scalar> Layer<F> for Unembedding<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let input = plan.input()?;
        let Some(weight) = plan.param_of(self.embedding.layer(), "weight") else {
            let message = "the shared layer is not before it, or has no weight; put the Shared embedding into the model first";
            return Err(Error::other(plan.path(), message));
        };
        match (weight.axes(), input.split_last()) {
            (&[count, size], Some((&features, places))) if size == features => {
                plan.multiplies_by(count);
                plan.output([places, &[count]].concat())
            }
            _ => {
                let fix = "make the layer before it as wide as the embedding";
                Err(plan.refuse(format!("a last axis that fits the weight {weight}"), &input, fix))
            }
        }
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        dense(pass.outputs.one().shape().last()).forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        dense(pass.outputs.one().shape().last()).backward(pass);
    }
}
