//! The fully connected layer.

use std::sync::Arc;

use super::{Backward, Forward, Layer, Plan};
use crate::error::{Error, require};
use crate::kernel::gemm::{Gemm, Matrix, gemm};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// A fully connected layer: y = x·Wᵀ + b.
///
/// Takes samples of shape `[…, inputs]` and gives `[…, units]`: the same product at each place before the last axis.
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[units, inputs]` | weight | what the following activation prefers (He for ReLU …), else Glorot uniform |
/// | `bias` | `[units]` | bias | zero |
///
/// ```
/// use downhill::{Model, layer::Dense};
/// let model: Model<f64> = Model::build(Dense::new(3), &[5.into()], 7)?;
/// let y = model.predict(&ndarray::Array2::zeros((4, 5)))?;
/// assert_eq!(y.shape(), [4, 3]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dense {
    units: usize,
    bias: bool,
    weight_init: Option<Arc<dyn Init>>,
    bias_init: Option<Arc<dyn Init>>,
}

impl Dense {
    /// A layer of `units` outputs, with bias.
    pub fn new(units: usize) -> Self {
        Self { units, bias: true, weight_init: None, bias_init: None }
    }

    /// The same without bias: y = x·Wᵀ.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    /// The same with weights that start by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self { weight_init: Some(Arc::new(init)), ..self }
    }

    /// The same with a bias that starts by this rule.
    #[must_use]
    pub fn bias_init(self, init: impl Init + 'static) -> Self {
        Self { bias_init: Some(Arc::new(init)), ..self }
    }
}

impl<F: Scalar> Layer<F> for Dense {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::at_least_one("Dense::units", self.units)?;
        let input = plan.input()?;
        let Some((&features, places)) = input.split_last() else {
            return Err(plan.refuse("at least one axis", &input, "add a Reshape to [1] before it"));
        };
        plan.weight("weight", [self.units, features], self.weight_init.clone())?;
        if self.bias {
            plan.bias("bias", self.units, self.bias_init.clone())?;
        }
        plan.output([places, &[self.units]].concat())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let n = self.units;
        let k = x.shape().last().copied().unwrap_or(1);
        let mut y = pass.outputs.one();
        let y = y.values();
        let mut beta = F::zero();
        if let Some(bias) = pass.params.get(1) {
            for row in y.chunks_exact_mut(n) {
                row.copy_from_slice(bias);
            }
            beta = F::one();
        }
        gemm(Gemm {
            m: y.len() / n,
            n,
            k,
            a: Matrix::row_major(x.values(), k),
            b: Matrix::row_major(&pass.params[0], k).transposed(),
            beta,
            c: y,
            parallel: pass.parallel,
        });
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let (x, dy) = (pass.inputs.one(), pass.output_gradients.one().values());
        let (units, features) = (self.units, x.shape().last().copied().unwrap_or(1));
        let rows = dy.len() / units;
        gemm(Gemm {
            m: units,
            n: features,
            k: rows,
            a: Matrix::row_major(dy, units).transposed(),
            b: Matrix::row_major(x.values(), features),
            beta: F::one(),
            c: pass.gradients.get(0),
            parallel: pass.parallel,
        });
        if self.bias {
            let sum = pass.gradients.get(1);
            for row in dy.chunks_exact(units) {
                for (sum, dy) in sum.iter_mut().zip(row) {
                    *sum += *dy;
                }
            }
        }
        if let Some(mut dx) = pass.input_gradients.one() {
            gemm(Gemm {
                m: rows,
                n: features,
                k: units,
                a: Matrix::row_major(dy, units),
                b: Matrix::row_major(&pass.params[0], features),
                beta: F::zero(),
                c: dx.values(),
                parallel: pass.parallel,
            });
        }
    }
}
