//! How the weights start.

use downhill::params::init;
use downhill::params::init::Init;
use downhill::prelude::Noise;

/// Small random numbers.
#[derive(Debug)]
pub struct Start {
    pub bug: &'static str,
}

impl Init for Start {
    fn fill(&self, tensor: init::Start<'_>) {
        let noise = match self.bug {
            "the weights start from a seed of their own" => Noise::new(1),
            _ => tensor.noise,
        };
        for (i, value) in tensor.values.iter_mut().enumerate() {
            *value = match self.bug {
                "the weights start at a constant" => 0.3,
                _ => 0.3 * noise.normal(i as u64),
            };
        }
    }
}
