//! A small causal transformer that learns a text character by character and then goes on with it.
//!
//! ```text
//! cargo run --release --example char_gpt                  # the licence of this crate, 150 steps: just to see it work
//! cargo run --release --example char_gpt -- FILE [STEPS]  # a text file, 1,000 steps
//! ```
//!
//! The last tenth of the text is kept for validation. Training takes 16 windows of 64 characters at a time; where row r of the run begins is
//! ((r + 1) · 2654435761) mod (characters − 64), so that another program can take the same windows: `benches/peers/char_gpt.py` trains the same model in
//! PyTorch.
//!
//! Expected on the 1.1 million characters of Tiny Shakespeare after 1,000 steps: `validation loss: 1.9355` nats for each character, and 1.9240 by PyTorch 2.15. On the
//! licence: a validation loss of 2.52.

use std::time::Instant;

use downhill::data::Windows;
use downhill::prelude::*;
use ndarray::Array2;

const CONTEXT: usize = 64;
const BATCH: usize = 16;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let (text, steps) = match arguments.next() {
        Some(path) => {
            let text = std::fs::read(&path).map_err(|error| Error::read(&path, error))?;
            let steps = arguments.next().map_or(Ok(1000), |steps| {
                steps.parse().map_err(|_| Error::argument("STEPS", &steps, "a whole number"))
            });
            (text, steps?)
        }
        None => (include_bytes!("../LICENSE-APACHE").to_vec(), 150),
    };
    let mut alphabet = text.clone();
    alphabet.sort_unstable();
    alphabet.dedup();
    let code = |byte: &u8| alphabet.partition_point(|other| other < byte);
    let tokens: Vec<usize> = text.iter().map(code).collect();
    let (train, validation) = tokens.split_at(tokens.len() * 9 / 10);
    let validation = Windows::new(validation, CONTEXT)?;
    let room = train.len().saturating_sub(CONTEXT).max(1) as u64;
    let starts: Vec<usize> =
        (1..=(steps * BATCH) as u64).map(|row| (row * 2_654_435_761 % room) as usize).collect();
    let train = Windows::new(train, CONTEXT)?.at(starts)?;

    let layer = || {
        TransformerEncoderLayer::new(MultiHeadAttention::new(4).causal(), FeedForward::gelu(512))
            .pre_norm()
    };
    let small = init::Normal { std: 0.02, ..init::Normal::default() };
    let model = Chain::new()
        .then(Embedding::new(alphabet.len(), 128).weight_init(small))
        .then(LearnedPosition::new(CONTEXT).weight_init(small))
        .then(layer())
        .then(layer())
        .then(LayerNorm::default())
        .then(Dense::new(alphabet.len()).without_bias());
    let rule = AdamW { learning_rate: 1e-3, weight_decay: 0.01, ..AdamW::default() };
    let mut trainer = Trainer::builder(model, CrossEntropy::default(), rule)
        .clip(Clip::GlobalNorm(1.0))
        .on(move |event, _| {
            if let Event::Step(record) = event
                && record.step % 100 == 0
            {
                println!("step {:4}  loss {:.4}", record.step, record.loss);
            }
        })
        .seed(7)
        .build(&[CONTEXT])?;
    println!("{}\n", trainer.summary());

    let start = Instant::now();
    trainer.fit(&train, Fit::steps(steps as u64).batch(BATCH).in_order())?;
    println!("{steps} steps in {:.1?}\n", start.elapsed());

    let beginning = &tokens[..CONTEXT];
    let more = go_on(&trainer, beginning, 300)?;
    let letters = more.iter().map(|&token| char::from(alphabet[token]));
    println!("{}\n", letters.collect::<String>());
    println!("validation loss: {:.4}", trainer.evaluate(&validation)?.loss);
    Ok(())
}

/// Draws `count` characters, each by the probabilities that the model gives it after the 64 before it.
fn go_on(trainer: &Trainer<f32>, beginning: &[usize], count: usize) -> Result<Vec<usize>, Error> {
    let noise = Noise::new(7).at("sample");
    let mut tokens = beginning.to_vec();
    for draw in 0..count as u64 {
        let window = &tokens[tokens.len() - CONTEXT..];
        let input = Array2::from_shape_fn((1, CONTEXT), |(_, i)| window[i] as f32);
        let scores = trainer.predict(&input)?;
        let last = scores.index_axis(ndarray::Axis(1), CONTEXT - 1);
        let most = last.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights: Vec<f64> = last.iter().map(|&x| f64::from((x - most) / 0.8).exp()).collect();
        let mut rest = noise.uniform(draw) * weights.iter().sum::<f64>();
        let drawn = weights.iter().position(|weight| {
            rest -= weight;
            rest < 0.0
        });
        tokens.push(drawn.unwrap_or(0));
    }
    Ok(tokens.split_off(beginning.len()))
}
