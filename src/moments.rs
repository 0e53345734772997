//! Mean and spread, in one pass and mergeable.

/// The weight, the weighted mean and the weighted sum of squared deviations of some numbers.
///
/// Adding is Welford's recurrence and merging the formula of Chan, Golub and LeVeque (1983): neither subtracts large sums from each other.
/// The mean is kept as its distance from the first number, so that numbers far from 0 lose no digits either and equal numbers have
/// deviations of exactly 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) weight: f64,
    /// The first number.
    pub(crate) origin: f64,
    /// The mean less the origin.
    pub(crate) drift: f64,
    /// The sum of weight × squared deviation from the mean.
    pub(crate) squares: f64,
}

impl Moments {
    /// Of one number.
    pub(crate) fn of(x: f64, weight: f64) -> Self {
        Self { weight, origin: x, drift: 0.0, squares: 0.0 }
    }

    /// Counts all that `other` counted.
    pub(crate) fn merge(&mut self, other: Self) {
        if other.weight == 0.0 {
            return;
        }
        if self.weight == 0.0 {
            *self = other;
            return;
        }
        let weight = self.weight + other.weight;
        let delta = (other.origin - self.origin) + (other.drift - self.drift);
        let share = other.weight / weight;
        self.drift += delta * share;
        self.squares += other.squares + delta * delta * self.weight * share;
        self.weight = weight;
    }

    pub(crate) fn mean(&self) -> f64 {
        self.origin + self.drift
    }

    /// The mean of the squared deviations.
    pub(crate) fn variance(&self) -> f64 {
        self.squares / self.weight
    }
}
