//! Mean and spread, in one pass and mergeable.

/// The weight, the weighted mean and the weighted sum of squared deviations of some numbers.
///
/// Adding is Welford's recurrence and merging the formula of Chan, Golub and LeVeque (1983): neither subtracts large sums from each other,
/// and the deviations of equal numbers are exactly 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) weight: f64,
    pub(crate) mean: f64,
    pub(crate) squares: f64,
}

impl Moments {
    /// Counts one number.
    pub(crate) fn add(&mut self, x: f64, weight: f64) {
        self.merge(Self { weight, mean: x, squares: 0.0 });
    }

    /// Counts all that `other` counted.
    pub(crate) fn merge(&mut self, other: Self) {
        if other.weight == 0.0 {
            return;
        }
        let weight = self.weight + other.weight;
        let delta = other.mean - self.mean;
        let share = other.weight / weight;
        self.mean += delta * share;
        self.squares += other.squares + delta * delta * self.weight * share;
        self.weight = weight;
    }

    /// The mean of the squared deviations.
    pub(crate) fn variance(&self) -> f64 {
        self.squares / self.weight
    }
}
