//! The outputs of a model in use, for as many samples as come.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ndarray::{ArrayRef, Axis, Dimension};

use super::copies::WeightCopies;
use super::layout::Layout;
use super::{Draw, Model, Workspace};
use crate::buffer::grow;
use crate::data::Part;
use crate::error::Error;
use crate::kernel::gemm::TALLEST;
use crate::kernel::parallel::Parallel;
use crate::layer::Tensors;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Bytes of what lies between the layers that stay in a cache. From 2 to 8 MB it made hardly a difference.
const NEAR: usize = 4 << 20;

/// Products, roughly, that are worth a group of their own where groups may run side by side: some milliseconds' work.
const WORTH: usize = 1 << 26;

/// Samples that a group made for that reason has at least: each reads all weights.
const FEW: usize = 64;

/// Memory to predict in: the outputs of a model in use, for batches of any size.
///
/// The samples go through all layers in groups, so that what one layer writes is still in a cache when the next one reads it, and groups may run
/// side by side. No sample's outputs depend on the others of its batch when a model is used, so they are what a [`Workspace`] computes, bit by bit; but it
/// needs memory for the groups that run at a time only, and for the outputs. A model with a layer of which that is not true
/// ([`Plan::mixes_samples`](crate::layer::Plan::mixes_samples)) takes each batch as one group. Nothing is allocated while batches are no larger than those
/// before.
///
/// Weights that come a second time without a change, or for a second group, are copied in the order in which products read them, which makes one sample
/// nearly twice as fast: a predictor then holds dense, attention's and recurrent weights once more. Weights that changed are noticed, however that came
/// about.
///
/// ```
/// use downhill::prelude::*;
/// use ndarray::array;
///
/// let model: Model<f32> = Model::build(Chain::new().then(Dense::new(8)).then(Tanh), &[2.into()], 7)?;
/// let mut predictor = Predictor::new(&model);
/// let x = array![[0.5, -1.0], [2.0, 0.25], [0.0, 1.0]];
/// let outputs = predictor.predict(&model, &x, Parallel::Off)?;
/// assert_eq!(outputs.one().array(), model.predict(&x)?);
///
/// let x = array![[0.0, 1.0]];
/// let outputs = predictor.predict(&model, &x, Parallel::Off)?; // in the same memory
/// assert_eq!(outputs.one().array(), model.predict(&x)?);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Predictor<F> {
    layout: Arc<Layout<F>>,
    /// Samples whose numbers between the layers stay in a cache; no limit if they depend on each other.
    near: usize,
    /// Samples that are worth a group of their own; no limit either.
    worth: usize,
    /// Memory for groups, of which each takes one while it runs.
    work: Mutex<Vec<Workspace<F>>>,
    outputs: Mutex<Vec<Vec<F>>>,
    copies: WeightCopies<F>,
    places: Vec<usize>,
    shapes: Vec<Shape>,
    batch: usize,
}

