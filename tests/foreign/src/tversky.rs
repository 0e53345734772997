use downhill::data::{Target, TargetKind};
use downhill::loss::{Loss, LossPass, Total};
use downhill::{Error, Scalar, Shape};

use crate::require;

/// 1 − (tp + s) / (tp + α·fp + β·fn + s) of each sample, for probabilities p and targets t in [0, 1] of the same shape, with tp = Σ p·t,
/// fp = Σ p·(1 − t) and fn = Σ (1 − p)·t (Salehi et al., 2017). The loss of Dice at α = β = 1/2.
#[derive(Clone, Debug)]
pub struct Tversky {
    pub alpha: f64,
    pub beta: f64,
    pub smooth: f64,
}

impl Default for Tversky {
    fn default() -> Self {
        Self { alpha: 0.3, beta: 0.7, smooth: 1.0 }
    }
}

impl<F: Scalar> Loss<F> for Tversky {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = outputs else {
            return Err(Error::arity("tversky", 1, outputs.len()));
        };
        match targets {
            TargetKind::Values(shape) if shape == output => Ok(()),
            TargetKind::Values(shape) => Err(Error::shape(
                "tversky",
                shape.to_string(),
                output.clone(),
                "give the model as many outputs as a target has numbers",
            )),
            other => Err(Error::target_kind("tversky", "numbers in [0, 1]", other.to_string())),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        for (field, value) in [("alpha", self.alpha), ("beta", self.beta)] {
            require(value >= 0.0 && value.is_finite(), field, value, "0 or more")?;
        }
        let smooth = self.smooth;
        require(smooth > 0.0 && smooth.is_finite(), "smooth", smooth, "a number above 0")
    }

    fn evaluate(&self, mut pass: LossPass<'_, F>) -> Result<Total, Error> {
        let Target::Values(targets) = pass.targets else {
            return Err(Error::target_kind("tversky", "numbers", pass.targets.kind().to_string()));
        };
        let outputs = pass.outputs.one();
        let mut total = Total::default();
        for (sample, (p, t)) in outputs.rows().zip(targets.rows()).enumerate() {
            if pass.weight(sample) == F::zero() {
                // It is as if it were not there, whatever it holds.
                if let Some(gradients) = &mut pass.gradients {
                    gradients.one().row(sample).fill(F::zero());
                }
                continue;
            }
            if let Some(t) = t.iter().find(|t| !(F::zero()..=F::one()).contains(t)) {
                return Err(Error::target("tversky", sample, t, "a number in [0, 1]"));
            }
            let weight = pass.weight(sample);
            let (mut both, mut only_p, mut only_t) = (0.0, 0.0, 0.0);
            for (p, t) in p.iter().zip(t).map(|(p, t)| (p.as_f64(), t.as_f64())) {
                both += p * t;
                only_p += p * (1.0 - t);
                only_t += (1.0 - p) * t;
            }
            let top = both + self.smooth;
            let bottom = top + self.alpha * only_p + self.beta * only_t;
            let weighted = weight.as_f64() * (1.0 - top / bottom);
            total += Total { sum: weighted, weight: weight.as_f64() };
            if let Some(gradients) = &mut pass.gradients {
                for (g, t) in gradients.one().row(sample).iter_mut().zip(t) {
                    let t = t.as_f64();
                    let bottom_slope = t + self.alpha * (1.0 - t) - self.beta * t;
                    let slope = (t * bottom - top * bottom_slope) / (bottom * bottom);
                    *g = F::of(-weight.as_f64() * slope);
                }
            }
        }
        Ok(total)
    }
}
