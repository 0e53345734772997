use crate::error::{Error, require};

use super::{Anneal, Schedule, saturate, some_steps};

/// One rise to the configured rate and one long fall far below where it began.
///
/// With i = 1 / `div_factor`, f = i / `final_div_factor` and N = `steps`, the factor goes
///
/// | phase | from | to | ends at step |
/// |---|---|---|---|
/// | rise | i | 1 | `pct_start` · N − 1 |
/// | fall | 1 | f | N − 1 |
/// | fall, `three_phase` | 1 | i | 2 · `pct_start` · N − 2 |
/// | last fall, `three_phase` | i | f | N − 1 |
///
/// and stays at f. An end may lie between two steps; the factor is at most 1, and equal to 1 only if the rise ends at
/// a whole step.
///
/// | field | meaning | default | range |
/// |---|---|---|---|
/// | `steps` | steps of the whole cycle, N | | 1 or more |
/// | `pct_start` | share of the rise | 0.3 | in [0, 1]; with `three_phase` in [0, 0.5] |
/// | `div_factor` | peak over first factor | 25 | finite, above 0 |
/// | `final_div_factor` | first over last factor | 10⁴ | finite, above 0 |
/// | `anneal` | shape of each phase | `Cosine` | see [`Anneal`] |
/// | `three_phase` | fall to the first factor as steeply as it rose, then to the last | false | |
///
/// Smith and Topin 2018, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates"; the
/// paper has three phases with lines, fastai made two phases with cosines common. This follows PyTorch's `OneCycleLR`,
/// where the configured rate plays the part of `max_lr`; PyTorch raises an error past the end. optax places the ends of
/// the phases at ⌊`pct_start` · N⌋ and N instead.
///
/// ```
/// use downhill::schedule::{Anneal, OneCycle, Schedule, one_cycle};
///
/// let schedule = OneCycle { anneal: Anneal::Linear, pct_start: 0.5, div_factor: 4.0, ..one_cycle(10) };
/// assert_eq!([0, 2, 4].map(|step| schedule.at(step)), [0.25, 0.625, 1.0]);
/// assert_eq!([9, 99].map(|step| schedule.at(step)), [0.25e-4, 0.25e-4]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// Steps of the whole cycle.
    pub steps: u64,
    /// Share of the rise.
    pub pct_start: f64,
    /// Peak over first factor.
    pub div_factor: f64,
    /// First over last factor.
    pub final_div_factor: f64,
    /// Shape of each phase.
    pub anneal: Anneal,
    /// Whether the fall stops at the first factor and goes on from there in a third phase.
    pub three_phase: bool,
}

/// One rise and one long fall over `steps` steps. See [`OneCycle`].
///
/// ```
/// use downhill::schedule::{Schedule, one_cycle};
/// let schedule = one_cycle(100);
/// assert_eq!([0, 29, 99].map(|step| schedule.at(step)), [1.0 / 25.0, 1.0, 1.0 / 25.0 / 1e4]);
/// ```
pub fn one_cycle(steps: u64) -> OneCycle {
    OneCycle {
        steps,
        pct_start: 0.3,
        div_factor: 25.0,
        final_div_factor: 1e4,
        anneal: Anneal::Cosine,
        three_phase: false,
    }
}

impl OneCycle {
    /// The companion for momentum (or beta1): from `high` down to `low` while the rate rises, back up while it falls,
    /// and at `high` in a third phase.
    ///
    /// Both are factors on the configured momentum. With `momentum` = 0.95, PyTorch's defaults are
    /// `low` = 0.85 / 0.95 and `high` = 1.
    ///
    /// ```
    /// use downhill::schedule::{OneCycle, Schedule, one_cycle};
    ///
    /// let momentum = OneCycle { pct_start: 0.5, ..one_cycle(10) }.momentum(0.9, 1.0);
    /// assert_eq!([0, 4, 9].map(|step| momentum.at(step)), [1.0, 0.9, 1.0]);
    /// ```
    pub fn momentum(&self, low: f64, high: f64) -> OneCycleMomentum {
        OneCycleMomentum { cycle: *self, low, high }
    }

    /// A way through three values, one after each phase; the last value only counts with three phases.
    fn through(&self, start: f64, peak: f64, fallen: f64, last: f64, step: u64) -> f64 {
        let end = self.steps.saturating_sub(1) as f64;
        let step = (step as f64).min(end);
        let rise = self.pct_start * self.steps as f64 - 1.0;
        let fall = if self.three_phase { 2.0 * rise } else { end };
        let (from, to, begin, end) = if step <= rise {
            (start, peak, 0.0, rise)
        } else if step <= fall || !self.three_phase {
            (peak, fallen, rise, fall)
        } else {
            (fallen, last, fall, end)
        };
        let share = if end > begin { (step - begin) / (end - begin) } else { 1.0 };
        self.anneal.between(from, to, share)
    }
}

impl Schedule for OneCycle {
    fn at(&self, step: u64) -> f64 {
        let first = saturate(1.0 / self.div_factor);
        let last = saturate(first / self.final_div_factor);
        let fallen = if self.three_phase { first } else { last };
        self.through(first, 1.0, fallen, last, step)
    }

    fn length(&self) -> Option<u64> {
        Some(self.steps)
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("one_cycle.steps", self.steps)?;
        require::share("one_cycle.pct_start", self.pct_start)?;
        require::that(
            !self.three_phase || self.pct_start <= 0.5,
            "one_cycle.pct_start",
            self.pct_start,
            "a number in [0, 0.5], because three_phase needs it twice",
        )?;
        require::positive("one_cycle.div_factor", self.div_factor)?;
        require::positive("one_cycle.final_div_factor", self.final_div_factor)
    }
}

/// Momentum that goes against the rate of a [`OneCycle`]; made by [`OneCycle::momentum`].
///
/// | field | meaning | range |
/// |---|---|---|
/// | `cycle` | the schedule of the rate | as there |
/// | `low` | factor where the rate is highest | finite, 0 or more |
/// | `high` | factor at the start and at the end | finite, 0 or more |
///
/// ```
/// use downhill::schedule::{OneCycle, OneCycleMomentum, Schedule, one_cycle};
/// let cycle = OneCycle { pct_start: 0.5, ..one_cycle(10) };
/// let momentum = OneCycleMomentum { cycle, low: 0.5, high: 1.0 };
/// assert_eq!([0, 4, 9].map(|step| momentum.at(step)), [1.0, 0.5, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycleMomentum {
    /// The schedule of the rate.
    pub cycle: OneCycle,
    /// Factor where the rate is highest.
    pub low: f64,
    /// Factor at the start and at the end.
    pub high: f64,
}

impl Schedule for OneCycleMomentum {
    fn at(&self, step: u64) -> f64 {
        self.cycle.through(self.high, self.low, self.high, self.high, step)
    }

    fn length(&self) -> Option<u64> {
        self.cycle.length()
    }

    fn validate(&self) -> Result<(), Error> {
        self.cycle.validate()?;
        require::non_negative("one_cycle.momentum.low", self.low)?;
        require::non_negative("one_cycle.momentum.high", self.high)
    }
}
