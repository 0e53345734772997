//! Waves on a bowl: many local minima.

use std::f64::consts::{PI, TAU};

use super::Function;

/// 1 + (x − 1)/4
fn levy_point(x: f64) -> f64 {
    1.0 + 0.25 * (x - 1.0)
}

pub(super) const FUNCTIONS: &[Function] = &[
    // 10 d + Σ x² − 10 cos 2πx
    Function {
        name: "rastrigin",
        start: &[0.3, -0.2, 0.4],
        optima: || vec![vec![0.0; 3]],
        optimum_value: 0.0,
        value: |x| x.iter().map(|x| 10.0 + x * x - 10.0 * (TAU * x).cos()).sum(),
        gradient: |x, g| {
            g.iter_mut().zip(x).for_each(|(g, x)| *g = 2.0 * x + 10.0 * TAU * (TAU * x).sin());
        },
    },
    // 20 + e − 20 exp(−0.2 √mean x²) − exp(mean cos 2πx): a cone at its optimum, where the gradient counts as 0
    Function {
        name: "ackley",
        start: &[0.3, -0.2],
        optima: || vec![vec![0.0; 2]],
        optimum_value: 0.0,
        value: |x| {
            let n = x.len() as f64;
            let root = (x.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
            let wave = x.iter().map(|x| (TAU * x).cos()).sum::<f64>() / n;
            20.0 - 20.0 * (-0.2 * root).exp() + (1.0_f64.exp() - wave.exp())
        },
        gradient: |x, g| {
            let n = x.len() as f64;
            let root = (x.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
            let wave = x.iter().map(|x| (TAU * x).cos()).sum::<f64>() / n;
            for (g, x) in g.iter_mut().zip(x) {
                let cone =
                    if root == 0.0 { 0.0 } else { 4.0 * (-0.2 * root).exp() * x / (n * root) };
                *g = cone + wave.exp() * TAU * (TAU * x).sin() / n;
            }
        },
    },
    // 1 + Σ x²/4000 − Π cos(xᵢ/√i), i from 1
    Function {
        name: "griewank",
        start: &[1.0, -1.5, 1.0],
        optima: || vec![vec![0.0; 3]],
        optimum_value: 0.0,
        value: |x| {
            let bowl = x.iter().map(|x| x * x).sum::<f64>() / 4_000.0;
            let wave = x.iter().zip(1..).map(|(x, i)| (x / f64::from(i).sqrt()).cos());
            bowl + (1.0 - wave.product::<f64>())
        },
        gradient: |x, g| {
            for i in 0..x.len() {
                let root = |j: usize| ((j + 1) as f64).sqrt();
                let others = (0..x.len()).filter(|&j| j != i).map(|j| (x[j] / root(j)).cos());
                let slope = (x[i] / root(i)).sin() / root(i);
                g[i] = x[i] / 2_000.0 + slope * others.product::<f64>();
            }
        },
    },
    // sin²πw₁ + Σ (wᵢ − 1)² (1 + 10 sin²(πwᵢ + 1)) + (w_d − 1)² (1 + sin² 2πw_d), w = 1 + (x − 1)/4, the sum without the last
    Function {
        name: "levy",
        start: &[0.6, 1.5, 1.3],
        optima: || vec![vec![1.0; 3]],
        optimum_value: 0.0,
        value: |x| {
            let last = x.len() - 1;
            let term = |(i, &x): (usize, &f64)| {
                let w = levy_point(x);
                let wave = if i == last {
                    (TAU * w).sin().powi(2)
                } else {
                    10.0 * (PI * w + 1.0).sin().powi(2)
                };
                (w - 1.0).powi(2) * (1.0 + wave)
            };
            // sin πw is sin π(w − 1) but for its sign, and exact at the optimum.
            (PI * (levy_point(x[0]) - 1.0)).sin().powi(2)
                + x.iter().enumerate().map(term).sum::<f64>()
        },
        gradient: |x, g| {
            let last = x.len() - 1;
            for (i, (g, &x)) in g.iter_mut().zip(x).enumerate() {
                let w = levy_point(x);
                let (wave, slope) = if i == last {
                    ((TAU * w).sin().powi(2), TAU * (2.0 * TAU * w).sin())
                } else {
                    let inner = PI * w + 1.0;
                    (10.0 * inner.sin().powi(2), 10.0 * PI * (2.0 * inner).sin())
                };
                *g = 0.25 * (2.0 * (w - 1.0) * (1.0 + wave) + (w - 1.0).powi(2) * slope);
            }
            g[0] += 0.25 * PI * (TAU * (levy_point(x[0]) - 1.0)).sin();
        },
    },
    // sin(x + y) + (x − y)² − 1.5 x + 2.5 y + 1, least at x = ½ − π/3, y = x − 1 of the usual box
    Function {
        name: "mccormick",
        start: &[0.0, 0.0],
        optima: || vec![vec![0.5 - PI / 3.0, -0.5 - PI / 3.0]],
        optimum_value: -1.913_222_954_981_037,
        value: |x| (x[0] + x[1]).sin() + (x[0] - x[1]).powi(2) - 1.5 * x[0] + 2.5 * x[1] + 1.0,
        gradient: |x, g| {
            let (wave, slope) = ((x[0] + x[1]).cos(), 2.0 * (x[0] - x[1]));
            (g[0], g[1]) = (wave + slope - 1.5, wave - slope + 2.5);
        },
    },
];
