//! Vanishing and exploding gradients, measured: where they come from, what clipping does about them, and what cures them.
//!
//! ```text
//! cargo run --release --example gradients
//! ```
//!
//! Clipping is often recommended against both. It bounds gradients that explode; it cannot bring back those that have vanished, because it
//! only ever makes a gradient smaller. The program prints the evidence in five parts, and ends with an error if one of these results no
//! longer holds:
//!
//! 1. **From zero weights**, J = −ΣY. In Y = W1·sigmoid(W2·X), W1 moves first: its gradient has the norm √2 = 1.41, and W2's is 0 until
//!    W1 has moved. In Y = W1·(sigmoid(W2·X + b2) · tanh(W3·X + b3)) nothing ever moves: the product is 0, so W1 has no gradient, and W1 is
//!    0, so nothing else has one. Weights of size 0.001 are enough to leave that saddle: J = −123 after 200 steps.
//! 2. **J has no floor.** Under a sigmoid no gradient explodes, but J falls by 0.800 a step for ever; clipping to norm 1 makes that 0.283 a
//!    step, for ever. Weight decay gives J a floor, −79.2. With ReLU instead, J overflows within 10,000 steps unless it is clipped.
//! 3. **With depth and scale**, sigmoid networks vanish at every scale: from Glorot's start, the first of 64 layers has 3.4e-41 of the last
//!    one's gradient. A tanh network of three times Glorot's scale explodes, to a ratio of 5.8e7. In a ReLU network this ratio is the same
//!    for every scale, as all layers vanish or explode together: one has to look at the norms as well.
//! 4. **Cures** at depth 32. Clipping by global norm leaves the ratio as it is, to the last digits: 2.46e-21 for the sigmoid, before and
//!    after. Clipping by value changes it by making large gradients smaller, which evens out a tanh network that explodes; the first layer
//!    of the sigmoid network gains nothing. He's and orthogonal starts do not help the sigmoid enough. A tanh, ReLU or SELU network with
//!    the start made for it is fine, and so is a sigmoid network with ways around its layers: its ratio is 0.054.
//! 5. **A training run** through 16 hidden layers. The sigmoid network, clipped or not, learns nothing in 200 epochs (a loss of 0.157; the
//!    best constant answer has 0.154); the ReLU network does (below 0.01). Ways around the layers let the sigmoid's gradient through, and
//!    now it explodes: the run overflows. Here clipping is the cure, and the network learns (below 0.05).

use std::f64::consts::SQRT_2;

use downhill::clip;
use downhill::prelude::*;
use downhill::train::Gradient;
use ndarray::{Array2, array};

fn main() -> Result<(), Error> {
    from_zero_weights()?;
    without_a_floor()?;
    with_depth_and_scale()?;
    cures()?;
    a_training_run()
}

/// An error if what the text above promises is not so any more.
fn ensure(holds: bool, claim: &str) -> Result<(), Error> {
    let broken = || Error::other("gradients", format!("this no longer holds: {claim}"));
    if holds { Ok(()) } else { Err(broken()) }
}

/// Whether a number is the one that the text above gives, to 1 %.
fn near(number: f64, given: f64) -> bool {
    (number / given - 1.0).abs() < 0.01
}

/// J = −ΣY, the mean over the samples: a loss without targets and without a lower bound.
#[derive(Debug)]
struct NegativeSum;

impl<F: Scalar> Loss<F> for NegativeSum {
    fn check(&self, _: &[Shape], _: &TargetKind) -> Result<(), Error> {
        Ok(())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let y = pass.outputs.one();
        if let Some(mut gradients) = pass.gradients {
            gradients.one().values().fill(-F::one());
        }
        let sum: f64 = y.values().iter().map(|y| y.as_f64()).sum();
        Ok(Total { sum: -sum, weight: y.batch() as f64 })
    }
}

/// Gradient descent on J. One thread: these networks are too small to share.
fn descent(network: Chain<f64>) -> TrainerBuilder<f64> {
    let sgd = Sgd { learning_rate: 0.1, ..Sgd::default() };
    Trainer::builder(network, NegativeSum, sgd).seed(1).threads(1)
}

/// Whether an error says that the numbers grew beyond all bounds.
fn is_overflow(error: &Error) -> bool {
    matches!(error, Error::Diverged { .. } | Error::NonFiniteGradient { .. })
}

