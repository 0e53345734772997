//! A problem that is a formula.

use super::Problem;

/// A problem without data: a formula and its gradient.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Where to start.
    pub start: &'static [f64],
    /// Where its smallest value is.
    pub optima: fn() -> Vec<Vec<f64>>,
    /// The smallest value.
    pub optimum_value: f64,
    /// The value at a point.
    pub value: fn(&[f64]) -> f64,
    /// Writes the gradient at a point.
    pub gradient: fn(&[f64], &mut [f64]),
}

impl Problem for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn start(&self) -> Vec<f64> {
        self.start.to_vec()
    }

    fn optima(&self) -> Vec<Vec<f64>> {
        (self.optima)()
    }

    fn optimum_value(&self) -> f64 {
        self.optimum_value
    }

    fn value(&self, x: &[f64]) -> f64 {
        (self.value)(x)
    }

    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        (self.gradient)(x, gradient);
    }
}
