//! What arrays can be data, and how rows are copied out of them.

use ndarray::{ArcArray, Array, ArrayBase, Axis, Dimension, IxDyn, OwnedArcRepr, OwnedRepr};

use crate::error::Error;
use crate::scalar::Scalar;

/// Arrays that can be inputs: owned ones and shared ones ([`ArcArray`]), of any layout; their content is not copied.
///
/// ```
/// use downhill::data::{Dataset, Source};
/// use ndarray::Array2;
/// let shared = Array2::<f32>::zeros((10, 4)).into_shared();
/// let data = Dataset::new(shared.clone(), ())?;
/// assert_eq!(data.backing(0).map(|array| array.as_ptr()), Some(shared.as_ptr()));
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait IntoInput<F> {
    /// The array, shared.
    fn into_input(self) -> ArcArray<F, IxDyn>;
}

impl<F: Scalar, D: Dimension> IntoInput<F> for ArrayBase<OwnedRepr<F>, D> {
    fn into_input(self) -> ArcArray<F, IxDyn> {
        self.into_dyn().into_shared()
    }
}

impl<F: Scalar, D: Dimension> IntoInput<F> for ArrayBase<OwnedArcRepr<F>, D> {
    fn into_input(self) -> ArcArray<F, IxDyn> {
        self.into_dyn()
    }
}

/// Targets in memory; made from arrays by [`IntoTargets`].
///
/// ```
/// use downhill::data::{Dataset, Targets};
/// use ndarray::{ArcArray1, array};
/// let labels: ArcArray1<usize> = array![0, 1].into_shared();
/// let data = Dataset::<f32>::new(array![[1.0], [2.0]], Targets::Classes(labels.into_dyn()))?;
/// assert_eq!(data.labels(), Some(array![0, 1].into_dyn()));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Targets<F> {
    /// No targets.
    None,
    /// Class indices.
    Classes(ArcArray<usize, IxDyn>),
    /// Numbers.
    Values(ArcArray<F, IxDyn>),
}

/// Arrays that can be targets: class indices (`usize`), numbers, or `()` for none. The content of arrays is not copied.
///
/// ```
/// use downhill::data::{IntoTargets, Targets};
/// use ndarray::array;
/// assert!(matches!(IntoTargets::<f32>::into_targets(vec![0, 1]), Targets::Classes(_)));
/// assert!(matches!(array![0.5_f32, 1.5].into_targets(), Targets::Values(_)));
/// assert!(matches!(IntoTargets::<f32>::into_targets(()), Targets::None));
/// ```
pub trait IntoTargets<F> {
    /// The targets.
    fn into_targets(self) -> Targets<F>;
}

impl<F> IntoTargets<F> for () {
    fn into_targets(self) -> Targets<F> {
        Targets::None
    }
}

impl<F> IntoTargets<F> for Targets<F> {
    fn into_targets(self) -> Targets<F> {
        self
    }
}

impl<F: Scalar, D: Dimension> IntoTargets<F> for Array<usize, D> {
    fn into_targets(self) -> Targets<F> {
        Targets::Classes(self.into_dyn().into_shared())
    }
}

impl<F: Scalar, D: Dimension> IntoTargets<F> for Array<F, D> {
    fn into_targets(self) -> Targets<F> {
        Targets::Values(self.into_dyn().into_shared())
    }
}

impl<F: Scalar, D: Dimension> IntoTargets<F> for ArcArray<usize, D> {
    fn into_targets(self) -> Targets<F> {
        Targets::Classes(self.into_dyn())
    }
}

impl<F: Scalar, D: Dimension> IntoTargets<F> for ArcArray<F, D> {
    fn into_targets(self) -> Targets<F> {
        Targets::Values(self.into_dyn())
    }
}

impl<F: Scalar> IntoTargets<F> for Vec<usize> {
    fn into_targets(self) -> Targets<F> {
        Array::from_vec(self).into_targets()
    }
}

/// How many samples an array holds, and how many elements each of them.
pub(super) fn extent<T>(array: &ArcArray<T, IxDyn>) -> (usize, usize) {
    match array.shape().split_first() {
        Some((&len, axes)) => (len, axes.iter().product()),
        None => (0, 0),
    }
}

/// Refuses an array that holds NaN or an infinity, by the place of the first.
pub(super) fn check_finite<F: Scalar>(what: &str, array: &ArcArray<F, IxDyn>) -> Result<(), Error> {
    // In the order of memory this is one fast loop; only a failure pays for finding the place.
    let fine = match array.as_slice_memory_order() {
        Some(values) => values.iter().all(|value| value.is_finite()),
        None => array.iter().all(|value| value.is_finite()),
    };
    if fine {
        return Ok(());
    }
    let (_, width) = extent(array);
    match array.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((at, value)) => {
            let width = width.max(1);
            Err(Error::cell(what, at / width, at % width, value, "a finite number"))
        }
        None => Ok(()),
    }
}

/// Copies samples out of an array, one after the other. `rows` must be below the array's length.
pub(super) fn copy_rows<T: Copy>(
    array: &ArcArray<T, IxDyn>,
    rows: impl Iterator<Item = usize>,
    out: &mut [T],
) {
    let (_, size) = extent(array);
    if size == 0 {
        return;
    }
    let pairs = rows.zip(out.chunks_exact_mut(size));
    match array.as_slice() {
        Some(all) => pairs.for_each(|(row, out)| out.copy_from_slice(&all[row * size..][..size])),
        None => pairs.for_each(|(row, out)| {
            let sample = array.index_axis(Axis(0), row);
            out.iter_mut().zip(sample.iter()).for_each(|(out, value)| *out = *value);
        }),
    }
}
