//! A guide: write and prove your own optimizer.
//!
//! From the empty struct to a rule that keeps every law, and then to a run against Adam. The rule is AdaBelief (Zhuang et al., 2020), which
//! divides by how far the gradient is from its average:
//!
//! ```text
//! m ← β₁·m + (1 − β₁)·g
//! s ← β₂·s + (1 − β₂)·(g − m)²
//! w ← w − rate · m/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε)
//! ```
//!
//! Ask for the kit in `Cargo.toml`, for tests alone:
//!
//! ```toml
//! [dev-dependencies]
//! downhill = { version = "0.1", features = ["check"] }
//! ```
//!
//! # 1. The empty struct
//!
//! A rule is a plain struct of settings with two methods. This one does nothing, and the kit says so:
//!
//! ```
//! use downhill::check::{Cases, optimizer};
//! use downhill::prelude::*;
//!
//! #[derive(Debug)]
//! struct AdaBelief {
//!     learning_rate: f64,
//! }
//!
//! impl<F: Scalar> Optimizer<F> for AdaBelief {
//!     fn learning_rate(&self) -> f64 {
//!         self.learning_rate
//!     }
//!
//!     fn update(&self, _: &Tick, _: Block<'_, F>) {}
//! }
//!
//! let report = optimizer::report_on(AdaBelief { learning_rate: 1e-3 }, &Cases::fixed(16));
//! let broken = ["every_element_moves", "not_finite_is_not_hidden", "descends_on_quadratics"];
//! assert_eq!(report.broken(), broken, "{report}");
//! ```
//!
//! # 2. The formula
//!
//! What is remembered between steps is named in `slots`, and the trainer keeps it. `tick` has the rate and momentum as schedules have
//! changed them, and counts the updates. So the formula is all there is to write:
//!
//! ```
//! use downhill::check::{Cases, optimizer};
//! use downhill::prelude::*;
//!
//! #[derive(Debug)]
//! struct AdaBelief {
//!     learning_rate: f64,
//!     beta1: f64,
//!     beta2: f64,
//!     epsilon: f64,
//! }
//!
//! impl<F: Scalar> Optimizer<F> for AdaBelief {
//!     fn learning_rate(&self) -> f64 {
//!         self.learning_rate
//!     }
//!
//!     fn slots(&self) -> Vec<Slot> {
//!         vec![Slot::new("average"), Slot::new("surprise")]
//!     }
//!
//!     fn update(&self, tick: &Tick, block: Block<'_, F>) {
//!         let [average, surprise] = block.slots.split();
//!         let (beta1, one) = (tick.momentum(self.beta1), F::one());
//!         let correction = |beta: f64| F::of(1.0 - beta.powf(tick.updates as f64));
//!         let (c1, c2) = (correction(beta1), correction(self.beta2));
//!         let (b1, b2) = (F::of(beta1), F::of(self.beta2));
//!         let (rate, epsilon) = (F::of(tick.learning_rate), F::of(self.epsilon));
//!         for (((w, &g), m), s) in
//!             block.weights.iter_mut().zip(block.gradient).zip(average).zip(surprise)
//!         {
//!             *m = b1 * *m + (one - b1) * g;
//!             *s = b2 * *s + (one - b2) * (g - *m) * (g - *m);
//!             *w -= rate * (*m / c1) / ((*s / c2).sqrt() + epsilon);
//!         }
//!     }
//! }
//!
//! let rule = AdaBelief { learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
//! let report = optimizer::report_on(rule, &Cases::fixed(16));
//! assert_eq!(report.broken(), ["finite_in_finite_out"], "{report}");
//!
//! // `println!("{}", report.failures().next()…)` prints this:
//! let text = report.failures().next().map(ToString::to_string).unwrap_or_default();
//! assert_eq!(
//!     text,
//!     "\
//! AdaBelief { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } breaks the law `finite_in_finite_out`
//!
//! law       Finite gradients of any size and pattern give finite weights and slots.
//! case      Case { shapes: [[2]], seed: 62432744, steps: 1, pattern: Once, exponent: 38, rate: 1.0, moment: 0.0, cuts: [], pick: 0 }
//! where     f32 state after step 0[4]
//! expected  a finite number
//! got       inf
//! look for  a square that overflows (an f32 above 1.8e19), an epsilon that is 0 in f32, or a sum without a bound
//! replay    on Cases::only(0x39c3abb3e9450c9b), or DOWNHILL_CHECK_SEED=0x39c3abb3e9450c9b for Cases::from_env()
//! "
//! );
//! ```
//!
//! All but one law hold already: the rule can be cut, frozen, saved, scheduled and run on threads. One does not: the square of a large `f32` is
//! infinite, and from then on this element stands still. The case is the smallest one that was found: one number, one step, a gradient near 1e21.
//! In a `#[test]` the last line is the whole command that runs it again.
//!
//! # 3. The cure, the proof, and the race
//!
//! Gradients are held below a size whose square is in range, where the steps are the same. An infinite one is not held back: divergence has to be
//! seen, which is a law of its own. `validate` refuses bad settings, and the author's claims turn more laws on:
//!
//! ```
//! use downhill::check::{Cases, optimizer::{self, OptimizerUnderTest}};
//! use downhill::prelude::*;
//!
//! #[derive(Clone, Debug)]
//! struct AdaBelief {
//!     learning_rate: f64,
//!     beta1: f64,
//!     beta2: f64,
//!     epsilon: f64,
//! }
//!
//! impl Default for AdaBelief {
//!     fn default() -> Self {
//!         Self { learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
//!     }
//! }
//!
//! impl<F: Scalar> Optimizer<F> for AdaBelief {
//!     fn learning_rate(&self) -> f64 {
//!         self.learning_rate
//!     }
//!
//!     fn slots(&self) -> Vec<Slot> {
//!         vec![Slot::new("average"), Slot::new("surprise")]
//!     }
//!
//!     fn validate(&self) -> Result<(), Error> {
//!         for (field, beta) in [("beta1", self.beta1), ("beta2", self.beta2)] {
//!             if !(0.0..1.0).contains(&beta) {
//!                 return Err(Error::argument(field, beta, "a number in [0, 1)"));
//!             }
//!         }
//!         Ok(())
//!     }
//!
//!     fn update(&self, tick: &Tick, block: Block<'_, F>) {
//!         let [average, surprise] = block.slots.split();
//!         let (beta1, one) = (tick.momentum(self.beta1), F::one());
//!         let correction = |beta: f64| F::of(1.0 - beta.powf(tick.updates as f64));
//!         let (c1, c2) = (correction(beta1), correction(self.beta2));
//!         let (b1, b2) = (F::of(beta1), F::of(self.beta2));
//!         let (rate, epsilon) = (F::of(tick.learning_rate), F::of(self.epsilon));
//!         let largest = F::max_value().sqrt() / F::of(4.0);
//!         for (((w, &g), m), s) in
//!             block.weights.iter_mut().zip(block.gradient).zip(average).zip(surprise)
//!         {
//!             let g = if g.is_finite() && g.abs() > largest { largest.copysign(g) } else { g };
//!             *m = b1 * *m + (one - b1) * g;
//!             *s = b2 * *s + (one - b2) * (g - *m) * (g - *m);
//!             *w -= rate * (*m / c1) / ((*s / c2).sqrt() + epsilon);
//!         }
//!     }
//! }
//!
//! let claims = OptimizerUnderTest::new(AdaBelief::default())
//!     .follows_momentum()
//!     .linear_in_rate()
//!     .translation_invariant()
//!     .mirror_invariant()
//!     .refuses(AdaBelief { beta2: 1.0, ..AdaBelief::default() }, "beta2");
//! optimizer::report_on(claims, &Cases::fixed(16)).assert();
//!
//! // And is it any good? On handwritten digits, from the same start, in the same order:
//! # #[cfg(feature = "digits")] {
//! let (train, test) = data::digits()?.split(0.8, 7)?;
//! fn accuracy(rule: impl Optimizer<f32> + 'static, train: &Dataset<f32>, test: &Dataset<f32>) -> Result<f64, Error> {
//!     let model = Chain::new().then(Dense::new(32)).then(Relu).then(Dense::new(10));
//!     let mut trainer = Trainer::builder(model, CrossEntropy::default(), rule).seed(1).build(&[64])?;
//!     trainer.fit(train, Fit::epochs(10).batch(32))?;
//!     trainer.evaluate(test)?.metric("accuracy")
//! }
//! let own = accuracy(AdaBelief::default(), &train, &test)?;
//! let adam = accuracy(Adam::default(), &train, &test)?;
//! println!("test accuracy: AdaBelief {own:.4}, Adam {adam:.4}");
//! assert!(own > 0.9 && adam > 0.9, "AdaBelief {own}, Adam {adam}");
//! # }
//! # Ok::<(), Error>(())
//! ```
//!
//! # 4. One line in your tests
//!
//! `check::optimizer!(ada_belief, AdaBelief::default());` in a test file, or with claims as above, makes one `#[test]` for each law, each with its
//! own report. It is the line that the crate's own optimizers are tested by.
//!
//! A law that your rule cannot keep is stated with its reason by [`except`](super::optimizer::OptimizerUnderTest::except). The exception is
//! tested as well: a law that holds after all fails the test.
