//! Dividing data in two.

use std::collections::BTreeMap;

use super::{Dataset, Source};
use crate::error::{Error, require};
use crate::random::Noise;
use crate::scalar::Scalar;

impl<F: Scalar> Dataset<F> {
    /// Divides the samples at random: the first part gets this share of them (rounded), the second the others. The same seed gives the same
    /// division.
    ///
    /// # Errors
    /// [`Error::Argument`] if `share` is not between 0 and 1, [`Error::Empty`] if a part would be empty.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::Array2;
    /// let data = Dataset::new(Array2::<f32>::zeros((10, 2)), ())?;
    /// let (train, test) = data.split(0.8, 7)?;
    /// assert_eq!((train.len(), test.len()), (8, 2));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn split(&self, share: f64, seed: u64) -> Result<(Self, Self), Error> {
        let first = self.first_part(share)?;
        self.divide(&self.permutation(seed), first)
    }

    /// Divides the samples in the order they have: the first share of them, and the rest. For data in the order of time, so that no model is
    /// judged on what came before its training data.
    ///
    /// # Errors
    /// As [`split`](Dataset::split).
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0], [2.0], [3.0], [4.0]], ())?;
    /// let (past, future) = data.split_by_time(0.75)?;
    /// assert_eq!(past.inputs(0), Some(array![[1.0], [2.0], [3.0]].into_dyn()));
    /// assert_eq!(future.inputs(0), Some(array![[4.0]].into_dyn()));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn split_by_time(&self, share: f64) -> Result<(Self, Self), Error> {
        let rows: Vec<usize> = (0..self.len()).collect();
        let first = self.first_part(share)?;
        self.divide(&rows, first)
    }

    /// Divides the samples of each class at random in this ratio (rounded), and leaves at least one sample of each class to each part.
    ///
    /// # Errors
    /// As [`split`](Dataset::split); [`Error::TargetKind`] if a sample has no single class index, [`Error::Argument`] if a class has one
    /// sample only.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::Array2;
    /// let labels = [vec![0; 90], vec![1; 10]].concat();
    /// let data = Dataset::new(Array2::<f32>::zeros((100, 2)), labels)?;
    /// let (_, test) = data.split_stratified(0.8, 7)?;
    /// assert_eq!(test.labels().map(|labels| labels.sum()), Some(2)); // 2 of 20 are of class 1
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn split_stratified(&self, share: f64, seed: u64) -> Result<(Self, Self), Error> {
        check_share(share)?;
        let labels = self.class_of_each("split_stratified")?;
        let mut left = BTreeMap::new();
        for (&class, size) in &sizes(&labels) {
            if *size < 2 {
                let expected = format!(
                    "2 or more samples of each class, so that no part lacks it; class {class} has one"
                );
                return Err(Error::argument("data of split_stratified", "too small", expected));
            }
            left.insert(class, round(share, *size).clamp(1, size - 1));
        }
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for row in self.permutation(seed) {
            match left.get_mut(&labels[row]) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    first.push(row);
                }
                _ => second.push(row),
            }
        }
        Ok((self.select(&first)?, self.select(&second)?))
    }

    /// Divides whole groups at random, so that no group has samples in both parts: `groups` names the group of each sample, such as the
    /// patient of an image. The first part gets about this share of the samples, as far as the sizes of groups allow.
    ///
    /// # Errors
    /// As [`split`](Dataset::split); [`Error::Length`] if there are not as many names as samples, [`Error::Argument`] if there is one group only.
    ///
    /// ```
    /// use downhill::data::{Dataset, Source};
    /// use ndarray::Array2;
    /// let data = Dataset::new(Array2::<f32>::zeros((6, 2)), ())?;
    /// let patient = ["ann", "bob", "ann", "eve", "bob", "ann"];
    /// let (train, test) = data.split_by_group(&patient, 0.7, 7)?;
    /// for (row, other) in (0..train.len()).flat_map(|i| (0..test.len()).map(move |j| (i, j))) {
    ///     assert_ne!(patient[train.row_name(row)], patient[test.row_name(other)]);
    /// }
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn split_by_group<G: Ord>(
        &self,
        groups: &[G],
        share: f64,
        seed: u64,
    ) -> Result<(Self, Self), Error> {
        check_share(share)?;
        if groups.len() != self.len() {
            return Err(Error::length("the list of groups", groups.len(), self.len(), "the data"));
        }
        // Sorted by name, so that the division does not depend on the order of the samples.
        let mut rows_of: BTreeMap<&G, Vec<usize>> = BTreeMap::new();
        for (row, group) in groups.iter().enumerate() {
            rows_of.entry(group).or_default().push(row);
        }
        if rows_of.len() < 2 {
            return Err(Error::argument("groups", "one group only", "two groups or more"));
        }
        let mut members: Vec<Vec<usize>> = rows_of.into_values().collect();
        Noise::new(seed).at("split").shuffle(&mut members);

        let wanted = round(share, self.len());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let last = members.len() - 1;
        for (i, mut group) in members.into_iter().enumerate() {
            // Whichever leaves the first part nearer to its share; the last group goes to a part that would be empty.
            let nearer = first.len() + group.len() / 2 <= wanted;
            let goes_first =
                if i < last { nearer } else { first.is_empty() || (nearer && !second.is_empty()) };
            if goes_first { first.append(&mut group) } else { second.append(&mut group) }
        }
        first.sort_unstable();
        second.sort_unstable();
        Ok((self.select(&first)?, self.select(&second)?))
    }

    /// Whether the samples come class after class: a part taken from such data without shuffling lacks whole classes. `false` without class
    /// indices, or if there are no more samples than classes.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::Array2;
    /// let data = Dataset::new(Array2::<f32>::zeros((6, 2)), vec![0, 0, 2, 2, 1, 1])?;
    /// assert!(data.is_sorted_by_class());
    /// assert!(!data.select(&[0, 2, 4, 1, 3, 5])?.is_sorted_by_class());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn is_sorted_by_class(&self) -> bool {
        let Ok(labels) = self.class_of_each("is_sorted_by_class") else { return false };
        let classes = sizes(&labels).len();
        let runs = 1 + labels.windows(2).filter(|pair| pair[0] != pair[1]).count();
        classes > 1 && classes < labels.len() && runs == classes
    }

    /// The class index of each sample.
    pub(super) fn class_of_each(&self, place: &str) -> Result<Vec<usize>, Error> {
        match self.labels() {
            Some(labels) if labels.ndim() == 1 => Ok(labels.iter().copied().collect()),
            _ => {
                let got = self.content().targets.to_string();
                Err(Error::target_kind(place, "one class index per sample", got))
            }
        }
    }

    /// All rows in random order.
    pub(super) fn permutation(&self, seed: u64) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.len()).collect();
        Noise::new(seed).at("split").shuffle(&mut rows);
        rows
    }

    fn first_part(&self, share: f64) -> Result<usize, Error> {
        check_share(share)?;
        let first = round(share, self.len());
        if first == 0 || first == self.len() {
            let part = if first == 0 { "first" } else { "second" };
            let what = format!("the {part} part of {} samples divided at {share}", self.len());
            return Err(Error::empty(what, "choose another share, or give more samples"));
        }
        Ok(first)
    }

    fn divide(&self, rows: &[usize], first: usize) -> Result<(Self, Self), Error> {
        let (first, second) = rows.split_at(first.min(rows.len()));
        Ok((self.select(first)?, self.select(second)?))
    }
}

/// How many samples each class has.
pub(super) fn sizes(labels: &[usize]) -> BTreeMap<usize, usize> {
    let mut sizes = BTreeMap::new();
    labels.iter().for_each(|&label| *sizes.entry(label).or_insert(0) += 1);
    sizes
}

fn check_share(share: f64) -> Result<(), Error> {
    let allowed = share > 0.0 && share < 1.0;
    require::that(allowed, "share", share, "a number between 0 and 1, without the ends")
}

fn round(share: f64, len: usize) -> usize {
    (share * len as f64).round() as usize
}
