//! A layer of one's own: each feature is scaled by a learnt factor before the network sees it.
//!
//! ```text
//! cargo run --release --example custom_layer
//! ```
//!
//! Expected: the summary, a test accuracy above 0.94, and the pixels whose factor grew or shrank most.

use std::sync::Arc;

use downhill::layer::{Backward, Forward, Plan};
use downhill::prelude::*;

/// y = scale · x, with one factor for each feature.
#[derive(Clone, Debug)]
struct Scale;

impl<F: Scalar> Layer<F> for Scale {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = plan.input()?;
        let ones = Some(Arc::new(init::Constant(1.0)) as _);
        plan.param("scale", Role::Norm, shape.clone(), (1, 1), ones)?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let scale = &pass.params[0];
        for (y, x) in pass.outputs.one().rows().zip(pass.inputs.one().rows()) {
            for ((y, &x), &s) in y.iter_mut().zip(x).zip(scale) {
                *y = s * x;
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let (x, dy) = (pass.inputs.one(), pass.output_gradients.one());
        // Gradients for parameters are added to what is there …
        let sum = pass.gradients.get(0);
        for (x, dy) in x.rows().zip(dy.rows()) {
            for ((sum, &x), &dy) in sum.iter_mut().zip(x).zip(dy) {
                *sum += x * dy;
            }
        }
        // … gradients for inputs are overwritten, if anyone wants them.
        if let Some(mut dx) = pass.input_gradients.one() {
            for (dx, dy) in dx.rows().zip(dy.rows()) {
                for ((dx, &dy), &s) in dx.iter_mut().zip(dy).zip(&pass.params[0]) {
                    *dx = s * dy;
                }
            }
        }
    }
}

fn main() -> Result<(), Error> {
    let (train, test) = data::digits()?.split(0.8, 7)?;
    let model = Chain::new().then(Scale).then(Dense::new(64)).then(Relu).then(Dense::new(10));
    let mut trainer = Trainer::builder(model, CrossEntropy::default(), Adam::default())
        .regularizer_on("*.scale", L1::new(1e-3))
        .seed(1)
        .build(&[64])?;
    println!("{}\n", trainer.summary());
    trainer.fit(&train, Fit::epochs(20))?;

    let mut scales: Vec<(usize, f32)> =
        trainer.model().get("0.scale.scale")?.iter().copied().enumerate().collect();
    scales.sort_by(|a, b| b.1.total_cmp(&a.1));
    let show = |(pixel, scale): &(usize, f32)| format!("({}, {}) {scale:.2}", pixel / 8, pixel % 8);
    println!("most used pixels:  {}", scales[..4].iter().map(show).collect::<Vec<_>>().join("   "));
    println!(
        "least used pixels: {}",
        scales[60..].iter().map(show).collect::<Vec<_>>().join("   ")
    );
    println!("test accuracy: {:.4}", trainer.evaluate(&test)?.metric("accuracy")?);
    Ok(())
}
