//! Random numbers that are recomputed, never stored.
//!
//! Every random choice is a pure function of the run's seed and of where it is made: the data order of (seed, epoch), a dropout mask of
//! (seed, step, layer, sample, element), an initial weight of (seed, parameter name, element). So there is no generator state to save, and
//! no thread count, batch split or restart can change a draw.

mod philox;

pub use philox::philox4x32;

/// A stream of random numbers addressed by index: number `i` is the same whenever and wherever it is asked for.
///
/// Draws come from Philox4x32-10 (Salmon, Moraes, Dror, Shaw: *Parallel random numbers: as easy as 1, 2, 3*, SC 2011), 64 bits to a draw.
///
/// ```
/// use downhill::random::Noise;
/// let epoch_3 = Noise::new(7).at("order").step(3);
/// assert_eq!(epoch_3.uniform(5), epoch_3.uniform(5));
/// assert_ne!(epoch_3.uniform(5), Noise::new(7).at("order").step(4).uniform(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    key: u64,
}

impl Noise {
    /// The root stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self { key: seed }
    }

    /// The stream for a named purpose or place, such as `"order"` or a layer's path.
    #[must_use]
    pub fn at(self, place: &str) -> Self {
        // FNV-1a, 64 bits: only has to give different places different numbers.
        let hash = place.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
        });
        self.derive(hash, 1)
    }

    /// The stream for a step, an epoch or a sample.
    #[must_use]
    pub fn step(self, step: u64) -> Self {
        self.derive(step, 2)
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&self, index: u64) -> u64 {
        let [a, b, c, d] = philox4x32(split(index / 2, 0), halves(self.key));
        if index.is_multiple_of(2) { join(a, b) } else { join(c, d) }
    }

    /// A number in [0, 1), one of 2⁵³ equally likely ones.
    #[inline]
    pub fn uniform(&self, index: u64) -> f64 {
        (self.bits(index) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number of the normal distribution with mean 0 and variance 1 (by Box and Muller).
    #[inline]
    pub fn normal(&self, index: u64) -> f64 {
        let [a, b, c, d] = philox4x32(split(index, 1), halves(self.key));
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let u = 1.0 - (join(a, b) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64);
        let v = (join(c, d) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64);
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// An integer in 0..`n` (0 if `n` is 0), by the high half of a 64 × 64-bit product; no `n` below 2³² is off by more than 2⁻³².
    #[inline]
    pub fn below(&self, index: u64, n: usize) -> usize {
        ((u128::from(self.bits(index)) * n as u128) >> 64) as usize
    }

    /// Puts `items` in random order (Fisher and Yates).
    pub fn shuffle<T>(&self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64, i + 1));
        }
    }

    fn derive(self, number: u64, kind: u32) -> Self {
        let [a, b, ..] = philox4x32(split(number, 0xd011_0000 | kind), halves(self.key));
        Self { key: join(a, b) }
    }
}

fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

fn split(index: u64, kind: u32) -> [u32; 4] {
    [index as u32, (index >> 32) as u32, kind, 0]
}

fn join(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}
