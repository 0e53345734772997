//! Arithmetic and checks that several rules share.

use crate::error::{Error, require};
use crate::scalar::Scalar;

/// The largest magnitude that a rule squares: 2⁶³ in `f32`, 2⁵¹¹ in `f64`. Four such squares still add up to a finite number.
pub(super) fn most<F: Scalar>() -> F {
    F::of(0.5) * F::max_value().sqrt()
}

/// 0 for a finite `g` and NaN for any other: added to a step, it keeps a broken gradient from looking like a large one.
#[inline(always)]
pub(super) fn blemish<F: Scalar>(g: F) -> F {
    g * F::zero()
}

/// `g`, brought to a magnitude of at most `most`, so that its square is finite; what is not finite comes out as NaN.
#[inline(always)]
pub(super) fn squarable<F: Scalar>(g: F, most: F) -> F {
    let below = if g > most { most } else { g };
    let within = if below < -most { -most } else { below };
    within + blemish(g)
}

/// 1 − βᵗ: the total weight of the gradients in a moving average that started at zero.
pub(super) fn bias_correction(beta: f64, updates: u64) -> f64 {
    1.0 - beta.powf(updates as f64)
}

/// The two moving averages of Adam and its relatives: m of the gradient, v of its square.
pub(super) struct Moments<F> {
    keep: [F; 2],
    take: [F; 2],
    most: F,
}

impl<F: Scalar> Moments<F> {
    pub fn new(beta1: f64, beta2: f64) -> Self {
        let betas = [beta1, beta2];
        Self { keep: betas.map(F::of), take: betas.map(|beta| F::of(1.0 - beta)), most: most() }
    }

    /// Takes `g` into both averages; returns them and `g` as it was taken.
    ///
    /// A rule goes on with what is returned: an average that is read back through its reference is loaded once more, which waits for the store of the
    /// other one where the two lie equally far into a page of memory, as large buffers do.
    #[inline(always)]
    pub fn take(&self, g: F, first: &mut F, second: &mut F) -> (F, F, F) {
        let g = squarable(g, self.most);
        let m = self.keep[0] * *first + self.take[0] * g;
        let v = self.keep[1] * *second + self.take[1] * g * g;
        (*first, *second) = (m, v);
        (m, v, g)
    }
}

/// Checks the settings that Adam and its relatives share; `rule` is the name in the message.
pub(super) fn validate<F: Scalar>(
    rule: &str,
    learning_rate: f64,
    [beta1, beta2]: [f64; 2],
    epsilon: f64,
) -> Result<(), Error> {
    require::non_negative(&format!("{rule}::learning_rate"), learning_rate)?;
    require::below_one(&format!("{rule}::beta1"), beta1)?;
    require::below_one(&format!("{rule}::beta2"), beta2)?;
    require_epsilon::<F>(&format!("{rule}::epsilon"), epsilon)
}

/// An ε of zero, or one that is zero in the model's type, would make 0/0 of the first zero gradient.
pub(super) fn require_epsilon<F: Scalar>(argument: &str, epsilon: f64) -> Result<(), Error> {
    let allowed = epsilon.is_finite() && F::of(epsilon) >= F::min_positive_value();
    let least = F::min_positive_value().as_f64();
    let expected =
        format!("a finite number of at least {least:e} (the smallest normal {})", F::NAME);
    require::that(allowed, argument, epsilon, &expected)
}
