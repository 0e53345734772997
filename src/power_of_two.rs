//! Units in which numbers of any size can be squared and summed.

/// 2⁻¹⁰⁰⁰ and 2¹⁰⁰⁰: units between them have an exact inverse.
pub(crate) const SMALLEST_UNIT: f64 = f64::MIN_POSITIVE * (1 << 22) as f64;
const LARGEST_UNIT: f64 = 1.0 / SMALLEST_UNIT;

/// The power of two at or below a number, as far as it has an exact inverse.
pub(crate) fn unit_of(number: f64) -> f64 {
    let exponent_bits = f64::INFINITY.to_bits();
    f64::from_bits(number.clamp(SMALLEST_UNIT, LARGEST_UNIT).to_bits() & exponent_bits)
}
