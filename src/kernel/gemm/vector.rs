//! What a micro-kernel needs from a register of numbers.

/// A register of [`Vector::LANES`] numbers.
///
/// Every method is inlined into a function that has the instruction set enabled; on its own it must not be called.
pub trait Vector<F>: Copy {
    /// How many numbers the register holds.
    const LANES: usize;

    /// `x` in every lane.
    ///
    /// # Safety
    /// The machine has the instruction set.
    unsafe fn splat(x: F) -> Self;

    /// The numbers from `from` on, at any alignment.
    ///
    /// # Safety
    /// The machine has the instruction set, and `LANES` numbers can be read.
    unsafe fn load(from: *const F) -> Self;

    /// The first `count` numbers from `from` on, the other lanes zero; `count` is below `LANES`.
    ///
    /// # Safety
    /// The machine has the instruction set, and `count` numbers can be read.
    unsafe fn load_part(from: *const F, count: usize) -> Self;

    /// Writes every lane to `to`, at any alignment.
    ///
    /// # Safety
    /// The machine has the instruction set, and `LANES` numbers can be written.
    unsafe fn store(self, to: *mut F);

    /// Writes the first `count` lanes to `to`; `count` is below `LANES`.
    ///
    /// # Safety
    /// The machine has the instruction set, and `count` numbers can be written.
    unsafe fn store_part(self, to: *mut F, count: usize);

    /// `self * factor + sum`, lane by lane.
    ///
    /// # Safety
    /// The machine has the instruction set.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;

    /// [`STRIPE`](Vector::STRIPE) registers.
    type Stripe: AsRef<[Self]>;

    /// How many columns are transposed at a time: as many as a row of numbers has that fill 16 bytes.
    const STRIPE: usize;

    /// The columns of `LANES` rows of `STRIPE` numbers, `stride` apart.
    ///
    /// # Safety
    /// The machine has the instruction set, and each row can be read.
    unsafe fn columns(from: *const F, stride: usize) -> Self::Stripe;
}
