//! One step over all parameters.

use std::ops::Range;
use std::sync::atomic::AtomicUsize;

use super::{Block, Grain, Memory, Optimizer, Slot, Tick};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::kernel::prefetch::pages;
use crate::kernel::wide::{Loop, wide};
use crate::params::Parameter;
use crate::scalar::Scalar;

/// Blocks are worked on in pieces whose weights stay in a near cache between decay and update. Smaller pieces pay more often for
/// what a rule computes before its loop.
const CHUNK: usize = 1 << 14;

/// Below this many parameters a second thread costs more than it brings.
const PARALLEL: usize = 1 << 17;

/// How one parameter takes part in a step.
///
/// ```
/// use downhill::optim::Course;
/// let course = Course::default();
/// assert_eq!((course.active, course.learning_rate_scale, course.decay), (true, 1.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Course {
    /// Whether it moves at all; a frozen parameter keeps its value and its slots.
    pub active: bool,
    /// What the learning rate is multiplied by.
    pub learning_rate_scale: f64,
    /// Decoupled weight decay: the value is first multiplied by 1 − rate · decay.
    pub decay: f64,
}

impl Default for Course {
    fn default() -> Self {
        Self { active: true, learning_rate_scale: 1.0, decay: 0.0 }
    }
}

impl Course {
    /// How a parameter takes part if nothing else is said: by this decay if it is a weight, and without any if its [role](crate::params::Role)
    /// does not decay.
    pub(crate) fn of(parameter: &Parameter, decay: f64) -> Self {
        Self { decay: if parameter.role().decays() { decay } else { 0.0 }, ..Self::default() }
    }
}

/// One optimizer step over all parameters.
///
/// Most rules never see it: they implement [`update`](super::Optimizer::update). A rule that needs the loss again moves
/// [`weights`](Step::weights), calls [`evaluate`](Step::evaluate) and goes on with the new [`gradient`](Step::gradient).
///
/// ```
/// use downhill::{Error, Scalar, prelude::*};
///
/// /// Takes the gradient at the point that a plain step would lead to.
/// #[derive(Debug)]
/// struct LookAhead(f64);
///
/// impl<F: Scalar> Optimizer<F> for LookAhead {
///     fn learning_rate(&self) -> f64 {
///         self.0
///     }
///     fn update(&self, tick: &Tick, block: Block<'_, F>) {
///         let rate = F::of(tick.learning_rate);
///         block.weights.iter_mut().zip(block.gradient).for_each(|(w, &g)| *w -= rate * g);
///     }
///     fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
///         let (start, rate) = (step.weights.to_vec(), F::of(step.tick.learning_rate));
///         step.weights.iter_mut().zip(step.gradient.iter()).for_each(|(w, &g)| *w -= rate * g);
///         step.evaluate()?;
///         step.weights.copy_from_slice(&start);
///         step.apply(Grain::Element, &|tick, block| self.update(tick, block))
///     }
///     fn evaluates(&self) -> bool {
///         true
///     }
/// }
///
/// let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[0.0]])?;
/// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
/// let mut trainer = Trainer::builder(model, Mse, LookAhead(0.25)).build(&[1])?;
/// trainer.step(&Batch::of(&data)?)?;
/// // The loss is w²: a plain step leads from 1 to 0.5, where the gradient is 1.
/// assert_eq!(trainer.model().values(), [0.75]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[non_exhaustive]
pub struct Step<'a, F> {
    /// All parameters.
    pub weights: &'a mut [F],
    /// Their gradient: mean loss and penalties, after clipping.
    pub gradient: &'a mut [F],
    /// The loss that belongs to this gradient; NaN if whoever began the step did not say.
    pub loss: f64,
    /// Names, shapes and places of the parameters.
    pub parameters: &'a [Parameter],
    /// How each parameter takes part; with an empty list all move at the learning rate, and those whose role says so decay by `decay`.
    pub courses: &'a [Course],
    /// Decoupled weight decay where there is no list of courses; 0 at the start.
    pub decay: f64,
    /// What the rule remembers.
    pub memory: &'a mut Memory<F>,
    /// The step, the learning rate and the factors of this step; `updates` is set for each block.
    pub tick: Tick,
    /// Whether blocks may be updated side by side.
    pub parallel: Parallel,
    evaluate: Evaluate<'a, F>,
}

/// Computes the loss at the given parameters and writes its gradient.
type Evaluate<'a, F> = &'a mut dyn FnMut(&[F], &mut [F]) -> Result<f64, Error>;

