//! Which keys a query may see.

use crate::scalar::Scalar;

/// The keys of one sample. Those that the mask blocks are left out of all work, so that whatever they hold has no influence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys<'a, F> {
    pub count: usize,
    /// For each key 0 if it may be seen, by any query.
    pub mask: Option<&'a [F]>,
    /// Whether query i sees the keys 0 to i alone.
    pub causal: bool,
}

impl<F: Scalar> Keys<'_, F> {
    /// The keys that are not blocked, in their order. A NaN in the mask blocks nothing.
    pub fn kept(&self) -> impl Iterator<Item = usize> {
        (0..self.count).filter(move |&key| self.doubt(key).is_some())
    }

    /// What the keys that a query sees are below, blocked or not.
    pub fn end(&self, query: usize) -> usize {
        if self.causal { self.count.min(query + 1) } else { self.count }
    }

    /// How many of the kept keys a query sees; they are the first ones.
    pub fn seen_by(&self, query: usize) -> usize {
        let end = self.end(query);
        match self.mask {
            Some(_) => (0..end).filter(|&key| self.doubt(key).is_some()).count(),
            None => end,
        }
    }

    /// What is added to a key that is not blocked: 0, or the NaN that its mask holds.
    fn doubt(&self, key: usize) -> Option<F> {
        let mask = self.mask.map_or(F::zero(), |mask| mask[key]);
        (mask == F::zero() || mask.is_nan()).then_some(mask)
    }

    /// Copies `size` features from `first` on of all kept keys, one row after the other.
    pub fn gather(&self, rows: &[F], features: usize, first: usize, to: &mut [F], size: usize) {
        for (key, to) in self.kept().zip(to.chunks_exact_mut(size)) {
            let doubt = self.doubt(key).unwrap_or_default();
            let from = &rows[key * features + first..][..size];
            to.iter_mut().zip(from).for_each(|(to, &from)| *to = from + doubt);
        }
    }

    /// Copies the rows back to those features; blocked keys get 0.
    pub fn scatter(&self, from: &[F], size: usize, rows: &mut [F], features: usize, first: usize) {
        let mut from = from.chunks_exact(size);
        for (key, row) in rows.chunks_exact_mut(features).enumerate() {
            let to = &mut row[first..][..size];
            match self.doubt(key).and_then(|_| from.next()) {
                Some(from) => to.copy_from_slice(from),
                None => to.fill(F::zero()),
            }
        }
    }
}
