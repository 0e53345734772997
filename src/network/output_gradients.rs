//! Where a loss leaves its gradient.

use crate::scalar::Scalar;
use crate::shape::{NUMBER, Shape};
use crate::tensor::ViewMut;

/// The gradients for a model's outputs, to fill.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
/// let model: Model<f64> = Model::build(Chain::new(), &[1.into(), 2.into()], 7)?; // two outputs
/// let mut work = Workspace::new(&model).with_input_gradients();
/// work.load(0, &ndarray::array![[1.0]])?;
/// work.load(1, &ndarray::array![[2.0, 3.0]])?;
/// work.evaluate(&model, 1, Draw::default())?;
/// let (_outputs, mut gradients) = work.output_gradients()?;
/// gradients.clear();
/// gradients.get(1).row(0).copy_from_slice(&[5.0, 7.0]);
/// work.backward(&model, &mut [], Draw::default())?;
/// assert_eq!(work.input_gradient(1).values(), [5.0, 7.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct OutputGradients<'a, F> {
    buffers: &'a mut [Vec<F>],
    ids: &'a [usize],
    shapes: &'a [Shape],
    batch: usize,
}

impl<'a, F: Scalar> OutputGradients<'a, F> {
    /// Gradients `ids` out of all `buffers` with all `shapes`.
    pub(crate) fn new(
        buffers: &'a mut [Vec<F>],
        ids: &'a [usize],
        shapes: &'a [Shape],
        batch: usize,
    ) -> Self {
        Self { buffers, ids, shapes, batch }
    }

    /// How many outputs the model has.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The gradient for the first output: the only one for most models.
    pub fn one(&mut self) -> ViewMut<'_, F> {
        self.get(0)
    }

    /// The gradient for the output at `position`; an empty view if there is none.
    pub fn get(&mut self, position: usize) -> ViewMut<'_, F> {
        match self.ids.get(position) {
            Some(&id) => {
                let shape = &self.shapes[id];
                let values = &mut self.buffers[id][..self.batch * shape.size()];
                ViewMut::trusted(values, self.batch, shape)
            }
            None => ViewMut::trusted(&mut [], 0, &NUMBER),
        }
    }

    /// Sets all gradients to zero.
    pub fn clear(&mut self) {
        for position in 0..self.len() {
            self.get(position).into_values().fill(F::zero());
        }
    }
}
