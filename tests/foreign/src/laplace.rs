use downhill::Error;
use downhill::params::init::{Init, Start};

use crate::require;

/// Values of Laplace's distribution with mean 0 and standard deviation gain / √fan-in.
#[derive(Clone, Debug)]
pub struct Laplace {
    pub gain: f64,
}

impl Init for Laplace {
    fn fill(&self, tensor: Start<'_>) {
        let scale = self.gain / (2.0 * tensor.fan_in.max(1) as f64).sqrt();
        for (i, value) in tensor.values.iter_mut().enumerate() {
            // The inverse of the distribution function, at a number in (−1/2, 1/2).
            let u = tensor.noise.uniform(i as u64) - 0.5;
            let tail = (1.0 - 2.0 * u.abs()).max(f64::MIN_POSITIVE);
            *value = -scale * u.signum() * tail.ln();
        }
    }

    fn validate(&self) -> Result<(), Error> {
        let gain = self.gain;
        require(gain >= 0.0 && gain.is_finite(), "gain", gain, "0 or more")
    }
}
