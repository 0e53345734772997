//! Layers made of layers.
//!
//! Such a layer's plan hands its inputs to the layers it is made of. A model then holds those alone: the composite itself is never run, so its
//! `forward` and `backward` have nothing to do.

//!
//! What they are joined by are leaf layers with several inputs: [`Sum`], [`Product`] and [`Concat`].

mod branches;
mod chain;
mod concat;
mod product;
mod residual;
mod shared;
mod sum;

pub use branches::Branches;
pub use chain::Chain;
pub use concat::Concat;
pub use product::Product;
pub use residual::Residual;
pub use shared::Shared;
pub use sum::Sum;

use super::Plan;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The shape that all inputs have in common; an error if there is no input or they differ.
fn common_shape<F: Scalar>(plan: &Plan<'_, F>) -> Result<Shape, Error> {
    let shapes = plan.inputs();
    let Some((first, rest)) = shapes.split_first() else {
        return Err(Error::arity(plan.path(), "one or more", 0));
    };
    match rest.iter().position(|shape| shape != first) {
        None => Ok(first.clone()),
        Some(at) => {
            let expected = format!("{first}, the shape of the first input, for each of them");
            let fix = format!("make input {} of the same shape", at + 1);
            Err(plan.refuse(expected, &rest[at], fix))
        }
    }
}
