//! Training: the order of a step, and the loop over epochs.

mod blame;
mod builder;
mod event;
mod filled;
mod fit;
mod gradient;
mod group;
mod history;
mod judge;
mod plateau;
mod predict;
#[cfg(feature = "progress")]
mod progress;
mod run;
mod spare;
mod state;
mod step;
mod tallies;
mod threads;
mod trainer;

pub use builder::TrainerBuilder;
pub use event::{Control, Event, Observer};
pub use fit::{EarlyStopping, Fit};
pub use gradient::Gradient;
pub use group::Group;
pub use history::{EpochRecord, Evaluation, History, StepRecord};
pub use plateau::ReduceOnPlateau;
#[cfg(feature = "progress")]
pub use progress::{Progress, progress};
pub use run::{Run, StopReason};
pub use state::{BestState, NamedTensor, TrainState};
pub use step::accumulate;
pub use trainer::Trainer;
