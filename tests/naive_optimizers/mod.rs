//! The formulas of the rules at their default settings, as the papers have them: one number after the other, with no thought of speed.

// Each test file compiles its own copy of this module and uses a part of it.
#![allow(dead_code)]

/// Moves each weight along its own gradients.
fn each(weights: &mut [f64], gradients: &[Vec<f64>], mut follow: impl FnMut(&mut f64, &[f64])) {
    for (i, w) in weights.iter_mut().enumerate() {
        let own: Vec<f64> = gradients.iter().map(|gradient| gradient[i]).collect();
        follow(w, &own);
    }
}

/// β₁m + (1 − β₁)g and β₂v + (1 − β₂)g² at the usual settings, with the number of the step.
fn moments(gradients: &[f64]) -> impl Iterator<Item = (f64, f64, f64, i32)> {
    let (mut m, mut v) = (0.0, 0.0);
    gradients.iter().zip(1..).map(move |(&g, t)| {
        m = 0.9 * m + (1.0 - 0.9) * g;
        v = 0.999 * v + (1.0 - 0.999) * g * g;
        (m, v, g, t)
    })
}

pub fn sgd(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| own.iter().for_each(|g| *w -= rate * g));
}

pub fn sgd_momentum(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        let mut d = 0.0;
        for g in own {
            d = 0.9 * d + g;
            *w -= rate * d;
        }
    });
}

pub fn lion(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        let mut m = 0.0;
        for g in own {
            *w -= rate * 1e-3 * *w;
            *w -= rate * (0.9 * m + (1.0 - 0.9) * g).signum();
            m = 0.99 * m + (1.0 - 0.99) * g;
        }
    });
}

pub fn adagrad(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        let mut s = 0.0;
        for g in own {
            s += g * g;
            *w -= rate * g / (f64::sqrt(s) + 1e-10);
        }
    });
}

pub fn rms_prop(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        let mut s = 0.0;
        for g in own {
            s = 0.99 * s + (1.0 - 0.99) * g * g;
            *w -= rate * g / (f64::sqrt(s) + 1e-8);
        }
    });
}

pub fn adadelta(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        let (mut s, mut u) = (0.0, 0.0);
        for g in own {
            s = 0.9 * s + (1.0 - 0.9) * g * g;
            let x = f64::sqrt(u + 1e-6) / f64::sqrt(s + 1e-6) * g;
            u = 0.9 * u + (1.0 - 0.9) * x * x;
            *w -= rate * x;
        }
    });
}

pub fn adam(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        for (m, v, _, t) in moments(own) {
            let (m, v) = (m / (1.0 - 0.9_f64.powi(t)), v / (1.0 - 0.999_f64.powi(t)));
            *w -= rate * m / (v.sqrt() + 1e-8);
        }
    });
}

pub fn adamw(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        for (m, v, _, t) in moments(own) {
            let (m, v) = (m / (1.0 - 0.9_f64.powi(t)), v / (1.0 - 0.999_f64.powi(t)));
            *w -= rate * 0.01 * *w;
            *w -= rate * m / (v.sqrt() + 1e-8);
        }
    });
}

pub fn adamax(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        let mut u = 0.0_f64;
        for (m, _, g, t) in moments(own) {
            u = (0.999 * u).max(g.abs() + 1e-8);
            *w -= rate / (1.0 - 0.9_f64.powi(t)) * m / u;
        }
    });
}

pub fn radam(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        for (m, v, _, t) in moments(own) {
            let m = m / (1.0 - 0.9_f64.powi(t));
            let power = 0.999_f64.powi(t);
            let limit = 2.0 / (1.0 - 0.999) - 1.0;
            let length = limit - 2.0 * f64::from(t) * power / (1.0 - power);
            if length > 5.0 {
                let r = (length - 4.0) * (length - 2.0) * limit
                    / ((limit - 4.0) * (limit - 2.0) * length);
                *w -= rate * m * r.sqrt() * (1.0 - power).sqrt() / (v.sqrt() + 1e-8);
            } else {
                *w -= rate * m;
            }
        }
    });
}

pub fn nadam(weights: &mut [f64], gradients: &[Vec<f64>], rate: f64) {
    each(weights, gradients, |w, own| {
        let mut product = 1.0;
        for (m, v, g, t) in moments(own) {
            let momentum = |t: i32| 0.9 * (1.0 - 0.5 * 0.96_f64.powf(f64::from(t) * 4e-3));
            let (now, next) = (momentum(t), momentum(t + 1));
            product *= now;
            let average = next * m / (1.0 - product * next) + (1.0 - now) * g / (1.0 - product);
            *w -= rate * average / ((v / (1.0 - 0.999_f64.powi(t))).sqrt() + 1e-8);
        }
    });
}
