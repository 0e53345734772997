//! Several tensors put together along an axis.

use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// Its inputs put together along one axis of the sample, the last by default.
///
/// Takes one or more tensors whose shapes agree on every other axis. For images of shape `[channels, height, width]`, `Concat::axis(0)`
/// puts channels together. Each input's gradient is its part of the output's. No parameters.
///
/// ```
/// use downhill::{Model, Workspace, layer::Concat};
/// let model: Model<f64> = Model::build(Concat::default(), &[1.into(), 2.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &ndarray::array![[1.0]])?;
/// work.load(1, &ndarray::array![[2.0, 3.0]])?;
/// work.evaluate(&model, 1, Default::default())?;
/// assert_eq!(work.output(0).values(), [1.0, 2.0, 3.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concat {
    axis: Option<usize>,
}

impl Concat {
    /// Along this axis of the sample, counted from 0 without the batch axis.
    pub fn axis(axis: usize) -> Self {
        Self { axis: Some(axis) }
    }

    /// The axis for samples of so many axes.
    fn axis_of(self, axes: usize) -> usize {
        self.axis.unwrap_or(axes.saturating_sub(1))
    }

    /// How many numbers in a row come from an input of this shape.
    fn run(self, shape: &[usize]) -> usize {
        shape.iter().skip(self.axis_of(shape.len())).product()
    }
}

impl<F: Scalar> Layer<F> for Concat {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shapes = plan.inputs();
        let Some((first, rest)) = shapes.split_first() else {
            return Err(Error::arity(plan.path(), "one or more", 0));
        };
        let axis = self.axis_of(first.len());
        let mut output = first.to_vec();
        let Some(total) = output.get_mut(axis) else {
            let fix = "choose an axis that the samples have, or add a Reshape before it";
            return Err(plan.refuse(format!("an axis {axis}"), first, fix));
        };
        for (position, shape) in rest.iter().enumerate() {
            let agrees = |(i, size): (usize, &usize)| i == axis || shape.get(i) == Some(size);
            if shape.len() != first.len() || !first.iter().enumerate().all(agrees) {
                let expected =
                    format!("{first}, the shape of the first input, but for axis {axis}");
                let fix = format!("make input {} agree with it on the other axes", position + 1);
                return Err(plan.refuse(expected, shape, fix));
            }
            *total = total.saturating_add(shape[axis]);
        }
        plan.output(output)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let mut y = pass.outputs.one();
        let width = self.run(y.shape());
        let mut start = 0;
        for x in pass.inputs.iter() {
            let run = self.run(x.shape());
            for (y, x) in y.values().chunks_exact_mut(width).zip(x.values().chunks_exact(run)) {
                y[start..start + run].copy_from_slice(x);
            }
            start += run;
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let dy = pass.output_gradients.one();
        let width = self.run(dy.shape());
        let mut start = 0;
        for (position, x) in pass.inputs.iter().enumerate() {
            let run = self.run(x.shape());
            if let Some(mut dx) = pass.input_gradients.get(position) {
                let runs = dx.values().chunks_exact_mut(run);
                for (dx, dy) in runs.zip(dy.values().chunks_exact(width)) {
                    dx.copy_from_slice(&dy[start..start + run]);
                }
            }
            start += run;
        }
    }
}
