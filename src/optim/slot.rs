//! What an optimizer remembers.

/// One named thing that an optimizer remembers between steps: a number for each parameter element, unless another extent is chosen.
///
/// ```
/// use downhill::optim::{Extent, Slot, Start};
/// let slots = [
///     Slot::new("momentum"),
///     Slot::new("accumulator").start(Start::Value(0.1)),
///     Slot::new("norm").extent(Extent::Tensor),
/// ];
/// assert_eq!(slots[0].name(), "momentum");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    name: String,
    pub(crate) extent: Extent,
    pub(crate) start: Start,
}

/// How much a slot holds.
///
/// ```
/// use downhill::optim::Extent;
/// let shape = [2, 3, 4].into();
/// let sizes = [Extent::Element, Extent::Tensor, Extent::Row, Extent::Column].map(|extent| extent.size(&shape));
/// assert_eq!(sizes, [24, 1, 2, 12]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extent {
    /// One number for each element of each parameter.
    Element,
    /// One number for each parameter; for rules of [`Grain::Tensor`](super::Grain::Tensor).
    Tensor,
    /// One number for each index of a parameter's first axis; for rules of [`Grain::Tensor`](super::Grain::Tensor).
    Row,
    /// One number for each position within one index of the first axis; for rules of [`Grain::Tensor`](super::Grain::Tensor).
    Column,
}

/// What a slot holds before the first update.
///
/// ```
/// use downhill::{Model, Scalar, layer::Dense};
/// use downhill::optim::{Block, Memory, Optimizer, Slot, Start, Tick};
/// # #[derive(Debug)]
/// # struct Anchored;
/// impl<F: Scalar> Optimizer<F> for Anchored {
///     fn slots(&self) -> Vec<Slot> {
///         vec![Slot::new("anchor").start(Start::Parameters), Slot::new("scale").start(Start::Value(0.1))]
///     }
///     # fn learning_rate(&self) -> f64 { 0.1 }
///     # fn update(&self, _: &Tick, _: Block<'_, F>) {}
/// }
/// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
/// let memory = Memory::new(&Anchored, model.parameters(), model.values());
/// assert_eq!(memory.buffers(), [model.values().to_vec(), vec![0.1; 3]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Start {
    /// This number everywhere.
    Value(f64),
    /// A copy of the parameters; for slots of [`Extent::Element`].
    Parameters,
}

impl Slot {
    /// A slot of one number for each element, which starts at zero.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), extent: Extent::Element, start: Start::Value(0.0) }
    }

    /// The same with another extent.
    #[must_use]
    pub fn extent(self, extent: Extent) -> Self {
        Self { extent, ..self }
    }

    /// The same with another start.
    #[must_use]
    pub fn start(self, start: Start) -> Self {
        Self { start, ..self }
    }

    /// The name, as in saved states.
    pub fn name(&self) -> &str {
        &self.name
    }
}
