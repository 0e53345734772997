//! The matrix product against its specification, for every kernel of this machine.

use downhill::Scalar;
use downhill::kernel::gemm::{
    Bias, Gemm, Matrix, gemm, gemm_plain, gemm_with, pack, pack_with, packed_length,
    portable::Portable,
};
use downhill::kernel::parallel::Parallel;
use proptest::prelude::*;

/// A product by one kernel; false if this machine does not have it.
type Product<F> = fn(Gemm<'_, F>) -> bool;

/// Copies B for a product; false if this machine does not have the kernel.
type Packing<F> = fn(usize, usize, Matrix<'_, F>, &mut [F]) -> bool;

/// A scalar with the names of its kernels.
trait Kernels: Scalar {
    fn kernels() -> Vec<(&'static str, Product<Self>)>;

    /// What copies B for each of them.
    fn packings() -> Vec<Packing<Self>>;
}

impl Kernels for f32 {
    fn kernels() -> Vec<(&'static str, Product<f32>)> {
        vec![
            ("portable", gemm_with::<f32, Portable>),
            #[cfg(target_arch = "x86_64")]
            ("avx2", gemm_with::<f32, downhill::kernel::gemm::avx2::Avx2F32>),
            #[cfg(target_arch = "x86_64")]
            ("avx512", gemm_with::<f32, downhill::kernel::gemm::avx512::Avx512F32>),
            ("dispatched", dispatched),
        ]
    }

    fn packings() -> Vec<Packing<f32>> {
        vec![
            pack_with::<f32, Portable>,
            #[cfg(target_arch = "x86_64")]
            pack_with::<f32, downhill::kernel::gemm::avx2::Avx2F32>,
            #[cfg(target_arch = "x86_64")]
            pack_with::<f32, downhill::kernel::gemm::avx512::Avx512F32>,
            packed_as_dispatched,
        ]
    }
}

impl Kernels for f64 {
    fn kernels() -> Vec<(&'static str, Product<f64>)> {
        vec![
            ("portable", gemm_with::<f64, Portable>),
            #[cfg(target_arch = "x86_64")]
            ("avx2", gemm_with::<f64, downhill::kernel::gemm::avx2::Avx2F64>),
            #[cfg(target_arch = "x86_64")]
            ("avx512", gemm_with::<f64, downhill::kernel::gemm::avx512::Avx512F64>),
            ("dispatched", dispatched),
        ]
    }

    fn packings() -> Vec<Packing<f64>> {
        vec![
            pack_with::<f64, Portable>,
            #[cfg(target_arch = "x86_64")]
            pack_with::<f64, downhill::kernel::gemm::avx2::Avx2F64>,
            #[cfg(target_arch = "x86_64")]
            pack_with::<f64, downhill::kernel::gemm::avx512::Avx512F64>,
            packed_as_dispatched,
        ]
    }
}

fn dispatched<F: Scalar>(job: Gemm<'_, F>) -> bool {
    gemm(job);
    true
}

fn packed_as_dispatched<F: Scalar>(k: usize, n: usize, b: Matrix<'_, F>, to: &mut [F]) -> bool {
    pack(k, n, b, to)
}

/// How a matrix is laid out in its slice.
#[derive(Clone, Copy, Debug)]
struct Layout {
    transposed: bool,
    /// Numbers left out after each number, and after each row.
    gaps: (usize, usize),
}

impl Layout {
    const PLAIN: Self = Self { transposed: false, gaps: (0, 0) };
    const TRANSPOSED: Self = Self { transposed: true, gaps: (0, 0) };
}

/// A matrix with its own numbers.
#[derive(Clone, Debug)]
struct Owned<F> {
    values: Vec<F>,
    row_stride: usize,
    column_stride: usize,
}

impl<F: Scalar> Owned<F> {
    /// Pseudo-random numbers in [-1, 1); the gaps hold NaN, which would show in the result if they were read.
    fn new(rows: usize, columns: usize, layout: Layout, seed: u64) -> Self {
        let inner = layout.gaps.0 + 1;
        let outer = if layout.transposed { rows } else { columns } * inner + layout.gaps.1;
        let [row_stride, column_stride] =
            if layout.transposed { [inner, outer] } else { [outer, inner] };
        let last = rows.saturating_sub(1) * row_stride + columns.saturating_sub(1) * column_stride;
        let mut values = vec![F::nan(); last + 1];
        let mut random = numbers(seed);
        for i in 0..rows {
            for j in 0..columns {
                values[i * row_stride + j * column_stride] = F::of(random());
            }
        }
        Self { values, row_stride, column_stride }
    }

    fn view(&self) -> Matrix<'_, F> {
        Matrix {
            values: &self.values,
            row_stride: self.row_stride,
            column_stride: self.column_stride,
        }
    }

    fn absolute(&self) -> Self {
        Self { values: self.values.iter().map(|x| x.abs()).collect(), ..*self }
    }
}

/// Numbers in [-1, 1) from a multiplicative generator.
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D);
        (state >> 33) as f64 / (1_u64 << 30) as f64 - 1.0
    }
}

