//! The Beta distribution with two equal parameters.

use crate::random::Noise;

/// A number of Beta(alpha, alpha), in [0, 1], from draws 0 and 1 of this stream; `alpha` has to be above 0.
///
/// No rejection, so that the draws have a fixed address: with T of Student's distribution with 2α degrees of freedom, ½ + ½ T / √(2α + T²) has this
/// distribution (Devroye: *Non-Uniform Random Variate Generation*, 1986, chapter IX), and T² = 2α (U^(−1/α) − 1) cos² 2πV (Bailey: *Polar
/// generation of random variates with the t-distribution*, Mathematics of Computation 62, 1994).
pub(super) fn symmetric(alpha: f64, noise: Noise) -> f64 {
    // 1 − u lies in (0, 1], where the logarithm is finite.
    let power = (1.0 - noise.uniform(0)).ln() / alpha;
    let cos = (std::f64::consts::TAU * noise.uniform(1)).cos();
    // With Q = U^(1/α): T² / (2α + T²) = (1 − Q) cos² / (Q + (1 − Q) cos²). No double is so near to a zero of the cosine that cos² vanishes.
    let above = -power.exp_m1() * cos * cos;
    let share = (above / (power.exp() + above)).sqrt();
    0.5 + 0.5 * share.copysign(cos)
}
