//! A stretch of parameters with everything that belongs to it.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::params::Role;
use crate::shape::Shape;

/// The most slots that one block lends. Rules that remember more work on whole buffers, through [`Step::slot`](super::Step::slot).
///
/// ```
/// use downhill::optim::{Adam, MOST_SLOTS, Optimizer};
/// let rule = Adam { amsgrad: true, ..Adam::default() };
/// assert!(Optimizer::<f32>::slots(&rule).len() <= MOST_SLOTS);
/// assert_eq!(MOST_SLOTS, 8);
/// ```
pub const MOST_SLOTS: usize = 8;

/// A stretch of parameters, their gradient and their slots: slices of one length.
///
/// ```
/// use downhill::optim::{Block, Sgd, Optimizer, Tick};
/// let (mut w, g) = ([1.0, 2.0], [10.0, 10.0]);
/// let plain = Sgd { learning_rate: 0.1, ..Sgd::default() };
/// plain.update(&Tick::new(1, 0.1), Block::new(&mut w, &g, []));
/// assert_eq!(w, [0.0, 1.0]);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Block<'a, F> {
    /// The parameters, to move.
    pub weights: &'a mut [F],
    /// Their gradient.
    pub gradient: &'a [F],
    /// What the rule remembers, in the order of its `slots()`.
    pub slots: Slots<'a, F>,
    /// The tensor that this block is; `None` for rules of [`Grain::Element`](super::Grain::Element), whose blocks may be any stretch.
    pub tensor: Option<TensorInfo<'a>>,
}

/// The tensor that a block is.
///
/// ```
/// use downhill::{Scalar, optim::{Block, Grain, Optimizer, Tick}, params::Role};
///
/// /// Moves matrices only.
/// #[derive(Debug)]
/// struct Matrices;
///
/// impl<F: Scalar> Optimizer<F> for Matrices {
///     fn learning_rate(&self) -> f64 {
///         1.0
///     }
///     fn grain(&self) -> Grain {
///         Grain::Tensor
///     }
///     fn update(&self, tick: &Tick, block: Block<'_, F>) {
///         if block.tensor.is_some_and(|tensor| tensor.shape.len() == 2) {
///             block.weights.iter_mut().zip(block.gradient).for_each(|(w, &g)| *w -= F::of(tick.learning_rate) * g);
///         }
///     }
/// }
///
/// let (mut w, mut b, g) = ([0.0], [0.0], [1.0]);
/// Matrices.update(&Tick::new(1, 1.0), Block::new(&mut w, &g, []).of_tensor("w", &[1, 1].into(), Role::Weight));
/// Matrices.update(&Tick::new(1, 1.0), Block::new(&mut b, &g, []).of_tensor("b", &[1].into(), Role::Bias));
/// assert_eq!((w, b), ([-1.0], [0.0]));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TensorInfo<'a> {
    /// The parameter's path.
    pub path: &'a str,
    /// Its shape.
    pub shape: &'a Shape,
    /// What it does in its layer.
    pub role: Role,
}

impl<'a, F> Block<'a, F> {
    /// A block of your own, with at most [`MOST_SLOTS`] slots.
    pub fn new<const N: usize>(
        weights: &'a mut [F],
        gradient: &'a [F],
        slots: [&'a mut [F]; N],
    ) -> Self {
        Self { weights, gradient, slots: Slots::from_iter(slots), tensor: None }
    }

    /// The same block, as the whole of a tensor.
    #[must_use]
    pub fn of_tensor(self, path: &'a str, shape: &'a Shape, role: Role) -> Self {
        Self { tensor: Some(TensorInfo { path, shape, role }), ..self }
    }

    /// The part before `middle` and the part from it on.
    pub(crate) fn cut(self, middle: usize) -> (Self, Self) {
        let (left, right) = self.weights.split_at_mut(middle);
        let (left_gradient, right_gradient) = self.gradient.split_at(middle);
        let (left_slots, right_slots) = self.slots.cut(middle);
        (
            Self { weights: left, gradient: left_gradient, slots: left_slots, tensor: self.tensor },
            Self {
                weights: right,
                gradient: right_gradient,
                slots: right_slots,
                tensor: self.tensor,
            },
        )
    }
}

/// The slots of a block, in the order in which the rule names them.
///
/// ```
/// use downhill::optim::Slots;
/// let (mut m, mut v) = ([1.0, 2.0], [3.0, 4.0]);
/// let slots = Slots::from_iter([&mut m[..], &mut v[..]]);
/// assert_eq!(slots.len(), 2);
/// let [first, second] = slots.split();
/// second[1] = 5.0;
/// assert_eq!((first, second), (&mut [1.0, 2.0][..], &mut [3.0, 5.0][..]));
/// ```
#[derive(Debug)]
pub struct Slots<'a, F> {
    slices: [&'a mut [F]; MOST_SLOTS],
    len: usize,
    /// Where to note that more slots were asked for.
    missed: Option<&'a AtomicUsize>,
}

impl<'a, F> Slots<'a, F> {
    /// The first `N` slots as an array to take apart: `let [m, v] = block.slots.split();`. There must be as many: a slot that is not there is empty, and
    /// [`Step::apply`](super::Step::apply), and so every trainer, returns an error.
    pub fn split<const N: usize>(self) -> [&'a mut [F]; N] {
        if let Some(missed) = self.missed.filter(|_| N > self.len) {
            missed.store(N, Ordering::Relaxed);
        }
        let mut slices = self.slices.into_iter();
        std::array::from_fn(|_| slices.next().unwrap_or_default())
    }

    /// How many slots the rule declared.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it declared none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The same slots, which note in `missed` how many a rule takes apart if there are fewer.
    pub(super) fn noting(self, missed: &'a AtomicUsize) -> Self {
        Self { missed: Some(missed), ..self }
    }

    /// The slots, to read.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[F]> {
        self.slices.iter().take(self.len).map(|slot| &**slot)
    }

    fn cut(self, middle: usize) -> (Self, Self) {
        let mut right: [&'a mut [F]; MOST_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        let Self { len, missed, .. } = self;
        let mut position = 0;
        let left = self.slices.map(|slice| {
            let (left, rest) = slice.split_at_mut(middle.min(slice.len()));
            right[position] = rest;
            position += 1;
            left
        });
        (Self { slices: left, len, missed }, Self { slices: right, len, missed })
    }
}

impl<'a, F> FromIterator<&'a mut [F]> for Slots<'a, F> {
    fn from_iter<I: IntoIterator<Item = &'a mut [F]>>(slices: I) -> Self {
        let mut given = slices.into_iter();
        let mut len = 0;
        let slices = std::array::from_fn(|_| {
            given.next().map_or(&mut [][..], |slice| {
                len += 1;
                slice
            })
        });
        Self { slices, len, missed: None }
    }
}
