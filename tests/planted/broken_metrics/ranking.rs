//! Pairs of a sample of class 1 with one of class 0.

use super::Bug::*;
use super::Rule;

impl Rule {
    /// The weight of the pairs in order, and of all pairs; equal scores are half in order.
    pub(super) fn pairs(&self, tally: &[f64]) -> (f64, f64) {
        let mut samples: Vec<[f64; 3]> =
            tally.chunks_exact(3).map(|s| [s[0], s[1], s[2]]).collect();
        if samples.iter().any(|[score, ..]| score.is_nan()) && !self.is(ComparisonSwallowsNan) {
            return (f64::NAN, f64::NAN);
        }
        if self.is(TiesCountedOnce) {
            samples.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
            samples.dedup_by_key(|&mut [score, label, _]| (score.to_bits(), label.to_bits()));
        }
        let positive = if self.is(PositivesAndNegativesSwapped) { 0.0 } else { 1.0 };
        let (mut wins, mut all) = (0.0, 0.0);
        for (i, &[high, _, w]) in samples.iter().enumerate().filter(|(_, s)| s[1] == positive) {
            for (j, &[low, _, v]) in samples.iter().enumerate().filter(|(_, s)| s[1] != positive) {
                let share = match high - low {
                    0.0 if self.is(TiesByOrder) => f64::from(u8::from(i > j)),
                    0.0 => 0.5,
                    d => f64::from(u8::from(d > 0.0)),
                };
                wins += w * v * share;
                all += w * v;
            }
        }
        (wins, all)
    }
}
