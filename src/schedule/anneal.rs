use std::f64::consts::PI;

use super::saturate;

/// The shape of the way from one factor to another, in [`OneCycle`](super::OneCycle) and
/// [`WarmupStableDecay`](super::WarmupStableDecay).
///
/// With t the share of the way, the factor is from + (to − from) · g(t):
///
/// | shape | g(t) | t = 0 | 0.25 | 0.5 | 0.75 | 1 |
/// |---|---|---|---|---|---|---|
/// | `Linear` | t | 0 | 0.25 | 0.5 | 0.75 | 1 |
/// | `Cosine` | (1 − cos πt) / 2 | 0 | 0.146 | 0.5 | 0.854 | 1 |
/// | `OneMinusSqrt` | √t | 0 | 0.5 | 0.707 | 0.866 | 1 |
///
/// ```
/// use downhill::schedule::{Anneal, Schedule, WarmupStableDecay, warmup_stable_decay};
/// let quarter = |anneal| WarmupStableDecay { anneal, ..warmup_stable_decay(0, 0, 4) }.at(1);
/// assert_eq!(quarter(Anneal::Linear), 0.75);
/// assert_eq!(quarter(Anneal::OneMinusSqrt), 0.5);
/// assert!((quarter(Anneal::Cosine) - 0.854).abs() < 1e-3);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Anneal {
    /// A straight line.
    Linear,
    /// Half a cosine: flat at both ends.
    #[default]
    Cosine,
    /// Steep at first, as 1 − √t; the best decay in Hägele et al. 2024, "Scaling Laws and Compute-Optimal Training
    /// Beyond Fixed Training Durations".
    OneMinusSqrt,
}

impl Anneal {
    pub(super) fn between(self, from: f64, to: f64, share: f64) -> f64 {
        let left = match self {
            Self::Linear => 1.0 - share,
            Self::Cosine => half_cosine(share),
            Self::OneMinusSqrt => 1.0 - share.sqrt(),
        };
        mix(from, to, left)
    }
}

/// From 1 at `share` 0 down to 0 at 1, along half a cosine.
pub(super) fn half_cosine(share: f64) -> f64 {
    0.5 * (1.0 + libm::cos(PI * share))
}

/// `from` where all of the way is left, `to` where none is; exact at both ends.
pub(super) fn mix(from: f64, to: f64, left: f64) -> f64 {
    saturate(from * left + to * (1.0 - left))
}
