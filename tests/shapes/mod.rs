//! Parameters of any shapes, without a layer that would compute with them.

use downhill::layer::{Backward, Forward, Layer, Plan};
use downhill::params::{Parameter, Role};
use downhill::{Error, Model, Scalar, Shape};

#[derive(Debug)]
struct Declares(Vec<Shape>);

impl<F: Scalar> Layer<F> for Declares {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        for (i, shape) in self.0.iter().enumerate() {
            plan.param(&format!("tensor{i}"), Role::Weight, shape.clone(), (1, 1), None)?;
        }
        plan.output([1])
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

/// Parameters of these shapes, one after the other in the flat buffer.
pub fn parameters<S: Into<Shape>>(shapes: impl IntoIterator<Item = S>) -> Vec<Parameter> {
    let layer = Declares(shapes.into_iter().map(Into::into).collect());
    let model: Model<f64> = Model::build(layer, &[1.into()], 0).expect("valid shapes");
    model.parameters().to_vec()
}
