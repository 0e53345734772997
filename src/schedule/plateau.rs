use crate::error::{Error, require};

use super::{Goal, Threshold, Watch};

/// Lowers the rate when a metric stops improving: a pure function of the metrics so far.
///
/// The scale is multiplied by `factor` after the first epoch that is the (patience + 1)-th in a row without
/// improvement; then the count starts again. With `factor` 0.5, `patience` 2 and a loss that never gets below its
/// first value:
///
/// | after epoch | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
/// |---|---|---|---|---|---|---|---|---|
/// | loss | 0.9 | 0.9 | 0.9 | 0.9 | 0.9 | 0.9 | 0.9 | 0.9 |
/// | in a row without improvement | 0 | 1 | 2 | 3 | 1 | 2 | 3 | 1 |
/// | scale from here on | 1 | 1 | 1 | 0.5 | 0.5 | 0.5 | 0.25 | 0.25 |
///
/// | field | meaning | default | range |
/// |---|---|---|---|
/// | `factor` | what a drop multiplies the scale by | 0.1 | in [0, 1) |
/// | `patience` | epochs in a row without improvement that are tolerated | 10 | any |
/// | `threshold` | by how much the metric must be better than the best so far | `Relative(1e-4)` | see [`Goal::improves`] |
/// | `goal` | whether smaller or larger is better | `Minimize` | |
/// | `cooldown` | epochs after a drop in which nothing is counted | 0 | any |
/// | `min_scale` | the scale does not fall below this | 0 | in [0, 1] |
/// | `epsilon` | a drop by no more than this is left out | 1e-8 | finite, 0 or more |
///
/// An epoch whose metric is NaN is one without improvement. Everything follows PyTorch's `ReduceLROnPlateau` except
/// that `min_scale` and `epsilon` are on the scale and not on the rate (divide PyTorch's by the configured rate), and that
/// a relative threshold is a share of |best|, which matters for negative metrics only.
///
/// ```
/// use downhill::schedule::Plateau;
///
/// let plateau = Plateau { factor: 0.5, patience: 2, ..Plateau::default() };
/// assert_eq!(plateau.scale(&[0.9, 0.9, 0.9]), 1.0);
/// assert_eq!(plateau.scale(&[0.9, 0.9, 0.9, 0.9]), 0.5);
/// assert_eq!(plateau.scale(&[0.9, 0.9, 0.9, 0.5]), 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    /// What a drop multiplies the scale by.
    pub factor: f64,
    /// Epochs in a row without improvement that are tolerated.
    pub patience: u64,
    /// By how much the metric must be better than the best so far.
    pub threshold: Threshold,
    /// Whether smaller or larger is better.
    pub goal: Goal,
    /// Epochs after a drop in which nothing is counted.
    pub cooldown: u64,
    /// The scale does not fall below this.
    pub min_scale: f64,
    /// A drop by no more than this is left out.
    pub epsilon: f64,
}

impl Default for Plateau {
    fn default() -> Self {
        Self {
            factor: 0.1,
            patience: 10,
            threshold: Threshold::default(),
            goal: Goal::Minimize,
            cooldown: 0,
            min_scale: 0.0,
            epsilon: 1e-8,
        }
    }
}

impl Plateau {
    /// The scale of the rate after the epochs with these metrics; 1 before the first drop.
    pub fn scale(&self, metrics: &[f64]) -> f64 {
        let mut watch = Watch::new(self.goal, self.threshold);
        let (mut scale, mut cooling) = (1.0, 0);
        for &metric in metrics {
            watch.see(metric);
            if cooling > 0 {
                cooling -= 1;
                watch.bad = 0;
            }
            if watch.bad > self.patience {
                let lower = f64::max(scale * self.factor, self.min_scale);
                if scale - lower > self.epsilon {
                    scale = lower;
                }
                // Also after a drop that was left out, so that it is not tried again at every epoch.
                cooling = self.cooldown;
                watch.bad = 0;
            }
        }
        scale
    }

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for the first setting outside its documented range.
    pub fn validate(&self) -> Result<(), Error> {
        require::below_one("Plateau::factor", self.factor)?;
        self.threshold.validate()?;
        require::share("Plateau::min_scale", self.min_scale)?;
        require::non_negative("Plateau::epsilon", self.epsilon)
    }
}
