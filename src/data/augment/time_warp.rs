//! Sequences that run faster and slower.

use super::{Augmentation, Sample};
use crate::error::{Error, require};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Runs through a sequence at a speed that changes: the time axis is cut into `knots` stretches of equal length, each of which is run through at a
/// speed of exp(`std` · z), with z from the normal distribution. First and last step stay where they are.
///
/// With C(t) the path covered up to time t, step t of T becomes what was at (T − 1) C(t) / C(T − 1), by linear interpolation between steps. All
/// features are warped alike. The speed is above 0, so that nothing runs backwards.
///
/// | field | default | range |
/// |---|---|---|
/// | `std` | 0.2 | 0 to 10; 0 leaves the bits |
/// | `knots` | 4 | 1 to 1024; 1 stretch alone changes nothing |
///
/// Takes `[time, features]`. (After the time warping of Um and others, arXiv:1706.00527, whose speeds follow a cubic spline instead.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{TimeWarp, augment_sample}};
/// let ramp = ndarray::Array2::from_shape_fn((9, 1), |(t, _)| t as f64);
/// let warped = augment_sample(&TimeWarp::default(), &ramp, Noise::new(7))?;
/// assert_eq!((warped[[0, 0]], warped[[8, 0]]), (0.0, 8.0));
/// assert!(warped != ramp && (0..8).all(|t| warped[[t, 0]] < warped[[t + 1, 0]]));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TimeWarp {
    /// The standard deviation of the logarithm of the speed, 0 to 10; 0.2 by default.
    pub std: f64,
    /// How many stretches have a speed of their own, 1 to 1024; 4 by default.
    pub knots: usize,
}

impl Default for TimeWarp {
    fn default() -> Self {
        Self { std: 0.2, knots: 4 }
    }
}

impl TimeWarp {
    fn speed(&self, noise: Noise, stretch: usize) -> f64 {
        (self.std * noise.normal(stretch as u64)).exp()
    }
}

impl<F: Scalar> Augmentation<F> for TimeWarp {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        let allowed = (0.0..=10.0).contains(&self.std);
        require::that(allowed, "TimeWarp::std", self.std, "a number in [0, 10]")?;
        // Each of them costs time for each sample.
        let allowed = (1..=1024).contains(&self.knots);
        require::that(allowed, "TimeWarp::knots", self.knots, "1 to 1024")?;
        match shape.axes() {
            [_, _] => Ok(()),
            _ => {
                let fix = "reshape the samples before they are augmented";
                let expected = "a sequence, [time, features],";
                Err(Error::shape("TimeWarp", expected, shape.clone(), fix))
            }
        }
    }

    fn scratch(&self, shape: &Shape) -> usize {
        shape.size()
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let [steps, features] = *sample.shape.axes() else { return };
        // A path through fewer than three steps has no inner point to move.
        if self.std == 0.0 || self.knots < 2 || steps < 3 || features == 0 {
            return;
        }
        let Some(before) = sample.scratch.get_mut(..sample.values.len()) else { return };
        before.copy_from_slice(sample.values);
        let whole: f64 = (0..self.knots).map(|stretch| self.speed(sample.noise, stretch)).sum();
        let (last, mut covered, mut stretch) = (steps - 1, 0.0, 0);
        let mut speed = self.speed(sample.noise, 0);
        // The ends are not touched.
        for step in 1..last {
            let place = step as f64 / last as f64 * self.knots as f64;
            while ((stretch + 1) as f64) < place {
                covered += speed;
                stretch += 1;
                speed = self.speed(sample.noise, stretch);
            }
            let path = (covered + speed * (place - stretch as f64)) / whole;
            // Rounding may have led beyond the end, and the step after `from` has to exist.
            let from = (path * last as f64).min(last as f64);
            let first = (from as usize).min(last - 1);
            let share = from - first as f64;
            for feature in 0..features {
                let at = |step: usize| before.get(step * features + feature).copied();
                let to = sample.values.get_mut(step * features + feature);
                if let (Some(to), Some(a), Some(b)) = (to, at(first), at(first + 1)) {
                    *to = F::of(1.0 - share) * a + F::of(share) * b;
                }
            }
        }
    }
}
