//! A layer whose inputs are parameters, so that their gradients stand beside those of its own parameters.

use std::sync::Arc;

use downhill::layer::{Backward, Forward, Layer, Plan};
use downhill::params::{Role, init::Constant};
use downhill::{Error, Model, Scalar, Shape};

/// Reads its output off a parameter named `value` that holds the whole batch, and ignores its input. It puts inputs among the parameters,
/// where their gradients can be read.
#[derive(Clone, Debug)]
pub struct Source {
    pub batch: usize,
    pub shape: Shape,
}

impl<F: Scalar> Layer<F> for Source {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = [&[self.batch], self.shape.axes()].concat();
        plan.param("value", Role::Weight, shape, (1, 1), Some(Arc::new(Constant(0.0))))?;
        plan.output(self.shape.clone())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        pass.outputs.one().values().copy_from_slice(&pass.params[0]);
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let dy = pass.output_gradients.one().values();
        for (sum, dy) in pass.gradients.get(0).iter_mut().zip(dy) {
            *sum += *dy;
        }
    }
}

/// A layer whose inputs are the parameters `input0.value`, `input1.value`, …; its own parameters are `layer.<name>`. The probe itself is
/// given an input of shape `[1]` that nobody reads.
#[derive(Clone, Debug)]
pub struct Probe<F> {
    pub layer: Arc<dyn Layer<F>>,
    pub inputs: Vec<Shape>,
    pub batch: usize,
}

impl<F: Scalar> Probe<F> {
    pub fn model(self, seed: u64) -> Result<Model<F>, Error> {
        Model::build(self, &[1.into()], seed)
    }
}

impl<F: Scalar> Layer<F> for Probe<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let unread = plan.tensors();
        let mut inputs = Vec::new();
        for (i, shape) in self.inputs.iter().enumerate() {
            let source: Arc<dyn Layer<F>> =
                Arc::new(Source { batch: self.batch, shape: shape.clone() });
            inputs.extend(plan.layer(&format!("input{i}"), &source, &unread)?);
        }
        let outputs = plan.layer("layer", &self.layer, &inputs)?;
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}
