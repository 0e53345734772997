//! From the inputs of attention to queries, keys and values.

use std::sync::Arc;

use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::affine::Affine;
use crate::layer::images::part;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::params::Role;
use crate::params::init::Init;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Queries, keys and values, by the three parts of one weight, from one input (self-attention), two (queries from the first) or three.
#[derive(Clone, Debug)]
pub(super) struct Projection {
    pub bias: bool,
    pub weight_init: Arc<dyn Init>,
}

impl Projection {
    fn product(query: &Shape, parallel: Parallel) -> Affine {
        let features = query.last().copied().unwrap_or(1);
        Affine { units: features, features, parallel }
    }
}

/// The input that queries (0), keys (1) or values (2) come from.
fn source(role: usize, inputs: usize) -> usize {
    role.min(inputs.saturating_sub(1))
}

/// The part of the weight for queries, keys or values.
fn weights(role: usize, product: &Affine) -> std::ops::Range<usize> {
    part(role, product.size())
}

impl<F: Scalar> Layer<F> for Projection {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.inputs();
        let features = match inputs.first().map(Shape::axes) {
            Some(&[_, features]) => features,
            _ => 0,
        };
        for (role, input) in inputs.iter().enumerate() {
            let fits = matches!(input.axes(), &[_, own] if own == features);
            if !fits {
                let (expected, fix) = match role {
                    0 => ("queries of [time, features]".to_owned(), "add a Reshape before it"),
                    _ => (
                        format!("keys and values of [time, {features}], as wide as the queries"),
                        "put a Dense before it that makes them as wide",
                    ),
                };
                return Err(plan.refuse(expected, input, fix));
            }
        }
        let [query, key, value] = [0, 1, 2].map(|role| inputs.get(source(role, inputs.len())));
        let (Some(query), Some(key), Some(value)) = (query, key, value) else {
            return Err(Error::arity(plan.path(), "1, 2 or 3", inputs.len()));
        };
        if key != value {
            let expected = format!("values of {key}, one for each key");
            return Err(plan.refuse(expected, value, "give as many values as keys"));
        }
        let fans = (features, features.saturating_mul(3));
        let init = Some(Arc::clone(&self.weight_init));
        plan.param("in_proj_weight", Role::Weight, [fans.1, features], fans, init)?;
        plan.multiplies_by(features);
        if self.bias {
            plan.bias("in_proj_bias", fans.1, None)?;
        }
        [query, key, value].into_iter().try_for_each(|shape| plan.output(shape.clone()))
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let product = Self::product(pass.inputs.one().shape(), pass.parallel);
        for role in 0..3 {
            let x = pass.inputs.get(source(role, pass.inputs.len()));
            let weight = pass.params.factor(0, weights(role, &product));
            let bias = pass.params.get(1).map(|bias| &bias[part(role, product.units)]);
            product.forward(weight, bias, x.values(), pass.outputs.get(role).values());
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let product = Self::product(pass.inputs.one().shape(), pass.parallel);
        let (inputs, weight) = (pass.inputs, &pass.params[0]);
        let (gradients, input_gradients) = (&mut pass.gradients, &mut pass.input_gradients);
        let roles = (0..3).map(|role| (role, source(role, inputs.len())));
        let dy = |role| pass.output_gradients.get(role).values();
        product.side_by_side(
            dy(0),
            || {
                let (beta, gradient) = gradients.begin(0);
                for (role, from) in roles.clone() {
                    let gradient = &mut gradient[weights(role, &product)];
                    product.weight(inputs.get(from).values(), dy(role), (beta, gradient));
                }
                if self.bias {
                    let gradient = gradients.get(1);
                    for role in 0..3 {
                        product.bias(dy(role), &mut gradient[part(role, product.units)]);
                    }
                }
            },
            || {
                for (role, from) in roles.clone() {
                    let Some(mut dx) = input_gradients.get(from) else { continue };
                    // Where an input has several roles, the first one overwrites and the others add.
                    let first = role == 0 || source(role - 1, inputs.len()) != from;
                    let beta = if first { F::zero() } else { F::one() };
                    product.input(&weight[weights(role, &product)], dy(role), beta, dx.values());
                }
            },
        );
    }
}