/// The sizes of a product and how it is laid out.
#[derive(Clone, Debug)]
struct Case {
    m: usize,
    n: usize,
    k: usize,
    a: Layout,
    b: Layout,
    beta: f64,
    seed: u64,
}

impl Case {
    fn factors<F: Scalar>(&self) -> (Owned<F>, Owned<F>) {
        (
            Owned::new(self.m, self.k, self.a, self.seed),
            Owned::new(self.k, self.n, self.b, self.seed + 1),
        )
    }

    fn old_c<F: Scalar>(&self) -> Vec<F> {
        let mut random = numbers(self.seed + 2);
        (0..self.m * self.n).map(|_| F::of(random())).collect()
    }

    fn job<'a, F: Scalar>(&self, a: &'a Owned<F>, b: &'a Owned<F>, c: &'a mut [F]) -> Gemm<'a, F> {
        Gemm {
            m: self.m,
            n: self.n,
            k: self.k,
            a: a.view(),
            b: b.view(),
            packed: None,
            beta: F::of(self.beta),
            bias: None,
            c,
            parallel: Parallel::Off,
        }
    }

    /// A product with a copy of B gives these bits, and does not read B, for any number of threads.
    fn check_packed<F: Kernels>(&self, product: Product<F>, pack: Packing<F>, expected: &[F]) {
        let (a, mut b) = self.factors::<F>();
        let mut copy = vec![F::nan(); packed_length(self.k, self.n)];
        assert!(pack(self.k, self.n, b.view(), &mut copy));
        b.values.fill(F::nan());
        for parallel in [Parallel::Off, Parallel::On] {
            let mut c = self.old_c::<F>();
            product(Gemm { packed: Some(&copy), parallel, ..self.job(&a, &b, &mut c) });
            assert_eq!(c, expected, "{self:?}, {parallel:?}");
        }
    }

    /// A bias gives the bits that it gives as the old C.
    fn check_bias<F: Scalar>(&self, product: Product<F>, by_rows: bool) {
        let (a, b) = self.factors::<F>();
        let mut random = numbers(self.seed + 3);
        let length = if by_rows { self.m } else { self.n };
        let numbers: Vec<F> = (0..length).map(|_| F::of(random())).collect();
        let places =
            (0..self.m).flat_map(|i| (0..self.n).map(move |j| if by_rows { i } else { j }));
        let mut added: Vec<F> = places.map(|place| numbers[place]).collect();
        let mut biased = vec![F::nan(); self.m * self.n];
        if product(Gemm { beta: F::one(), ..self.job(&a, &b, &mut added) }) {
            let bias = bias_of(Some(by_rows), &numbers);
            product(Gemm { bias, ..self.job(&a, &b, &mut biased) });
            assert_eq!(added, biased, "{self:?}, bias of rows: {by_rows}");
        }
    }

    /// Every kernel gives what the plain loop gives, but for rounding; a row of the batch is the same bits as alone.
    fn check<F: Kernels>(&self) {
        let (a, b) = self.factors::<F>();
        let mut plain = self.old_c::<F>();
        gemm_plain(self.job(&a, &b, &mut plain));
        // The sum of the absolute products bounds the rounding error.
        let mut bound = self.old_c::<F>().iter().map(|c| c.abs()).collect::<Vec<F>>();
        gemm_plain(self.job(&a.absolute(), &b.absolute(), &mut bound));
        let plainly: Product<F> = |job| {
            gemm_plain(job);
            true
        };
        for product in F::kernels().into_iter().map(|(_, product)| product).chain([plainly]) {
            self.check_bias(product, false);
            self.check_bias(product, true);
        }
        for ((name, product), pack) in F::kernels().into_iter().zip(F::packings()) {
            let mut c = self.old_c::<F>();
            if !product(self.job(&a, &b, &mut c)) {
                continue;
            }
            self.check_packed(product, pack, &c);
            for (i, ((&c, &plain), &bound)) in c.iter().zip(&plain).zip(&bound).enumerate() {
                let tolerance = F::of(self.k as f64 + 4.0) * F::epsilon() * bound;
                assert!((c - plain).abs() <= tolerance, "{name}, {i}: {c}, not {plain}; {self:?}");
            }
            if self.m > 0 {
                let row = self.seed as usize % self.m;
                let mut alone = self.old_c::<F>()[row * self.n..(row + 1) * self.n].to_vec();
                let job = self.job(&a, &b, &mut alone);
                let values = a.values.get(row * a.row_stride..).unwrap_or_default();
                assert!(product(Gemm { m: 1, a: Matrix { values, ..a.view() }, ..job }));
                assert_eq!(alone, c[row * self.n..(row + 1) * self.n], "{name}, row {row}");
            }
        }
    }
}

