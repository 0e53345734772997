//! The inputs of a pass.

use ndarray::{ArrayRef, Dimension};

use super::Workspace;
use crate::data::Part;
use crate::error::Error;
use crate::scalar::Scalar;

impl<F: Scalar> Workspace<F> {
    /// The input at `position`, to fill with `batch` samples before a pass.
    ///
    /// # Errors
    /// [`Error::Arity`] if the model has no such input, [`Error::Other`] if there is not enough memory.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Tanh, &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.input(0, 3)?.copy_from_slice(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    /// work.evaluate(&model, 3, Draw::default())?;
    /// assert_eq!(work.output(0).row(1), [2.0_f64.tanh(), 3.0_f64.tanh()]);
    /// assert!(matches!(work.input(1, 3), Err(Error::Arity { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn input(&mut self, position: usize, batch: usize) -> Result<&mut [F], Error> {
        let id = self.layout.input(position)?;
        self.reserve(batch)?;
        Ok(&mut self.values[id][..batch * self.layout.tensors[id].size()])
    }

    /// Copies an array, whose first axis counts the samples, to the input at `position`.
    ///
    /// # Errors
    /// [`Error::Shape`] if a sample has not the shape of that input; as [`input`](Workspace::input).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use ndarray::array;
    /// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &array![[1.0, 2.0], [3.0, 4.0]].t())?; // of any layout
    /// assert_eq!(work.input(0, 2)?, [1.0, 3.0, 2.0, 4.0]);
    /// assert!(matches!(work.load(0, &array![[1.0, 2.0, 3.0]]), Err(Error::Shape { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn load<D: Dimension>(
        &mut self,
        position: usize,
        array: &ArrayRef<F, D>,
    ) -> Result<(), Error> {
        let batch = self.layout.check_samples(position, array.shape())?;
        let input = self.input(position, batch)?;
        match array.as_slice() {
            Some(values) => input.copy_from_slice(values),
            None => input.iter_mut().zip(array.iter()).for_each(|(old, &new)| *old = new),
        }
        Ok(())
    }

    /// Copies the inputs of some samples of a batch.
    ///
    /// # Errors
    /// [`Error::Arity`] or [`Error::Shape`] if they are not what the model was built for; as [`input`](Workspace::input).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0]], ())?;
    /// let model: Model<f64> = Model::build(Dense::new(1), &[1.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load_part(&Batch::of(&data)?.part(1, 3))?;
    /// assert_eq!(work.input(0, 2)?, [2.0, 3.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn load_part(&mut self, samples: &Part<'_, F>) -> Result<(), Error> {
        self.layout.check_part(samples)?;
        for position in 0..self.layout.inputs.len() {
            let input = samples.input(position);
            self.input(position, samples.len())?.copy_from_slice(input.values());
        }
        Ok(())
    }
}
