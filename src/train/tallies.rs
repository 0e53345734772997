//! What metrics count, each count with the metric's name.

use std::sync::Arc;

use crate::data::Part;
use crate::error::Error;
use crate::layer::Tensors;
use crate::metric::{Metric, MetricPass, Tally};
use crate::scalar::Scalar;

/// Counts before any batch.
pub(super) fn fresh<F: Scalar>(metrics: &[Arc<dyn Metric<F>>]) -> Vec<(String, Tally)> {
    metrics.iter().map(|metric| (metric.name(), metric.start())).collect()
}

/// Goes back to the counts before any batch, in the memory that is there.
pub(super) fn reset(tallies: &mut [(String, Tally)], start: &[(String, Tally)]) {
    for ((_, tally), (_, start)) in tallies.iter_mut().zip(start) {
        tally.clear();
        tally.extend_from_slice(start);
    }
}

/// What the counts amount to.
pub(super) fn values<F: Scalar>(
    metrics: &[Arc<dyn Metric<F>>],
    tallies: &[(String, Tally)],
) -> Vec<(String, f64)> {
    let value = |(metric, (name, tally)): (&Arc<dyn Metric<F>>, &(String, Tally))| {
        (name.clone(), metric.value(tally))
    };
    metrics.iter().zip(tallies).map(value).collect()
}

/// Counts the outputs of one pass.
pub(super) fn count<F: Scalar>(
    metrics: &[Arc<dyn Metric<F>>],
    tallies: &mut [(String, Tally)],
    outputs: Tensors<'_, F>,
    samples: &Part<'_, F>,
) -> Result<(), Error> {
    for (metric, (_, tally)) in metrics.iter().zip(tallies) {
        let mut pass = MetricPass::new(outputs, samples.target());
        pass.weights = samples.weights();
        metric.update(tally, pass)?;
    }
    Ok(())
}
