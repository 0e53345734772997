//! Narrow valleys.

use super::Function;

fn rosenbrock(x: &[f64]) -> f64 {
    let piece =
        |pair: &[f64]| 100.0 * (pair[1] - pair[0] * pair[0]).powi(2) + (1.0 - pair[0]).powi(2);
    x.windows(2).map(piece).sum()
}

fn rosenbrock_gradient(x: &[f64], g: &mut [f64]) {
    g.fill(0.0);
    for i in 1..x.len() {
        let up = x[i] - x[i - 1] * x[i - 1];
        g[i - 1] += -400.0 * x[i - 1] * up - 2.0 * (1.0 - x[i - 1]);
        g[i] += 200.0 * up;
    }
}

/// 1.5 − x + x y, 2.25 − x + x y², 2.625 − x + x y³
fn beale_terms(x: &[f64]) -> [f64; 3] {
    let (x, y) = (x[0], x[1]);
    [1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y]
}

/// x₀ + 10 x₁, x₂ − x₃, x₁ − 2 x₂, x₀ − x₃
fn powell_terms(x: &[f64]) -> [f64; 4] {
    [x[0] + 10.0 * x[1], x[2] - x[3], x[1] - 2.0 * x[2], x[0] - x[3]]
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "rosenbrock",
        start: &[-1.2, 1.0],
        optima: || vec![vec![1.0; 2]],
        optimum_value: 0.0,
        value: rosenbrock,
        gradient: rosenbrock_gradient,
    },
    Function {
        name: "rosenbrock_10",
        start: &[0.5; 10],
        optima: || vec![vec![1.0; 10]],
        optimum_value: 0.0,
        value: rosenbrock,
        gradient: rosenbrock_gradient,
    },
    // (x₁ − 1)² + Σ i (2 xᵢ² − xᵢ₋₁)², least at xᵢ = 2^(2^(1−i) − 1), i from 1
    Function {
        name: "dixon_price",
        start: &[2.0, 1.5, 1.0, 1.0],
        optima: || vec![(0..4).map(|i| (2.0_f64).powf(2.0_f64.powi(-i) - 1.0)).collect()],
        optimum_value: 0.0,
        value: |x| {
            let rest =
                (1..x.len()).map(|i| (i + 1) as f64 * (2.0 * x[i] * x[i] - x[i - 1]).powi(2));
            (x[0] - 1.0).powi(2) + rest.sum::<f64>()
        },
        gradient: |x, g| {
            g.fill(0.0);
            g[0] = 2.0 * (x[0] - 1.0);
            for i in 1..x.len() {
                let inner = 2.0 * (i + 1) as f64 * (2.0 * x[i] * x[i] - x[i - 1]);
                g[i] += inner * 4.0 * x[i];
                g[i - 1] -= inner;
            }
        },
    },
    Function {
        name: "beale",
        start: &[1.0, 1.0],
        optima: || vec![vec![3.0, 0.5]],
        optimum_value: 0.0,
        value: |x| beale_terms(x).iter().map(|term| term * term).sum(),
        gradient: |x, g| {
            let [a, b, c] = beale_terms(x).map(|term| 2.0 * term);
            let (x, y) = (x[0], x[1]);
            g[0] = a * (y - 1.0) + b * (y * y - 1.0) + c * (y * y * y - 1.0);
            g[1] = x * (a + 2.0 * b * y + 3.0 * c * y * y);
        },
    },
    // (x₀ + 10 x₁)² + 5 (x₂ − x₃)² + (x₁ − 2 x₂)⁴ + 10 (x₀ − x₃)⁴: its curvature at the optimum is singular
    Function {
        name: "powell",
        start: &[3.0, -1.0, 0.0, 1.0],
        optima: || vec![vec![0.0; 4]],
        optimum_value: 0.0,
        value: |x| {
            let [a, b, c, d] = powell_terms(x);
            a * a + 5.0 * b * b + c.powi(4) + 10.0 * d.powi(4)
        },
        gradient: |x, g| {
            let [a, b, c, d] = powell_terms(x);
            let (c, d) = (4.0 * c.powi(3), 40.0 * d.powi(3));
            g[0] = 2.0 * a + d;
            g[1] = 20.0 * a + c;
            g[2] = 10.0 * b - 2.0 * c;
            g[3] = -10.0 * b - d;
        },
    },
];
