//! The networks of the workloads.

use downhill::prelude::*;

/// Dense layers of these widths with ReLU between them.
pub fn mlp(widths: &[usize]) -> Chain<f32> {
    let (last, hidden) = widths.split_last().expect("a width");
    let body =
        hidden.iter().fold(Chain::new(), |chain, &width| chain.then(Dense::new(width)).then(Relu));
    body.then(Dense::new(*last))
}

fn convolution(channels: usize) -> Conv2d {
    Conv2d::new(channels, 3).padding(1)
}

pub fn lenet() -> Chain<f32> {
    Chain::new()
        .then(convolution(32))
        .then(Relu)
        .then(MaxPool2d::new(2))
        .then(convolution(64))
        .then(Relu)
        .then(MaxPool2d::new(2))
        .then(Flatten)
        .then(Dense::new(128))
        .then(Relu)
        .then(Dense::new(10))
}

/// Three blocks of convolution and batch norm.
pub fn convolutional() -> Chain<f32> {
    let block = |chain: Chain<f32>, channels| {
        chain
            .then(convolution(channels))
            .then(BatchNorm::default())
            .then(Relu)
            .then(MaxPool2d::new(2))
    };
    [32, 64, 128].into_iter().fold(Chain::new(), block).then(GlobalAvgPool).then(Dense::new(10))
}

pub fn lstm() -> Chain<f32> {
    Chain::new().then(Lstm::new(128).last()).then(Dense::new(10))
}

/// Two causal transformer layers of width 128 over 64 of 96 tokens.
pub fn gpt() -> Chain<f32> {
    let layer = || {
        TransformerEncoderLayer::new(MultiHeadAttention::new(4).causal(), FeedForward::gelu(512))
            .pre_norm()
    };
    Chain::new()
        .then(Embedding::new(96, 128))
        .then(LearnedPosition::new(64))
        .then(layer())
        .then(layer())
        .then(LayerNorm::default())
        .then(Dense::new(96).without_bias())
}

/// Tensors of these sizes, and nothing else: what an optimizer sees of a model.
#[derive(Debug)]
pub struct Bag(pub Vec<usize>);

impl Layer<f32> for Bag {
    fn plan(&self, plan: &mut downhill::layer::Plan<'_, f32>) -> Result<(), Error> {
        for (i, &size) in self.0.iter().enumerate() {
            plan.param(&format!("tensor{i}"), Role::Weight, size, (1, 1), None)?;
        }
        plan.output(plan.input()?)
    }

    fn forward(&self, _: downhill::layer::Forward<'_, f32>) {}

    fn backward(&self, _: downhill::layer::Backward<'_, f32>) {}
}