fn size() -> impl Strategy<Value = usize> {
    let edges = vec![0_usize, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65];
    prop_oneof![3 => prop::sample::select(edges), 2 => 0..140_usize]
}

fn layout() -> impl Strategy<Value = Layout> {
    let gaps = prop_oneof![3 => Just((0, 0)), 1 => (0..3_usize, 0..4_usize)];
    (any::<bool>(), gaps).prop_map(|(transposed, gaps)| Layout { transposed, gaps })
}

fn case() -> impl Strategy<Value = Case> {
    let length = prop_oneof![4 => size(), 1 => 380..800_usize];
    let beta = prop::sample::select(vec![0.0, 1.0, 0.5]);
    (size(), size(), length, layout(), layout(), beta, 0..1000_u64)
        .prop_map(|(m, n, k, a, b, beta, seed)| Case { m, n, k, a, b, beta, seed })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn single_precision_meets_the_specification(case in case()) {
        case.check::<f32>();
    }

    #[test]
    fn double_precision_meets_the_specification(case in case()) {
        case.check::<f64>();
    }
}

/// Numbers that begin so many after a line of the cache does, with NaN before and after them.
struct Placed<F> {
    values: Vec<F>,
    start: usize,
    length: usize,
}

impl<F: Scalar> Placed<F> {
    const GUARD: usize = 64;

    fn new(numbers: &[F], shift: usize) -> Self {
        let length = numbers.len();
        let mut values = vec![F::nan(); 3 * Self::GUARD + shift + length];
        let start = Self::GUARD + values[Self::GUARD..].as_ptr().align_offset(64) + shift;
        values[start..start + length].copy_from_slice(numbers);
        Self { values, start, length }
    }

    fn numbers(&self) -> &[F] {
        &self.values[self.start..][..self.length]
    }

    fn numbers_mut(&mut self) -> &mut [F] {
        &mut self.values[self.start..][..self.length]
    }

    /// What was not among the numbers is still NaN.
    fn is_guarded(&self) -> bool {
        let (before, after) =
            (&self.values[..self.start], &self.values[self.start + self.length..]);
        before.iter().chain(after).all(|x| x.is_nan())
    }
}

/// No bias, or one of rows or of columns.
fn bias_of<F>(rows: Option<bool>, numbers: &[F]) -> Option<Bias<'_, F>> {
    rows.map(|rows| if rows { Bias::Rows(numbers) } else { Bias::Columns(numbers) })
}

/// Where each of the slices begins, in numbers after a line of the cache.
fn shifts() -> impl Strategy<Value = [usize; 4]> {
    prop::array::uniform4(0..16_usize)
}

/// The sizes around those of registers, tiles and lines of the cache.
fn length() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![0_usize, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65])
}

