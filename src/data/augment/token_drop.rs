//! Tokens replaced at random.

use super::{Augmentation, Sample};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Replaces each token, independently and with this probability, by the token `id`: that of a mask, of padding, or of an unknown word.
///
/// | field | default | range |
/// |---|---|---|
/// | `probability` | 0.1 | [0, 1] |
/// | `id` | 0 | what the number type holds exactly: up to 2²⁴ in `f32` |
///
/// Takes samples of any shape, each number of which is a token, as an embedding reads them. What is replaced is gone, even NaN. (Iyyer, Manjunatha,
/// Boyd-Graber, Daumé: *Deep Unordered Composition Rivals Syntactic Methods for Text Classification*, ACL 2015, "word dropout".)
///
/// ```
/// use downhill::{random::Noise, data::augment::{TokenDrop, augment_sample}};
/// let text = ndarray::Array1::from_elem(1000, 5.0);
/// let masked = augment_sample(&TokenDrop { probability: 0.2, id: 1 }, &text, Noise::new(7))?;
/// let count = masked.iter().filter(|&&token| token == 1.0).count();
/// assert!((150..250).contains(&count) && masked.iter().all(|&token| token == 1.0 || token == 5.0));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TokenDrop {
    /// The probability that a token is replaced, in [0, 1]; 0.1 by default.
    pub probability: f64,
    /// The token that it is replaced by; 0 by default.
    pub id: usize,
}

impl Default for TokenDrop {
    fn default() -> Self {
        Self { probability: 0.1, id: 0 }
    }
}

impl<F: Scalar> Augmentation<F> for TokenDrop {
    fn validate(&self, _: &Shape) -> Result<(), Error> {
        require::share("TokenDrop::probability", self.probability)?;
        let most = (2.0 / F::epsilon().as_f64()) as usize;
        let expected = format!("at most {most}, as far as {} counts exactly", F::NAME);
        require::that(self.id <= most, "TokenDrop::id", self.id, &expected)
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let id = F::of(self.id as f64);
        for (i, token) in sample.values.iter_mut().enumerate() {
            if sample.noise.uniform(i as u64) < self.probability {
                *token = id;
            }
        }
    }
}
