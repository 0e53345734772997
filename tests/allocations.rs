//! After the first steps, training allocates nothing, and after the first batch prediction.

mod counting;

use std::sync::{Arc, Mutex};

use counting::allocations;
use downhill::prelude::*;
use ndarray::{Array1, Array2};

/// A rule that looks at the loss a second time.
#[derive(Debug)]
struct Looks;

impl Optimizer<f32> for Looks {
    fn learning_rate(&self) -> f64 {
        1e-3
    }

    fn slots(&self) -> Vec<Slot> {
        Optimizer::<f32>::slots(&Adam::default())
    }

    fn evaluates(&self) -> bool {
        true
    }

    fn update(&self, tick: &Tick, block: Block<'_, f32>) {
        Adam::default().update(tick, block);
    }

    fn step(&self, step: &mut Step<'_, f32>) -> Result<(), Error> {
        step.evaluate()?;
        Adam::default().step(step)
    }
}

/// Nothing is allocated between the ends of consecutive steps.
fn steady(threads: usize, model: Chain<f32>, x: Array2<f32>, fit: Fit<'_, f32>) {
    steady_by(Adam::default(), threads, model, x, fit);
}

fn steady_by(
    rule: impl Optimizer<f32> + 'static,
    threads: usize,
    model: Chain<f32>,
    x: Array2<f32>,
    fit: Fit<'_, f32>,
) {
    let features = x.ncols();
    let data = Dataset::new(x, Array1::from_shape_fn(640, |i| i % 10)).unwrap();
    let counts = Arc::new(Mutex::new(Vec::with_capacity(1000)));
    let seen = Arc::clone(&counts);
    let mut trainer = Trainer::builder(model, CrossEntropy::default(), rule)
        .regularizer(L2::new(1e-4))
        .clip(Clip::GlobalNorm(1.0))
        .schedule(warmup(10).then(cosine(100)))
        .constraint(MaxNorm::new(3.0))
        .threads(threads)
        .on(move |event, _| {
            if let Event::Step(_) = event {
                seen.lock().unwrap().push(allocations());
            }
        })
        .build(&[features])
        .unwrap();
    trainer.fit(&data, fit).unwrap();
    // Its threads would allocate as they end, in the middle of the next count.
    std::mem::forget(trainer);
    let counts = counts.lock().unwrap();
    // The first two steps warm up: buffers grow to the size of the batch.
    let between: Vec<usize> = counts.windows(2).skip(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(between.len() >= 15 && between.iter().all(|&count| count == 0), "{between:?}");
}

fn dense() -> Chain<f32> {
    Chain::new()
        .then(Dense::new(128))
        .then(Relu)
        .then(Dropout { rate: 0.1 })
        .then(Residual::new(Chain::new().then(Dense::new(128)).then(Gelu::Exact)))
        .then(
            Branches::product()
                .branch(Dense::new(32))
                .branch(Chain::new().then(Dense::new(32)).then(Sigmoid)),
        )
        .then(PRelu::default())
        .then(Dense::new(10))
}

fn convolutional() -> Chain<f32> {
    let body = Chain::new()
        .then(Conv2d::new(4, 3).padding(1))
        .then(InstanceNorm2d { track_running_stats: true, ..InstanceNorm2d::default() })
        .then(StochasticDepth::new(0.2));
    Chain::new()
        .then(Reshape::to([1, 8, 8]))
        .then(Conv2d::new(4, 3).without_bias())
        .then(BatchNorm2d::default())
        .then(Relu)
        .then(SpatialDropout::new(0.2))
        .then(Residual::new(body))
        .then(GroupNorm::new(2))
        .then(Flatten)
        .then(Dense::new(10))
}

fn features() -> Array2<f32> {
    Array2::from_shape_fn((640, 64), |(i, j)| ((i * 31 + j * 17) % 97) as f32 / 48.0 - 1.0)
}

/// Of everything that attention can be asked for, what one input allows; with a tied weight.
fn transformer() -> Chain<f32> {
    let tokens = Shared::new(Embedding::new(13, 16).padding(0));
    let layer = |attention: MultiHeadAttention, feed_forward: FeedForward| {
        TransformerEncoderLayer::new(attention.causal(), feed_forward).dropout(0.1)
    };
    Chain::new()
        .then(tokens.clone())
        .then(SinusoidalPosition)
        .then(LearnedPosition::new(40))
        .then(layer(MultiHeadAttention::new(4).rotary(1e4), FeedForward::swi_glu(24)).pre_norm())
        .then(layer(MultiHeadAttention::new(2), FeedForward::gelu(24)))
        .then(Unembedding::of(&tokens))
        .then(Flatten)
        .then(Dense::new(10))
}

fn tokens() -> Array2<f32> {
    Array2::from_shape_fn((640, 40), |(i, j)| ((i * 31 + j * 17) % 13) as f32)
}

fn recurrent() -> Chain<f32> {
    Chain::new()
        .then(Reshape::to([8, 8]))
        .then(Lstm::new(8).layers(2).bidirectional().dropout(0.2))
        .then(LayerNorm::default())
        .then(Gru::new(8))
        .then(RmsNorm::default())
        .then(Rnn::new(8).last())
        .then(BatchNorm1d { momentum: None, ..BatchNorm1d::default() })
        .then(Dense::new(10))
}

fn main() {
    counting::alone("a_step_allocates_nothing", a_step_allocates_nothing);
}

fn a_step_allocates_nothing() {
    for threads in if cfg!(feature = "threads") { 1..3 } else { 1..2 } {
        for (model, x) in
            [(dense as fn() -> Chain<f32>, features as fn() -> Array2<f32>), (transformer, tokens)]
        {
            steady(threads, model(), x(), Fit::epochs(1).batch(32));
            steady(threads, model(), x(), Fit::epochs(1).batch(8).accumulate(4));
        }
        steady(threads, convolutional(), features(), Fit::epochs(1).batch(32));
        steady(threads, recurrent(), features(), Fit::epochs(1).batch(32));
        steady_by(Looks, threads, convolutional(), features(), Fit::epochs(1).batch(32));
    }
    let large = || Chain::new().then(Reshape::to([1, 64])).then(Conv1d::new(4000, 1));
    for (layers, x) in [
        (dense as fn() -> Chain<f32>, features as fn() -> Array2<f32>),
        (transformer, tokens),
        (convolutional, features),
        (recurrent, features),
        (large, features), // in more than one group
    ] {
        let model = Model::build(layers(), &[x().ncols().into()], 7).unwrap();
        let x = x();
        // Of thirteen samples `large` makes two groups, and of twelve one.
        for sizes in [[64, 64, 1, 33, 64], [13, 12, 4, 13, 1]] {
            let mut predictor = Predictor::new(&model);
            let mut counts = Vec::new();
            for samples in sizes {
                let part = x.slice(ndarray::s![..samples, ..]);
                let before = allocations();
                predictor.predict(&model, &part, Parallel::Off).unwrap();
                counts.push(allocations() - before);
            }
            assert!(counts[0] > 0 && counts[1..] == [0; 4], "{counts:?}");
        }
    }
}