/// The norm of each parameter's gradient whose role is asked for.
fn norms(gradient: Gradient<'_, f64>, of: impl Fn(Role) -> bool) -> Vec<f64> {
    let parts = gradient.parts().filter(|(parameter, _)| of(parameter.role()));
    parts.map(|(_, part)| clip::norm(part, Parallel::Off)).collect()
}

// ---- Two small networks, from zero ----

/// Y = W1·f(W2·X).
fn plain_network(
    f: impl Layer<f64> + 'static,
    start: impl init::Init + Copy + 'static,
) -> Chain<f64> {
    let dense = |units| Dense::new(units).without_bias().weight_init(start);
    Chain::new().then(dense(4)).then(f).then(dense(2))
}

/// Y = W1·(sigmoid(W2·X + b2) · tanh(W3·X + b3)).
fn gated_network(start: impl init::Init + Copy + 'static) -> Chain<f64> {
    let dense = || Dense::new(4).weight_init(start);
    let gate = Chain::new().then(dense()).then(Sigmoid);
    let value = Chain::new().then(dense()).then(Tanh);
    let product = Branches::product().named("gate", gate).named("value", value);
    Chain::new().then(product).then(Dense::new(2).without_bias().weight_init(start))
}

/// One sample X of three numbers, without a target.
fn sample() -> Result<Batch<f64>, Error> {
    Batch::of(&Dataset::new(array![[1.0, -0.5, 2.0]], ())?)
}

/// J and the norm of each parameter's gradient before a step.
struct Moment {
    step: u64,
    j: f64,
    norms: Vec<f64>,
}

/// Takes 200 steps; what it was like before some of them, and the model in the end.
fn descend(network: Chain<f64>) -> Result<(Vec<Moment>, Model<f64>), Error> {
    let (mut trainer, batch) = (descent(network).build(&[3])?, sample()?);
    let mut moments = Vec::new();
    for step in 0..=200 {
        if [0, 1, 2, 5, 10, 50, 200].contains(&step) {
            let gradient = trainer.gradient(&batch)?;
            moments.push(Moment { step, j: gradient.loss(), norms: norms(gradient, |_| true) });
        }
        trainer.step(&batch)?;
    }
    Ok((moments, trainer.model().clone()))
}

fn print_moments(title: &str, names: &[&str], moments: &[Moment]) {
    println!("\n{title}: J and the norms of its gradients");
    print!("  step         J");
    names.iter().for_each(|name| print!("{name:>11}"));
    println!();
    for Moment { step, j, norms } in moments {
        print!("{step:6}{j:10.3}");
        norms.iter().for_each(|norm| print!("{norm:11.2e}"));
        println!();
    }
}

fn from_zero_weights() -> Result<(), Error> {
    let zero = init::Constant(0.0);
    let (moments, model) = descend(plain_network(Sigmoid, zero))?;
    print_moments("Y = W1·sigmoid(W2·X) from zero", &["W2", "W1"], &moments);
    // dJ/dW2 has W1 = 0 as a factor; dJ/dW1 is −sigmoid(0) = −1/2 in each of its 2·4 places.
    let at_zero = &moments[0].norms;
    let w1_alone = at_zero[0] == 0.0 && (at_zero[1] - SQRT_2).abs() < 1e-12;
    ensure(w1_alone && moments[1].norms[0] > 0.0, "W1 moves first and sets W2 free")?;
    let w2 = model.get("0.dense.weight")?;
    let alike = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
    let copies = w2.outer_iter().all(|unit| unit.iter().zip(&w2).all(alike));
    ensure(copies, "the four hidden units stay copies of each other")?;
    println!("W1 moves first. The 4 hidden units start alike and stay alike: they are worth one.");

    let names = ["W2", "b2", "W3", "b3", "W1"];
    let (moments, model) = descend(gated_network(zero))?;
    print_moments("The gated network from zero", &names, &moments[moments.len() - 1..]);
    // tanh(0) = 0 makes the product 0 and with it dJ/dW1; W1 = 0 makes the other gradients 0.
    let still = moments.iter().all(|moment| moment.norms.iter().all(|norm| *norm == 0.0));
    let at_zero = model.values().iter().all(|value| *value == 0.0);
    ensure(still && at_zero, "the gated network never leaves zero")?;
    println!("All gradients are exactly 0, at this step as at any: descent never leaves zero.");

    let (moments, _) = descend(gated_network(init::Normal { mean: 0.0, std: 1e-3 }))?;
    print_moments("The gated network from weights of size 0.001", &names, &moments);
    let freed = moments.last().is_some_and(|moment| near(moment.j, -123.0));
    ensure(freed, "a small random start frees the gated network")
}