impl<F> std::fmt::Debug for Step<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Step").field("tick", &self.tick).finish_non_exhaustive()
    }
}

impl<'a, F: Scalar> Step<'a, F> {
    /// A step over `weights` along `gradient`. `evaluate` computes the loss at given parameters and writes its gradient; it is called only by
    /// rules that ask for it.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices, courses and memory do not fit the parameters.
    pub fn new(
        weights: &'a mut [F],
        gradient: &'a mut [F],
        parameters: &'a [Parameter],
        courses: &'a [Course],
        memory: &'a mut Memory<F>,
        tick: Tick,
        evaluate: Evaluate<'a, F>,
    ) -> Result<Self, Error> {
        let total = parameters.last().map_or(0, |last| last.range().end);
        let with = "the parameters";
        let fits = |what: &str, got: usize, expected: usize| {
            if got == expected { Ok(()) } else { Err(Error::length(what, got, expected, with)) }
        };
        fits("the list of weights", weights.len(), total)?;
        fits("the gradient", gradient.len(), total)?;
        if !courses.is_empty() {
            fits("the list of courses", courses.len(), parameters.len())?;
        }
        fits("the optimizer's memory", memory.updates().len(), parameters.len())?;
        Ok(Self {
            weights,
            gradient,
            loss: f64::NAN,
            parameters,
            courses,
            decay: 0.0,
            memory,
            tick,
            parallel: Parallel::Off,
            evaluate,
        })
    }

    /// The loss at the current [`weights`](Step::weights), on the same samples and with the same dropout as the step began with; loss and
    /// gradient replace [`loss`](Step::loss) and [`gradient`](Step::gradient).
    ///
    /// A loss that is NaN or infinite is no error; `step.evaluate()? < loss` is then false, as a line search wants it.
    ///
    /// # Errors
    /// What the loss finds wrong. Pass it on with `?`: the trainer puts the parameters back.
    pub fn evaluate(&mut self) -> Result<f64, Error> {
        self.loss = (self.evaluate)(self.weights, self.gradient)?;
        Ok(self.loss)
    }

    /// A whole slot, in the order of the parameters. Where other fields are borrowed, [`Memory::slot_mut`] and [`Memory::buffers`] give the same
    /// slots. A copy that does not outlive the step needs no slot: slots are saved and compared.
    pub fn slot(&mut self, position: usize) -> &mut [F] {
        self.memory.slot_mut(position)
    }

