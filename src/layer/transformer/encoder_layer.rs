//! Self-attention and a feed-forward network.

use super::FeedForward;
use super::frame::Frame;
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, LayerNorm, MultiHeadAttention, Plan};
use crate::scalar::Scalar;

/// Self-attention and a feed-forward network, each with a way around it, a [`LayerNorm`] and dropout. With causal attention it is the layer of GPT.
///
/// | | formula, with a for attention and f for the feed-forward network |
/// |---|---|
/// | as it comes (post-norm) | h = norm1(x + a(x)), y = norm2(h + f(h)) |
/// | [`pre_norm`](Self::pre_norm) | h = x + a(norm1(x)), y = h + f(norm2(h)) |
///
/// Takes and gives samples of shape `[time, features]`. Attention is causal, turns by position, and takes a mask of keys as the second input, if the one that is
/// given says so: its settings are made there.
///
/// | setting | default | range |
/// |---|---|---|
/// | [`pre_norm`](Self::pre_norm) | off | |
/// | [`dropout`](Self::dropout) | 0 (PyTorch's is 0.1) | \[0, 1) |
/// | [`norm`](Self::norm) | `LayerNorm::default()` | |
///
/// Parameters are those of [`MultiHeadAttention`] under `self_attn`, of [`FeedForward`] (`linear1`, `linear2`), and of the norms `norm1` and `norm2`: names, shapes and
/// numbers as in PyTorch's `TransformerEncoderLayer` with `batch_first`.
///
/// (Vaswani et al.: *Attention is all you need*, arXiv:1706.03762; for pre-norm Xiong et al.: *On layer normalization in the transformer architecture*,
/// arXiv:2002.04745.)
///
/// # Errors
/// As those of its parts.
///
/// ```
/// use downhill::{Model, layer::{FeedForward, MultiHeadAttention, TransformerEncoderLayer}};
/// let layer = TransformerEncoderLayer::new(MultiHeadAttention::new(2).causal(), FeedForward::gelu(32)).pre_norm().dropout(0.1);
/// let model: Model<f32> = Model::build(layer, &[[5, 8].into()], 7)?;
/// assert_eq!(model.output_shapes(), [[5, 8].into()]);
/// assert_eq!(model.get("self_attn.in_proj_weight")?.shape(), [24, 8]);
/// assert_eq!(model.get("linear1.weight")?.shape(), [32, 8]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TransformerEncoderLayer {
    pub(super) attention: MultiHeadAttention,
    pub(super) feed_forward: FeedForward,
    pub(super) frame: Frame,
}

impl TransformerEncoderLayer {
    /// With this attention and this feed-forward network, post-norm, without dropout around them.
    pub fn new(attention: MultiHeadAttention, feed_forward: FeedForward) -> Self {
        Self { attention, feed_forward, frame: Frame::default() }
    }

    /// The same with the norms before attention and network instead of after the sums.
    #[must_use]
    pub fn pre_norm(self) -> Self {
        Self { frame: Frame { pre_norm: true, ..self.frame }, ..self }
    }

    /// The same with this share left out everywhere: of attention's weights, of the hidden numbers, and of what attention and network give.
    #[must_use]
    pub fn dropout(self, rate: f64) -> Self {
        Self {
            attention: self.attention.dropout(rate),
            feed_forward: self.feed_forward.dropout(rate),
            frame: Frame { dropout: rate, ..self.frame },
        }
    }

    /// The same with norms of these settings.
    #[must_use]
    pub fn norm(self, norm: LayerNorm) -> Self {
        Self { frame: Frame { norm, ..self.frame }, ..self }
    }
}

impl<F: Scalar> Layer<F> for TransformerEncoderLayer {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.tensors();
        let count = 1 + usize::from(self.attention.takes_mask());
        if inputs.len() != count {
            return Err(Error::arity(plan.path(), count, inputs.len()));
        }
        let h = self.frame.around(plan, 1, inputs[0], |plan, x| {
            let inputs = [&[x], &inputs[1..]].concat();
            plan.part("self_attn", self.attention.clone(), &inputs)
        })?;
        let y = self.frame.around(plan, 2, h, |plan, x| self.feed_forward.plan_in(plan, x))?;
        plan.pass_on(vec![y]);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}