impl<F: Scalar> Predictor<F> {
    /// Memory to predict with `model`. Room is made by the first batch.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f64> = Model::build(Tanh, &[2.into()], 7)?;
    /// let mut predictor = Predictor::new(&model);
    /// let other: Model<f64> = Model::build(Tanh, &[2.into()], 7)?;
    /// let x = ndarray::array![[1.0, 2.0]];
    /// assert!(predictor.predict(&other, &x, Parallel::Off).is_err()); // a clone would be no other model
    /// assert!(predictor.predict(&model.clone(), &x, Parallel::Off).is_ok());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(model: &Model<F>) -> Self {
        let layout = Arc::clone(&model.layout);
        let shapes = model.output_shapes();
        let (near, worth) = if layout.mixes_samples() {
            (usize::MAX, usize::MAX)
        } else {
            let worth = WORTH.div_ceil(layout.numbers.max(1)).max(FEW);
            (near(&layout, model.values().len()), worth)
        };
        Self {
            near,
            worth,
            work: Mutex::default(),
            outputs: Mutex::new(vec![Vec::new(); shapes.len()]),
            copies: WeightCopies::new(),
            places: (0..shapes.len()).collect(),
            shapes,
            batch: 0,
            layout,
        }
    }

    /// All outputs for an array of inputs, whose first axis counts the samples.
    ///
    /// # Errors
    /// [`Error::Shape`] if a sample has not the shape that the model was built for, [`Error::Arity`] if the model has several inputs, which
    /// [`predict_part`](Self::predict_part) serves; [`Error::Other`] if the memory was made for another model, or if there is not enough of it.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f64> = Model::build(Tanh, &[2.into()], 7)?;
    /// let mut predictor = Predictor::new(&model);
    /// let x = ndarray::array![[0.0, 1.0], [2.0, 3.0]];
    /// assert_eq!(predictor.predict(&model, &x, Parallel::On)?.one().array(), x.mapv(f64::tanh).into_dyn());
    /// let column = ndarray::array![[0.0], [1.0]];
    /// assert!(matches!(predictor.predict(&model, &column, Parallel::On), Err(Error::Shape { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn predict<D: Dimension>(
        &mut self,
        model: &Model<F>,
        inputs: &ArrayRef<F, D>,
        parallel: Parallel,
    ) -> Result<Tensors<'_, F>, Error> {
        let expected = self.layout.inputs.len();
        if expected != 1 {
            return Err(Error::arity("the model", expected, 1));
        }
        let samples = self.layout.check_samples(0, inputs.shape())?;
        self.run(model, samples, parallel, &|work, rows| {
            work.load(0, &inputs.slice_axis(Axis(0), rows.into()))
        })
    }

    /// All outputs for some samples of a batch.
    ///
    /// # Errors
    /// [`Error::Arity`] or [`Error::Shape`] if they are not what the model was built for, [`Error::Other`] if the memory was made for another model, or
    /// if there is not enough of it.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0]], ())?;
    /// let model: Model<f64> = Model::build(Tanh, &[1.into()], 7)?;
    /// let batch = Batch::of(&data)?;
    /// let mut predictor = Predictor::new(&model);
    /// let outputs = predictor.predict_part(&model, &batch.part(1, 3), Parallel::Off)?;
    /// assert_eq!(outputs.one().values(), [2.0_f64.tanh(), 3.0_f64.tanh()]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn predict_part(
        &mut self,
        model: &Model<F>,
        samples: &Part<'_, F>,
        parallel: Parallel,
    ) -> Result<Tensors<'_, F>, Error> {
        self.layout.check_part(samples)?;
        let load =
            |work: &mut Workspace<F>, rows: Range<usize>| work.load_part(&samples.within(rows));
        self.run(model, samples.len(), parallel, &load)
    }

    fn run(
        &mut self,
        model: &Model<F>,
        samples: usize,
        parallel: Parallel,
        load: Load<'_, F>,
    ) -> Result<Tensors<'_, F>, Error> {
        model.check_layout("the predictor", &self.layout)?;
        self.batch = 0;
        let parallel = if self.layout.is_little(samples) { Parallel::Off } else { parallel };
        let size = self.group_size(samples, parallel);
        let groups = samples.div_ceil(size.max(1)).max(1);
        let threads = parallel.threads();
        // All that will be needed at a time, so that no later batch allocates unless it is larger.
        let work = self.work.get_mut().unwrap_or_else(PoisonError::into_inner);
        while work.len() < groups.min(threads) {
            work.push(Workspace::new(model));
        }
        // The largest groups that there can be of so many samples or fewer: of one alone, which takes the last memory, and of several.
        let most = samples.min(self.near);
        let of_several = most.min(self.worth.saturating_mul(2));
        work.sort_unstable_by_key(Workspace::capacity);
        if let Some((last, others)) = work.split_last_mut() {
            last.reserve(most)?;
            others.iter_mut().try_for_each(|work| work.reserve(of_several))?;
        }
        let outputs = self.outputs.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (output, shape) in outputs.iter_mut().zip(&self.shapes) {
            grow(output, samples.saturating_mul(shape.size()), "the predictions")?;
        }
        let copies = self.copies.of(model, groups == 1);
        // Where there are groups for all threads, none needs help.
        let within = if groups < threads { parallel } else { Parallel::Off };
        let draw = Draw::default().parallel(within);
        let (work, outputs) = (&self.work, &self.outputs);
        Pass { model, copies, load, samples, size, draw, work, outputs }
            .run(0..groups, parallel)?;
        self.batch = samples;
        let outputs = self.outputs.get_mut().unwrap_or_else(PoisonError::into_inner);
        Ok(Tensors::new(outputs, &self.places, &self.shapes, samples))
    }

    /// How many of so many samples go through the model together, at most.
    fn group_size(&self, samples: usize, parallel: Parallel) -> usize {
        let by_memory = samples.div_ceil(self.near);
        let by_work = match parallel {
            Parallel::Off => 0,
            Parallel::On => samples / self.worth,
        };
        let size = samples.div_ceil(by_memory.max(by_work).max(1));
        // Small groups read weights often; so they are whole tiles.
        if by_memory > 1 && by_memory >= by_work {
            size.next_multiple_of(TALLEST).min(self.near)
        } else {
            size
        }
    }

    /// The first output of the last batch, to keep.
    pub(super) fn into_first(self) -> Vec<F> {
        let outputs = self.outputs.into_inner().unwrap_or_else(PoisonError::into_inner);
        outputs.into_iter().next().unwrap_or_default()
    }
}

