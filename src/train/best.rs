//! The best epoch, and the model as it was then.

use super::{EpochRecord, Trainer};
use crate::network::Model;
use crate::scalar::Scalar;

/// The best epoch so far and the model as it was then.
#[derive(Clone, Debug)]
pub(super) struct Best<F> {
    pub model: Model<F>,
    pub record: EpochRecord,
}

impl<F: Scalar> Trainer<F> {
    /// Makes this epoch the best, with the model as it is.
    pub(super) fn keep_best(&mut self, record: &EpochRecord) {
        match &mut self.best {
            Some(best) => {
                best.model.values_mut().copy_from_slice(self.model.values());
                best.model.state_mut().copy_from_slice(self.model.state());
                best.record = record.clone();
            }
            None => self.best = Some(Best { model: self.model.clone(), record: record.clone() }),
        }
    }
}
