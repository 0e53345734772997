//! The images of a batch, one after the other or side by side.

use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;

/// Fewer numbers than this are not split: waking a thread would take longer.
const SPLIT: usize = 1 << 14;

/// Buffers of one size to work in, one for each image that is computed at the same time.
pub(super) struct Buffers<'a, F> {
    pub values: &'a mut [F],
    pub size: usize,
}

impl<'a, F> Buffers<'a, F> {
    /// For work that needs no memory.
    pub fn none() -> Self {
        Self { values: &mut [], size: 0 }
    }

    /// Two halves, if there are two buffers or none is needed.
    fn halves(self) -> Result<(Self, Self), Self> {
        let Self { values, size } = self;
        if size > 0 && values.len() < 2 * size {
            return Err(Self { values, size });
        }
        let middle = values.len().checked_div(size).map_or(0, |buffers| buffers / 2 * size);
        let (a, b) = values.split_at_mut(middle);
        Ok((Self { values: a, size }, Self { values: b, size }))
    }
}

/// Does `work(image, out, buffer)` for every image, whose numbers in `out` are `size`; each image is computed alone, so that it does not
/// matter which of them are computed at the same time.
pub(super) fn each<F: Scalar>(
    parallel: Parallel,
    out: &mut [F],
    size: usize,
    buffers: Buffers<'_, F>,
    work: &(impl Fn(usize, &mut [F], &mut [F]) + Sync),
) {
    from(parallel, 0, out, size.max(1), buffers, work);
}

fn from<F: Scalar>(
    parallel: Parallel,
    first: usize,
    out: &mut [F],
    size: usize,
    buffers: Buffers<'_, F>,
    work: &(impl Fn(usize, &mut [F], &mut [F]) + Sync),
) {
    let images = out.len() / size;
    let halves = if parallel == Parallel::On && images > 1 && out.len() > SPLIT {
        buffers.halves()
    } else {
        Err(buffers)
    };
    match halves {
        Ok((left, right)) => {
            let half = images / 2;
            let (a, b) = out.split_at_mut(half * size);
            parallel.join(
                || from(parallel, first, a, size, left, work),
                || from(parallel, first + half, b, size, right, work),
            );
        }
        Err(Buffers { values, size: buffer }) => {
            let Some(buffer) = values.get_mut(..buffer) else { return };
            for (image, out) in out.chunks_exact_mut(size).enumerate() {
                work(first + image, out, buffer);
            }
        }
    }
}
