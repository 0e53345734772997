//! Predictions of a trainer's model.

use ndarray::ArrayD;

use super::Trainer;
use super::filled::{fill, rows_of};
use super::judge::EVALUATION_BATCH;
use crate::buffer::zeros;
use crate::data::{Batch, Sampling, Source};
use crate::error::Error;
use crate::network::Predictor;
use crate::scalar::Scalar;

impl<F: Scalar> Trainer<F> {
    /// The first output for each sample of `inputs`, whose first axis counts them. Takes `&self`: any number of threads can predict at a time.
    ///
    /// # Errors
    /// [`Error::Shape`] if a sample has not the shape that the model was built for.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use ndarray::array;
    /// let trainer: Trainer<f64> = Trainer::builder(Dense::new(3), Mse, Sgd::default()).build(&[2])?;
    /// assert_eq!(trainer.predict(&array![[1.0, 2.0], [3.0, 4.0]])?.shape(), [2, 3]);
    /// assert!(matches!(trainer.predict(&array![1.0, 2.0]), Err(Error::Shape { .. }))); // no axis of samples
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn predict<D: ndarray::Dimension>(
        &self,
        inputs: &ndarray::ArrayRef<F, D>,
    ) -> Result<ArrayD<F>, Error> {
        let threads = self.threads_for(inputs.shape().first().copied().unwrap_or(0));
        threads.enter(|| self.best_model().predict_by(inputs, threads.parallel()))
    }

    /// The first output for each sample of `data`, whose targets do not matter: for models of several inputs, and for data that are not one array.
    /// Takes `&self`: any number of threads can predict at a time.
    ///
    /// # Errors
    /// [`Error::Arity`] or [`Error::Shape`] if a sample is not what the model was built for, [`Error::Empty`] if there is none.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use ndarray::array;
    /// let trainer = Trainer::builder(Sum, Mse, Sgd::default()).build_for(&[1.into(), 1.into()])?;
    /// let data = Dataset::of_several(vec![array![[1.0], [2.0]].into_dyn(), array![[10.0], [20.0]].into_dyn()], ())?;
    /// assert_eq!(trainer.predict_on(&data)?, array![[11.0], [22.0]].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn predict_on(&self, data: &dyn Source<F>) -> Result<ArrayD<F>, Error> {
        let content = data.content();
        self.check_inputs(&content)?;
        let rows = rows_of(data)?;
        if rows.is_empty() {
            return Err(Error::empty("the data to predict for", "give at least one sample"));
        }
        let model = self.best_model();
        let (mut predictor, mut batch) = (Predictor::new(model), Batch::new(&content));
        let shape = model.output_shapes().swap_remove(0);
        let numbers = zeros(rows.len().saturating_mul(shape.size()), "the predictions")?;
        let mut out = ArrayD::from_shape_vec([&[rows.len()], shape.axes()].concat(), numbers)
            .map_err(|error| Error::other("the predictions", error.to_string()))?;
        let axis = ndarray::Axis(0);
        self.threads.enter(|| {
            for (rows, mut out) in
                rows.chunks(EVALUATION_BATCH).zip(out.axis_chunks_iter_mut(axis, EVALUATION_BATCH))
            {
                fill(data, &content, rows, Sampling::evaluation(), &mut batch)?;
                let samples = batch.part(0, rows.len());
                let outputs = predictor.predict_part(model, &samples, self.threads.parallel())?;
                out.assign(&outputs.one().array());
            }
            Ok(())
        })?;
        Ok(out)
    }
}