// ---- No floor ----

/// J after 100, 1,000 and 10,000 steps, as far as it is finite, and how many steps were taken.
fn fall(setup: TrainerBuilder<f64>) -> Result<(Vec<f64>, u64), Error> {
    let (mut trainer, batch) = (setup.build(&[3])?, sample()?);
    let mut fall = Vec::new();
    for steps in [100, 1_000, 10_000] {
        while trainer.steps() < steps {
            match trainer.step(&batch) {
                Err(error) if is_overflow(&error) => return Ok((fall, trainer.steps())),
                taken => taken?,
            };
        }
        fall.push(trainer.gradient(&batch)?.loss());
    }
    Ok((fall, trainer.steps()))
}

fn without_a_floor() -> Result<(), Error> {
    println!("\nJ = −ΣY has no floor: Y = W1·f(W2·X) after many steps of rate 0.1");
    println!("{:28}{:>12}{:>12}{:>12}", "f", "step 100", "step 1000", "step 10000");
    let show = |name: &str, setup| -> Result<[f64; 3], Error> {
        let (js, steps) = fall(setup)?;
        print!("{name:28}");
        js.iter().for_each(|j| print!("{j:12.2e}"));
        if js.len() < 3 {
            print!("  overflow at step {steps}");
        }
        println!();
        let at = |i| js.get(i).copied().unwrap_or(f64::NEG_INFINITY);
        Ok([at(0), at(1), at(2)])
    };
    let sigmoid = || descent(plain_network(Sigmoid, init::Constant(0.0)));
    let relu = || descent(plain_network(Relu, init::Normal { mean: 0.0, std: 0.1 }));
    let clip = Clip::GlobalNorm(1.0);
    let [_, early, late] = show("sigmoid", sigmoid())?;
    let [_, clipped_early, clipped_late] = show("sigmoid, norm ≤ 1", sigmoid().clip(clip))?;
    let [_, decay_early, decay_late] =
        show("sigmoid, decay 0.1", sigmoid().weight_decay(DecoupledDecay(0.1)))?;
    let [.., relu_late] = show("ReLU", relu())?;
    let [_, relu_early, relu_clipped] = show("ReLU, norm ≤ 1", relu().clip(clip))?;

    // sigmoid ≤ 1 bounds dJ/dW1 by √8, so J falls by rate · 8 a step, and by rate · √8 if clipped.
    let speed = |early: f64, late: f64| (early - late) / 9_000.0;
    let (free, clipped) = (speed(early, late), speed(clipped_early, clipped_late));
    println!(
        "Under a sigmoid, J falls by {free:.3} a step without end; if clipped, by {clipped:.3}."
    );
    println!("Clipping bounds the steps, not J. Decay gives J a floor.");
    ensure(near(free, 0.8), "J falls by 0.8 a step")?;
    ensure(near(clipped, 0.283), "J falls by 0.283 a step if clipped")?;
    ensure(near(decay_early, -79.2) && near(decay_late, -79.2), "decay brings J to rest")?;
    ensure(relu_late.is_infinite(), "ReLU lets J overflow")?;
    ensure(near(relu_clipped / relu_early, 100.0), "clipping makes that fall quadratic")
}

// ---- Depth and scale ----

const WIDTH: usize = 32;
const ROWS: usize = 64;

/// The norms of the gradients for the first and the last weight matrix.
struct Ends {
    first: f64,
    last: f64,
}

impl Ends {
    fn of(gradient: Gradient<'_, f64>) -> Self {
        let norms = norms(gradient, |role| role == Role::Weight);
        let number = |norm: Option<&f64>| norm.copied().unwrap_or(f64::NAN);
        Self { first: number(norms.first()), last: number(norms.last()) }
    }

