//! Polynomials of higher degree.

use super::Function;

/// Σ ½ i xᵢ, i from 1
fn ramp(x: &[f64]) -> f64 {
    x.iter().enumerate().map(|(i, x)| 0.5 * (i + 1) as f64 * x).sum()
}

/// x² + y − 11 and x + y² − 7
fn himmelblau_terms(x: &[f64]) -> [f64; 2] {
    [x[0] * x[0] + x[1] - 11.0, x[0] + x[1] * x[1] - 7.0]
}

/// The two factors of Goldstein and Price, each with its gradient.
fn goldstein_price_factors(x: &[f64]) -> [(f64, [f64; 2]); 2] {
    let (x, y) = (x[0], x[1]);
    let a = x + y + 1.0;
    let b = 19.0 - 14.0 * x + 3.0 * x * x - 14.0 * y + 6.0 * x * y + 3.0 * y * y;
    let slope_b = -14.0 + 6.0 * x + 6.0 * y;
    let first = 2.0 * a * b + a * a * slope_b;
    let c = 2.0 * x - 3.0 * y;
    let d = 18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y;
    let (dx, dy) = (-32.0 + 24.0 * x - 36.0 * y, 48.0 - 36.0 * x + 54.0 * y);
    let second = [4.0 * c * d + c * c * dx, -6.0 * c * d + c * c * dy];
    [(1.0 + a * a * b, [first, first]), (30.0 + c * c * d, second)]
}

pub(super) const FUNCTIONS: &[Function] = &[
    // Σ |xᵢ|^(i + 1), i from 1
    Function {
        name: "sum_of_powers",
        start: &[0.8, -0.9, 0.7, -0.8],
        optima: || vec![vec![0.0; 4]],
        optimum_value: 0.0,
        value: |x| x.iter().zip(2..).map(|(x, power)| x.abs().powi(power)).sum(),
        gradient: |x, g| {
            for ((g, x), power) in g.iter_mut().zip(x).zip(2..) {
                *g = f64::from(power) * x.abs().powi(power - 1) * x.signum();
            }
        },
    },
    // Σ xᵢ² + r² + r⁴ with r = Σ ½ i xᵢ
    Function {
        name: "zakharov",
        start: &[1.0, 0.5, -0.5, 1.0],
        optima: || vec![vec![0.0; 4]],
        optimum_value: 0.0,
        value: |x| x.iter().map(|x| x * x).sum::<f64>() + ramp(x).powi(2) + ramp(x).powi(4),
        gradient: |x, g| {
            let outer = 2.0 * ramp(x) + 4.0 * ramp(x).powi(3);
            for (i, (g, x)) in g.iter_mut().zip(x).enumerate() {
                *g = 2.0 * x + 0.5 * (i + 1) as f64 * outer;
            }
        },
    },
    Function {
        name: "himmelblau",
        start: &[0.0, 0.0],
        optima: || {
            vec![
                vec![3.0, 2.0],
                vec![-2.805_118_086_952_745, 3.131_312_518_250_573],
                vec![-3.779_310_253_377_747, -3.283_185_991_286_169_4],
                vec![3.584_428_340_330_491_7, -1.848_126_526_964_403_6],
            ]
        },
        optimum_value: 0.0,
        value: |x| himmelblau_terms(x).iter().map(|term| term * term).sum(),
        gradient: |x, g| {
            let [a, b] = himmelblau_terms(x);
            (g[0], g[1]) = (4.0 * x[0] * a + 2.0 * b, 2.0 * a + 4.0 * x[1] * b);
        },
    },
    // ½ Σ x⁴ − 16 x² + 5 x
    Function {
        name: "styblinski_tang",
        start: &[-1.0, -2.0, -3.5],
        optima: || vec![vec![-2.903_534_027_771_177; 3]],
        optimum_value: -39.166_165_703_771_42 * 3.0,
        value: |x| x.iter().map(|x| 0.5 * (x.powi(4) - 16.0 * x * x + 5.0 * x)).sum(),
        gradient: |x, g| {
            g.iter_mut().zip(x).for_each(|(g, x)| *g = 2.0 * x.powi(3) - 16.0 * x + 2.5);
        },
    },
    // 2 x² − 1.05 x⁴ + x⁶/6 + x y + y²
    Function {
        name: "three_hump_camel",
        start: &[0.8, -0.8],
        optima: || vec![vec![0.0, 0.0]],
        optimum_value: 0.0,
        value: |x| {
            let (x, y) = (x[0], x[1]);
            2.0 * x * x - 1.05 * x.powi(4) + x.powi(6) / 6.0 + x * y + y * y
        },
        gradient: |x, g| {
            let (x, y) = (x[0], x[1]);
            (g[0], g[1]) = (4.0 * x - 4.2 * x.powi(3) + x.powi(5) + y, x + 2.0 * y);
        },
    },
    // (4 − 2.1 x² + x⁴/3) x² + x y + (4 y² − 4) y²
    Function {
        name: "six_hump_camel",
        start: &[0.5, -1.0],
        optima: || {
            let (x, y) = (0.089_842_013_103_208, 0.712_656_402_956_382_3);
            vec![vec![x, -y], vec![-x, y]]
        },
        optimum_value: -1.031_628_453_489_877_4,
        value: |x| {
            let (x, y) = (x[0], x[1]);
            4.0 * x * x - 2.1 * x.powi(4) + x.powi(6) / 3.0 + x * y - 4.0 * y * y + 4.0 * y.powi(4)
        },
        gradient: |x, g| {
            let (x, y) = (x[0], x[1]);
            g[0] = 8.0 * x - 8.4 * x.powi(3) + 2.0 * x.powi(5) + y;
            g[1] = x - 8.0 * y + 16.0 * y.powi(3);
        },
    },
    Function {
        name: "goldstein_price",
        start: &[0.2, -1.2],
        optima: || vec![vec![0.0, -1.0]],
        optimum_value: 3.0,
        value: |x| goldstein_price_factors(x).iter().map(|(factor, _)| factor).product(),
        gradient: |x, g| {
            let [(a, da), (b, db)] = goldstein_price_factors(x);
            for i in 0..2 {
                g[i] = da[i] * b + a * db[i];
            }
        },
    },
];
