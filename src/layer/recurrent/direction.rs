//! One layer of a recurrent stack in one direction.

use std::sync::Arc;

use super::cell::{Cell, Step, StepBack};
use crate::error::Error;
use crate::kernel::gemm::{Gemm, Matrix, gemm};
use crate::kernel::parallel::Parallel;
use crate::kernel::wide::{Loop, wide};
use crate::layer::affine::Affine;
use crate::layer::images::{Buffers, each_group, part};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::params::init::Init;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::{View, ViewMut};

/// Samples go through the whole sequence in groups, which need not wait for each other. Fewer than this would make narrow products.
const GROUP: usize = 16;

/// From a sequence, perhaps first states of the whole stack, and perhaps a mask, to a sequence and the last states.
#[derive(Clone, Debug)]
pub(super) struct Direction<C> {
    pub cell: C,
    pub size: usize,
    /// What follows each parameter's name.
    pub suffix: String,
    pub reverse: bool,
    /// Which row of the stack's first states is this one's, if they are given.
    pub row: Option<usize>,
    pub masked: bool,
    pub bias: bool,
    pub weight_init: Arc<dyn Init>,
    pub recurrent_init: Arc<dyn Init>,
    pub bias_init: Arc<dyn Init>,
}

impl<C: Cell> Direction<C> {
    /// Numbers of all gates.
    fn gates(&self) -> usize {
        C::GATES * self.size
    }

    /// How many states there are: h, and perhaps c.
    fn states() -> usize {
        1 + usize::from(C::HAS_CELL)
    }

    /// The position of the mask among the inputs.
    fn mask(&self) -> Option<usize> {
        let first_states = if self.row.is_some() { Self::states() } else { 0 };
        self.masked.then_some(1 + first_states)
    }

    fn input_product(&self, x: &Shape, parallel: Parallel) -> Affine {
        Affine { units: self.gates(), features: features(x), parallel }
    }

    fn state_product(&self, parallel: Parallel) -> Affine {
        Affine { units: self.gates(), features: self.size, parallel }
    }

    /// The place in the sequence of each step.
    fn place(&self, step: usize, time: usize) -> usize {
        if self.reverse { time - 1 - step } else { step }
    }
}

/// Whether products of a group are split between threads: only if it is all there is.
fn within(group: usize, batch: usize, parallel: Parallel) -> Parallel {
    if group < batch { Parallel::Off } else { parallel }
}

fn time(x: &Shape) -> usize {
    x.first().copied().unwrap_or(1)
}

fn features(x: &Shape) -> usize {
    x.last().copied().unwrap_or(1)
}

/// A number of the mask other than 0 blocks the step; NaN does not, and is added to the state instead.
fn is_blocked<F: Scalar>(mask: F) -> bool {
    mask != F::zero() && !mask.is_nan()
}

/// What each sample has in a tensor.
fn of<'a, F>(view: &'a mut ViewMut<'_, F>) -> Buffers<'a, F> {
    Buffers { size: view.shape().size(), values: view.values() }
}

