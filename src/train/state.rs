//! The whole state of a run, by name.

use super::best::Best;
use super::place::Place;
use super::{EpochRecord, History, Trainer};
use crate::error::Error;
use crate::loss::Total;
use crate::metric::Tally;
use crate::optim::Extent;
use crate::params::{Parameter, StateTensor};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// One named tensor of a saved state.
///
/// ```
/// use downhill::prelude::*;
/// let trainer: Trainer<f32> = Trainer::builder(Chain::new().then(Dense::new(3)), Mse, Adam::default()).build(&[2])?;
/// let state = trainer.state();
/// assert_eq!((state.parameters[0].name.as_str(), &state.parameters[0].shape), ("0.dense.weight", &[3, 2].into()));
/// assert!(state.slots.iter().all(|slot| slot.name.ends_with("0.dense.weight") || slot.name.ends_with("0.dense.bias")));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NamedTensor<F> {
    /// The path, such as `"0.dense.weight"`, with the slot's name in front for an optimizer's memory: `"momentum/0.dense.weight"`.
    pub name: String,
    /// The shape.
    pub shape: Shape,
    /// The values, row after row.
    pub values: Vec<F>,
}

/// The whole state of a run: whoever has it, and the same model, data and settings, can go on as if nothing had happened, to the bit.
///
/// Schedules, data order, dropout and early stopping need nothing of their own: they are functions of what is here. Groups, like the optimizer,
/// are settings: who restores a state builds the trainer with the same.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0]], ndarray::array![[3.0], [5.0], [7.0]])?;
/// let build = || Trainer::builder(Dense::new(1), Mse, Adam::default()).seed(7).build(&[1]);
/// let mut whole = build()?;
/// whole.fit(&data, Fit::steps(20).batch(2))?;
///
/// let (mut first, mut second) = (build()?, build()?);
/// first.fit(&data, Fit::steps(7).batch(2))?; // ends in the middle of an epoch
/// second.restore(&first.state())?;
/// second.fit(&data, Fit::to_step(20).batch(2))?;
/// assert_eq!(second.state(), whole.state());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrainState<F> {
    /// The parameters.
    pub parameters: Vec<NamedTensor<F>>,
    /// What the optimizer remembers, slot after slot.
    pub slots: Vec<NamedTensor<F>>,
    /// How often each parameter was updated, by path.
    pub updates: Vec<(String, u64)>,
    /// The paths of the parameters that are frozen.
    pub frozen: Vec<String>,
    /// Running statistics and other layer state.
    pub layer_state: Vec<NamedTensor<F>>,
    /// Optimizer steps taken.
    pub step: u64,
    /// Epochs finished.
    pub epoch: u64,
    /// Samples of the current epoch that are behind.
    pub position: usize,
    /// Samples of the current epoch in all; 0 before its first step.
    pub samples: usize,
    /// The losses of the current epoch so far, and their weight.
    pub total: Total,
    /// The seed.
    pub seed: u64,
    /// What observers have scaled the learning rate by.
    pub learning_rate_scale: f64,
    /// From which epoch on patience counts.
    pub patience_from: u64,
    /// What the metrics have counted of the current epoch, by name.
    pub tallies: Vec<(String, Tally)>,
    /// Every step and epoch so far.
    pub history: History,
    /// The best epoch, with the parameters and layer state that it ended with.
    pub best: Option<BestState<F>>,
}

/// The best epoch of a saved run.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
/// # let (train, validation) = data.split(0.5, 7)?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
/// trainer.fit(&train, Fit::epochs(5))?;
/// assert_eq!(trainer.state().best, None); // no epoch was judged
/// trainer.fit(&train, Fit::epochs(5).validate(&validation))?;
/// let best = trainer.state().best;
/// assert_eq!(best.map(|best| best.parameters[0].values.clone()), Some(trainer.best_model().values()[..1].to_vec()));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BestState<F> {
    /// Its record.
    pub record: EpochRecord,
    /// The parameters after it.
    pub parameters: Vec<NamedTensor<F>>,
    /// The layer state after it.
    pub layer_state: Vec<NamedTensor<F>>,
}

