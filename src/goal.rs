//! Which way a metric should go, and what counts as an improvement.

use crate::error::{Error, require};

/// Whether a smaller or a larger metric is better.
///
/// ```
/// use downhill::Goal;
/// assert!(Goal::Maximize.better(0.9, 0.8));
/// assert_eq!(Goal::default(), Goal::Minimize);
/// assert!(Goal::Minimize.better(1e300, Goal::Minimize.worst()));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Goal {
    /// Smaller is better, as for a loss.
    #[default]
    Minimize,
    /// Larger is better, as for an accuracy.
    Maximize,
}

impl Goal {
    /// Whether `new` is strictly better than `old`; any number is better than NaN, and NaN than nothing.
    ///
    /// ```
    /// use downhill::Goal;
    /// assert!(Goal::Minimize.better(0.1, 0.2));
    /// assert!(Goal::Maximize.better(0.9, 0.8));
    /// assert!(!Goal::Minimize.better(f64::NAN, 0.2));
    /// assert!(Goal::Minimize.better(0.2, f64::NAN));
    /// ```
    pub fn better(self, new: f64, old: f64) -> bool {
        if new.is_nan() || old.is_nan() {
            return old.is_nan() && !new.is_nan();
        }
        match self {
            Self::Minimize => new < old,
            Self::Maximize => new > old,
        }
    }

    /// The metric that any other one improves on: +∞ to minimize, −∞ to maximize.
    pub fn worst(self) -> f64 {
        match self {
            Self::Minimize => f64::INFINITY,
            Self::Maximize => f64::NEG_INFINITY,
        }
    }

    /// Whether `metric` is better than `best` by more than the threshold.
    ///
    /// | goal | improvement |
    /// |---|---|
    /// | `Minimize` | metric < best − margin |
    /// | `Maximize` | metric > best + margin |
    ///
    /// The margin is t · |best| for [`Threshold::Relative`]`(t)` and t for [`Threshold::Absolute`]`(t)`. Against an
    /// infinite `best` there is no margin. NaN is never an improvement.
    ///
    /// PyTorch multiplies `best` itself by 1 ± t, so that for a negative metric a slightly *worse* value counts as an
    /// improvement; with |best| the margin is on the right side for either sign.
    ///
    /// ```
    /// use downhill::goal::{Goal, Threshold};
    ///
    /// let tenth = Threshold::Relative(0.1);
    /// assert!(Goal::Minimize.improves(tenth, 0.89, 1.0));
    /// assert!(!Goal::Minimize.improves(tenth, 0.91, 1.0));
    /// assert!(!Goal::Minimize.improves(tenth, -0.95, -1.0));
    /// assert!(Goal::Maximize.improves(Threshold::Absolute(0.0), 0.7, 0.6));
    /// ```
    pub fn improves(self, threshold: Threshold, metric: f64, best: f64) -> bool {
        let margin = match threshold {
            _ if best.is_infinite() => 0.0,
            Threshold::Relative(share) => share * best.abs(),
            Threshold::Absolute(amount) => amount,
        };
        match self {
            Self::Minimize => metric < best - margin,
            Self::Maximize => metric > best + margin,
        }
    }
}

/// By how much a metric must be better to count as an improvement. See [`Goal::improves`].
///
/// ```
/// use downhill::goal::{Goal, Threshold};
/// let (share, amount) = (Threshold::Relative(0.01), Threshold::Absolute(0.5));
/// assert!(Goal::Minimize.improves(share, 98.9, 100.0));
/// assert!(Goal::Minimize.improves(amount, 99.4, 100.0));
/// assert!(!Goal::Minimize.improves(share, 99.4, 100.0));
/// assert_eq!(Threshold::default(), Threshold::Relative(1e-4));
/// assert!(Threshold::Absolute(-1.0).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// A share of the best metric so far; finite, 0 or more.
    Relative(f64),
    /// An amount in the unit of the metric; finite, 0 or more.
    Absolute(f64),
}

impl Default for Threshold {
    /// `Relative(1e-4)`.
    fn default() -> Self {
        Self::Relative(1e-4)
    }
}

impl Threshold {
    /// Checks the number.
    ///
    /// # Errors
    /// [`Error::Argument`] if it is negative or not finite.
    pub fn validate(&self) -> Result<(), Error> {
        let (Self::Relative(number) | Self::Absolute(number)) = *self;
        require::non_negative("threshold", number)
    }
}

/// Follows a metric: the best value so far, and for how many epochs in a row it has not improved.
///
/// This is what patience means everywhere in this crate: it is used up after the first epoch that is the
/// (patience + 1)-th in a row without an [improvement](Goal::improves), that is, as soon as `bad > patience`.
/// With patience 2 and no threshold:
///
/// | epoch | 0 | 1 | 2 | 3 | 4 | 5 |
/// |---|---|---|---|---|---|---|
/// | loss | 1.0 | 0.8 | 0.9 | 0.7 | 0.7 | 0.8 |
/// | `best` | 1.0 | 0.8 | 0.8 | 0.7 | 0.7 | 0.7 |
/// | `bad` | 0 | 0 | 1 | 0 | 1 | 2 |
///
/// Patience is not used up yet; a sixth epoch of 0.75 makes `bad` 3, and uses it up.
///
/// ```
/// use downhill::goal::{Goal, Threshold, Watch};
///
/// let mut watch = Watch::new(Goal::Minimize, Threshold::Absolute(0.0));
/// let bad = [1.0, 0.8, 0.9, 0.7, 0.7, 0.8, 0.75].map(|loss| {
///     watch.see(loss);
///     watch.bad
/// });
/// assert_eq!(bad, [0, 0, 1, 0, 1, 2, 3]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    /// Which way is better.
    pub goal: Goal,
    /// By how much.
    pub threshold: Threshold,
    /// The best metric so far; [`Goal::worst`] before the first improvement.
    pub best: f64,
    /// Epochs in a row without improvement.
    pub bad: u64,
}

impl Watch {
    /// Before the first epoch.
    pub fn new(goal: Goal, threshold: Threshold) -> Self {
        Self { goal, threshold, best: goal.worst(), bad: 0 }
    }

    /// Takes the metric of the next epoch and says whether it is an improvement.
    pub fn see(&mut self, metric: f64) -> bool {
        let improved = self.goal.improves(self.threshold, metric, self.best);
        if improved {
            self.best = metric;
            self.bad = 0;
        } else {
            self.bad = self.bad.saturating_add(1);
        }
        improved
    }
}