    fn ratio(&self) -> f64 {
        self.first / self.last
    }

    fn verdict(&self) -> &'static str {
        if self.first.max(self.last) > 1e3 {
            "explodes"
        } else if self.ratio() < 1e-3 {
            "vanishes"
        } else if self.ratio() > 1e3 {
            "uneven"
        } else {
            "fine"
        }
    }
}

fn layer(start: impl init::Init + 'static, f: impl Layer<f64> + 'static) -> Chain<f64> {
    Chain::new().then(Dense::new(WIDTH).weight_init(start)).then(f)
}

/// x + W·sigmoid(V·x + c) + b: two layers, and a way around them for the gradient.
fn residual() -> Chain<f64> {
    // A factor of 4 makes up for the slope of the sigmoid, 1/4 at most.
    let inner = layer(init::Glorot::normal().gain(4.0), Sigmoid);
    let outer = Dense::new(WIDTH).weight_init(init::Glorot::normal());
    Chain::new().then(Residual::new(inner.then(outer)))
}

/// The same block so many times over; each has weights of its own.
fn stack(count: usize, block: &Chain<f64>) -> Chain<f64> {
    (0..count).fold(Chain::new(), |chain, _| chain.then(block.clone()))
}

fn random_inputs() -> Result<Dataset<f64>, Error> {
    let noise = Noise::new(1).at("inputs");
    let number = |(row, column)| noise.normal((row * WIDTH + column) as u64);
    Dataset::new(Array2::from_shape_fn((ROWS, WIDTH), number), ())
}

/// The gradient of J at the start.
fn ends(network: Chain<f64>) -> Result<Ends, Error> {
    let mut trainer = descent(network).build(&[WIDTH])?;
    Ok(Ends::of(trainer.gradient(&Batch::of(&random_inputs()?)?)?))
}

fn with_depth_and_scale() -> Result<(), Error> {
    const DEPTHS: [usize; 6] = [2, 4, 8, 16, 32, 64];
    let mut rows = Vec::new();
    for scale in [0.3, 1.0, 3.0] {
        let glorot = init::Glorot::normal().gain(scale);
        let he = init::He::normal().gain(scale * SQRT_2);
        for (name, block) in [
            ("sigmoid, Glorot", layer(glorot, Sigmoid)),
            ("tanh, Glorot", layer(glorot, Tanh)),
            ("ReLU, He", layer(he, Relu)),
        ] {
            let measured = DEPTHS.iter().map(|&depth| ends(stack(depth, &block)));
            let measured = measured.collect::<Result<Vec<Ends>, Error>>()?;
            rows.push((format!("{name} × {scale}"), measured));
        }
    }
    let table = |title: &str, number: fn(&Ends) -> f64| {
        println!("\n{title}, by depth");
        print!("{:22}", "");
        DEPTHS.iter().for_each(|depth| print!("{depth:10}"));
        println!();
        for (name, ends) in &rows {
            print!("{name:22}");
            ends.iter().for_each(|ends| print!("{:10.1e}", number(ends)));
            println!();
        }
    };
    table("Norm of the first layer's gradient / the last's", Ends::ratio);
    table("Norm of the first layer's gradient", |ends| ends.first);
    println!("The ratio does not see a ReLU network vanish or explode: its layers do so together.");

    // Rows: sigmoid, tanh, ReLU at scale 0.3, then at 1, then at 3.
    let at_64 = |row: usize| &rows[row].1[5];
    let vanishes = [0, 3, 6].iter().all(|&row| at_64(row).ratio() < 1e-15);
    ensure(vanishes, "a sigmoid network vanishes with depth at every scale")?;
    ensure(near(at_64(3).ratio(), 3.4e-41), "its ratio is 3.4e-41 from Glorot's start")?;
    ensure(near(at_64(7).ratio(), 5.8e7), "a tanh network explodes at three times its scale")?;
    // A factor s on all n matrices multiplies each matrix's gradient by the same sⁿ⁻¹.
    let same = |a: &Ends, b: &Ends| (a.ratio() / b.ratio() - 1.0).abs() < 1e-9;
    ensure(same(at_64(2), at_64(5)) && same(at_64(5), at_64(8)), "the ratio is blind to it")?;
    let growth = at_64(8).first / at_64(5).first / 3.0_f64.powi(63);
    ensure((growth - 1.0).abs() < 1e-9, "three times the scale is 3⁶³ times the gradient")
}

