//! Gradients that are NaN or infinite.

use crate::params::Parameter;
use crate::scalar::Scalar;

/// What a trainer does when a gradient is NaN or infinite. Nothing of such a gradient ever reaches the parameters.
///
/// Clipping is no remedy: an infinite norm would turn the finite gradients into zeros and the infinite ones into NaN.
///
/// ```
/// use downhill::clip::NonFinite;
/// assert_eq!(NonFinite::default(), NonFinite::Error);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonFinite {
    /// The step ends with [`Error::NonFiniteGradient`](crate::Error::NonFiniteGradient), which names the tensor and the position; parameters
    /// and optimizer are as before the step.
    #[default]
    Error,
    /// The step changes neither parameters nor optimizer, and training goes on with the next batch.
    Skip,
    /// Every NaN and infinity in the gradient becomes 0, and the step goes on with the rest.
    Zero,
}

/// The position of the first value that is NaN or infinite.
///
/// ```
/// use downhill::clip::first_non_finite;
/// assert_eq!(first_non_finite(&[1.0, f64::MAX, f64::NAN, f64::INFINITY]), Some(2));
/// assert_eq!(first_non_finite::<f32>(&[]), None);
/// ```
pub fn first_non_finite<F: Scalar>(values: &[F]) -> Option<usize> {
    // Whole stretches are tested without an exit between their elements: that runs in vector registers.
    const STRETCH: usize = 256;
    let stretch = values
        .chunks(STRETCH)
        .position(|stretch| !stretch.iter().fold(true, |finite, x| finite & x.is_finite()))?;
    let start = stretch * STRETCH;
    values.iter().skip(start).position(|x| !x.is_finite()).map(|offset| start + offset)
}

/// The first gradient that is NaN or infinite: the parameter's place in `parameters`, the position in the flattened tensor, and the value.
///
/// A parameter whose place is outside `gradient` is passed over. If the [`norm`](super::norm) of the gradient is known, call this only when it is
/// not finite.
///
/// ```
/// use downhill::{Model, clip, layer::Dense};
/// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
/// assert_eq!(model.parameters()[1].path(), "bias");
/// let found = clip::check(model.parameters(), &[0.5, -0.5, f64::INFINITY]);
/// assert_eq!(found, Some((1, 0, f64::INFINITY)));
/// assert_eq!(clip::check(model.parameters(), &[0.5, -0.5, 1.0]), None);
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn check<F: Scalar>(parameters: &[Parameter], gradient: &[F]) -> Option<(usize, usize, f64)> {
    parameters.iter().enumerate().find_map(|(id, parameter)| {
        let gradient = gradient.get(parameter.range())?;
        let index = first_non_finite(gradient)?;
        Some((id, index, gradient.get(index)?.as_f64()))
    })
}

/// Turns every NaN and infinity into 0 and returns how many there were.
///
/// ```
/// let mut gradient = [1.0, f64::NAN, f64::NEG_INFINITY];
/// assert_eq!(downhill::clip::zero_non_finite(&mut gradient), 2);
/// assert_eq!(gradient, [1.0, 0.0, 0.0]);
/// ```
pub fn zero_non_finite<F: Scalar>(gradient: &mut [F]) -> usize {
    let broken = gradient.iter_mut().filter(|g| !g.is_finite());
    broken.map(|g| *g = F::zero()).count()
}
