//! Self-attention, attention to a memory, and a feed-forward network.

use super::{FeedForward, TransformerEncoderLayer};
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, LayerNorm, MultiHeadAttention, Plan, Tensor};
use crate::scalar::Scalar;

/// Self-attention, attention to a memory (what an encoder gives), and a feed-forward network, each with a way around it, a [`LayerNorm`] and dropout.
///
/// | | formula, with a and c for the attentions and f for the feed-forward network |
/// |---|---|
/// | as it comes (post-norm) | h = norm1(x + a(x)), g = norm2(h + c(h, memory)), y = norm3(g + f(g)) |
/// | [`pre_norm`](Self::pre_norm) | h = x + a(norm1(x)), g = h + c(norm2(h), memory), y = g + f(norm3(g)) |
///
/// Takes the sequence, `[time, features]`, and the memory, `[any time, features]`; then, for each attention that takes a mask of keys, that mask: first that of the
/// sequence, then that of the memory. Gives the shape of the sequence. The first attention should be causal; its settings are made where it is made.
///
/// | setting | default | range |
/// |---|---|---|
/// | [`pre_norm`](Self::pre_norm) | off | |
/// | [`dropout`](Self::dropout) | 0 (PyTorch's is 0.1) | \[0, 1) |
/// | [`norm`](Self::norm) | `LayerNorm::default()` | |
///
/// Parameters are those of [`MultiHeadAttention`] under `self_attn` and `multihead_attn`, of [`FeedForward`] (`linear1`, `linear2`), and of the norms `norm1` to
/// `norm3`: names and shapes as in PyTorch's `TransformerDecoderLayer` with `batch_first`.
///
/// (Vaswani et al.: *Attention is all you need*, arXiv:1706.03762.)
///
/// # Errors
/// As those of its parts.
///
/// ```
/// use downhill::{Model, layer::{FeedForward, MultiHeadAttention, TransformerDecoderLayer}};
/// let attention = MultiHeadAttention::new(2);
/// let layer = TransformerDecoderLayer::new(attention.clone().causal(), attention, FeedForward::relu(32));
/// let model: Model<f32> = Model::build(layer, &[[5, 8].into(), [7, 8].into()], 7)?;
/// assert_eq!(model.output_shapes(), [[5, 8].into()]);
/// assert_eq!(model.get("multihead_attn.out_proj.weight")?.shape(), [8, 8]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TransformerDecoderLayer {
    /// What it is without the memory.
    layer: TransformerEncoderLayer,
    cross_attention: MultiHeadAttention,
}

impl TransformerDecoderLayer {
    /// With attention to the sequence, attention to the memory and this feed-forward network, post-norm, without dropout around them.
    pub fn new(
        attention: MultiHeadAttention,
        cross_attention: MultiHeadAttention,
        feed_forward: FeedForward,
    ) -> Self {
        Self { layer: TransformerEncoderLayer::new(attention, feed_forward), cross_attention }
    }

    /// As [`TransformerEncoderLayer::pre_norm`].
    #[must_use]
    pub fn pre_norm(self) -> Self {
        Self { layer: self.layer.pre_norm(), ..self }
    }

    /// As [`TransformerEncoderLayer::dropout`], for both attentions.
    #[must_use]
    pub fn dropout(self, rate: f64) -> Self {
        let cross_attention = self.cross_attention.dropout(rate);
        Self { layer: self.layer.dropout(rate), cross_attention }
    }

    /// As [`TransformerEncoderLayer::norm`].
    #[must_use]
    pub fn norm(self, norm: LayerNorm) -> Self {
        Self { layer: self.layer.norm(norm), ..self }
    }
}

impl<F: Scalar> Layer<F> for TransformerDecoderLayer {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let TransformerEncoderLayer { attention, feed_forward, frame } = &self.layer;
        let inputs = plan.tensors();
        let masks = [attention, &self.cross_attention].map(|it| usize::from(it.takes_mask()));
        let count = 2 + masks[0] + masks[1];
        if inputs.len() != count {
            return Err(Error::arity(plan.path(), count, inputs.len()));
        }
        let (own_mask, memory_mask) = inputs[2..].split_at(masks[0]);
        let with = |x: Tensor, more: &[&[Tensor]]| [&[&[x][..]], more].concat().concat();
        let h = frame.around(plan, 1, inputs[0], |plan, x| {
            plan.part("self_attn", attention.clone(), &with(x, &[own_mask]))
        })?;
        let g = frame.around(plan, 2, h, |plan, x| {
            let inputs = with(x, &[&inputs[1..2], memory_mask]);
            plan.part("multihead_attn", self.cross_attention.clone(), &inputs)
        })?;
        let y = frame.around(plan, 3, g, |plan, x| feed_forward.plan_in(plan, x))?;
        plan.pass_on(vec![y]);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}
