//! The walk back through a workspace, and what never gets so far.

use downhill::layer::{Backward, Conv2d, Forward, Layer, Plan};
use downhill::network::{Draw, Workspace};
use downhill::{Error, Model, Scalar};

/// A parameter that the way back does not touch.
#[derive(Debug)]
struct Forgotten;

impl<F: Scalar> Layer<F> for Forgotten {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan.bias("forgotten", [3], None)?;
        plan.output(plan.input()?)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        pass.outputs.one().values().copy_from_slice(pass.inputs.one().values());
    }

    fn backward(&self, _: Backward<'_, F>) {}
}

#[test]
fn a_gradient_that_nothing_writes_is_zero() {
    let model: Model<f64> = Model::build(Forgotten, &[2.into()], 7).unwrap();
    let mut work = Workspace::new(&model);
    work.load(0, &ndarray::array![[1.0, 2.0]]).unwrap();
    work.evaluate(&model, 1, Draw::default()).unwrap();
    let mut gradient = [f64::NAN; 3];
    work.backward_anew(&model, &mut gradient, Draw::default()).unwrap();
    assert_eq!(gradient, [0.0; 3]);
    let mut gradient = [1.0; 3];
    work.backward(&model, &mut gradient, Draw::default()).unwrap();
    assert_eq!(gradient, [1.0; 3]);
}

#[test]
fn images_without_a_number_are_refused() {
    let convolution = Conv2d::new(2, 3).padding(2);
    assert!(Model::<f64>::build(convolution, &[[1, 0, 5].into()], 7).is_err());
}
