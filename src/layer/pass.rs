//! What is lent to a layer while it computes.

use super::parameters::{Gradients, Params, States};
use super::tensors::{InputGradients, Tensors, TensorsMut};
use crate::kernel::parallel::Parallel;
use crate::random::Noise;

/// Whether the model is being trained or used.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
/// let mut model: Model<f32> = Model::build(Dropout::new(0.5), &[100.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &ndarray::Array2::ones((1, 100)))?;
/// work.evaluate(&model, 1, Draw::new(7, 0))?; // Mode::Evaluate
/// assert!(work.output(0).values().iter().all(|&y| y == 1.0));
/// work.train(&mut model, 1, Draw::new(7, 0))?; // Mode::Train
/// assert!(work.output(0).values().contains(&0.0));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dropout drops, batch statistics are taken and running ones updated.
    Train,
    /// The same input always gives the same output, and nothing is changed.
    Evaluate,
}

/// What is lent for the forward pass.
///
/// ```
/// use downhill::prelude::*;
///
/// /// Adds noise in training, and hands on its input in evaluation.
/// #[derive(Debug)]
/// struct Jitter;
///
/// impl<F: Scalar> Layer<F> for Jitter {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         plan.output(plan.input()?)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         for sample in 0..pass.batch {
///             let noise = pass.sample_noise(sample);
///             let x = pass.inputs.one().row(sample);
///             for (i, y) in pass.outputs.one().row(sample).iter_mut().enumerate() {
///                 let jitter = if pass.mode == Mode::Train { noise.normal(i as u64) } else { 0.0 };
///                 *y = x[i] + F::of(jitter);
///             }
///         }
///     }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         if let Some(dx) = pass.input_gradients.one() {
///             dx.into_values().copy_from_slice(pass.output_gradients.one().values());
///         }
///     }
/// }
///
/// let model: Model<f32> = Model::build(Jitter, &[2.into()], 7)?;
/// let x = ndarray::array![[1.0, 2.0]];
/// assert_eq!(model.predict(&x)?, x.into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Forward<'a, F> {
    /// Training or evaluation.
    pub mode: Mode,
    /// How many samples there are.
    pub batch: usize,
    /// The inputs, to read.
    pub inputs: Tensors<'a, F>,
    /// The outputs, to overwrite.
    pub outputs: TensorsMut<'a, F>,
    /// The layer's parameters, in the order of the plan.
    pub params: Params<'a, F>,
    /// The layer's state, in the order of the plan; writable in training alone.
    pub states: States<'a, F>,
    /// Memory that `backward` will see again.
    pub saved: TensorsMut<'a, F>,
    /// Memory whose content need not outlive this call.
    pub scratch: TensorsMut<'a, F>,
    /// The same for memory that does not grow with the batch: views of one sample each.
    pub scratch_once: TensorsMut<'a, F>,
    /// Random numbers that belong to this layer at this step; add the sample's number with [`Forward::sample_noise`].
    pub noise: Noise,
    /// The number of the first sample within the whole batch of this step, when the batch comes in parts.
    pub first_sample: usize,
    /// Whether kernels may use several threads.
    pub parallel: Parallel,
    /// Whether the output holds the input, which has no memory of its own: only if the layer's plan said that it can be so.
    pub(crate) in_place: bool,
}

impl<F> Forward<'_, F> {
    /// The random numbers of one sample: the same in whatever parts a batch is computed.
    pub fn sample_noise(&self, sample: usize) -> Noise {
        self.noise.step((self.first_sample + sample) as u64)
    }
}

/// What is lent for the backward pass.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
///
/// /// y = x², which needs its input again.
/// #[derive(Debug)]
/// struct Square;
///
/// impl<F: Scalar> Layer<F> for Square {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         plan.output(plan.input()?)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         let x = pass.inputs.one().values();
///         pass.outputs.one().values().iter_mut().zip(x).for_each(|(y, &x)| *y = x * x);
///     }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         let (x, dy) = (pass.inputs.one().values(), pass.output_gradients.one().values());
///         if let Some(mut dx) = pass.input_gradients.one() {
///             for ((dx, &x), &dy) in dx.values().iter_mut().zip(x).zip(dy) {
///                 *dx = F::of(2.0) * x * dy;
///             }
///         }
///     }
/// }
///
/// let model: Model<f64> = Model::build(Square, &[2.into()], 7)?;
/// let mut work = Workspace::new(&model).with_input_gradients();
/// work.load(0, &ndarray::array![[3.0, -4.0]])?;
/// work.evaluate(&model, 1, Draw::default())?;
/// work.output_gradients()?.1.one().values().fill(1.0);
/// work.backward(&model, &mut [], Draw::default())?;
/// assert_eq!(work.input_gradient(0).values(), [6.0, -8.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Backward<'a, F> {
    /// The mode of the forward pass that this one belongs to.
    pub mode: Mode,
    /// How many samples there are.
    pub batch: usize,
    /// The inputs of the forward pass.
    pub inputs: Tensors<'a, F>,
    /// The outputs of the forward pass.
    pub outputs: Tensors<'a, F>,
    /// The gradients of the loss for the outputs.
    pub output_gradients: Tensors<'a, F>,
    /// The gradients for the inputs, to overwrite; `None` for an input that needs none, such as the data.
    pub input_gradients: InputGradients<'a, F>,
    /// The layer's parameters, in the order of the plan.
    pub params: Params<'a, F>,
    /// The gradients for the parameters, to **add** to.
    pub gradients: Gradients<'a, F>,
    /// The layer's state, to read.
    pub states: States<'a, F>,
    /// What `forward` saved.
    pub saved: TensorsMut<'a, F>,
    /// Memory whose content need not outlive this call.
    pub scratch: TensorsMut<'a, F>,
    /// The same for memory that does not grow with the batch: views of one sample each.
    pub scratch_once: TensorsMut<'a, F>,
    /// The same random numbers as in the forward pass.
    pub noise: Noise,
    /// The number of the first sample within the whole batch of this step.
    pub first_sample: usize,
    /// Whether kernels may use several threads.
    pub parallel: Parallel,
    /// Whether the gradient for the input holds that for the output, which has no memory of its own: only if the layer's plan said that it can be so.
    pub(crate) in_place: bool,
}

impl<F> Backward<'_, F> {
    /// The random numbers of one sample, as [`Forward::sample_noise`] gave them.
    pub fn sample_noise(&self, sample: usize) -> Noise {
        self.noise.step((self.first_sample + sample) as u64)
    }
}
