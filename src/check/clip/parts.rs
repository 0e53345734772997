//! How tensors go together, and who does the work.

use super::scene::{Scene, grain};
use super::{Case, ClipUnderTest, Precision};
use crate::check::optimizer::parameters;
use crate::check::{Verdict, close, in_both, not_applicable, same_bits};
use crate::kernel::parallel::Parallel;
use crate::params::Parameter;
use crate::scalar::Scalar;

/// These tensors of a buffer, one after the other.
fn pick<F: Scalar>(values: &[F], parameters: &[Parameter], order: &[usize]) -> Vec<F> {
    order.iter().flat_map(|&i| values[parameters[i].range()].to_vec()).collect()
}

/// The same scene with these tensors only, in this order.
fn select<F: Precision>(scene: &Scene<F>, case: &Case, order: &[usize]) -> Scene<F> {
    let shapes: Vec<_> = order.iter().map(|&i| case.shapes[i].clone()).collect();
    Scene {
        parameters: parameters(&shapes),
        weights: pick(&scene.weights, &scene.parameters, order),
        gradient: pick(&scene.gradient, &scene.parameters, order),
        scale: scene.scale,
    }
}

/// The order of the tensors changes nothing, to rounding.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn order_of_tensors_is_irrelevant(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let scene = Scene::<F>::new(subject, case, case.share);
        let turned: Vec<usize> = (0..case.shapes.len()).rev().collect();
        let (clipped, _) = scene.clip(subject, Parallel::Off);
        let want = pick(&clipped, &scene.parameters, &turned);
        let (got, _) = select(&scene, case, &turned).clip(subject, Parallel::Off);
        let what = format!("{} gradient of the tensors in reverse", F::NAME);
        close(what, &got, &want, 4.0 * F::epsilon().as_f64(), grain::<F>(1))
    }
    if case.shapes.len() < 2 {
        return not_applicable("a single tensor");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Gradients of zero stay zero, and a tensor of them, as a frozen one has, takes no part.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn zeros_stay_and_take_no_part(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let (frozen, count) = (case.pick % case.shapes.len(), case.shapes.len());
        let parameters = parameters(&case.shapes);
        let mut gradient: Vec<F> = case.gradient().into_iter().map(F::of).collect();
        gradient[parameters[frozen].range()].fill(F::zero());
        let scene = Scene::with(subject, case, gradient, case.share);
        let (clipped, _) = scene.clip(subject, Parallel::Off);
        let zeros = pick(&clipped, &parameters, &[frozen]);
        let what = format!("{} gradient of the frozen tensor", F::NAME);
        same_bits(what, &zeros, &vec![F::zero(); zeros.len()])?;
        let others: Vec<usize> = (0..count).filter(|&i| i != frozen).collect();
        let (want, _) = select(&scene, case, &others).clip(subject, Parallel::Off);
        let got = pick(&clipped, &parameters, &others);
        let what = format!("{} gradient beside a frozen tensor", F::NAME);
        close(what, &got, &want, 4.0 * F::epsilon().as_f64(), grain::<F>(1))
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The same gradients give the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_input_same_bits(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let scene = Scene::<F>::new(subject, case, case.share);
        let (first, second) =
            (scene.clip(subject, Parallel::Off), scene.clip(subject, Parallel::Off));
        same_bits(format!("{} gradient, a second time", F::NAME), &second.0, &first.0)?;
        same_bits(format!("{} factor, a second time", F::NAME), &[second.1], &[first.1])
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Any number of threads gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_bits_on_any_number_of_threads(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        // Long enough to be shared among threads, and off the lengths at which work is cut.
        let shapes = vec![vec![7], vec![70_001]];
        let long = Case { shapes, ..case.clone() };
        // No normal numbers: there are many, and the same few do.
        let few = Case { shapes: vec![vec![97]], ..case.clone() }.gradient();
        let numbers: Vec<F> = (0..long.size()).map(|i| F::of(few[i * i % 97])).collect();
        let mut scene = Scene {
            parameters: parameters(&long.shapes),
            weights: vec![F::one(); numbers.len()],
            gradient: numbers,
            scale: 1.0,
        };
        let excess = |group: &super::scene::Group| {
            super::scene::size(subject, &scene.gradient[group.range.clone()]) / group.bound
        };
        scene.scale = case.share * scene.groups(subject).iter().map(excess).fold(0.0, f64::max);
        let one = scene.clip(subject, Parallel::Off);
        for pool in pools() {
            let many = pool.install(|| scene.clip(subject, Parallel::On));
            let threads = pool.current_num_threads();
            same_bits(format!("{} gradient on {threads} threads", F::NAME), &many.0, &one.0)?;
            same_bits(format!("{} factor on {threads} threads", F::NAME), &[many.1], &[one.1])?;
        }
        Ok(())
    }
    if !case.pick.is_multiple_of(4) {
        return not_applicable("one case of four, for these are long");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Pools of several sizes, made once.
#[cfg(feature = "threads")]
fn pools() -> &'static [rayon::ThreadPool] {
    static POOLS: std::sync::OnceLock<Vec<rayon::ThreadPool>> = std::sync::OnceLock::new();
    POOLS.get_or_init(|| {
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
        [1, 2, 3].into_iter().filter_map(pool).collect()
    })
}

/// Without threads, the caller's own.
#[cfg(not(feature = "threads"))]
fn pools() -> [Alone; 1] {
    [Alone]
}

#[cfg(not(feature = "threads"))]
struct Alone;

#[cfg(not(feature = "threads"))]
impl Alone {
    fn install<T>(&self, work: impl FnOnce() -> T) -> T {
        work()
    }

    fn current_num_threads(&self) -> usize {
        1
    }
}
