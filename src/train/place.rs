//! How far a run has come.

use crate::loss::Total;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub step: u64,
    pub epoch: u64,
    /// Samples of the current epoch that are behind.
    pub position: usize,
    /// Samples of the current epoch in all; 0 before its first step.
    pub samples: usize,
    /// The losses of the current epoch so far.
    pub total: Total,
    pub learning_rate_scale: f64,
    /// From which epoch on patience counts: where early stopping last ended a call of `fit`.
    pub patience_from: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            step: 0,
            epoch: 0,
            position: 0,
            samples: 0,
            total: Total::default(),
            learning_rate_scale: 1.0,
            patience_from: 0,
        }
    }
}
