//! A metric that leaves out one class of targets.

use super::{Metric, MetricPass, Tally};
use crate::data::TargetKind;
use crate::error::Error;
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Another metric without the places whose target is this class: padding, or what is not asked for. The class may lie outside of the model's classes.
///
/// Its name is that of the metric. A metric of your own leaves such places out if it looks at [`MetricPass::ignore_index`].
///
/// Without any metric, a trainer whose loss has an `ignore_index` measures accuracy in this way.
///
/// ```
/// use downhill::metric::{self, Accuracy, IgnoreIndex};
/// use ndarray::array;
/// // Of four places two are padding, and one of the others is right.
/// let scores = array![[[2.0, 1.0], [0.0, 3.0], [5.0, 4.0], [5.0, 4.0]]].into_dyn();
/// let accuracy = IgnoreIndex::new(9, Accuracy);
/// assert_eq!(metric::measure(&accuracy, &[scores], array![[0, 0, 9, 9]], None)?, 0.5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IgnoreIndex<M> {
    /// The class that is left out.
    pub index: usize,
    /// What is measured.
    pub metric: M,
}

impl<M> IgnoreIndex<M> {
    /// This metric without the places whose target is this class.
    pub fn new(index: usize, metric: M) -> Self {
        Self { index, metric }
    }
}

impl<F: Scalar, M: Metric<F>> Metric<F> for IgnoreIndex<M> {
    fn name(&self) -> String {
        self.metric.name()
    }

    fn goal(&self) -> Goal {
        self.metric.goal()
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        match targets {
            TargetKind::Classes(_) => self.metric.check(outputs, targets),
            other => {
                let place = format!("{} with an ignored class", self.name());
                Err(Error::target_kind(place, "class indices", other.to_string()))
            }
        }
    }

    fn start(&self) -> Tally {
        self.metric.start()
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        self.metric.update(tally, MetricPass { ignore_index: Some(self.index), ..pass })
    }

    fn merge(&self, tally: &mut Tally, other: &Tally) {
        self.metric.merge(tally, other);
    }

    fn value(&self, tally: &Tally) -> f64 {
        self.metric.value(tally)
    }
}
