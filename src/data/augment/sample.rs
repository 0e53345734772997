//! One sample, lent to an augmentation.

use ndarray::{Array, ArrayRef, Dimension};

use super::Augmentation;
use crate::buffer::zeros;
use crate::error::Error;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// One sample, lent to an [`Augmentation`] to change.
///
/// ```
/// use downhill::data::augment::{Augmentation, Flip, Sample};
/// use downhill::{Shape, random::Noise};
/// let (mut values, shape) = ([1.0, 2.0, 3.0, 4.0], Shape::from([2, 2]));
/// Flip::new(1.0, 0.0).apply(Sample::new(&mut values, &shape, Noise::new(7), &mut [])?);
/// assert_eq!(values, [2.0, 1.0, 4.0, 3.0]);
/// assert!(Sample::new(&mut values, &Shape::from(3), Noise::new(7), &mut []).is_err());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Sample<'a, F> {
    /// The numbers of the sample, its last axis fastest.
    pub values: &'a mut [F],
    /// Its shape.
    pub shape: &'a Shape,
    /// The random numbers of this sample and this augmentation.
    pub noise: Noise,
    /// As many numbers as [`Augmentation::scratch`] asks for, to write to; what they hold is whatever was there.
    pub scratch: &'a mut [F],
}

impl<'a, F: Scalar> Sample<'a, F> {
    /// A sample of `shape`.
    ///
    /// # Errors
    /// [`Error::Length`] if `values` does not hold `shape.size()` numbers.
    pub fn new(
        values: &'a mut [F],
        shape: &'a Shape,
        noise: Noise,
        scratch: &'a mut [F],
    ) -> Result<Self, Error> {
        if values.len() != shape.size() {
            let with = format!("a sample of shape {shape}");
            return Err(Error::length("the sample", values.len(), shape.size(), with));
        }
        Ok(Self { values, shape, noise, scratch })
    }

    /// Has `augmentation` change this sample with these random numbers.
    pub(super) fn change(&mut self, augmentation: &dyn Augmentation<F>, noise: Noise) {
        let need = augmentation.scratch(self.shape);
        if let Some(scratch) = self.scratch.get_mut(..need) {
            augmentation.apply(Sample { values: self.values, shape: self.shape, noise, scratch });
        }
    }
}

/// A changed copy of one sample: augmentation without a trainer or a source.
///
/// # Errors
/// What [`Augmentation::validate`] says of this shape.
///
/// ```
/// use downhill::{random::Noise, data::augment::{Rotate, augment_sample}};
/// use ndarray::array;
/// let quarter = Rotate { degrees: 90.0..=90.0, ..Rotate::default() };
/// let turned = augment_sample(&quarter, &array![[1.0, 2.0], [3.0, 4.0]], Noise::new(7))?;
/// assert_eq!(turned, array![[2.0, 4.0], [1.0, 3.0]]);
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn augment_sample<F: Scalar, D: Dimension>(
    augmentation: &dyn Augmentation<F>,
    sample: &ArrayRef<F, D>,
    noise: Noise,
) -> Result<Array<F, D>, Error> {
    let shape = Shape::from(sample.shape());
    augmentation.validate(&shape)?;
    let mut changed = sample.as_standard_layout().into_owned();
    let mut scratch = zeros(augmentation.scratch(&shape), "the scratch")?;
    if let Some(values) = changed.as_slice_mut() {
        augmentation.apply(Sample::new(values, &shape, noise, &mut scratch)?);
    }
    Ok(changed)
}
