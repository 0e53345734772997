//! What a data set holds, as arrays.

use ndarray::{ArcArray, ArrayD, ArrayViewD, IxDyn};

use super::Dataset;
use crate::buffer::zeros;
use crate::data::Targets;
use crate::data::array::copy_rows;
use crate::data::scale::Columns;
use crate::scalar::Scalar;
use crate::shape::Shape;

impl<F: Scalar> Dataset<F> {
    /// The inputs at `position`, `[samples, …]`, as a batch would hold them (selected and scaled); `None` if there is no such input, or no
    /// memory for a copy.
    ///
    /// ```
    /// use downhill::data::{Dataset, MinMax};
    /// use ndarray::array;
    /// let data = Dataset::new(array![[10.0], [20.0]], ())?;
    /// assert_eq!(data.select(&[1])?.inputs(0), Some(array![[20.0]].into_dyn()));
    /// assert_eq!(MinMax::fit(&data)?.apply(&data)?.inputs(0), Some(array![[0.0], [1.0]].into_dyn()));
    /// assert_eq!(data.inputs(1), None);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn inputs(&self, position: usize) -> Option<ArrayD<F>> {
        let columns = self.input_columns.get(position)?.as_deref();
        let values = self.gather(self.inputs.get(position)?, columns)?;
        // The samples may have been given another shape.
        let mut axes = vec![self.len()];
        axes.extend_from_slice(self.content.inputs.get(position)?.axes());
        values.into_shape_with_order(axes).ok()
    }

    /// The class indices, `[samples, …]`; `None` if the targets are of another kind, or if there is no memory for a copy.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0], [2.0]], vec![1, 0])?;
    /// assert_eq!(data.labels(), Some(array![1, 0].into_dyn()));
    /// assert_eq!(data.values(), None);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn labels(&self) -> Option<ArrayD<usize>> {
        match &self.targets {
            Targets::Classes(labels) => self.copy(labels),
            _ => None,
        }
    }

    /// The target numbers, `[samples, …]`, as a batch would hold them; `None` if the targets are of another kind, or if there is no memory
    /// for a copy.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0], [2.0]], array![[0.5], [1.5]])?;
    /// assert_eq!(data.select(&[1])?.values(), Some(array![[1.5]].into_dyn()));
    /// assert_eq!(data.labels(), None);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn values(&self) -> Option<ArrayD<F>> {
        match &self.targets {
            Targets::Values(values) => self.gather(values, self.target_columns.as_deref()),
            _ => None,
        }
    }

    /// The weights of the samples, if they have any.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0], [2.0]], ())?;
    /// assert_eq!(data.weights(), None);
    /// assert_eq!(data.with_weights(array![1.0, 0.5])?.select(&[1])?.weights(), Some(&[0.5][..]));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn weights(&self) -> Option<&[F]> {
        self.weights.as_deref()
    }

    /// The whole array behind the input at `position`, of which this data set may have some rows alone. Nothing is copied.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0], [2.0], [3.0]], ())?;
    /// let part = data.select(&[2])?;
    /// assert_eq!(part.len(), 1);
    /// assert_eq!(part.backing(0), Some(array![[1.0], [2.0], [3.0]].view().into_dyn()));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn backing(&self, position: usize) -> Option<ArrayViewD<'_, F>> {
        self.inputs.get(position).map(|input| input.view())
    }

    /// `None` if there is no memory: a row that was selected often takes it as often.
    fn copy<T: Copy + num_traits::Zero>(&self, array: &ArcArray<T, IxDyn>) -> Option<ArrayD<T>> {
        let axes: Vec<usize> =
            std::iter::once(self.len()).chain(array.shape().iter().skip(1).copied()).collect();
        let mut copy = zeros(Shape::from(&axes[..]).size(), "the copy").ok()?;
        copy_rows(array, (0..self.len()).map(|row| self.row(row)), &mut copy);
        ArrayD::from_shape_vec(axes, copy).ok()
    }

    fn gather(&self, array: &ArcArray<F, IxDyn>, columns: Option<&Columns>) -> Option<ArrayD<F>> {
        let mut copy = self.copy(array)?;
        if let (Some(columns), Some(values)) = (columns, copy.as_slice_mut()) {
            columns.apply(values);
        }
        Some(copy)
    }
}
