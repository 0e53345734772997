//! Training: the order of a step, and the loop over epochs.
//!
//! [`Trainer::builder`] takes a layer, a loss and an optimizer; the builder's other settings have defaults. [`Trainer::fit`] runs epochs on a
//! [`Source`](crate::data::Source) as a [`Fit`] says. [`Trainer::step`] takes one step on a batch, and [`Trainer::gradient`] takes none: it only gives the gradient.
//!
//! ```
//! use downhill::prelude::*;
//! use ndarray::{Array2, Axis};
//!
//! // y = 2a − b
//! let x = Array2::from_shape_fn((200, 2), |(i, j)| ((7 * i + 3 * j) % 11) as f64 / 11.0);
//! let y = x.map_axis(Axis(1), |row| 2.0 * row[0] - row[1]).insert_axis(Axis(1));
//! let (train, test) = Dataset::new(x, y)?.split(0.8, 7)?;
//!
//! let mut trainer = Trainer::builder(Dense::new(1), Mse, Adam { learning_rate: 0.05, ..Adam::default() })
//!     .clip(Clip::GlobalNorm(1.0))
//!     .metric(Rmse)
//!     .seed(7)
//!     .build(&[2])?;
//! let run = trainer.fit(&train, Fit::epochs(200).batch(16).hold_out(0.1).monitor("rmse").patience(20))?;
//! assert!(run.best().metric("rmse")? < 0.05);
//! assert!(trainer.evaluate(&test)?.metric("rmse")? < 0.05); // by the weights of the best epoch
//! # Ok::<(), Error>(())
//! ```
//!
//! # One step
//!
//! 1. **Forward, loss, backward.** The samples go through the model, in parts if [`Fit::accumulate`] says so. Sums of losses, weights and gradients add up.
//! 2. **Divide** by the sum of the weights, once. If no sample has any weight, the step is recorded as skipped.
//! 3. **Penalize.** Regularizers add their penalty to the objective and its gradient to the gradient. Frozen parameters have a gradient of 0 from here on.
//! 4. **Measure and check.** The norm of the gradient is recorded. A loss, penalty or gradient that is not finite ends the step, unless
//!    [`NonFinite`](crate::clip::NonFinite) says otherwise.
//! 5. **Clip** the gradient.
//! 6. **Decay and update.** Decoupled weight decay makes the weights smaller, and the optimizer moves the parameters. Rate, momentum, decay and clipping
//!    bound are the configured numbers times their schedules at this step.
//! 7. **Constrain.** Constraints move the parameters back to where they hold.
//!
//! After an error in any of these, parameters, optimizer memory and layer state are what they were before the step.
//!
//! # Settings of the builder
//!
//! | setting | what it does | default |
//! |---|---|---|
//! | [`regularizer`](TrainerBuilder::regularizer), [`regularizer_on`](TrainerBuilder::regularizer_on) | adds a penalty on the weights, or on the parameters that are selected | none |
//! | [`constraint`](TrainerBuilder::constraint), [`constraint_on`](TrainerBuilder::constraint_on) | holds the weights, or the parameters that are selected, to a condition | none |
//! | [`weight_decay`](TrainerBuilder::weight_decay) | decoupled decay of the weights | the optimizer's own |
//! | [`group`](TrainerBuilder::group) | another rate and another decay for some parameters | none |
//! | [`freeze`](TrainerBuilder::freeze) | keeps some parameters as they are | none |
//! | [`clip`](TrainerBuilder::clip) | bounds the gradient | off |
//! | [`non_finite`](TrainerBuilder::non_finite) | what NaN and infinity do | an error that names the place |
//! | [`schedule`](TrainerBuilder::schedule), [`momentum_schedule`](TrainerBuilder::momentum_schedule), [`weight_decay_schedule`](TrainerBuilder::weight_decay_schedule), [`clip_schedule`](TrainerBuilder::clip_schedule) | factors on rate, momentum, decay and clipping bound, as functions of the step | 1 |
//! | [`metric`](TrainerBuilder::metric) | measures one thing more | accuracy for class targets, else none |
//! | [`observer`](TrainerBuilder::observer), [`on`](TrainerBuilder::on) | sees each step and epoch, and may stop the run | none |
//! | [`seed`](TrainerBuilder::seed) | what all random choices follow from | 0 |
//! | [`threads`](TrainerBuilder::threads) | how many threads work; the numbers are the same for any | as many as the machine has |
//!
//! [`build`](TrainerBuilder::build) takes the shape of one sample, [`build_for`](TrainerBuilder::build_for) those of several inputs; both check every setting.
//!
//! # Settings of a call of `fit`
//!
//! | setting | what it does | default |
//! |---|---|---|
//! | [`epochs`](Fit::epochs), [`steps`](Fit::steps) | so many more | one of these four begins a `Fit` |
//! | [`to_epoch`](Fit::to_epoch), [`to_step`](Fit::to_step) | until the run has so many | |
//! | [`batch`](Fit::batch) | samples that are computed together | 32 |
//! | [`accumulate`](Fit::accumulate) | batches to a step | 1 |
//! | [`in_order`](Fit::in_order) | takes the samples in their own order | a new order each epoch |
//! | [`validate`](Fit::validate), [`hold_out`](Fit::hold_out) | judges each epoch by other data, or by a share of the training data | none |
//! | [`patience`](Fit::patience), [`early_stopping`](Fit::early_stopping) | ends the run when it no longer improves | off |
//! | [`monitor`](Fit::monitor) | judges epochs by this metric | the loss |
//! | [`stop_flag`](Fit::stop_flag), [`time_budget`](Fit::time_budget) | ends the call early | none |
//!
//! With validation data, early stopping or a monitored metric, the weights of the best epoch are kept for [`predict`](Trainer::predict) and
//! [`evaluate`](Trainer::evaluate).

mod accumulate;
mod best;
mod blame;
mod builder;
mod call;
mod epoch;
mod epochs;
mod event;
mod filled;
mod fit;
mod freeze;
mod gradient;
mod group;
mod history;
mod judge;
mod objective;
mod observers;
mod place;
mod plateau;
mod predict;
#[cfg(feature = "progress")]
mod progress;
mod rows;
mod rules;
mod run;
mod schedules;
mod spare;
mod state;
mod step;
mod stop_reason;
mod take;
mod tallies;
mod threads;
mod trainer;

pub use accumulate::accumulate;
pub use builder::TrainerBuilder;
pub use event::{Control, Event, Observer};
pub use fit::{EarlyStopping, Fit};
pub use gradient::Gradient;
pub use group::Group;
pub use history::{EpochRecord, Evaluation, History, StepRecord};
pub use plateau::ReduceOnPlateau;
#[cfg(feature = "progress")]
pub use progress::{Progress, progress};
pub use run::Run;
pub use state::{BestState, NamedTensor, TrainState};
pub use stop_reason::StopReason;
pub use trainer::Trainer;
