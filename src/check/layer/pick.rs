//! Settings and shapes, drawn by the choices of a case.

use std::ops::Range;

use crate::shape::Shape;

/// Draws settings and shapes, one choice of the case after the other, so that a broken case shrinks to the simplest ones.
///
/// The closures that give a layer and its inputs begin at the same choice: what both draw first is the same for both.
///
/// ```
/// use downhill::check::layer::Pick;
/// let mut pick = Pick::new(&[7, 1]);
/// assert_eq!(pick.size(1..5), 1 + 7 % 4);
/// assert!(pick.flag());
/// assert_eq!(pick.size(2..9), 2); // no choice is left: the simplest
/// ```
#[derive(Clone, Debug)]
pub struct Pick<'c> {
    choices: &'c [usize],
}

impl<'c> Pick<'c> {
    /// Draws by these choices.
    pub fn new(choices: &'c [usize]) -> Self {
        Self { choices }
    }

    fn next(&mut self) -> usize {
        let Some((&first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        first
    }

    /// A number of this range, which shrinks to its start.
    pub fn size(&mut self, range: Range<usize>) -> usize {
        range.start + self.next() % range.len().max(1)
    }

    /// Yes or no; shrinks to no.
    pub fn flag(&mut self) -> bool {
        self.next() % 2 == 1
    }

    /// One of the numbers between these two, which shrinks to the first.
    pub fn number(&mut self, range: Range<f64>) -> f64 {
        range.start + (range.end - range.start) * self.next() as f64 / 1_000.0
    }

    /// A shape of one to three axes of one to four.
    pub fn shape(&mut self) -> Shape {
        let axes = self.size(1..4);
        self.axes(axes)
    }

    /// A shape of this many axes of one to four.
    pub fn axes(&mut self, count: usize) -> Shape {
        (0..count).map(|_| self.size(1..5)).collect::<Vec<_>>().into()
    }
}