impl<F: Scalar, C: Cell> Layer<F> for Direction<C> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.inputs();
        let Some(x) = inputs.first() else {
            return Err(Error::arity(plan.path(), "one or more", 0));
        };
        let (time, size, gates) = (time(x), self.size, self.gates());
        let name = |what: &str| format!("{what}_{}", self.suffix);
        plan.weight(&name("weight_ih"), [gates, features(x)], Some(Arc::clone(&self.weight_init)))?;
        plan.multiplies_by(gates);
        plan.weight(&name("weight_hh"), [gates, size], Some(Arc::clone(&self.recurrent_init)))?;
        plan.multiplies_by(gates);
        if self.bias {
            plan.bias(&name("bias_ih"), gates, Some(Arc::clone(&self.bias_init)))?;
            plan.bias(&name("bias_hh"), gates, Some(Arc::clone(&self.bias_init)))?;
        }
        plan.output([time, size])?;
        (0..Self::states()).try_for_each(|_| plan.output(size))?;
        // The gates; the state before each step; what the cell keeps beside them.
        plan.save([time, gates]);
        plan.save([time, size]);
        plan.save([time, C::KEPT * size]);
        // The states; the gradients of the two products, where forward has its product with the state.
        plan.scratch(size);
        plan.scratch(if C::HAS_CELL { size } else { 0 });
        plan.scratch([time, gates]);
        plan.scratch([if C::SPLITS { time } else { 0 }, gates]);
        Ok(())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let (batch, time, size, gates) = (pass.batch, time(x.shape()), self.size, self.gates());
        let [Some(mut all), Some(mut before), Some(mut kept)] = pass.saved.first() else { return };
        let [Some(mut h), Some(mut c), Some(mut products)] = pass.scratch.first() else { return };
        let mask = self.mask().map(|position| pass.inputs.get(position));
        for (position, state) in [(1, &mut h), (2, &mut c)] {
            match self.row {
                Some(row) => {
                    let first = pass.inputs.get(position);
                    for (state, first) in state.rows().zip(first.rows()) {
                        state.copy_from_slice(&first[part(row, size)]);
                    }
                }
                None => state.values().fill(F::zero()),
            }
        }
        let params = pass.params;
        let input = self.input_product(x.shape(), pass.parallel);
        input.forward(params.factor(0, 0..input.size()), params.get(2), x.values(), all.values());

        let mut y = pass.outputs.one();
        let Some(products) = products.values().get_mut(..batch * gates) else { return };
        let out = [
            of(&mut all),
            of(&mut before),
            of(&mut kept),
            of(&mut y),
            of(&mut h),
            of(&mut c),
            Buffers { values: products, size: gates },
        ];
        each_group(pass.parallel, 0..batch, GROUP, out, &|samples, out| {
            let [all, before, kept, y, h, c, products] = out;
            let state = self.state_product(within(samples.len(), batch, pass.parallel));
            let weight = params.factor(1, 0..state.size());
            for step in 0..time {
                let place = self.place(step, time);
                state.forward(weight, params.get(3), h, products);
                for (i, sample) in samples.clone().enumerate() {
                    let (state, cell) = (part(i, size), part(i, c.len() / samples.len()));
                    let (h, c) = (&mut h[state], &mut c[cell]);
                    // The row of this sample and step in a tensor of sequences.
                    let row = i * time + place;
                    before[part(row, size)].copy_from_slice(h);
                    let mask = mask_at(mask, sample, place);
                    let y = &mut y[part(row, size)];
                    if is_blocked(mask) {
                        y.fill(F::zero());
                        continue;
                    }
                    let step = Step {
                        gates: &mut all[part(row, gates)],
                        product: &products[part(i, gates)],
                        kept: &mut kept[part(row, C::KEPT * size)],
                        h: &mut *h,
                        c: &mut *c,
                    };
                    wide::<Ahead, _>((&self.cell, step));
                    // 0, or the NaN that the mask holds.
                    h.iter_mut().chain(c).for_each(|state| *state += mask);
                    y.copy_from_slice(h);
                }
            }
        });
        pass.outputs.get(1).values().copy_from_slice(h.values());
        if C::HAS_CELL {
            pass.outputs.get(2).values().copy_from_slice(c.values());
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let x = pass.inputs.one();
        let (batch, time, size, gates) = (pass.batch, time(x.shape()), self.size, self.gates());
        if batch == 0 {
            return;
        }
        let [Some(all), Some(before), Some(kept)] = pass.saved.first() else { return };
        let (all, before, kept) = (all.view(), before.view(), kept.view());
        let [Some(mut dh), Some(mut dc), Some(mut dall), Some(mut dproducts)] =
            pass.scratch.first()
        else {
            return;
        };
        let mask = self.mask().map(|position| pass.inputs.get(position));
        let dy = pass.output_gradients.one();
        dh.values().copy_from_slice(pass.output_gradients.get(1).values());
        if C::HAS_CELL {
            dc.values().copy_from_slice(pass.output_gradients.get(2).values());
        }
        let params = pass.params;
        let out = [of(&mut dall), of(&mut dproducts), of(&mut dh), of(&mut dc)];
        each_group(pass.parallel, 0..batch, GROUP, out, &|samples, out| {
            let [dall, dproducts, dh, dc] = out;
            let parallel = within(samples.len(), batch, pass.parallel);
            for step in (0..time).rev() {
                let place = self.place(step, time);
                for (i, sample) in samples.clone().enumerate() {
                    let (state, cell) = (part(i, size), part(i, dc.len() / samples.len()));
                    let (dh, dc) = (&mut dh[state], &mut dc[cell]);
                    let row = i * time + place;
                    let dgates = &mut dall[part(row, gates)];
                    let dproduct = dproducts.get_mut(part(row, gates)).unwrap_or_default();
                    if is_blocked(mask_at(mask, sample, place)) {
                        dgates.fill(F::zero());
                        dproduct.fill(F::zero());
                        continue;
                    }
                    for (dh, &dy) in dh.iter_mut().zip(&dy.row(sample)[part(place, size)]) {
                        *dh += dy;
                    }
                    let step = StepBack {
                        gates: &all.row(sample)[part(place, gates)],
                        kept: &kept.row(sample)[part(place, C::KEPT * size)],
                        before: &before.row(sample)[part(place, size)],
                        dgates,
                        dproduct,
                        dh,
                        dc,
                    };
                    wide::<Back, _>((&self.cell, step));
                }
                // What comes through the product with the state before the step.
                let through = if C::SPLITS { &*dproducts } else { &*dall };
                gemm(Gemm {
                    m: samples.len(),
                    n: size,
                    k: gates,
                    a: Matrix {
                        values: &through[place * gates..],
                        row_stride: time * gates,
                        column_stride: 1,
                    },
                    b: Matrix::row_major(&params[1], size),
                    packed: None,
                    beta: F::one(),
                    bias: None,
                    c: dh,
                    parallel,
                });
            }
        });

        let (input, state) =
            (self.input_product(x.shape(), pass.parallel), self.state_product(pass.parallel));
        let dall = &*dall.into_values();
        let dproducts = if C::SPLITS { &*dproducts.into_values() } else { dall };
        let (gradients, dx) = (&mut pass.gradients, pass.input_gradients.one());
        input.side_by_side(
            dall,
            || {
                input.weight(x.values(), dall, gradients.begin(0));
                if self.bias {
                    input.bias(dall, gradients.get(2));
                    state.bias(dproducts, gradients.get(3));
                }
                state.weight(before.values(), dproducts, gradients.begin(1));
            },
            || {
                if let Some(mut dx) = dx {
                    input.input(&params[0], dall, F::zero(), dx.values());
                }
            },
        );
        for position in 1..pass.inputs.len() {
            let Some(mut dx) = pass.input_gradients.get(position) else { continue };
            dx.values().fill(F::zero());
            if let Some(row) = self.row.filter(|_| Some(position) != self.mask()) {
                let state = if position == 1 { &mut dh } else { &mut dc };
                for (dx, state) in dx.rows().zip(state.rows()) {
                    dx[part(row, size)].copy_from_slice(state);
                }
            }
        }
    }
}

/// What the mask says of one step of one sample; 0 without a mask.
fn mask_at<F: Scalar>(mask: Option<View<'_, F>>, sample: usize, place: usize) -> F {
    mask.and_then(|mask| mask.row(sample).get(place).copied()).unwrap_or_else(F::zero)
}

struct Ahead;

impl<'a, F: Scalar, C: Cell> Loop<(&'a C, Step<'a, F>)> for Ahead {
    #[inline(always)]
    fn run((cell, step): (&'a C, Step<'a, F>)) {
        cell.forward(step);
    }
}

struct Back;

impl<'a, F: Scalar, C: Cell> Loop<(&'a C, StepBack<'a, F>)> for Back {
    #[inline(always)]
    fn run((cell, step): (&'a C, StepBack<'a, F>)) {
        cell.backward(step);
    }
}
