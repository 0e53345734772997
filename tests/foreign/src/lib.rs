//! Components of a user of `downhill`, written from its documentation alone. `tests/` proves them by the test kit, one line each.

mod adan;
mod armijo;
mod batch_norm;
mod centred;
mod charbonnier;
mod decaying_restarts;
mod group_lasso;
mod kappa;
mod laplace;
mod novo_grad;
mod rescaled;
mod tversky;

pub use adan::Adan;
pub use armijo::Armijo;
pub use batch_norm::BatchNorm;
pub use centred::Centred;
pub use charbonnier::Charbonnier;
pub use decaying_restarts::DecayingRestarts;
pub use group_lasso::GroupLasso;
pub use kappa::CohenKappa;
pub use laplace::Laplace;
pub use novo_grad::NovoGrad;
pub use rescaled::Rescaled;
pub use tversky::Tversky;

use downhill::Error;

/// An error that names the field, unless its value is as it has to be.
fn require(holds: bool, field: &str, value: f64, expected: &str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::argument(field, value, expected)) }
}