// ---- Cures ----

/// The gradient as the optimizer gets it, after clipping.
fn clipped(network: Chain<f64>, clip: Clip) -> Result<Ends, Error> {
    let mut trainer = descent(network).clip(clip).build(&[WIDTH])?;
    trainer.step(&Batch::of(&random_inputs()?)?)?;
    Ok(Ends::of(trainer.last_gradient()))
}

fn print_ends(name: &str, ends: &Ends) {
    let Ends { first, last } = ends;
    println!("{name:34}{first:9.1e}{last:9.1e}{:21.12e}  {}", ends.ratio(), ends.verdict());
}

/// A network's gradient as it is, clipped by norm, and clipped by value.
fn show_clipping(name: &str, block: &Chain<f64>) -> Result<[Ends; 3], Error> {
    let network = stack(32, block);
    let raw = ends(network.clone())?;
    let by_norm = clipped(network.clone(), Clip::GlobalNorm(1.0))?;
    let by_value = clipped(network, Clip::Value(0.01))?;
    print_ends(name, &raw);
    print_ends(&format!("{name}, norm ≤ 1"), &by_norm);
    print_ends(&format!("{name}, values ≤ 0.01"), &by_value);
    Ok([raw, by_norm, by_value])
}

fn cures() -> Result<(), Error> {
    let glorot = init::Glorot::normal;
    println!("\nCures at depth 32: norms of the first and the last layer's gradient");
    println!("{:34}{:>9}{:>9}{:>21}", "", "first", "last", "first / last");
    let sigmoid = show_clipping("sigmoid, Glorot", &layer(glorot(), Sigmoid))?;
    let tanh = show_clipping("tanh, Glorot × 3", &layer(glorot().gain(3.0), Tanh))?;
    let he_3 = init::He::normal().gain(3.0 * SQRT_2);
    let relu = show_clipping("ReLU, He × 3", &layer(he_3, Relu))?;
    let (mut verdicts, mut ratio) = (Vec::new(), f64::NAN);
    for (name, network) in [
        ("sigmoid, He", stack(32, &layer(init::He::normal(), Sigmoid))),
        ("sigmoid, orthogonal", stack(32, &layer(init::Orthogonal::default(), Sigmoid))),
        ("sigmoid, Glorot × 4", stack(32, &layer(glorot().gain(4.0), Sigmoid))),
        ("tanh, Glorot", stack(32, &layer(glorot(), Tanh))),
        ("tanh, orthogonal", stack(32, &layer(init::Orthogonal::default(), Tanh))),
        ("ReLU, He", stack(32, &layer(init::He::normal(), Relu))),
        ("SELU, LeCun", stack(32, &layer(init::LeCun::normal(), Selu))),
        ("residual sigmoid, Glorot × 4 and 1", stack(16, &residual())),
    ] {
        let ends = ends(network)?;
        print_ends(name, &ends);
        verdicts.push(ends.verdict());
        ratio = ends.ratio();
    }

    let change = |[raw, by_norm, _]: &[Ends; 3]| (by_norm.ratio() / raw.ratio() - 1.0).abs();
    let change = change(&sigmoid).max(change(&tanh)).max(change(&relu));
    println!(
        "Clipping by norm changes a ratio by {change:.0e} of it at most. It bounds what explodes"
    );
    println!(
        "(ReLU: {:.0e} → {:.1}), and does not bring back what has",
        relu[0].first, relu[1].first
    );
    println!("vanished (sigmoid: {:.0e} → {:.0e}).", sigmoid[0].first, sigmoid[1].first);
    let gain = sigmoid[2].ratio() / sigmoid[0].ratio();
    println!(
        "Clipping by value makes the sigmoid's ratio {gain:.0} times what it was, but only by making"
    );
    println!("the last layer's gradient smaller.");
    println!("What cures it: an activation with the start made for it, or ways around the layers.");
    ensure(change < 1e-12, "clipping by norm changes no ratio")?;
    ensure(near(sigmoid[1].ratio(), 2.46e-21), "the sigmoid's ratio is 2.46e-21")?;
    let bounded = |ends: &Ends| ends.first <= 1.0 && ends.last <= 1.0;
    ensure(bounded(&tanh[1]) && bounded(&relu[1]), "clipping by norm bounds what explodes")?;
    let first = sigmoid[0].first;
    let cured = sigmoid[1].first >= first || sigmoid[2].first > first || first > 1e-15;
    ensure(!cured, "no clipping lifts the sigmoid's first gradient")?;
    ensure(near(ratio, 0.054), "ways around the layers bring the ratio to 0.054")?;
    let expected = ["vanishes", "vanishes", "vanishes", "fine", "fine", "fine", "fine", "fine"];
    ensure(
        verdicts == expected,
        "none of these starts cures the sigmoid; other activations and ways around it do",
    )
}