impl<F: Scalar> Trainer<F> {
    /// Takes the whole state of the run out.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).seed(7).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(3).batch(1))?;
    /// let state = trainer.state();
    /// assert_eq!((state.step, state.epoch, state.seed), (6, 3, 7));
    /// assert_eq!(state.parameters[0].values, trainer.model().values()[..1]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn state(&self) -> TrainState<F> {
        let parameters = self.model.parameters();
        let best = self.best.as_ref().map(|best| BestState {
            record: best.record.clone(),
            parameters: parameter_tensors(parameters, best.model.values()),
            layer_state: state_tensors(best.model.states(), best.model.state()),
        });
        let slots =
            self.memory.slots().iter().zip(self.memory.buffers()).flat_map(|(slot, buffer)| {
                slot_tensors(slot.name(), slot.extent, parameters, buffer)
            });
        let counts = parameters.iter().zip(self.memory.updates());
        TrainState {
            parameters: parameter_tensors(parameters, self.model.values()),
            slots: slots.collect(),
            updates: counts.map(|(p, &count)| (p.path().to_owned(), count)).collect(),
            frozen: self.frozen(),
            layer_state: state_tensors(self.model.states(), self.model.state()),
            step: self.place.step,
            epoch: self.place.epoch,
            position: self.place.position,
            samples: self.place.samples,
            total: self.place.total,
            seed: self.rules.seed,
            learning_rate_scale: self.place.learning_rate_scale,
            patience_from: self.place.patience_from,
            tallies: self.tallies.clone(),
            history: self.history.clone(),
            best,
        }
    }

    /// The paths of the parameters that are frozen.
    fn frozen(&self) -> Vec<String> {
        let parameters = self.model.parameters().iter().zip(&self.base_courses);
        let frozen = parameters.filter(|(_, course)| !course.active);
        frozen.map(|(parameter, _)| parameter.path().to_owned()).collect()
    }

    /// Puts a state back, by name. The trainer is unchanged unless everything fits.
    ///
    /// # Errors
    /// [`Error::State`] that lists every missing, unknown or misshaped tensor, every number that is not finite, and counts that contradict each other.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// let before = trainer.state();
    /// trainer.fit(&data, Fit::epochs(3))?;
    /// trainer.restore(&before)?;
    /// assert_eq!((trainer.steps(), trainer.state()), (0, before));
    ///
    /// let other = Trainer::builder(Dense::new(2), Mse, Sgd::default()).build(&[1])?;
    /// let error = trainer.restore(&other.state()).unwrap_err();
    /// assert!(error.to_string().contains("parameter `weight` is [2, 1] in the state but [1, 1] in the model"));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn restore(&mut self, state: &TrainState<F>) -> Result<(), Error> {
        let now = self.state();
        let mut problems = Vec::new();
        compare("parameter", &now.parameters, &state.parameters, &mut problems);
        compare("optimizer slot", &now.slots, &state.slots, &mut problems);
        compare("layer state", &now.layer_state, &state.layer_state, &mut problems);
        let counts = counts(&now.updates, &state.updates, &mut problems);
        possible(state, &mut problems);
        let known = |path: &String| now.parameters.iter().any(|parameter| parameter.name == *path);
        for path in state.frozen.iter().filter(|path| !known(path)) {
            problems.push(format!("`{path}` is frozen, but the model has no such parameter"));
        }
        if let Some(best) = &state.best {
            compare("best parameter", &now.parameters, &best.parameters, &mut problems);
            compare("best layer state", &now.layer_state, &best.layer_state, &mut problems);
        }
        if !problems.is_empty() {
            return Err(Error::State { problems });
        }
        write(&now.parameters, &state.parameters, self.model.values_mut());
        write(&now.layer_state, &state.layer_state, self.model.state_mut());
        let of_one_slot = now.slots.chunks(now.parameters.len().max(1));
        for (tensors, buffer) in of_one_slot.zip(self.memory.buffers_mut()) {
            write(tensors, &state.slots, buffer);
        }
        self.memory.updates_mut().copy_from_slice(&counts);
        for (parameter, course) in self.model.parameters().iter().zip(&mut self.base_courses) {
            course.active = !state.frozen.iter().any(|path| path == parameter.path());
        }
        self.place = Place {
            step: state.step,
            epoch: state.epoch,
            position: state.position,
            samples: state.samples,
            total: state.total,
            learning_rate_scale: state.learning_rate_scale,
            patience_from: state.patience_from,
        };
        self.rules.seed = state.seed;
        self.history = state.history.clone();
        if self.metrics.is_empty() {
            self.tallies.clone_from(&state.tallies);
        }
        for ((name, tally), (_, start)) in self.tallies.iter_mut().zip(&self.start) {
            let saved = state.tallies.iter().find(|(saved, _)| saved == name);
            // Counts that are too short cannot be this metric's.
            let saved = saved.filter(|(_, saved)| saved.len() >= start.len());
            tally.clone_from(saved.map_or(start, |(_, saved)| saved));
        }
        self.best = state.best.as_ref().map(|best| {
            let mut model = self.model.clone();
            write(&now.parameters, &best.parameters, model.values_mut());
            write(&now.layer_state, &best.layer_state, model.state_mut());
            Best { model, record: best.record.clone() }
        });
        self.forget_gradient();
        Ok(())
    }
}

fn parameter_tensors<F: Scalar>(parameters: &[Parameter], values: &[F]) -> Vec<NamedTensor<F>> {
    let tensor = |p: &Parameter| NamedTensor {
        name: p.path().to_owned(),
        shape: p.shape().clone(),
        values: values[p.range()].to_vec(),
    };
    parameters.iter().map(tensor).collect()
}

fn state_tensors<F: Scalar>(states: &[StateTensor], values: &[F]) -> Vec<NamedTensor<F>> {
    let tensor = |s: &StateTensor| NamedTensor {
        name: s.path().to_owned(),
        shape: s.shape().clone(),
        values: values[s.range()].to_vec(),
    };
    states.iter().map(tensor).collect()
}

