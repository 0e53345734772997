//! What a transformer puts around each of its parts.

use crate::error::{Error, require};
use crate::layer::{Dropout, LayerNorm, Plan, Sum, Tensor};
use crate::scalar::Scalar;

/// A way around, a normalisation and dropout: norm(x + dropout(part(x))), or x + dropout(part(norm(x))).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    pub norm: LayerNorm,
    /// Whether the normalisation comes before the part.
    pub pre_norm: bool,
    pub dropout: f64,
}

impl Frame {
    /// Plans a part, as the layer's `number`-th, between what is put around it.
    pub fn around<F: Scalar>(
        &self,
        plan: &mut Plan<'_, F>,
        number: usize,
        x: Tensor,
        part: impl FnOnce(&mut Plan<'_, F>, Tensor) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        let norm = format!("norm{number}");
        let from = if self.pre_norm { plan.part(&norm, self.norm, &[x])? } else { x };
        let y = part(plan, from)?;
        let y = dropout(plan, &format!("dropout{number}"), self.dropout, y)?;
        let sum = plan.part(&format!("sum{number}"), Sum, &[x, y])?;
        if self.pre_norm { Ok(sum) } else { plan.part(&norm, self.norm, &[sum]) }
    }
}

/// Plans dropout, if any is asked for.
pub(super) fn dropout<F: Scalar>(
    plan: &mut Plan<'_, F>,
    name: &str,
    rate: f64,
    x: Tensor,
) -> Result<Tensor, Error> {
    require::below_one("dropout", rate)?;
    if rate == 0.0 { Ok(x) } else { plan.part(name, Dropout::new(rate), &[x]) }
}