// ---- A training run ----

/// 256 samples of sin(3a)·b.
fn wave() -> Result<(Dataset<f64>, f64), Error> {
    let noise = Noise::new(2).at("inputs");
    let x = Array2::from_shape_fn((256, 2), |(i, j)| 2.0 * noise.uniform((2 * i + j) as u64) - 1.0);
    let y = Array2::from_shape_fn((256, 1), |(i, _)| (3.0 * x[[i, 0]]).sin() * x[[i, 1]]);
    let variance = y.var(0.0);
    Ok((Dataset::new(x, y)?, variance))
}

/// Trains for 200 epochs, prints the loss on the way, and gives the last one; infinity after an overflow.
fn train(
    name: &str,
    body: Chain<f64>,
    clip: Option<Clip>,
    data: &Dataset<f64>,
) -> Result<f64, Error> {
    let model = Chain::new().then(Dense::new(WIDTH)).then(body).then(Dense::new(1));
    let sgd = Sgd { learning_rate: 0.01, momentum: 0.9, ..Sgd::default() };
    let setup = Trainer::builder(model, Mse, sgd).clip(clip);
    let mut trainer = setup.seed(1).threads(1).build(&[2])?;
    let gradient = trainer.gradient(&Batch::of(data)?)?;
    print!("{name:34}{:13.1e}", Ends::of(gradient).ratio());
    match trainer.fit(data, Fit::epochs(200)) {
        Err(error) if is_overflow(&error) => {
            println!("  overflow at step {}", trainer.steps());
            return Ok(f64::INFINITY);
        }
        run => run?,
    };
    let mut loss = f64::NAN;
    for record in &trainer.history().epochs {
        loss = record.training.loss;
        if [1, 10, 50, 200].contains(&(record.epoch + 1)) {
            print!("{loss:9.5}");
        }
    }
    println!();
    Ok(loss)
}

fn a_training_run() -> Result<(), Error> {
    let (data, variance) = wave()?;
    println!(
        "\nLoss of a regression with 16 hidden layers; the best constant answer has {variance:.5}"
    );
    println!("{:34}{:>13}{:>9}{:>9}{:>9}{:>9}", "", "first / last", "epoch 1", "10", "50", "200");
    let sigmoid = |gain| stack(16, &layer(init::Glorot::normal().gain(gain), Sigmoid));
    let clip = Some(Clip::GlobalNorm(1.0));
    let stuck = [
        train("sigmoid, Glorot", sigmoid(1.0), None, &data)?,
        train("sigmoid, Glorot, norm ≤ 1", sigmoid(1.0), clip, &data)?,
        train("sigmoid, Glorot × 4", sigmoid(4.0), None, &data)?,
    ];
    let relu = train("ReLU, He", stack(16, &layer(init::He::normal(), Relu)), None, &data)?;
    let exploded = train("residual sigmoid", stack(8, &residual()), None, &data)?;
    let learned = train("residual sigmoid, norm ≤ 1", stack(8, &residual()), clip, &data)?;
    println!(
        "Ways around the layers let the gradient through, so well that it explodes at this rate:"
    );
    println!("what clipping is for.");
    let learned_nothing = |loss: &f64| *loss > variance && near(*loss, 0.157);
    ensure(stuck.iter().all(learned_nothing), "a deep sigmoid network learns nothing")?;
    ensure(relu < 0.01, "the ReLU network learns")?;
    ensure(exploded.is_infinite(), "ways around the layers explode without clipping")?;
    ensure(learned < 0.05, "with clipping they make the sigmoid network learn")
}
