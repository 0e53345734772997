//! Memory that a layer asks for.

use super::Plan;
use crate::scalar::Scalar;
use crate::shape::Shape;

impl<F: Scalar> Plan<'_, F> {
    /// Asks for memory that `forward` writes and `backward` reads: one tensor of `shape` for each sample.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use downhill::network::Draw;
    /// /// y = eˣ, whose slope is kept for `backward`.
    /// #[derive(Debug)]
    /// struct Exp;
    /// impl<F: Scalar> Layer<F> for Exp {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.save(shape.clone());
    ///         plan.output(shape)
    ///     }
    ///     fn forward(&self, mut pass: Forward<'_, F>) {
    ///         for (kept, &x) in pass.saved.one().values().iter_mut().zip(pass.inputs.one().values()) {
    ///             *kept = x.exp();
    ///         }
    ///         pass.outputs.one().values().copy_from_slice(pass.saved.one().values());
    ///     }
    ///     fn backward(&self, mut pass: Backward<'_, F>) {
    ///         let dy = pass.output_gradients.one().values();
    ///         if let Some(mut dx) = pass.input_gradients.one() {
    ///             for ((dx, &kept), &dy) in dx.values().iter_mut().zip(pass.saved.one().values().iter()).zip(dy) {
    ///                 *dx = kept * dy;
    ///             }
    ///         }
    ///     }
    /// }
    /// let model: Model<f64> = Model::build(Exp, &[1.into()], 7)?;
    /// let mut work = Workspace::new(&model).with_input_gradients();
    /// # work.load(0, &ndarray::array![[0.0]])?;
    /// # work.evaluate(&model, 1, Draw::default())?;
    /// # work.output_gradients()?.1.one().values().fill(3.0);
    /// # work.backward(&model, &mut [], Draw::default())?;
    /// assert_eq!(work.input_gradient(0).values(), [3.0]); // e⁰ · 3
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn save(&mut self, shape: impl Into<Shape>) {
        self.leaf.saved.push(shape.into());
    }

    /// Asks for memory whose content need not outlive one call: one tensor of `shape` for each sample.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// /// Takes each sample in reverse order, by way of a copy.
    /// #[derive(Debug)]
    /// struct Reverse;
    /// impl<F: Scalar> Layer<F> for Reverse {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.scratch(shape.clone());
    ///         plan.output(shape)
    ///     }
    ///     fn forward(&self, mut pass: Forward<'_, F>) {
    ///         for sample in 0..pass.batch {
    ///             let mut copy = pass.scratch.one();
    ///             copy.row(sample).copy_from_slice(pass.inputs.one().row(sample));
    ///             copy.row(sample).reverse();
    ///             pass.outputs.one().row(sample).copy_from_slice(copy.row(sample));
    ///         }
    ///     }
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Reverse, &[3.into()], 7)?;
    /// assert_eq!(model.predict(&ndarray::array![[1.0, 2.0, 3.0]])?, ndarray::array![[3.0, 2.0, 1.0]].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn scratch(&mut self, shape: impl Into<Shape>) {
        self.leaf.scratch.push(shape.into());
    }

    /// Asks for memory whose content need not outlive one call: a single tensor of `shape`, however many samples there are. All layers of a
    /// model work in the same one.
    pub fn scratch_once(&mut self, shape: impl Into<Shape>) {
        self.leaf.scratch_once.push(shape.into());
    }
}
