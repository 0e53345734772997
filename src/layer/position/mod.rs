//! Where in the sequence a row stands.

mod learned;
mod rotary;
mod sinusoidal;
mod waves;

pub use learned::LearnedPosition;
pub use rotary::Rotary;
pub use sinusoidal::SinusoidalPosition;

use super::Plan;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::tensor::{View, ViewMut};

/// The two axes of a sequence, `[time, features]`.
pub(super) fn sequence<F: Scalar>(plan: &Plan<'_, F>) -> Result<[usize; 2], Error> {
    let input = plan.input()?;
    match *input.axes() {
        [time, features] => Ok([time, features]),
        _ => Err(plan.refuse("samples of [time, features]", &input, "add a Reshape before it")),
    }
}

/// Adds the rows of a table to the rows of each sample.
fn add<F: Scalar>(x: View<'_, F>, table: &[F], mut y: ViewMut<'_, F>) {
    for (x, y) in x.rows().zip(y.rows()) {
        for ((y, &x), &row) in y.iter_mut().zip(x).zip(table) {
            *y = x + row;
        }
    }
}