fn slot_tensors<F: Scalar>(
    slot: &str,
    extent: Extent,
    parameters: &[Parameter],
    buffer: &[F],
) -> Vec<NamedTensor<F>> {
    let mut start = 0;
    let tensor = |p: &Parameter| {
        let size = extent.size(p.shape());
        let values = buffer.get(start..start + size).unwrap_or_default().to_vec();
        start += size;
        let shape = if extent == Extent::Element { p.shape().clone() } else { size.into() };
        NamedTensor { name: format!("{slot}/{}", p.path()), shape, values }
    };
    parameters.iter().map(tensor).collect()
}

/// Lists every difference in names and shapes.
fn compare<F>(
    kind: &str,
    now: &[NamedTensor<F>],
    saved: &[NamedTensor<F>],
    problems: &mut Vec<String>,
) {
    for expected in now {
        match saved.iter().find(|tensor| tensor.name == expected.name) {
            None => problems.push(format!("{kind} `{}` is missing", expected.name)),
            Some(got) if got.shape != expected.shape => problems.push(format!(
                "{kind} `{}` is {} in the state but {} in the model",
                expected.name, got.shape, expected.shape
            )),
            Some(got) if got.values.len() != expected.values.len() => problems.push(format!(
                "{kind} `{}` holds {} numbers instead of {}",
                expected.name,
                got.values.len(),
                expected.values.len()
            )),
            Some(_) => {}
        }
    }
    for (i, extra) in saved.iter().enumerate() {
        if !now.iter().any(|tensor| tensor.name == extra.name) {
            problems.push(format!("{kind} `{}` is not in the model", extra.name));
        }
        if saved[..i].iter().any(|tensor| tensor.name == extra.name) {
            problems.push(format!("{kind} `{}` is there twice", extra.name));
        }
    }
}

/// No run takes this many steps: 2⁵³. Counts below it can be added to without a thought.
const MOST_STEPS: u64 = 1 << 53;

/// Lists what no run can come to.
fn possible<F: Scalar>(state: &TrainState<F>, problems: &mut Vec<String>) {
    let mut require = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    let counts = [state.step, state.epoch, state.patience_from];
    let updates = state.updates.iter().map(|(_, count)| *count);
    require(
        counts.into_iter().chain(updates).all(|count| count < MOST_STEPS),
        "a count is 2^53 or more",
    );
    require(state.position <= state.samples, "its position is beyond the end of the epoch");
    require(state.patience_from <= state.epoch, "patience counts from an epoch to come");
    let Total { sum, weight } = state.total;
    // Finite losses can add up to infinity, and no finite ones to NaN.
    require(
        !sum.is_nan() && weight.is_finite() && weight >= 0.0,
        "the losses of its epoch are not numbers, or their weight is not finite",
    );
    require(
        state.learning_rate_scale.is_finite() && state.learning_rate_scale >= 0.0,
        "the rate scale is not a finite number, 0 or more",
    );
    let steps = || state.history.steps.iter().map(|record| record.step);
    require(steps().is_sorted_by(|a, b| a < b), "the steps of its history are not in order");
    require(steps().all(|step| step < state.step), "its history has steps to come");
    let epochs = || state.history.epochs.iter().map(|record| record.epoch);
    require(epochs().is_sorted_by(|a, b| a < b), "the epochs of its history are not in order");
    require(epochs().all(|epoch| epoch < state.epoch), "its history has epochs to come");
    if let Some(best) = &state.best {
        require(best.record.epoch < state.epoch, "its best epoch is to come");
        finite("best parameter", &best.parameters, problems);
        finite("best layer state", &best.layer_state, problems);
    }
    finite("parameter", &state.parameters, problems);
    finite("optimizer slot", &state.slots, problems);
    finite("layer state", &state.layer_state, problems);
}

/// Lists the tensors that hold a number which is not finite.
fn finite<F: Scalar>(kind: &str, tensors: &[NamedTensor<F>], problems: &mut Vec<String>) {
    for NamedTensor { name, values, .. } in tensors {
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            problems.push(format!("{kind} `{name}`[{at}] is {}", values[at]));
        }
    }
}

fn counts(now: &[(String, u64)], saved: &[(String, u64)], problems: &mut Vec<String>) -> Vec<u64> {
    let find = |path: &str| saved.iter().find(|(name, _)| name == path).map(|(_, count)| *count);
    now.iter()
        .map(|(path, _)| {
            find(path).unwrap_or_else(|| {
                problems.push(format!("the update count of `{path}` is missing"));
                0
            })
        })
        .collect()
}

/// Writes tensors into a flat buffer in the order of `now`, finding each by name.
fn write<F: Scalar>(now: &[NamedTensor<F>], saved: &[NamedTensor<F>], flat: &mut [F]) {
    let mut start = 0;
    for tensor in now {
        let end = start + tensor.values.len();
        if let Some(found) = saved.iter().find(|saved| saved.name == tensor.name) {
            flat[start..end].copy_from_slice(&found.values);
        }
        start = end;
    }
}
