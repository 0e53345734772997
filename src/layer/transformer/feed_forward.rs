//! Two dense layers with an activation between them.

use std::sync::Arc;

use super::frame::dropout;
use crate::error::{Error, require};
use crate::layer::{Backward, Dense, Forward, Gelu, Layer, Plan, Relu, SwiGlu, Tensor};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// Two dense layers with an activation between them, at each place of a sequence: y = linear2(activation(linear1(x))).
///
/// | made by | activation | `linear1` gives |
/// |---|---|---|
/// | [`FeedForward::relu`] | [`Relu`] | `hidden` |
/// | [`FeedForward::gelu`] | [`Gelu::Exact`] | `hidden` |
/// | [`FeedForward::swi_glu`] | [`SwiGlu`]: its first half is the gate | 2·`hidden` |
///
/// Takes and gives samples of shape `[…, features]`. [`dropout`](Self::dropout), 0 by default, in \[0, 1), comes after the activation.
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `linear1.weight` | `[hidden or 2·hidden, features]` | weight | as in [`Dense`] |
/// | `linear1.bias` | `[hidden or 2·hidden]` | bias | zero |
/// | `linear2.weight` | `[features, hidden]` | weight | as in [`Dense`] |
/// | `linear2.bias` | `[features]` | bias | zero |
///
/// (Vaswani et al.: *Attention is all you need*, section 3.3, arXiv:1706.03762; for the gate Shazeer: *GLU variants improve transformer*, arXiv:2002.05202,
/// where W and V are here one weight, W first.)
///
/// # Errors
/// Building the model fails if a sample has no axis, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::FeedForward};
/// let model: Model<f32> = Model::build(FeedForward::swi_glu(16).without_bias(), &[[5, 8].into()], 7)?;
/// assert_eq!(model.output_shapes(), [[5, 8].into()]);
/// assert_eq!(model.get("linear1.weight")?.shape(), [32, 8]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FeedForward {
    hidden: usize,
    kind: Kind,
    bias: bool,
    dropout: f64,
    weight_init: Option<Arc<dyn Init>>,
}

/// What comes between the two layers.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Relu,
    Gelu,
    SwiGlu,
}

impl FeedForward {
    /// With [`Relu`] in between.
    pub fn relu(hidden: usize) -> Self {
        Self::of(hidden, Kind::Relu)
    }

    /// With [`Gelu::Exact`] in between.
    pub fn gelu(hidden: usize) -> Self {
        Self::of(hidden, Kind::Gelu)
    }

    /// With [`SwiGlu`] in between, which takes twice as many numbers as it gives.
    pub fn swi_glu(hidden: usize) -> Self {
        Self::of(hidden, Kind::SwiGlu)
    }

    fn of(hidden: usize, kind: Kind) -> Self {
        Self { hidden, kind, bias: true, dropout: 0.0, weight_init: None }
    }

    /// The same, where in training so large a share of the hidden numbers is left out.
    #[must_use]
    pub fn dropout(self, rate: f64) -> Self {
        Self { dropout: rate, ..self }
    }

    /// The same without any bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    /// The same with both weights starting by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self { weight_init: Some(Arc::new(init)), ..self }
    }

    /// Plans its parts as parts of the layer that `plan` belongs to.
    pub(super) fn plan_in<F: Scalar>(
        &self,
        plan: &mut Plan<'_, F>,
        x: Tensor,
    ) -> Result<Tensor, Error> {
        require::at_least_one("FeedForward::hidden", self.hidden)?;
        let features = plan.shape(x).last().copied().unwrap_or(1);
        let units = match self.kind {
            Kind::SwiGlu => self.hidden.saturating_mul(2),
            Kind::Relu | Kind::Gelu => self.hidden,
        };
        let x = plan.part("linear1", self.linear(units), &[x])?;
        let x = match self.kind {
            Kind::Relu => plan.part("activation", Relu, &[x]),
            Kind::Gelu => plan.part("activation", Gelu::Exact, &[x]),
            Kind::SwiGlu => plan.part("activation", SwiGlu::default(), &[x]),
        }?;
        let x = dropout(plan, "dropout", self.dropout, x)?;
        plan.part("linear2", self.linear(features), &[x])
    }

    fn linear(&self, units: usize) -> Dense {
        let dense = Dense::new(units);
        let dense = if self.bias { dense } else { dense.without_bias() };
        match &self.weight_init {
            Some(init) => dense.weight_init(Arc::clone(init)),
            None => dense,
        }
    }
}

impl<F: Scalar> Layer<F> for FeedForward {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan.input()?;
        let y = self.plan_in(plan, plan.tensors()[0])?;
        plan.pass_on(vec![y]);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}
