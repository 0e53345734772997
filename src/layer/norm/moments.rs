//! Mean and variance, summed in double precision and in one order.

use crate::kernel::wide::{Loop, wide};
use crate::scalar::Scalar;

/// Mean and variance of some numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    pub count: usize,
    pub mean: f64,
    /// The mean squared distance from the mean.
    pub variance: f64,
}

impl Moments {
    /// Of all the numbers in these stretches, which are read twice: squares of distances do not cancel as differences of squares do.
    pub fn of<'a, F: Scalar>(stretches: impl Iterator<Item = &'a [F]> + Clone) -> Self {
        let count: usize = stretches.clone().map(<[F]>::len).sum();
        let sums = stretches.clone().map(|x| sum_of(x, x, |x, _| x.as_f64()));
        let mean = sums.sum::<f64>() / count as f64;
        let squares =
            stretches.map(|x| sum_of(x, x, |x, _| (x.as_f64() - mean) * (x.as_f64() - mean)));
        Self { count, mean, variance: squares.sum::<f64>() / count as f64 }
    }

    /// What the numbers are multiplied by after their mean was taken away.
    pub fn scale(&self, epsilon: f64) -> f64 {
        scale(self.variance, epsilon)
    }

    /// The variance that they are a sample of; one number says nothing about it.
    pub fn unbiased(&self) -> Option<f64> {
        let count = self.count as f64;
        (self.count > 1).then(|| self.variance * (count / (count - 1.0)))
    }
}

/// What numbers of this variance are multiplied by.
#[inline(always)]
pub(super) fn scale(variance: f64, epsilon: f64) -> f64 {
    1.0 / (variance + epsilon).sqrt()
}

/// Σ term(aᵢ, bᵢ) in 32 partial sums, which the compiler keeps in vector registers: four of the widest, so that no addition waits for the one before. (By
/// `kernel::sum`, which joins the strands in another way, a step of the workload w5 takes 3 % longer.)
pub(super) fn sum_of<F: Scalar>(a: &[F], b: &[F], term: impl Fn(F, F) -> f64) -> f64 {
    let mut total = 0.0;
    wide::<Sum, _>((a, b, term, &mut total));
    total
}

struct Sum;

impl<'a, F: Scalar, T: Fn(F, F) -> f64> Loop<(&'a [F], &'a [F], T, &'a mut f64)> for Sum {
    #[inline(always)]
    fn run((a, b, term, total): (&'a [F], &'a [F], T, &'a mut f64)) {
        let term = |(&a, &b): (&F, &F)| term(a, b);
        let (a, a_tail) = a.as_chunks::<32>();
        let (b, b_tail) = b.as_chunks::<32>();
        let mut sums = [0.0; 32];
        for (a, b) in a.iter().zip(b) {
            for (sum, pair) in sums.iter_mut().zip(a.iter().zip(b)) {
                *sum += term(pair);
            }
        }
        *total = sums.iter().sum::<f64>() + a_tail.iter().zip(b_tail).map(term).sum::<f64>();
    }
}