impl Case {
    /// Slices that begin anywhere give the bits of slices that begin where the allocator put them, and nothing beside C is written.
    fn check_places<F: Kernels>(&self, shifts: [usize; 4], bias: Option<bool>) {
        let (a, b) = self.factors::<F>();
        let mut random = numbers(self.seed + 3);
        let offsets: Vec<F> = (0..self.m.max(self.n)).map(|_| F::of(random())).collect();
        let placed = |numbers: &[F], i: usize| Placed::new(numbers, shifts[i]);
        let (a_placed, b_placed) = (placed(&a.values, 0), placed(&b.values, 1));
        let offsets_placed = placed(&offsets, 3);
        for ((name, product), pack) in F::kernels().into_iter().zip(F::packings()) {
            let (mut c, mut c_placed) = (self.old_c::<F>(), placed(&self.old_c::<F>(), 2));
            if !product(Gemm { bias: bias_of(bias, &offsets), ..self.job(&a, &b, &mut c) }) {
                continue;
            }
            let mut copy = placed(&vec![F::nan(); packed_length(self.k, self.n)], 3);
            pack(self.k, self.n, b.view(), copy.numbers_mut());
            assert!(copy.is_guarded(), "{name}: {self:?}, {shifts:?}");
            let mut of_copy = placed(&self.old_c::<F>(), 2);
            product(Gemm {
                bias: bias_of(bias, &offsets),
                packed: Some(copy.numbers()),
                ..self.job(&a, &b, of_copy.numbers_mut())
            });
            assert!(c == of_copy.numbers(), "{name}: {self:?}, {shifts:?}");
            assert!(of_copy.is_guarded(), "{name}: {self:?}, {shifts:?}");
            product(Gemm {
                a: Matrix { values: a_placed.numbers(), ..a.view() },
                b: Matrix { values: b_placed.numbers(), ..b.view() },
                bias: bias_of(bias, offsets_placed.numbers()),
                ..self.job(&a, &b, c_placed.numbers_mut())
            });
            assert!(c == c_placed.numbers(), "{name}: {self:?}, {shifts:?}");
            assert!(c_placed.is_guarded(), "{name}: {self:?}, {shifts:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slices_may_begin_anywhere(
        (m, n, k) in (length(), length(), length()),
        (a, b) in (layout(), layout()),
        beta in prop::sample::select(vec![0.0, 1.0, 0.5]),
        bias in prop::sample::select(vec![None, Some(false), Some(true)]),
        shifts in shifts(),
    ) {
        let case = Case { m, n, k, a, b, beta, seed: 11 };
        case.check_places::<f32>(shifts, bias);
        case.check_places::<f64>(shifts, bias);
    }
}

/// Cases with many blocks of columns and of k, and all four ways to store the factors.
fn big_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for a in [Layout::PLAIN, Layout::TRANSPOSED] {
        for b in [Layout::PLAIN, Layout::TRANSPOSED] {
            for (m, n, k) in
                [(203, 389, 97), (30, 1100, 790), (301, 70, 400), (97, 129, 300), (1, 389, 797)]
            {
                cases.push(Case { m, n, k, a, b, beta: 0.5, seed: 9 });
            }
        }
    }
    cases
}

#[test]
fn big_products_meet_the_specification() {
    for case in big_cases() {
        case.check::<f32>();
        case.check::<f64>();
    }
}

#[cfg(feature = "threads")]
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    fn check<F: Kernels>(pool: &rayon::ThreadPool, case: &Case) {
        let (a, b) = case.factors::<F>();
        for (name, product) in F::kernels() {
            let mut alone = case.old_c::<F>();
            product(case.job(&a, &b, &mut alone));
            let mut together = case.old_c::<F>();
            pool.install(|| {
                let job = case.job(&a, &b, &mut together);
                product(Gemm { parallel: Parallel::On, ..job })
            });
            assert_eq!(alone, together, "{name} on {} threads", pool.current_num_threads());
        }
    }
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for case in big_cases() {
            check::<f32>(&pool, &case);
            check::<f64>(&pool, &case);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn kernels_that_fuse_give_the_same_bits() {
    use downhill::kernel::gemm::{Kernel, avx2, avx512};

    fn check<F: Kernels, A: Kernel<F>, B: Kernel<F>>() {
        for case in big_cases() {
            let (a, b) = case.factors::<F>();
            let mut narrow = case.old_c::<F>();
            let mut wide = case.old_c::<F>();
            if gemm_with::<F, A>(case.job(&a, &b, &mut narrow))
                && gemm_with::<F, B>(case.job(&a, &b, &mut wide))
            {
                assert_eq!(narrow, wide);
            }
        }
    }
    check::<f32, avx2::Avx2F32, avx512::Avx512F32>();
    check::<f64, avx2::Avx2F64, avx512::Avx512F64>();
}

/// A case with edges on all sides.
fn ragged(beta: f64) -> Case {
    Case { m: 23, n: 37, k: 19, a: Layout::PLAIN, b: Layout::TRANSPOSED, beta, seed: 5 }
}

#[test]
fn beta_zero_overwrites_nan() {
    fn check<F: Kernels>() {
        for k in [0, 19] {
            let case = Case { k, ..ragged(0.0) };
            let (a, b) = case.factors::<F>();
            for (name, product) in F::kernels() {
                let mut c = vec![F::nan(); case.m * case.n];
                let ran = product(case.job(&a, &b, &mut c));
                assert!(!ran || c.iter().all(|c| c.is_finite()), "{name}, k = {k}");
            }
        }
    }
    check::<f32>();
    check::<f64>();
}

#[test]
fn a_product_of_nothing_scales_the_old_values() {
    for (_, product) in f32::kernels() {
        let case = Case { k: 0, ..ragged(0.5) };
        let (a, b) = case.factors::<f32>();
        let old = case.old_c::<f32>();
        let mut c = old.clone();
        if product(case.job(&a, &b, &mut c)) {
            assert!(c.iter().zip(&old).all(|(&c, &old)| c == 0.5 * old));
        }
    }
}

#[test]
fn what_is_not_finite_spreads_as_in_arithmetic() {
    fn check<F: Kernels>() {
        let case = ragged(1.0);
        for (name, product) in F::kernels() {
            let (mut a, mut b) = case.factors::<F>();
            a.values[3 * a.row_stride + 2] = F::nan();
            // Infinity times zero is NaN: no kernel may skip a zero.
            b.values[4 + 11 * b.column_stride] = F::infinity();
            a.values[7 * a.row_stride + 4] = F::zero();
            let mut c = case.old_c::<F>();
            if !product(case.job(&a, &b, &mut c)) {
                continue;
            }
            for (i, c) in c.iter().enumerate() {
                let (row, column) = (i / case.n, i % case.n);
                let nan = row == 3 || (row, column) == (7, 11);
                assert_eq!(c.is_nan(), nan, "{name}, ({row}, {column})");
                assert_eq!(c.is_infinite(), column == 11 && !nan, "{name}, ({row}, {column})");
            }
        }
    }
    check::<f32>();
    check::<f64>();
}

/// Each of the slices too short for its sizes, and sizes whose product overflows.
#[test]
fn short_slices_are_refused() {
    let values = [1.0_f32; 12];
    let huge = usize::MAX;
    let fitting = (3, 3, 3, 9);
    let short = [(4, 3, 3, 12), (3, 4, 3, 12), (3, 3, 3, 8), (huge, 2, 3, 12), (3, huge, 3, 12)];
    for (m, n, k, length) in short.into_iter().chain([fitting]) {
        let of = |kind: fn(&'static [f32]) -> Bias<'static, f32>| {
            [2, 3].map(move |length| Some((kind(&[1.0; 3][..length]), length)))
        };
        let biases = [of(Bias::Columns), of(Bias::Rows)].concat();
        for bias in biases.into_iter().chain([None]) {
            let mut c = vec![7.0_f32; length];
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                gemm(Gemm {
                    m,
                    n,
                    k,
                    a: Matrix { values: &values, row_stride: 4, column_stride: 1 },
                    b: Matrix { values: &values[..9], row_stride: 3, column_stride: 1 },
                    packed: None,
                    beta: 0.0,
                    bias: bias.map(|(bias, _)| bias),
                    c: &mut c,
                    parallel: Parallel::Off,
                });
            }));
            let fits = (m, n, k, length) == fitting && bias.is_none_or(|(_, length)| length == 3);
            assert_eq!(outcome.is_err(), cfg!(debug_assertions) && !fits, "{m}, {n}, {k}");
            let expected = if !fits {
                7.0
            } else if bias.is_some() {
                4.0
            } else {
                3.0
            };
            assert!(c.iter().all(|&c| c == expected), "{m}, {n}, {k}: {c:?}");
        }
    }
}

