//! A layer starts with the values of its rule.

use super::{Case, InitUnderTest};
use crate::check::{Unmet, Verdict, broken, finite, same_bits};
use crate::layer::Dense;
use crate::network::Model;
use crate::scalar::Scalar;

/// The most units and features of the layer.
const MOST: usize = 12;

/// A layer with this rule starts with the values that the rule gives for the layer's fans, rounded to the model's type.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn a_layer_starts_with_its_values(subject: &InitUnderTest, case: &Case) -> Verdict {
    let (features, units) = (1 + case.fan_in % MOST, 1 + case.fan_out % MOST);
    let want = subject.rule.draw(&[units, features], (features, units), case.noise("weight"));
    let (single, double) = (
        weight::<f32>(subject, case, features, units)?,
        weight::<f64>(subject, case, features, units)?,
    );
    same_bits("f64 weight", &double, &want)?;
    let want: Vec<f32> = want.into_iter().map(f32::of).collect();
    finite("f32 weight", &single)?;
    same_bits("f32 weight", &single, &want)
}

/// The weights of a dense layer.
fn weight<F: Scalar>(
    subject: &InitUnderTest,
    case: &Case,
    features: usize,
    units: usize,
) -> Result<Vec<F>, Unmet> {
    let layer = Dense::new(units).weight_init(subject.rule.clone());
    let model = Model::<F>::build(layer, &[features.into()], case.seed);
    let weight = model.and_then(|model| Ok(model.get("weight")?.iter().copied().collect()));
    match weight {
        Ok(weight) => Ok(weight),
        Err(error) => broken("the layer", "no error", error).map(|()| Vec::new()),
    }
}
