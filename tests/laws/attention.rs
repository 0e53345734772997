//! The laws of layers, for embeddings, positions, attention and the layers of transformers.

use downhill::check::layer;
use downhill::check::layer::{LayerUnderTest, Pick, Precisions, Values};
use downhill::layer::*;
use downhill::{Scalar, Shape};

/// A sequence of a drawn time and so many features.
fn sequence(features: usize) -> impl Fn(&mut Pick<'_>) -> Vec<Shape> + Send + Sync + 'static {
    move |pick| vec![[pick.size(1..6), features].into()]
}

fn same(layer: impl Precisions) -> LayerUnderTest {
    LayerUnderTest::new(layer).gives(|_, inputs| vec![inputs[0].clone()])
}

fn tokens(layer: impl Precisions, count: usize) -> LayerUnderTest {
    LayerUnderTest::new(layer).values(&[Values::Below(count)])
}

layer!(
    embedding,
    tokens(Embedding::new(3, 2), 3)
        .gives(|_, inputs| vec![[inputs[0].axes(), &[2]].concat().into()])
        .refuses(Embedding::new(0, 2), "Embedding::count")
        .refuses(Embedding::new(2, 0), "Embedding::size")
        .refuses(Embedding::new(2, 2).padding(2), "Embedding::padding")
);

/// An embedding whose weight is the output's.
fn tied<F: Scalar>() -> impl Layer<F> + 'static {
    let tokens = Shared::new(Embedding::new(3, 2));
    Chain::new().then(tokens.clone()).then(Tanh).then(Unembedding::of(&tokens))
}

layer!(
    unembedding,
    tokens((tied::<f32>(), tied::<f64>()), 3)
        .named("Unembedding")
        .gives(|_, inputs| vec![[inputs[0].axes(), &[3]].concat().into()])
);

layer!(
    sinusoidal_position,
    same(SinusoidalPosition).takes(sequence(3)).affine().refuses_inputs([vec![3.into()]])
);
layer!(
    learned_position,
    same(LearnedPosition::new(2))
        .takes(|pick| vec![[pick.size(1..3), 3].into()])
        .affine()
        .refuses(LearnedPosition::new(0), "LearnedPosition::positions")
        .refuses_inputs([vec![3.into()], vec![[3, 3].into()]])
);
layer!(
    rotary,
    same(Rotary { size: 4, base: 100.0 })
        .takes(sequence(8))
        .affine()
        .refuses_inputs([vec![[3, 6].into()]])
        .refuses(Rotary { size: 3, base: 1.0 }, "Rotary::size")
        .refuses(Rotary { size: 4, base: 0.0 }, "Rotary::base")
);

layer!(
    self_attention,
    same(MultiHeadAttention::new(2).without_bias())
        .takes(sequence(4))
        .arity(1..=3)
        .refuses_inputs([vec![4.into()], vec![[3, 5].into()]])
        .refuses(MultiHeadAttention::new(0), "MultiHeadAttention::heads")
        .refuses(MultiHeadAttention::new(2).dropout(1.0), "MultiHeadAttention::dropout")
);
layer!(
    biased_attention,
    same(MultiHeadAttention::new(2))
        .takes(sequence(4))
        .arity(1..=3)
        .named("MultiHeadAttention with bias")
);
layer!(
    causal_attention,
    same(MultiHeadAttention::new(1).without_bias().causal().rotary(100.0))
        .takes(sequence(4))
        .arity(1..=3)
        .refuses(MultiHeadAttention::new(4).rotary(1e4), "Rotary::size")
        .refuses(MultiHeadAttention::new(2).rotary(-1.0), "Rotary::base")
);
layer!(
    dropped_attention,
    same(MultiHeadAttention::new(2).without_bias().dropout(0.4))
        .takes(|_| vec![[5, 4].into()])
        .arity(1..=3)
        .draws()
);
layer!(
    masked_attention,
    same(MultiHeadAttention::new(2).without_bias().key_padding_mask())
        .takes(|_| vec![[4, 4].into(), 4.into()])
        .values(&[Values::Real, Values::Mask])
        .refuses_inputs([vec![[2, 4].into()], vec![[2, 4].into(), [3, 4].into(), 2.into()]])
);
/// In one case of eight, more queries than the block that they are computed in.
fn several_blocks(pick: &mut Pick<'_>) -> Vec<Shape> {
    let time = if pick.size(0..8) == 7 { 33 } else { pick.size(4..8) };
    vec![[time, 2].into(), time.into()]
}

layer!(
    attention_of_several_blocks,
    same(MultiHeadAttention::new(1).causal().rotary(100.0).key_padding_mask().dropout(0.2))
        .takes(several_blocks)
        .values(&[Values::Real, Values::Mask])
        .draws()
);
layer!(
    masked_cross_attention,
    same(MultiHeadAttention::new(2).causal().rotary(100.0).key_padding_mask())
        .takes(|pick| vec![[pick.size(3..5), 4].into(), [3, 4].into(), 3.into()])
        .values(&[Values::Real, Values::Real, Values::Mask])
);
layer!(
    cross_attention,
    same(MultiHeadAttention::new(2).without_bias())
        .takes(|pick| vec![[pick.size(1..4), 4].into(), [pick.size(2..6), 4].into()])
        .arity(1..=3)
        .refuses_inputs([vec![[2, 4].into(), [3, 6].into()]])
);
layer!(
    three_inputs,
    same(MultiHeadAttention::new(2).without_bias())
        .takes(|_| vec![[2, 4].into(), [3, 4].into(), [3, 4].into()])
        .arity(1..=3)
        .refuses_inputs([vec![[2, 4].into(), [3, 4].into(), [5, 4].into()]])
);
layer!(feed_forward, same(FeedForward::swi_glu(3)).takes(sequence(4)));

fn normed(layer: impl Precisions) -> LayerUnderTest {
    same(layer)
}

layer!(
    encoder_layer,
    normed(
        TransformerEncoderLayer::new(
            MultiHeadAttention::new(2).without_bias(),
            FeedForward::gelu(3)
        )
        .pre_norm()
    )
    .takes(sequence(4))
);
layer!(
    masked_encoder_layer,
    normed(
        TransformerEncoderLayer::new(
            MultiHeadAttention::new(2).rotary(100.0).key_padding_mask(),
            FeedForward::swi_glu(3)
        )
        .dropout(0.3)
    )
    .takes(|_| vec![[3, 4].into(), 3.into()])
    .values(&[Values::Real, Values::Mask])
    .draws()
);
layer!(
    masked_decoder_layer,
    normed(
        TransformerDecoderLayer::new(
            MultiHeadAttention::new(2).causal(),
            MultiHeadAttention::new(2).key_padding_mask(),
            FeedForward::gelu(3)
        )
        .pre_norm()
    )
    .takes(|_| vec![[3, 4].into(), [3, 4].into(), 3.into()])
    .values(&[Values::Real, Values::Real, Values::Mask])
);
layer!(
    decoder_layer,
    normed(TransformerDecoderLayer::new(
        MultiHeadAttention::new(2).without_bias().causal(),
        MultiHeadAttention::new(2).without_bias(),
        FeedForward::gelu(3)
    ))
    .takes(|pick| vec![[pick.size(2..4), 4].into(), [pick.size(2..5), 4].into()])
);