/// How many samples' numbers between the layers stay in a cache, in whole tiles of products; but so many that they are no fewer than the weights, which each
/// group reads.
fn near<F: Scalar>(layout: &Layout<F>, weights: usize) -> usize {
    let tensors = layout.tensors.iter();
    let more = layout.ops.iter().flat_map(|op| op.saved.iter().chain(&op.scratch));
    let sample = tensors.chain(more).map(Shape::size).fold(1, usize::saturating_add);
    let samples = (NEAR / size_of::<F>()).max(weights).div_ceil(sample);
    samples.checked_next_multiple_of(TALLEST).unwrap_or(samples)
}

/// Loads these samples.
type Load<'a, F> = &'a (dyn Fn(&mut Workspace<F>, Range<usize>) -> Result<(), Error> + Sync);

/// The way of a batch through a model.
struct Pass<'a, F> {
    model: &'a Model<F>,
    copies: &'a [F],
    load: Load<'a, F>,
    samples: usize,
    /// Samples to a group.
    size: usize,
    draw: Draw,
    work: &'a Mutex<Vec<Workspace<F>>>,
    outputs: &'a Mutex<Vec<Vec<F>>>,
}

impl<F: Scalar> Pass<'_, F> {
    /// Halves the groups between threads. Of several errors the first one counts.
    fn run(&self, groups: Range<usize>, parallel: Parallel) -> Result<(), Error> {
        if groups.len() > 1 {
            let middle = groups.start + groups.len() / 2;
            let (left, right) = parallel.join(
                || self.run(groups.start..middle, parallel),
                || self.run(middle..groups.end, parallel),
            );
            return left.and(right);
        }
        // Not held while the group runs: its thread may take up another group while it waits for a part of this one.
        let work = lock(self.work).pop();
        debug_assert!(work.as_ref().is_none_or(|work| work.capacity() >= self.size));
        let mut work = work.unwrap_or_else(|| Workspace::new(self.model));
        let done = self.group(&mut work, groups.start);
        lock(self.work).push(work);
        done
    }

    fn group(&self, work: &mut Workspace<F>, group: usize) -> Result<(), Error> {
        let first = self.samples.min(group * self.size);
        let rows = first..self.samples.min(first + self.size);
        let count = rows.len();
        (self.load)(work, rows)?;
        work.evaluate_with(self.model, self.copies, count, self.draw.from_sample(first))?;
        for (output, from) in lock(self.outputs).iter_mut().zip(work.outputs().iter()) {
            output[first * from.size()..][..from.values().len()].copy_from_slice(from.values());
        }
        Ok(())
    }
}

/// What a thread that panicked left behind is still sound: whole workspaces, and numbers.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
