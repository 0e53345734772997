//! The rules of a run.

use std::sync::Arc;

use super::schedules::Schedules;
use crate::clip::{Clip, NonFinite};
use crate::loss::Loss;
use crate::optim::Optimizer;
use crate::regularize::{Constraint, Regularizer};

/// The rules of a run: everything about a step that does not change from one to the next.
#[derive(Debug)]
pub(super) struct Rules<F> {
    pub loss: Box<dyn Loss<F>>,
    pub optimizer: Box<dyn Optimizer<F>>,
    pub regularizers: Vec<Chosen<dyn Regularizer<F>>>,
    pub constraints: Vec<Chosen<dyn Constraint<F>>>,
    pub clip: Option<Clip>,
    pub non_finite: NonFinite,
    pub schedules: Schedules,
    pub seed: u64,
}

/// Something, and the parameters that it applies to.
pub(super) type Chosen<T> = (Vec<usize>, Arc<T>);
