//! What a parameter does in its layer.

use std::fmt;

/// What a parameter does in its layer. Decay, regularizers and constraints touch [`Role::Weight`] alone unless told otherwise.
///
/// ```
/// use downhill::params::Role;
/// assert!(Role::Weight.decays());
/// assert!(!Role::Bias.decays());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// Multiplies the input: matrices, kernels.
    Weight,
    /// Is added to the output.
    Bias,
    /// Scales or shifts a normalised value, or the slope of an activation.
    Norm,
    /// A row for each token.
    Embedding,
}

impl Role {
    /// Whether decay and regularizers touch it by default: weights only.
    pub fn decays(self) -> bool {
        self == Self::Weight
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Weight => "weight",
            Self::Bias => "bias",
            Self::Norm => "norm",
            Self::Embedding => "embedding",
        })
    }
}
