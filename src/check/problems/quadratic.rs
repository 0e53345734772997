//! Convex quadratics.

use super::{Function, Problem};
use crate::random::Noise;

/// ½ (x − o)ᵀ A (x − o), where A has eigenvalues from 1 down to 1/condition, in directions that are not the axes.
///
/// ```
/// use downhill::check::problems::{Problem, Quadratic};
/// let bowl = Quadratic::new(3, 100.0, 7);
/// assert_eq!(bowl.value(&bowl.optima()[0]), 0.0);
/// ```
#[derive(Clone, Debug)]
pub struct Quadratic {
    name: String,
    eigenvalues: Vec<f64>,
    /// The normal of the mirror that takes the axes to the eigenvectors, of length 1.
    mirror: Vec<f64>,
    optimum: Vec<f64>,
}

impl Quadratic {
    /// One of this size and condition number; optimum and directions come from the seed.
    pub fn new(size: usize, condition: f64, seed: u64) -> Self {
        let noise = Noise::new(seed).at("quadratic");
        let share = |i: usize| i as f64 / (size.max(2) - 1) as f64;
        let mirror: Vec<f64> = (0..size as u64).map(|i| noise.normal(i)).collect();
        let length = mirror.iter().map(|x| x * x).sum::<f64>().sqrt();
        Self {
            name: format!("quadratic_{condition}"),
            eigenvalues: (0..size).map(|i| condition.powf(-share(i))).collect(),
            mirror: mirror.into_iter().map(|x| x / length).collect(),
            optimum: (0..size as u64).map(|i| noise.at("optimum").normal(i)).collect(),
        }
    }

    fn reflect(&self, x: &mut [f64]) {
        let along: f64 = self.mirror.iter().zip(&*x).map(|(m, x)| m * x).sum();
        x.iter_mut().zip(&self.mirror).for_each(|(x, m)| *x -= 2.0 * along * m);
    }

    /// x − o along the eigenvectors.
    fn coordinates(&self, x: &[f64]) -> Vec<f64> {
        let mut away: Vec<f64> = x.iter().zip(&self.optimum).map(|(x, o)| x - o).collect();
        self.reflect(&mut away);
        away
    }
}

impl Problem for Quadratic {
    fn name(&self) -> &str {
        &self.name
    }

    fn start(&self) -> Vec<f64> {
        self.optimum.iter().map(|o| o + 1.0).collect()
    }

    fn optima(&self) -> Vec<Vec<f64>> {
        vec![self.optimum.clone()]
    }

    fn optimum_value(&self) -> f64 {
        0.0
    }

    fn value(&self, x: &[f64]) -> f64 {
        let away = self.coordinates(x);
        away.iter().zip(&self.eigenvalues).map(|(x, a)| 0.5 * a * x * x).sum()
    }

    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        let mut along = self.coordinates(x);
        along.iter_mut().zip(&self.eigenvalues).for_each(|(x, a)| *x *= a);
        self.reflect(&mut along);
        gradient.copy_from_slice(&along);
    }
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "sphere",
        start: &[1.0, -2.0, 3.0, 0.5, -0.25],
        optima: || vec![vec![0.0; 5]],
        optimum_value: 0.0,
        value: |x| x.iter().map(|x| x * x).sum(),
        gradient: |x, g| g.iter_mut().zip(x).for_each(|(g, x)| *g = 2.0 * x),
    },
    // (x + 2y − 7)² + (2x + y − 5)²
    Function {
        name: "booth",
        start: &[-4.0, -1.0],
        optima: || vec![vec![1.0, 3.0]],
        optimum_value: 0.0,
        value: |x| (x[0] + 2.0 * x[1] - 7.0).powi(2) + (2.0 * x[0] + x[1] - 5.0).powi(2),
        gradient: |x, g| {
            let (a, b) = (x[0] + 2.0 * x[1] - 7.0, 2.0 * x[0] + x[1] - 5.0);
            (g[0], g[1]) = (2.0 * a + 4.0 * b, 4.0 * a + 2.0 * b);
        },
    },
    // 0.26 (x² + y²) − 0.48 x y
    Function {
        name: "matyas",
        start: &[4.0, -2.0],
        optima: || vec![vec![0.0, 0.0]],
        optimum_value: 0.0,
        value: |x| 0.26 * (x[0] * x[0] + x[1] * x[1]) - 0.48 * x[0] * x[1],
        gradient: |x, g| {
            (g[0], g[1]) = (0.52 * x[0] - 0.48 * x[1], 0.52 * x[1] - 0.48 * x[0]);
        },
    },
    // Σ (xᵢ − 1)² − Σ xᵢ xᵢ₋₁, least at xᵢ = i (d + 1 − i), i from 1
    Function {
        name: "trid",
        start: &[0.0; 5],
        optima: || vec![vec![5.0, 8.0, 9.0, 8.0, 5.0]],
        optimum_value: -30.0,
        value: |x| {
            let squares: f64 = x.iter().map(|x| (x - 1.0).powi(2)).sum();
            squares - x.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>()
        },
        gradient: |x, g| {
            for i in 0..x.len() {
                let before = if i == 0 { 0.0 } else { x[i - 1] };
                let after = x.get(i + 1).copied().unwrap_or(0.0);
                g[i] = 2.0 * (x[i] - 1.0) - before - after;
            }
        },
    },
];