    /// The places of the parameters that move in this step.
    pub fn moving(&self) -> impl Iterator<Item = Range<usize>> + use<'a, F> {
        let courses = self.courses;
        let moving = self.parameters.iter().enumerate();
        let moving = moving.filter(|(id, _)| courses.get(*id).is_none_or(|course| course.active));
        moving.map(|(_, parameter)| parameter.range())
    }

    /// How parameter `id` takes part.
    fn course(&self, id: usize) -> Course {
        let usual = || Course::of(&self.parameters[id], self.decay);
        self.courses.get(id).copied().unwrap_or_else(usual)
    }

    /// Decays and updates all active parameters by `rule`, in blocks of at least this grain.
    ///
    /// # Errors
    /// [`Error::Argument`] if `rule` takes more slots than the optimizer declares.
    pub fn apply(
        &mut self,
        grain: Grain,
        rule: &(impl Fn(&Tick, Block<'_, F>) + Sync),
    ) -> Result<(), Error> {
        self.update_by(grain, &Closure(rule))
    }

    /// As [`apply`](Step::apply), by the rule's own [`update`](Optimizer::update).
    pub(super) fn update_by(&mut self, grain: Grain, rule: &impl Update<F>) -> Result<(), Error> {
        let missed = AtomicUsize::new(0);
        let mut first = 0;
        while first < self.parameters.len() {
            let mut end = first + 1;
            while grain == Grain::Element && end < self.parameters.len() && self.alike(first, end) {
                end += 1;
            }
            if self.course(first).active {
                self.apply_to(first, end, grain, rule, &missed);
            }
            first = end;
        }
        for id in 0..self.parameters.len() {
            let active = self.course(id).active;
            if let Some(count) = self.memory.updates_mut().get_mut(id) {
                *count += u64::from(active);
            }
        }
        match missed.into_inner() {
            0 => Ok(()),
            taken => {
                let names: Vec<&str> = self.memory.slots().iter().map(Slot::name).collect();
                let expected =
                    format!("the {taken} that its `update` takes apart, each with a name");
                Err(Error::argument("the optimizer's `slots`", format!("{names:?}"), expected))
            }
        }
    }

    /// Whether two parameters can be updated as one stretch.
    fn alike(&self, a: usize, b: usize) -> bool {
        self.course(a) == self.course(b) && self.memory.updates()[a] == self.memory.updates()[b]
    }

    fn apply_to(
        &mut self,
        first: usize,
        end: usize,
        grain: Grain,
        rule: &impl Update<F>,
        missed: &AtomicUsize,
    ) {
        let course = self.course(first);
        let tick = Tick {
            updates: self.memory.updates()[first] + 1,
            learning_rate: self.tick.learning_rate * course.learning_rate_scale,
            ..self.tick
        };
        let keep = 1.0 - tick.learning_rate * course.decay;
        let (tick, keep) =
            if rule.fuses_decay() { (Tick { keep, ..tick }, 1.0) } else { (tick, keep) };
        let parameter = &self.parameters[first];
        let range = parameter.range().start..self.parameters[end - 1].range().end;
        let block = Block {
            slots: match grain {
                Grain::Element => self.memory.of_elements(&range).noting(missed),
                Grain::Tensor => self.memory.of_tensor(first, &range).noting(missed),
            },
            weights: &mut self.weights[range.clone()],
            gradient: &self.gradient[range],
            tensor: None,
        };
        let keep = (keep != 1.0).then(|| F::of(keep));
        let work = |block: Block<'_, F>| wide::<Wide, _>((keep, rule, &tick, block));
        match grain {
            Grain::Element => in_pieces(block, self.parallel, &work),
            Grain::Tensor => {
                work(block.of_tensor(parameter.path(), parameter.shape(), parameter.role()));
            }
        }
    }
}

/// What moves one block. Not a closure, so that it is inlined where loops are compiled for the widest vectors of the machine.
pub(super) trait Update<F>: Sync {
    fn update(&self, tick: &Tick, block: Block<'_, F>);

    /// As [`Optimizer::fuses_decay`].
    fn fuses_decay(&self) -> bool {
        false
    }
}

/// A closure that moves a block.
struct Closure<'a, R>(&'a R);

impl<F: Scalar, R: Fn(&Tick, Block<'_, F>) + Sync> Update<F> for Closure<'_, R> {
    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        (self.0)(tick, block);
    }
}

/// A rule that moves a block.
pub(super) struct Rule<'a, O: ?Sized>(pub &'a O);

impl<F: Scalar, O: Optimizer<F> + ?Sized> Update<F> for Rule<'_, O> {
    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        self.0.update(tick, block);
    }

    fn fuses_decay(&self) -> bool {
        self.0.fuses_decay()
    }
}

/// Decays by a factor, if there is one, and updates.
struct Wide;

impl<'a, F: Scalar, U: Update<F>> Loop<(Option<F>, &'a U, &'a Tick, Block<'a, F>)> for Wide {
    #[inline(always)]
    fn run((keep, rule, tick, block): (Option<F>, &'a U, &'a Tick, Block<'a, F>)) {
        if let Some(keep) = keep {
            block.weights.iter_mut().for_each(|w| *w *= keep);
        }
        rule.update(tick, block);
    }
}

/// Hands on a block in pieces of [`CHUNK`], halved between threads as long as the halves are worth one. The work is called through a pointer, so that this is
/// compiled once for all rules.
fn in_pieces<F: Scalar>(
    mut block: Block<'_, F>,
    parallel: Parallel,
    work: &(dyn Fn(Block<'_, F>) + Sync),
) {
    if parallel == Parallel::On && block.weights.len() >= PARALLEL {
        let middle = (block.weights.len() / 2).next_multiple_of(CHUNK);
        let (left, right) = block.cut(middle);
        parallel.join(|| in_pieces(left, parallel, work), || in_pieces(right, parallel, work));
        return;
    }
    // The pieces after the first begin where a line of the cache does, so that no vector lies across two.
    let mut size = CHUNK + block.weights.as_ptr().align_offset(64).min(64);
    while block.weights.len() > size {
        let (piece, rest) = block.cut(size);
        // What comes after this piece is on its way while it is worked on.
        let next = |stream: &[F]| pages(&stream[..CHUNK.min(stream.len())]);
        next(rest.weights);
        next(rest.gradient);
        rest.slots.iter().for_each(next);
        work(piece);
        (block, size) = (rest, CHUNK);
    }
    work(block);
}
