//! Cross-validation.

use super::Dataset;
use super::split::sizes;
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// The pairs of training and validation data of a cross-validation. Each pair is made when it is asked for: all of them at once would list
/// every row k times. Made by [`Dataset::k_fold`] and [`Dataset::k_fold_stratified`].
///
/// ```
/// use downhill::data::Dataset;
/// let data = Dataset::new(ndarray::Array2::<f32>::zeros((100, 2)), ())?;
/// let mut folds = data.k_fold(100, 7)?; // leave one out
/// assert_eq!(folds.len(), 100);
/// assert_eq!(folds.next().map(|(train, validation)| (train.len(), validation.len())), Some((99, 1)));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Folds<F> {
    data: Dataset<F>,
    /// Dealt like cards: row after row goes to fold after fold.
    rows: Vec<usize>,
    k: usize,
    next: usize,
}

impl<F: Scalar> Iterator for Folds<F> {
    type Item = (Dataset<F>, Dataset<F>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.k {
            return None;
        }
        let part = |validation: bool| {
            let rows = self.rows.iter().enumerate();
            let chosen = rows.filter(|(i, _)| (i % self.k == self.next) == validation);
            self.data.chosen(&chosen.map(|(_, &row)| row).collect::<Vec<_>>())
        };
        let pair = (part(false), part(true));
        self.next += 1;
        Some(pair)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.k - self.next;
        (left, Some(left))
    }
}

impl<F: Scalar> ExactSizeIterator for Folds<F> {}

impl<F: Scalar> Dataset<F> {
    /// Divides the samples at random into `k` folds whose sizes differ by at most one, and pairs each fold, as validation data, with all the
    /// others, as training data. Every sample is in the validation data once.
    ///
    /// # Errors
    /// [`Error::Argument`] if `k` is below 2 or above the number of samples.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::Array2;
    /// let data = Dataset::new(Array2::<f32>::zeros((10, 2)), ())?;
    /// for (train, validation) in data.k_fold(5, 7)? {
    ///     assert_eq!((train.len(), validation.len()), (8, 2));
    /// }
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn k_fold(&self, k: usize, seed: u64) -> Result<Folds<F>, Error> {
        check_k(k, self.len(), "the number of samples")?;
        Ok(Folds { data: self.clone(), rows: self.permutation(seed), k, next: 0 })
    }

    /// As [`k_fold`](Dataset::k_fold), but each class is divided evenly too: the folds' numbers of samples of a class differ by at most one.
    ///
    /// # Errors
    /// [`Error::Argument`] if `k` is below 2 or above the size of the smallest class, [`Error::TargetKind`] if a sample has no single class
    /// index.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// let labels = [vec![0; 8], vec![1; 4]].concat();
    /// let data = Dataset::new(ndarray::Array2::<f32>::zeros((12, 2)), labels)?;
    /// for (_, validation) in data.k_fold_stratified(4, 7)? {
    ///     assert_eq!(validation.labels().map(|labels| labels.sum()), Some(1)); // one of class 1, two of class 0
    /// }
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn k_fold_stratified(&self, k: usize, seed: u64) -> Result<Folds<F>, Error> {
        let labels = self.class_of_each("k_fold_stratified")?;
        let smallest = sizes(&labels).into_iter().min_by_key(|(_, size)| *size);
        if let Some((class, size)) = smallest {
            check_k(k, size, &format!("the number of samples of class {class}"))?;
        }
        // Cards sorted by suit and dealt in turn: every hand gets its share of each suit.
        let mut rows = self.permutation(seed);
        rows.sort_by_key(|&row| labels[row]);
        Ok(Folds { data: self.clone(), rows, k, next: 0 })
    }
}

fn check_k(k: usize, most: usize, what: &str) -> Result<(), Error> {
    let allowed = (2..=most).contains(&k);
    let expected = match most {
        2.. => format!("a number from 2 to {most}, {what}"),
        _ => format!("more data: {what} is {most}, and k is at least 2"),
    };
    require::that(allowed, "k", k, &expected)
}
