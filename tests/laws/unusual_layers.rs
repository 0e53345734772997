//! The laws of layers, for layers with what few have: whole numbers or masks as inputs, several outputs, state, and layers of one number type.

use std::sync::Arc;

use downhill::check::layer;
use downhill::check::layer::{LayerUnderTest, Values};
use downhill::layer::{Backward, Forward, Layer, Mode, Plan};
use downhill::params::{Role, init::Constant};
use downhill::tensor::View;
use downhill::{Error, Scalar};

/// The rows of a table by their numbers.
#[derive(Debug)]
struct Lookup {
    rows: usize,
}

const WIDTH: usize = 3;

impl<F: Scalar> Layer<F> for Lookup {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let places = plan.input()?;
        plan.weight("table", [self.rows, WIDTH], None)?;
        plan.output([places.axes(), &[WIDTH]].concat())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let table = &pass.params[0];
        let mut y = pass.outputs.one();
        for (y, at) in y.values().chunks_exact_mut(WIDTH).zip(pass.inputs.one().values()) {
            match at.to_usize().and_then(|at| table.get(at * WIDTH..(at + 1) * WIDTH)) {
                Some(row) => y.copy_from_slice(row),
                None => y.fill(F::nan()),
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let dy = pass.output_gradients.one().values().chunks_exact(WIDTH);
        for (dy, at) in dy.zip(pass.inputs.one().values()) {
            let table = pass.gradients.get(0);
            let row = at.to_usize().and_then(|at| table.get_mut(at * WIDTH..(at + 1) * WIDTH));
            for (sum, &dy) in row.into_iter().flatten().zip(dy) {
                *sum += dy;
            }
        }
        if let Some(mut dx) = pass.input_gradients.one() {
            dx.values().fill(F::zero());
        }
    }
}

layer!(
    lookup,
    LayerUnderTest::new(Lookup { rows: 4 })
        .takes(|pick| vec![pick.axes(1)])
        .values(&[Values::Below(4)])
        .gives(|_, inputs| vec![[inputs[0][0], WIDTH].into()])
);

/// The mean over time of what a mask leaves, and how much that is: two inputs and two outputs.
#[derive(Debug)]
struct MaskedMean;

impl<F: Scalar> Layer<F> for MaskedMean {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.inputs();
        let [x, mask] = &inputs[..] else {
            return Err(Error::arity(plan.path(), 2, inputs.len()));
        };
        let ([time, features], [length]) = (x.axes(), mask.axes()) else {
            return Err(plan.refuse("[time, features] and [time]", x, "reshape"));
        };
        if time != length {
            return Err(plan.refuse(format!("a mask of {time}"), mask, "make it as long"));
        }
        plan.output(*features)?;
        plan.output(1)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let (x, mask) = (pass.inputs.get(0), pass.inputs.get(1));
        let Some((mut mean, mut count)) = pass.outputs.pair(0, 1) else { return };
        for sample in 0..pass.batch {
            let (sum, mask) = (mean.row(sample), mask.row(sample));
            sum.fill(F::zero());
            for (x, &keep) in x.row(sample).chunks_exact(sum.len()).zip(mask) {
                sum.iter_mut().zip(x).for_each(|(sum, &x)| *sum += keep * x);
            }
            let total: F = mask.iter().copied().sum();
            sum.iter_mut().for_each(|sum| *sum /= total);
            count.row(sample)[0] = total;
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        if let Some(mut dmask) = pass.input_gradients.get(1) {
            dmask.values().fill(F::zero());
        }
        let (mask, dy) = (pass.inputs.get(1), pass.output_gradients.one());
        let Some(mut dx) = pass.input_gradients.get(0) else { return };
        for sample in 0..pass.batch {
            let (dy, total) = (dy.row(sample), pass.outputs.get(1).row(sample)[0]);
            for (dx, &keep) in dx.row(sample).chunks_exact_mut(dy.len()).zip(mask.row(sample)) {
                dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = keep * dy / total);
            }
        }
    }
}

layer!(
    masked_mean,
    LayerUnderTest::new(MaskedMean)
        .takes(|pick| {
            let time = pick.size(1..5);
            vec![[time, pick.size(1..4)].into(), time.into()]
        })
        .values(&[Values::Real, Values::Mask])
        .gives(|_, inputs| vec![inputs[0][1].into(), 1.into()])
        .refuses_inputs([vec![[3, 2].into(), 2.into()], vec![3.into(), 3.into()]])
);

/// Takes off the mean of each feature: of the batch in training, a running one in evaluation. The number type is part of the type, so that a pair
/// makes the subject.
#[derive(Debug)]
struct Centered<F>(std::marker::PhantomData<F>);

impl<F: Scalar> Layer<F> for Centered<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = plan.input()?;
        plan.param("gain", Role::Norm, shape.clone(), (1, 1), Some(Arc::new(Constant(1.0))))?;
        plan.state("mean", shape.clone(), 0.0)?;
        plan.scratch_once(shape.clone());
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let mut once = pass.scratch_once.one();
        let mean = once.values();
        match pass.mode {
            Mode::Evaluate => mean.copy_from_slice(pass.states.get(0)),
            Mode::Train => {
                mean.fill(F::zero());
                let share = F::of(1.0 / pass.batch.max(1) as f64);
                for row in x.rows() {
                    mean.iter_mut().zip(row).for_each(|(mean, &x)| *mean += share * x);
                }
            }
        }
        for sample in 0..pass.batch {
            let pairs = x.row(sample).iter().zip(&*mean).zip(&pass.params[0]);
            let mut y = pass.outputs.one();
            for (y, ((&x, &mean), &gain)) in y.row(sample).iter_mut().zip(pairs) {
                *y = gain * (x - mean);
            }
        }
        if let (true, Some(running)) = (pass.batch > 0, pass.states.get_mut(0)) {
            for (running, &mean) in running.iter_mut().zip(&*mean) {
                *running += F::of(0.1) * (mean - *running);
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let (x, dy) = (pass.inputs.one(), pass.output_gradients.one());
        let batch = F::of(pass.batch.max(1) as f64);
        for i in 0..x.size() {
            let column = |view: View<'_, F>| -> F { view.rows().map(|row| row[i]).sum() };
            let center = match pass.mode {
                Mode::Train => column(x) / batch,
                Mode::Evaluate => pass.states.get(0)[i],
            };
            for (x, dy) in x.rows().zip(dy.rows()) {
                pass.gradients.get(0)[i] += dy[i] * (x[i] - center);
            }
            let mean = if pass.mode == Mode::Train { column(dy) / batch } else { F::zero() };
            let Some(mut dx) = pass.input_gradients.one() else { continue };
            for (dx, dy) in dx.rows().zip(dy.rows()) {
                dx[i] = pass.params[0][i] * (dy[i] - mean);
            }
        }
    }
}

layer!(
    centered,
    LayerUnderTest::new((
        Centered::<f32>(std::marker::PhantomData),
        Centered::<f64>(std::marker::PhantomData)
    ))
    .batch_statistics()
    .affine()
    .gives(|_, inputs| inputs.to_vec())
);
