//! Positions told by trained rows.

use std::sync::Arc;

use super::{add, sequence};
use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Layer, Plan, reshape};
use crate::params::Role;
use crate::params::init::{Init, Normal};
use crate::scalar::Scalar;

/// Adds a trained row for each position: y\[t\] = x\[t\] + weight\[t\].
///
/// Takes and gives samples of shape `[time, features]`, where time is at most `positions`; the rows of later positions have no gradient. So models for
/// sequences of different lengths can have the same parameters.
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[positions, features]` | embedding, so it does not decay | normal with mean 0 and standard deviation 0.02, as in GPT-2 |
///
/// # Errors
/// Building the model fails if samples are longer than `positions`.
///
/// ```
/// use downhill::{Model, layer::LearnedPosition};
/// let mut model: Model<f64> = Model::build(LearnedPosition::new(8), &[[2, 1].into()], 7)?;
/// assert_eq!(model.get("weight")?.shape(), [8, 1]);
/// model.values_mut().iter_mut().enumerate().for_each(|(i, w)| *w = 10.0 * i as f64);
/// assert_eq!(model.predict(&ndarray::array![[[1.0], [2.0]]])?, ndarray::array![[[1.0], [12.0]]].into_dyn());
/// assert!(Model::<f64>::build(LearnedPosition::new(8), &[[9, 1].into()], 7).is_err());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LearnedPosition {
    positions: usize,
    weight_init: Arc<dyn Init>,
}

impl LearnedPosition {
    /// Rows for so many positions.
    pub fn new(positions: usize) -> Self {
        Self { positions, weight_init: Arc::new(Normal { mean: 0.0, std: 0.02 }) }
    }

    /// The same with rows that start by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self { weight_init: Arc::new(init), ..self }
    }
}

impl<F: Scalar> Layer<F> for LearnedPosition {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::at_least_one("LearnedPosition::positions", self.positions)?;
        let [time, features] = sequence(plan)?;
        if time > self.positions {
            let expected = format!("no more than {} rows", self.positions);
            let fix = format!("ask for LearnedPosition::new({time}), or cut the sequences");
            return Err(plan.refuse(expected, &[time, features].into(), fix));
        }
        let shape = [self.positions, features];
        let init = Arc::clone(&self.weight_init);
        plan.param("weight", Role::Embedding, shape, (self.positions, features), Some(init))?;
        plan.output([time, features])
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        add(pass.inputs.one(), &pass.params[0], pass.outputs.one());
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        for dy in pass.output_gradients.one().rows() {
            pass.gradients.get(0).iter_mut().zip(dy).for_each(|(sum, &dy)| *sum += dy);
        }
        reshape::copy_back(pass);
    }
}
