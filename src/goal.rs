//! Which way a number should go.

/// Whether a smaller or a larger value of a metric is better.
///
/// ```
/// use downhill::Goal;
/// assert!(Goal::Minimize.better(0.1, 0.2));
/// assert!(Goal::Maximize.better(0.9, 0.8));
/// assert!(!Goal::Minimize.better(f64::NAN, 0.2)); // NaN is never better …
/// assert!(Goal::Minimize.better(0.2, f64::NAN)); // … and any number is better than NaN
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A loss or an error: smaller is better.
    Minimize,
    /// An accuracy or a score: larger is better.
    Maximize,
}

impl Goal {
    /// Whether `new` is strictly better than `old`.
    pub fn better(self, new: f64, old: f64) -> bool {
        if new.is_nan() || old.is_nan() {
            return old.is_nan() && !new.is_nan();
        }
        match self {
            Self::Minimize => new < old,
            Self::Maximize => new > old,
        }
    }
}
