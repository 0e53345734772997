//! The test problems are what they say.

use downhill::check::problems::{Problem, all};
use downhill::random::Noise;

fn gradient(problem: &dyn Problem, x: &[f64]) -> Vec<f64> {
    // Whatever was there is overwritten.
    let mut gradient = vec![f64::NAN; x.len()];
    problem.gradient(x, &mut gradient);
    gradient
}

/// Points around the start and around the optima.
fn points(problem: &dyn Problem) -> Vec<Vec<f64>> {
    let noise = Noise::new(3).at(problem.name());
    let centres = [vec![problem.start()], problem.optima()].concat();
    let near = |(id, centre): (usize, &Vec<f64>)| {
        let number = |i: usize| noise.normal((i + id * centre.len()) as u64);
        centre.iter().enumerate().map(|(i, x)| x + 0.3 * number(i)).collect()
    };
    (0..20).flat_map(|_| &centres).enumerate().map(near).collect()
}

#[test]
fn gradients_are_central_differences() {
    for problem in all() {
        for point in points(&*problem) {
            let exact = gradient(&*problem, &point);
            for i in 0..point.len() {
                let at = |d: f64| {
                    let mut x = point.clone();
                    x[i] += d;
                    problem.value(&x)
                };
                // Of fourth order, so that a larger distance, with less rounding, does.
                let h = 1e-3 * point[i].abs().max(0.1);
                let difference =
                    (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
                let bound = 1e-6 * exact[i].abs() + 1e-7 * (1.0 + problem.value(&point).abs());
                assert!(
                    (difference - exact[i]).abs() <= bound,
                    "{}: element {i} at {point:?} is {} and not {difference}",
                    problem.name(),
                    exact[i]
                );
            }
        }
    }
}

#[test]
fn optima_are_optima() {
    for problem in all() {
        let least = problem.optimum_value();
        for optimum in problem.optima() {
            let value = problem.value(&optimum);
            let slack = 1e-12 * (1.0 + least.abs());
            assert!((value - least).abs() <= slack, "{}: {value} at its optimum", problem.name());
            for g in gradient(&*problem, &optimum) {
                assert!(g.abs() < 1e-7, "{}: a slope of {g} at its optimum", problem.name());
            }
        }
        for point in points(&*problem) {
            assert!(problem.value(&point) >= least - 1e-9, "{} at {point:?}", problem.name());
        }
        assert!(problem.value(&problem.start()) > least + 1e-3, "{} starts there", problem.name());
    }
}

#[test]
fn names_are_unique_and_there_are_twenty() {
    let all = all();
    let mut names: Vec<&str> = all.iter().map(|problem| problem.name()).collect();
    names.sort_unstable();
    println!("problems: {} ({})", names.len(), names.join(", "));
    names.dedup();
    assert!(names.len() == all.len() && names.len() >= 20);
}