/// A copy of B without room, of a B that is too short, and one that is too short for the product.
#[test]
fn short_copies_are_refused() {
    let refused = |run: &mut dyn FnMut()| {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        assert_eq!(outcome.is_err(), cfg!(debug_assertions));
    };
    let values = [1.0_f32; 12];
    let matrix = Matrix::row_major(&values, 4);
    let length = packed_length(3, 4);
    for (k, n, room) in [(3, 4, length - 1), (4, 4, 100), (3, 5, 100), (usize::MAX, 4, 100)] {
        let mut to = vec![7.0; room];
        refused(&mut || {
            pack(k, n, matrix, &mut to);
        });
        assert!(to.iter().all(|&x| x == 7.0));
    }
    let mut copy = vec![0.0; length];
    assert!(pack(3, 4, matrix, &mut copy));
    let mut c = vec![7.0; 4];
    for (copy, expected) in [(&copy[..length - 1], 7.0), (&copy, 3.0)] {
        let mut run = || {
            gemm(Gemm {
                m: 1,
                n: 4,
                k: 3,
                a: Matrix::row_major(&values, 3),
                b: matrix,
                packed: Some(copy),
                beta: 0.0,
                bias: None,
                c: &mut c,
                parallel: Parallel::Off,
            });
        };
        if expected == 7.0 {
            refused(&mut run)
        } else {
            run()
        }
        assert_eq!(c, [expected; 4]);
    }
}
