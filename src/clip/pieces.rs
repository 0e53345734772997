//! Work split by its size alone, so that any number of threads gives the same bits.

use crate::kernel::parallel::Parallel;
use crate::kernel::wide::{Loop, wide};

/// Stretches up to this length are worked on by one thread; a smaller one is not worth handing over.
const PIECE: usize = 1 << 16;

/// Where to cut a stretch in two; `None` if it is short enough. Depends on the length alone.
pub(super) fn middle(length: usize) -> Option<usize> {
    (length > PIECE).then(|| (length / 2).next_multiple_of(PIECE))
}

/// Changes every element by itself.
pub(super) fn for_each<T: Send>(
    values: &mut [T],
    parallel: Parallel,
    work: &(impl Fn(&mut T) + Sync),
) {
    in_pieces(values, parallel, &|piece| wide::<Each, _>((piece, work)));
}

/// Calls the work through a pointer, so that this is compiled once for all work.
fn in_pieces<T: Send>(values: &mut [T], parallel: Parallel, work: &(dyn Fn(&mut [T]) + Sync)) {
    match middle(values.len()) {
        Some(middle) if parallel == Parallel::On => {
            let (left, right) = values.split_at_mut(middle);
            parallel.join(|| in_pieces(left, parallel, work), || in_pieces(right, parallel, work));
        }
        _ => work(values),
    }
}

struct Each;

impl<'a, T, W: Fn(&mut T)> Loop<(&'a mut [T], &'a W)> for Each {
    #[inline(always)]
    fn run((values, work): (&'a mut [T], &'a W)) {
        values.iter_mut().for_each(work);
    }
}
