//! Augmentations one after the other.

use super::{Augmentation, Sample};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Augmentations one after the other, each with random numbers of its own.
///
/// Without any it changes nothing. What a part does depends on how many come before it, so that two equal ones draw differently.
///
/// ```
/// use downhill::{random::Noise, data::augment::{Compose, Flip, Jitter, Shift, augment_sample}};
/// let chain = Compose::new().then(Shift::new(2)).then(Flip::default()).then(Jitter::new(0.1));
/// let image = ndarray::Array3::<f32>::zeros((3, 8, 8));
/// let changed = augment_sample(&chain, &image, Noise::new(7))?;
/// assert_ne!(changed, image);
/// assert_eq!(changed, augment_sample(&chain, &image, Noise::new(7))?);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct Compose<F> {
    parts: Vec<Box<dyn Augmentation<F>>>,
}

impl<F> Default for Compose<F> {
    fn default() -> Self {
        Self { parts: Vec::new() }
    }
}

impl<F: Scalar> Compose<F> {
    /// No augmentation yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// These, and then `next`.
    #[must_use]
    pub fn then(mut self, next: impl Augmentation<F> + 'static) -> Self {
        self.parts.push(Box::new(next));
        self
    }
}

impl<F: Scalar> Augmentation<F> for Compose<F> {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        self.parts.iter().try_for_each(|part| part.validate(shape))
    }

    fn scratch(&self, shape: &Shape) -> usize {
        self.parts.iter().map(|part| part.scratch(shape)).max().unwrap_or(0)
    }

    fn apply(&self, mut sample: Sample<'_, F>) {
        let noise = sample.noise;
        for (place, part) in self.parts.iter().enumerate() {
            sample.change(&**part, noise.step(place as u64));
        }
    }
}
