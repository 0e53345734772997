//! Where the slots of all parameters live.

use std::ops::Range;

use super::{Extent, Grain, Optimizer, Slot, Slots, Start, Step, Tick};
use crate::error::Error;
use crate::kernel::large_pages::{copied, filled};
use crate::params::Parameter;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Everything that an optimizer remembers of a model: one buffer for each slot, and how often each parameter has been updated.
///
/// ```
/// use downhill::prelude::*;
/// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
/// let rule = Sgd { momentum: 0.9, ..Sgd::default() };
/// let memory = Memory::new(&rule, model.parameters(), model.values());
/// assert_eq!(memory.slots()[0].name(), "momentum");
/// assert_eq!(memory.buffers(), [vec![0.0; 3]]); // two weights and a bias
/// assert_eq!(memory.updates(), [0, 0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Memory<F> {
    slots: Vec<Slot>,
    buffers: Vec<Vec<F>>,
    /// For each slot where each parameter's part is; empty for slots of [`Extent::Element`], whose parts are those of the parameters.
    places: Vec<Vec<Range<usize>>>,
    updates: Vec<u64>,
}

impl<F: Scalar> Memory<F> {
    /// The memory of a fresh run of `optimizer` on these parameters with these values.
    pub fn new<O: Optimizer<F> + ?Sized>(
        optimizer: &O,
        parameters: &[Parameter],
        values: &[F],
    ) -> Self {
        let slots = optimizer.slots();
        let buffers = slots.iter().map(|slot| match slot.start {
            Start::Parameters if slot.extent == Extent::Element => copied(values),
            Start::Parameters => filled(length(slot.extent, parameters), F::zero()),
            Start::Value(value) => filled(length(slot.extent, parameters), F::of(value)),
        });
        let places = slots.iter().map(|slot| match slot.extent {
            Extent::Element => Vec::new(),
            extent => places(extent, parameters),
        });
        let (buffers, places) = (buffers.collect(), places.collect());
        Self { buffers, places, slots, updates: vec![0; parameters.len()] }
    }

    /// Checks that the slots can be kept: names that differ, and one number to an element unless the rule takes whole tensors.
    ///
    /// # Errors
    /// [`Error::Argument`] that names the rule and the slot.
    pub fn check<O: Optimizer<F> + ?Sized>(optimizer: &O) -> Result<(), Error> {
        let slots = optimizer.slots();
        for (i, slot) in slots.iter().enumerate() {
            let argument = || format!("slot {i} of {}", optimizer.name());
            if slot.name().is_empty() || slots[..i].iter().any(|other| other.name() == slot.name())
            {
                return Err(Error::argument(argument(), slot.name(), "a name of its own"));
            }
            if slot.extent != Extent::Element && optimizer.grain() == Grain::Element {
                let expected = "Extent::Element, or let `grain` return Grain::Tensor";
                return Err(Error::argument(argument(), format!("{:?}", slot.extent), expected));
            }
        }
        Ok(())
    }

