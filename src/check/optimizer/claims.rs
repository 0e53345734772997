//! What the author of an optimizer says about it.

use super::OptimizerUnderTest;

/// A naive form of a rule: moves the weights of one tensor along these gradients, one after the other, at this rate.
pub type Reference = fn(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64);

/// What the author of an optimizer says about it; see the methods of [`OptimizerUnderTest`].
#[derive(Clone, Debug)]
pub(super) struct Claims {
    pub whole_model: bool,
    pub largest_gradient: f64,
    pub follows_momentum: bool,
    pub step_bound: Option<f64>,
    pub linear_in_rate: bool,
    pub scale_invariant: bool,
    pub translation_invariant: bool,
    pub permutation_invariant: bool,
    pub rotation_invariant: bool,
    pub mirror_invariant: bool,
    pub reference: Option<Reference>,
    pub solves: Vec<Solves>,
    pub refuses: Vec<(OptimizerUnderTest, String)>,
}

/// A problem that is solved to within `gap` of its optimum.
#[derive(Clone, Debug)]
pub(super) struct Solves {
    pub problem: String,
    pub rate: f64,
    pub steps: u64,
    pub gap: f64,
}

impl Default for Claims {
    fn default() -> Self {
        Self {
            whole_model: false,
            largest_gradient: 1e38,
            follows_momentum: false,
            step_bound: None,
            linear_in_rate: false,
            scale_invariant: false,
            translation_invariant: false,
            permutation_invariant: false,
            rotation_invariant: false,
            mirror_invariant: false,
            reference: None,
            solves: Vec::new(),
            refuses: Vec::new(),
        }
    }
}
