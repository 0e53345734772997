//! Test problems: functions with a start, an optimum and a gradient.
//!
//! ```
//! use downhill::check::problems;
//! let problem = problems::by_name("rosenbrock").expect("it is in the list");
//! let mut gradient = vec![0.0; 2];
//! problem.gradient(&[1.0, 1.0], &mut gradient);
//! assert_eq!((problem.value(&[1.0, 1.0]), gradient), (0.0, vec![0.0, 0.0]));
//! assert!(problems::all().len() >= 20);
//! ```
//!
//! | family | problems |
//! |---|---|
//! | convex quadratics | `sphere`, `quadratic_10`, `quadratic_1000`, `quadratic_100000`, `booth`, `matyas`, `trid` |
//! | valleys | `rosenbrock`, `rosenbrock_10`, `dixon_price`, `beale`, `powell` |
//! | polynomials | `sum_of_powers`, `zakharov`, `himmelblau`, `styblinski_tang`, `three_hump_camel`, `six_hump_camel`, `goldstein_price` |
//! | waves | `rastrigin`, `ackley`, `griewank`, `levy`, `mccormick` |
//! | learning | `logistic_regression`, `small_network` |
//!
//! The waves have local minima beside the optimum; an optimizer is not expected to leave one.
//!
//! # Sources
//! Jamil and Yang, [A literature survey of benchmark functions for global optimization problems](https://arxiv.org/abs/1308.4008) (2013); Moré, Garbow,
//! Hillstrom, *Testing unconstrained optimization software* (1981).

mod function;
mod learning;
mod polynomials;
mod quadratic;
mod valleys;
mod waves;

use std::fmt::Debug;

pub use function::Function;
pub use learning::{LogisticRegression, SmallNetwork};
pub use quadratic::Quadratic;

/// A function to minimize.
pub trait Problem: Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// Where to start.
    fn start(&self) -> Vec<f64>;

    /// Where its smallest value is; every such point that is known.
    fn optima(&self) -> Vec<Vec<f64>>;

    /// The smallest value.
    fn optimum_value(&self) -> f64;

    /// The value at `x`.
    fn value(&self, x: &[f64]) -> f64;

    /// Writes the gradient at `x`.
    fn gradient(&self, x: &[f64], gradient: &mut [f64]);
}

/// All problems.
pub fn all() -> Vec<Box<dyn Problem>> {
    let functions =
        [quadratic::FUNCTIONS, valleys::FUNCTIONS, polynomials::FUNCTIONS, waves::FUNCTIONS];
    let quadratics = [10.0, 1e3, 1e5].map(|condition| Quadratic::new(10, condition, 1));
    let mut all: Vec<Box<dyn Problem>> = Vec::new();
    all.extend(quadratics.map(|quadratic| Box::new(quadratic) as Box<dyn Problem>));
    all.extend(functions.concat().into_iter().map(|f| Box::new(f) as Box<dyn Problem>));
    all.push(Box::new(LogisticRegression::new(40, 5, 1)));
    all.push(Box::new(SmallNetwork::new(30, 1)));
    all
}

/// The problem of this name.
pub fn by_name(name: &str) -> Option<Box<dyn Problem>> {
    all().into_iter().find(|problem| problem.name() == name)
}
