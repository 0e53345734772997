//! Losses of one's own: the short way, for losses that compare number with number, and the long way.
//!
//! ```text
//! cargo run --release --example custom_loss
//! ```
//!
//! Expected: an over-estimate that is dearer than an under-estimate moves the prediction below the mean, to about 0.30 of the way; the
//! loss over all pairs finds an order with nearly all pairs right.

use downhill::data::{Target, TargetKind};
use downhill::loss::{LossPass, Total};
use downhill::prelude::*;
use downhill::random::Noise;
use ndarray::Array2;

/// The short way: the squared error, where being too high costs `dear` times as much.
#[derive(Debug)]
struct DearOverestimate {
    dear: f64,
}

impl ElementLoss for DearOverestimate {
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let error = prediction - target;
        if error > F::zero() { F::of(self.dear) * error * error } else { error * error }
    }

    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        let error = prediction - target;
        F::of(if error > F::zero() { 2.0 * self.dear } else { 2.0 }) * error
    }
}

/// The long way: for each pair of samples in a batch, ln(1 + e^−(difference of scores)) if the first should rank higher (RankNet, Burges
/// et al. 2005). A loss sees the whole batch, so it may compare samples with each other.
#[derive(Debug)]
struct RankPairs;

impl<F: Scalar> Loss<F> for RankPairs {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        match (outputs, targets) {
            ([output], TargetKind::Values(target)) if output.size() == 1 && target.size() == 1 => {
                Ok(())
            }
            _ => {
                Err(Error::target_kind("rank_pairs", "one number per sample", targets.to_string()))
            }
        }
    }

    fn evaluate(&self, mut pass: LossPass<'_, F>) -> Result<Total, Error> {
        let scores = pass.outputs.one().values();
        let Target::Values(targets) = pass.targets else {
            return Err(Error::target_kind(
                "rank_pairs",
                "numbers",
                pass.targets.kind().to_string(),
            ));
        };
        let mut total = Total::default();
        let mut gradient = pass.gradients.as_mut().map(|gradients| gradients.one().into_values());
        if let Some(gradient) = &mut gradient {
            gradient.fill(F::zero());
        }
        for (i, &higher) in targets.values().iter().enumerate() {
            for (j, &lower) in targets.values().iter().enumerate() {
                if higher > lower {
                    let wrong = scores[j] - scores[i];
                    total.weight += 1.0;
                    total.sum += (wrong.max(F::zero()) + (-wrong.abs()).exp().ln_1p()).as_f64();
                    if let Some(gradient) = &mut gradient {
                        let slope = F::one() / (F::one() + (-wrong).exp());
                        gradient[j] += slope;
                        gradient[i] -= slope;
                    }
                }
            }
        }
        Ok(total)
    }
}

fn main() -> Result<(), Error> {
    let noise = Noise::new(5);

    // Half the targets are 0, half are 1, and nothing tells them apart.
    let x = Array2::zeros((200, 1));
    let y = Array2::from_shape_fn((200, 1), |(i, _)| (i % 2) as f64);
    let loss = DearOverestimate { dear: 7.0 / 3.0 };
    let optimizer = Sgd { learning_rate: 0.05, ..Sgd::default() };
    let mut trainer = Trainer::builder(Dense::new(1), loss, optimizer).build(&[1])?;
    trainer.fit(&Dataset::new(x, y)?, Fit::epochs(50).batch(200))?;
    let prediction = trainer.predict(&Array2::zeros((1, 1)))?;
    println!("prediction between 0 and 1: {:.2}", prediction[[0, 0]]);

    let x = Array2::from_shape_fn((300, 5), |(i, j)| noise.normal((5 * i + j) as u64));
    let y = Array2::from_shape_fn((300, 1), |(i, _)| (x[[i, 0]] - 2.0 * x[[i, 3]]).exp());
    let ranked = Dataset::new(x.clone(), y.clone())?;
    let optimizer = Adam { learning_rate: 1e-2, ..Adam::default() };
    let mut trainer = Trainer::builder(Dense::new(1), RankPairs, optimizer).build(&[5])?;
    trainer.fit(&ranked, Fit::epochs(40))?;
    let scores = trainer.predict(&x)?;
    let (mut right, mut all) = (0, 0);
    for i in 0..300 {
        for j in 0..i {
            right += usize::from((scores[[i, 0]] > scores[[j, 0]]) == (y[[i, 0]] > y[[j, 0]]));
            all += 1;
        }
    }
    println!("pairs in the right order: {right} of {all}");
    Ok(())
}
