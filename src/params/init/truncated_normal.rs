//! Normally distributed values between bounds.

use super::{Init, Start};
use crate::error::{Error, require};

/// Values of the normal distribution N(mean, std²) given that they lie in [low, high].
///
/// The bounds are absolute values, not multiples of `std`. The default is N(0, 1) within [−2, 2], whose standard deviation is 0.8796.
/// Drawn by inverting the distribution function, w = mean + std·Φ⁻¹(Φ(α) + u·(Φ(β) − Φ(α))) for the scaled bounds α and β and one
/// uniform number u for each value, so nothing is drawn twice and the distribution is exact.
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::TruncatedNormal};
/// let rule = TruncatedNormal { std: 0.02, low: -0.04, high: 0.04, ..TruncatedNormal::default() };
/// let model: Model<f64> = Model::build(Dense::new(50).weight_init(rule), &[40.into()], 7)?;
/// assert!(model.get("weight")?.iter().all(|w| w.abs() <= 0.04));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruncatedNormal {
    /// The mean before the cut; 0 by default.
    pub mean: f64,
    /// The standard deviation before the cut, above 0; 1 by default.
    pub std: f64,
    /// The least value; −2 by default.
    pub low: f64,
    /// The greatest value, above `low`; 2 by default.
    pub high: f64,
}

impl Default for TruncatedNormal {
    fn default() -> Self {
        Self { mean: 0.0, std: 1.0, low: -2.0, high: 2.0 }
    }
}

impl TruncatedNormal {
    /// The bounds in standard deviations from the mean.
    fn scaled(&self) -> (f64, f64) {
        ((self.low - self.mean) / self.std, (self.high - self.mean) / self.std)
    }
}

impl Init for TruncatedNormal {
    fn fill(&self, tensor: Start<'_>) {
        let (alpha, beta) = self.scaled();
        // The probability to the left and to the right of a value. Whichever is smaller keeps its digits in its tail.
        let (left, left_span) = (below(alpha), below(beta) - below(alpha));
        let (right, right_span) = (below(-beta), below(-alpha) - below(-beta));
        for (i, value) in tensor.values.iter_mut().enumerate() {
            // The middles of 2⁵² equal pieces: neither u nor 1 - u is ever 0.
            let u = ((tensor.noise.bits(i as u64) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
            let (p, q) = (left + u * left_span, right + (1.0 - u) * right_span);
            let z = if p < q { quantile(p) } else { -quantile(q) };
            let x = self.mean + self.std * z;
            // Not `f64::clamp`, which panics if the bounds are the wrong way round; and NaN stays NaN.
            *value = if x > self.high {
                self.high
            } else if x < self.low {
                self.low
            } else {
                x
            };
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("TruncatedNormal::mean", self.mean)?;
        require::positive("TruncatedNormal::std", self.std)?;
        require::finite("TruncatedNormal::low", self.low)?;
        require::finite("TruncatedNormal::high", self.high)?;
        let (low, high) = (self.low, self.high);
        require::that(low < high, "TruncatedNormal::high", high, "a number above low")?;
        // Farther out, the probability of the interval is below the least normal number.
        let (alpha, beta) = self.scaled();
        let near = "at most 37 standard deviations above the mean";
        require::that(alpha <= 37.0, "TruncatedNormal::low", low, near)?;
        let near = "at most 37 standard deviations below the mean";
        require::that(beta >= -37.0, "TruncatedNormal::high", high, near)
    }
}

/// Φ: the probability that a standard normal number is below `z`.
fn below(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Φ⁻¹ for a probability in (0, 1/2].
fn quantile(p: f64) -> f64 {
    // Right to 5e-4 (Abramowitz and Stegun, formula 26.2.23); each step of Halley's method then triples the digits.
    let t = (-2.0 * p.ln()).sqrt();
    let top = (0.010328 * t + 0.802853) * t + 2.515517;
    let bottom = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0;
    let mut z = top / bottom - t;
    for _ in 0..2 {
        let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
        let step = (below(z) - p) / density;
        z -= step / (1.0 + 0.5 * z * step);
    }
    z
}

#[cfg(test)]
mod tests {
    use super::{below, quantile};

    #[test]
    fn the_quantile_inverts_the_distribution_function() {
        for p in (1..=300).map(|k| 10_f64.powi(-k)).chain((1..=50).map(|k| f64::from(k) / 100.0)) {
            let z = quantile(p);
            // A change of z in its last digit changes Φ by about z²·ε of itself.
            let tolerance = 1e-15 * (4.0 + z * z);
            assert!((below(z) / p - 1.0).abs() < tolerance, "p = {p:e}: z = {z}");
        }
        assert!((quantile(0.025) + 1.959_963_984_540_054).abs() < 1e-14);
    }
}
