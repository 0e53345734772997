//! e^x and its kin in single precision, by formulas without branches that compilers turn into vector instructions.
//!
//! Each is a polynomial whose coefficients were fitted for the smallest largest error over the range named beside it; the tests hold every function
//! against double precision over all of single precision's range. NaN in is NaN out. Multiplications and additions stay apart, never fused, so that
//! every instruction set gives the same bits.

/// What is added to a number below 2²² to round it to a whole number: the last bit of the sum is worth 1.
const ROUND: f32 = 12_582_912.0;

/// ln 2 in two parts, of which the first has so few digits that its products with whole numbers up to 2⁸ are exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// x as n · ln 2 + r with a whole n and |r| ≤ ½ ln 2: n as a number with [`ROUND`] added to it, and r.
#[inline(always)]
fn reduce(x: f32) -> (f32, f32) {
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    (rounded, (x - n * LN_2[0]) - n * LN_2[1])
}

/// 2ⁿ as two factors, since 2ⁿ itself may be out of range where its product with another number is not. n is given with [`ROUND`] added to it.
#[inline(always)]
fn power_of_two(rounded: f32) -> (f32, f32) {
    let n = rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let half = n >> 1;
    (power(half), power(n.wrapping_sub(half)))
}

/// 2ⁿ for n in [−126, 127].
#[inline(always)]
fn power(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// e^r − 1 for |r| ≤ ½ ln 2; the relative error is below 2⁻²⁶ but for rounding.
#[inline(always)]
fn small_exp_m1(r: f32) -> f32 {
    let p = 1.395_047_6e-3;
    let p = p * r + 8.368_882e-3;
    let p = p * r + 4.166_620_6e-2;
    let p = p * r + 1.666_651_8e-1;
    let p = p * r + 0.5;
    p * (r * r) + r
}

/// Keeps x within bounds, and NaN as it is.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// e^x, off by at most 2 units in the last place.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Beyond these the result is 0 or infinite.
    let (rounded, r) = reduce(clamp(x, -104.0, 89.0));
    let (a, b) = power_of_two(rounded);
    (small_exp_m1(r) + 1.0) * a * b
}

/// e^x − 1, off by at most 2 units in the last place.
#[inline(always)]
pub fn exp_m1(x: f32) -> f32 {
    let (rounded, r) = reduce(clamp(x, -104.0, 89.0));
    let (a, b) = power_of_two(rounded);
    // b · (a · e^r − 1/b), with the difference of a and 1/b exact where it matters.
    (a * small_exp_m1(r) + (a - 1.0 / b)) * b
}

/// The hyperbolic tangent, off by at most 3 units in the last place.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let t = exp_m1(-2.0 * x.abs());
    (-t / (t + 2.0)).copysign(x)
}

/// The error function, off by at most 2 units in the last place.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let z = x.abs();
    // Up to 1: x times a polynomial of x².
    let t = x * x;
    let p = 7.889_12e-5;
    let p = p * t - 8.020_841e-4;
    let p = p * t + 5.189_535e-3;
    let p = p * t - 2.685_444_5e-2;
    let p = p * t + 1.128_36e-1;
    let p = p * t - 3.761_262_7e-1;
    // The 1 of the first coefficient is added last, where it is rounded once.
    let p = p * t + 1.283_791_7e-1;
    // Beyond: 1 − e^q, with a polynomial for the logarithm of what is missing to 1. From 4 on that is nothing.
    let far = clamp(z, 0.0, 4.0);
    let q = 1.855_748_9e-4;
    let q = q * far - 2.939_615_7e-3;
    let q = q * far + 2.180_535_1e-2;
    let q = q * far - 1.030_374_4e-1;
    let q = q * far - 6.382_256e-1;
    let q = q * far - 1.127_040_1;
    let q = q * far - 3.537_089_3e-4;
    let beyond = (1.0 - exp(q)).copysign(x);
    if z > 1.0 { beyond } else { p * x + x }
}
