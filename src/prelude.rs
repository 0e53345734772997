//! What most programs need: `use downhill::prelude::*;`.
//!
//! [`Linear`] is the schedule of the learning rate that moves in a straight line. The layer that PyTorch calls `Linear` is [`Dense`].
//!
//! ```
//! use downhill::prelude::*;
//!
//! let model = Chain::new().then(Dense::new(8)).then(Relu).then(Dense::new(1));
//! let trainer: Trainer<f32> = Trainer::builder(model, Mse, Sgd::default()).build(&[3])?;
//! assert_eq!(trainer.summary().parameters(), 3 * 8 + 8 + 8 + 1);
//! # Ok::<(), Error>(())
//! ```

pub use crate::clip::{Clip, NonFinite};
pub use crate::data::augment::{self, Augment, Mixed, OneHot};
pub use crate::data::{self, Batch, Dataset, Source, TargetKind};
pub use crate::error::Error;
pub use crate::goal::{Goal, Threshold};
pub use crate::kernel::parallel::Parallel;
pub use crate::layer::*;
pub use crate::loss::{self, *};
pub use crate::metric::{
    self, Accuracy, Average, AveragePrecision, BalancedAccuracy, BinaryAccuracy, ConfusionMatrix,
    F1, LogLoss, Matthews, MeanAbsoluteError, Metric, MetricPass, Precision, R2, Recall, Rmse,
    RocAuc, Tally, TopK,
};
pub use crate::network::{Model, Predictor, Workspace};
pub use crate::optim::*;
pub use crate::params::{Role, Select, init};
pub use crate::random::Noise;
pub use crate::regularize::*;
pub use crate::scalar::Scalar;
pub use crate::schedule::*;
pub use crate::shape::Shape;
#[cfg(feature = "progress")]
pub use crate::train::progress;
pub use crate::train::{
    Control, EarlyStopping, Event, Fit, Group, History, Observer, ReduceOnPlateau, Run, StopReason,
    TrainState, Trainer, TrainerBuilder,
};
