//! The numbers of a model's parameters, which can say whether they may have changed.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::kernel::large_pages::copied;

/// The editions so far, of all models. A count that begins anew, after four thousand million on a machine of 32 bits, would have to meet the same edition.
static EDITIONS: AtomicUsize = AtomicUsize::new(0);

/// Numbers with an edition. Copies bear the same one until one of them is changed.
#[derive(Debug)]
pub(super) struct Values<F> {
    numbers: Vec<F>,
    /// 0 until someone asks.
    edition: AtomicUsize,
}

impl<F> Values<F> {
    pub fn new(numbers: Vec<F>) -> Self {
        Self { numbers, edition: AtomicUsize::new(0) }
    }

    pub fn numbers(&self) -> &[F] {
        &self.numbers
    }

    /// The numbers, to change: whatever becomes of them is another edition.
    pub fn numbers_mut(&mut self) -> &mut Vec<F> {
        *self.edition.get_mut() = 0;
        &mut self.numbers
    }

    /// A number that no others bear but copies of these.
    pub fn edition(&self) -> usize {
        match self.edition.load(Relaxed) {
            0 => {
                let new = EDITIONS.fetch_add(1, Relaxed).wrapping_add(1).max(1);
                // Another thread may have been asked at the same time.
                match self.edition.compare_exchange(0, new, Relaxed, Relaxed) {
                    Ok(_) => new,
                    Err(theirs) => theirs,
                }
            }
            edition => edition,
        }
    }
}

impl<F: Clone> Clone for Values<F> {
    fn clone(&self) -> Self {
        Self { numbers: copied(&self.numbers), edition: AtomicUsize::new(self.edition()) }
    }

    fn clone_from(&mut self, other: &Self) {
        self.numbers.clone_from(&other.numbers);
        *self.edition.get_mut() = other.edition();
    }
}

#[cfg(test)]
mod tests {
    use super::Values;

    #[test]
    fn an_edition_is_that_of_copies_and_of_nothing_else() {
        let mut values = Values::new(vec![1.0, 2.0]);
        let first = values.edition();
        let mut copy = values.clone();
        assert_eq!([values.edition(), copy.edition()], [first, first]);
        values.numbers_mut()[0] = 3.0;
        copy.numbers_mut()[0] = 3.0;
        assert_ne!(values.edition(), first);
        assert_ne!(copy.edition(), first);
        assert_ne!(values.edition(), copy.edition());
        copy.clone_from(&values);
        assert_eq!(values.edition(), copy.edition());
        assert_ne!(Values::new(vec![1.0, 2.0]).edition(), first);
    }
}