    /// Moves all parameters by one step of `optimizer`, for a loop of your own, with the rule's own weight decay on weights: no groups, nothing frozen,
    /// and no second look at the loss.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices do not fit the parameters, [`Error::Other`] if the rule wants to evaluate the loss, or if this memory is
    /// that of a rule with other slots.
    ///
    /// ```
    /// use downhill::prelude::*;
    /// let mut model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let rule = Adam::default();
    /// let mut memory = Memory::new(&rule, model.parameters(), model.values());
    /// let mut gradient = [1.0, -1.0, 0.0];
    /// let (parameters, values) = model.parts_mut();
    /// memory.step(&rule, parameters, values, &mut gradient, Tick::new(1, 1e-3))?;
    /// assert_eq!(memory.updates(), [1, 1]);
    /// assert_eq!(model.values()[2], 0.0); // its gradient is 0
    ///
    /// // A rule with decay shrinks the weights, and no bias.
    /// let rule = AdamW { learning_rate: 0.5, weight_decay: 0.5, ..AdamW::default() };
    /// let (mut memory, mut gradient) = (Memory::new(&rule, model.parameters(), model.values()), [0.0; 3]);
    /// let (parameters, values) = model.parts_mut();
    /// values.copy_from_slice(&[4.0, 8.0, 1.0]);
    /// memory.step(&rule, parameters, values, &mut gradient, Tick::new(1, 0.5))?;
    /// assert_eq!(model.values(), [3.0, 6.0, 1.0]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn step<O: Optimizer<F> + ?Sized>(
        &mut self,
        optimizer: &O,
        parameters: &[Parameter],
        weights: &mut [F],
        gradient: &mut [F],
        tick: Tick,
    ) -> Result<(), Error> {
        if self.slots != optimizer.slots() {
            let message =
                "this memory was made for a rule with other slots; make one by `Memory::new`";
            return Err(Error::other(optimizer.name(), message));
        }
        let mut evaluate = |_: &[F], _: &mut [F]| {
            let message = "this step was given no loss to evaluate; use `Step::new`";
            Err(Error::other(optimizer.name(), message))
        };
        let mut step = Step::new(weights, gradient, parameters, &[], self, tick, &mut evaluate)?;
        step.decay = optimizer.weight_decay();
        optimizer.step(&mut step)
    }

    /// Takes over the numbers of another memory of the same rule and parameters, in the buffers that are there.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        for (buffer, from) in self.buffers.iter_mut().zip(&other.buffers) {
            buffer.copy_from_slice(from);
        }
        self.updates.copy_from_slice(&other.updates);
    }

    /// The slots, in the order of the rule.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// One buffer for each slot.
    pub fn buffers(&self) -> &[Vec<F>] {
        &self.buffers
    }

    /// One buffer for each slot, to change.
    pub fn buffers_mut(&mut self) -> &mut [Vec<F>] {
        &mut self.buffers
    }

    /// The buffer of one slot, by its place in the rule's list; empty if there is no such slot.
    pub fn slot_mut(&mut self, position: usize) -> &mut [F] {
        self.buffers.get_mut(position).map_or(&mut [], |buffer| buffer)
    }

    /// The slots of parameter `id`, whatever their extent; `elements` is the parameter's own place.
    pub(super) fn of_tensor(&mut self, id: usize, elements: &Range<usize>) -> Slots<'_, F> {
        let slots = self.buffers.iter_mut().zip(&self.places).map(|(buffer, places)| {
            let place = places.get(id).unwrap_or(elements);
            buffer.get_mut(place.clone()).unwrap_or_default()
        });
        slots.collect()
    }

    /// The slots of a stretch of elements.
    pub(super) fn of_elements(&mut self, elements: &Range<usize>) -> Slots<'_, F> {
        let slots = self.buffers.iter_mut();
        slots.map(|buffer| buffer.get_mut(elements.clone()).unwrap_or_default()).collect()
    }

    /// How often each parameter has been updated.
    pub fn updates(&self) -> &[u64] {
        &self.updates
    }

    /// How often each parameter has been updated, to change.
    pub fn updates_mut(&mut self) -> &mut [u64] {
        &mut self.updates
    }
}

impl Extent {
    /// How many numbers a slot of this extent holds for a parameter of this shape.
    pub fn size(self, shape: &Shape) -> usize {
        let rows = shape.first().copied().unwrap_or(1);
        match self {
            Self::Element => shape.size(),
            Self::Tensor => 1,
            Self::Row => rows,
            Self::Column => shape.size() / rows.max(1),
        }
    }
}

fn length(extent: Extent, parameters: &[Parameter]) -> usize {
    parameters.iter().map(|parameter| extent.size(parameter.shape())).sum()
}

/// The place of parameter `id` in the buffer of a slot of this extent.
#[cfg(feature = "check")]
pub(crate) fn place(extent: Extent, parameters: &[Parameter], id: usize) -> Range<usize> {
    if extent == Extent::Element {
        return parameters[id].range();
    }
    let start = length(extent, &parameters[..id]);
    start..start + extent.size(parameters[id].shape())
}

fn places(extent: Extent, parameters: &[Parameter]) -> Vec<Range<usize>> {
    let mut end = 0;
    let place = |parameter: &Parameter| {
        let start = end;
        end += extent.size(parameter.shape());
        start..end
    };
    parameters.iter().map(place).collect()
}
