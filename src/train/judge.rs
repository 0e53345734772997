//! Loss and metrics of a model that is only used.

use std::sync::Arc;

use super::filled::{fill, rows_of};
use super::rows::with_row;
use super::tallies::{count, fresh, values};
use super::{Evaluation, Trainer};
use crate::data::{Batch, Content, Sampling, Source, TargetKind};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::loss::{Loss, LossPass, Total};
use crate::metric::{Accuracy, IgnoreIndex, Metric};
use crate::network::{Model, Predictor};
use crate::scalar::Scalar;

/// Samples to a pass when a model is only used.
pub(super) const EVALUATION_BATCH: usize = 256;

impl<F: Scalar> Trainer<F> {
    /// Loss and metrics over `data`. Takes `&self`: any number of threads can evaluate at a time.
    ///
    /// # Errors
    /// What does not fit between model, loss, metrics and data.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let data = Dataset::new(ndarray::array![[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]], vec![0, 1, 1])?;
    /// let trainer = Trainer::builder(Chain::new(), CrossEntropy::default(), Sgd::default()).build(&[2])?;
    /// let evaluation = trainer.evaluate(&data)?; // the inputs are the scores
    /// assert_eq!(evaluation.metric("accuracy")?, 2.0 / 3.0);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn evaluate(&self, data: &dyn Source<F>) -> Result<Evaluation, Error> {
        let content = data.content();
        self.check(&content)?;
        let metrics = self.metrics_for(&content);
        self.check_metrics(&metrics, &content)?;
        let model = self.best_model();
        let mut memory = Judge::new(model, content);
        let rows = rows_of(data)?;
        self.threads.enter(|| {
            let parallel = self.threads.parallel();
            memory.measure(model, &*self.rules.loss, &metrics, data, &rows, parallel)
        })
    }

    /// The metrics that were asked for, or accuracy if none were and the targets are classes.
    pub(super) fn metrics_for(&self, content: &Content) -> Vec<Arc<dyn Metric<F>>> {
        let classes = matches!(content.targets, TargetKind::Classes(_));
        let fits = || {
            let shapes = self.model.output_shapes();
            Metric::<F>::check(&Accuracy, &shapes, &content.targets).is_ok()
        };
        if self.metrics.is_empty() && classes && fits() {
            return match self.rules.loss.ignore_index() {
                Some(index) => vec![Arc::new(IgnoreIndex::new(index, Accuracy))],
                None => vec![Arc::new(Accuracy)],
            };
        }
        self.metrics.clone()
    }

    pub(super) fn check_metrics(
        &self,
        metrics: &[Arc<dyn Metric<F>>],
        content: &Content,
    ) -> Result<(), Error> {
        let shapes = self.model.output_shapes();
        metrics.iter().try_for_each(|metric| metric.check(&shapes, &content.targets))
    }
}

/// The memory to judge a model in.
#[derive(Debug)]
pub(super) struct Judge<F> {
    predictor: Predictor<F>,
    batch: Batch<F>,
    content: Content,
}

impl<F: Scalar> Judge<F> {
    pub fn new(model: &Model<F>, content: Content) -> Self {
        Self { predictor: Predictor::new(model), batch: Batch::new(&content), content }
    }

    /// Loss and metrics over these rows of `data`.
    pub fn measure(
        &mut self,
        model: &Model<F>,
        loss: &dyn Loss<F>,
        metrics: &[Arc<dyn Metric<F>>],
        data: &dyn Source<F>,
        rows: &[usize],
        parallel: Parallel,
    ) -> Result<Evaluation, Error> {
        if rows.is_empty() {
            return Err(Error::empty("the data to evaluate on", "give it at least one sample"));
        }
        let mut total = Total::default();
        let mut tallies = fresh(metrics);
        for rows in rows.chunks(EVALUATION_BATCH) {
            fill(data, &self.content, rows, Sampling::evaluation(), &mut self.batch)?;
            let samples = self.batch.part(0, rows.len());
            let outputs = self.predictor.predict_part(model, &samples, parallel)?;
            let mut pass = LossPass::new(outputs, samples.target());
            (pass.weights, pass.parallel) = (samples.weights(), parallel);
            let row = |sample: usize| rows.get(sample).map(|&row| data.row_name(row));
            total += loss.evaluate(pass).map_err(|error| with_row(error, row))?;
            count(metrics, &mut tallies, outputs, &samples)
                .map_err(|error| with_row(error, row))?;
        }
        if total.weight == 0.0 {
            let fix = "give at least one sample a weight, and a target that is not ignored";
            return Err(Error::empty("what counts in the data to evaluate on", fix));
        }
        Ok(Evaluation { loss: total.mean(), metrics: values(metrics, &tallies) })
    }
}
