//! The product of several tensors, number by number.

use super::common_shape;
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// The product of its inputs, number by number: y = x₁ · x₂ · … · xₙ.
///
/// Takes one or more tensors of one shape and gives one of that shape. The gradient for an input is that of the output times all
/// other inputs; nothing is divided, so it is right where inputs are zero. No parameters.
///
/// ```
/// use downhill::{Model, Workspace, layer::Product};
/// let model: Model<f64> = Model::build(Product, &[2.into(), 2.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &ndarray::array![[1.0, 2.0]])?;
/// work.load(1, &ndarray::array![[10.0, 20.0]])?;
/// work.evaluate(&model, 1, Default::default())?;
/// assert_eq!(work.output(0).values(), [10.0, 40.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Product;

impl<F: Scalar> Layer<F> for Product {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = common_shape(plan)?;
        plan.scratch(shape.clone());
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let mut y = pass.outputs.one();
        let y = y.values();
        y.copy_from_slice(pass.inputs.one().values());
        for x in pass.inputs.iter().skip(1) {
            multiply(y, x.values());
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        // Each gradient is the product of the inputs before, taken on the way there, and of dy and the inputs after, on the way back.
        let mut running = pass.scratch.one();
        let running = running.values();
        running.fill(F::one());
        for (position, x) in pass.inputs.iter().enumerate() {
            if let Some(mut dx) = pass.input_gradients.get(position) {
                dx.values().copy_from_slice(running);
            }
            multiply(running, x.values());
        }
        running.copy_from_slice(pass.output_gradients.one().values());
        for position in (0..pass.inputs.len()).rev() {
            if let Some(mut dx) = pass.input_gradients.get(position) {
                multiply(dx.values(), running);
            }
            multiply(running, pass.inputs.get(position).values());
        }
    }
}

fn multiply<F: Scalar>(product: &mut [F], factor: &[F]) {
    for (product, &factor) in product.iter_mut().zip(factor) {
        *product *= factor;
    }
}
