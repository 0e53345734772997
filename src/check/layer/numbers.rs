//! Large numbers and few digits.

use super::condition::condition;
use super::{Case, LayerUnderTest, Precision, Run, Trial, Values};
use crate::check::{Verdict, close, finite, in_both};
use crate::random::Noise;

/// Outputs and gradients are finite for inputs of ±10⁴, or as large as the layer claims to reach, and for tiny ones beside them.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn large_inputs_have_finite_outputs(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let mut trial = Trial::<F>::new(subject, case)?;
        let reach = subject.reach;
        let list = [0.0, 1e-30, -1e-30, 1.0, -1.0, 89.0, -104.0, reach / 8.0, reach, -reach];
        for (k, input) in trial.inputs.iter_mut().enumerate() {
            if subject.values_of(k) != Values::Real {
                continue;
            }
            let noise = Noise::new(case.seed).at("extreme").step(k as u64);
            for (i, x) in input.iter_mut().enumerate() {
                let value = list[noise.below(i as u64, list.len())];
                *x = F::of(value.clamp(-reach, reach));
            }
        }
        let passed = Run::new(&trial).pass(&trial)?;
        passed
            .parts()
            .into_iter()
            .try_for_each(|(what, values)| finite(format_args!("{} {what}", F::NAME), values))
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Single precision follows double precision, as far as the layer's condition lets it: outputs to 16, gradients to 64 times what a move of all numbers by
/// a unit in the last place does, or a rounding of the largest number that takes part, for each √n of the n numbers of a batch and the parameters.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn f32_follows_f64(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let (single, double) = (Trial::<f32>::new(subject, case)?, Trial::<f64>::new(subject, case)?);
    let (got, want) = (Run::new(&single).pass(&single)?, Run::new(&double).pass(&double)?);
    let count = double.inputs.iter().map(Vec::len).sum::<usize>() + double.model.values().len();
    let unit = f64::from(f32::EPSILON) * (count.max(1) as f64).sqrt() * subject.condition;
    let scales = condition(&double, |input| subject.values_of(input))?;
    for (((what, got), (_, want)), scale) in got.parts().into_iter().zip(want.parts()).zip(scales) {
        let got: Vec<f64> = got.iter().map(|&x| f64::from(x)).collect();
        let units = if what.starts_with("gradient") { 64.0 } else { 16.0 };
        close(format_args!("f32 {what}, against f64"), &got, want, 0.0, units * unit * scale)?;
    }
    Ok(())
}
