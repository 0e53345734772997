//! What happened in a run, step by step.

use crate::error::Error;

/// Every step and every epoch of a run. A resumed run has the history of an uninterrupted one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// One record for each optimizer step.
    pub steps: Vec<StepRecord>,
    /// One record for each finished epoch.
    pub epochs: Vec<EpochRecord>,
}

/// One optimizer step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepRecord {
    /// The step, counted from 0.
    pub step: u64,
    /// The epoch that it belongs to, counted from 0.
    pub epoch: u64,
    /// The mean loss over the step's samples, before the update and without penalties.
    pub loss: f64,
    /// The weight that the mean was divided by.
    pub weight: f64,
    /// What the regularizers add to the loss.
    pub penalty: f64,
    /// The learning rate, with schedule and plateau applied.
    pub learning_rate: f64,
    /// The Euclidean norm of the whole gradient before clipping.
    pub gradient_norm: f64,
    /// What clipping multiplied the norm by; 1 if it changed nothing.
    pub clip_factor: f64,
    /// Whether the update was left out because something was not finite.
    pub skipped: bool,
}

/// One finished epoch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EpochRecord {
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// How many optimizer steps the run has taken by its end.
    pub steps: u64,
    /// Loss and metrics over the training samples, each as it was before the update that it led to.
    pub training: Evaluation,
    /// Loss and metrics over the validation data after the epoch, if there are any.
    pub validation: Option<Evaluation>,
}

impl EpochRecord {
    /// The evaluation that decisions are made by: of the validation data if there are any, else of the training data.
    pub fn deciding(&self) -> &Evaluation {
        self.validation.as_ref().unwrap_or(&self.training)
    }
}

/// Loss and metrics over some data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// The mean loss, without penalties.
    pub loss: f64,
    /// The metrics, by name, in the order in which the trainer was given them.
    pub metrics: Vec<(String, f64)>,
}

impl Evaluation {
    /// The value of a metric; `"loss"` is one too.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if nothing of this name was measured.
    pub fn metric(&self, name: &str) -> Result<f64, Error> {
        if name == "loss" {
            return Ok(self.loss);
        }
        let found = self.metrics.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names = std::iter::once("loss").chain(self.metrics.iter().map(|(n, _)| n.as_str()));
            Error::no_match(name, "metric", names)
        })
    }
}
