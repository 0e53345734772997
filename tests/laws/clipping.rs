//! The laws of clipping, for all bounds of the crate.

use downhill::Clip;
use downhill::check::clip;
use downhill::check::clip::ClipUnderTest;
use downhill::clip::Norm;

/// This bound, and those like it that have to be refused.
fn bound(of: impl Fn(f64) -> Clip, field: &str) -> ClipUnderTest {
    let bad = [0.0, -1.0, f64::NAN, f64::INFINITY];
    bad.into_iter().fold(of(0.7).into(), |subject, bad| subject.refuses(of(bad), field))
}

fn norm_of(norm: Norm) -> ClipUnderTest {
    bound(|max| Clip::GlobalNormOf { max, norm }, "Clip::GlobalNormOf::max")
}

fn adaptive(factor: f64, epsilon: f64) -> Clip {
    Clip::Adaptive { factor, epsilon }
}

clip!(value, bound(Clip::Value, "Clip::Value"));
clip!(global_norm, bound(Clip::GlobalNorm, "Clip::GlobalNorm"));
clip!(tensor_norm, bound(Clip::TensorNorm, "Clip::TensorNorm"));
clip!(
    adaptive_norm,
    bound(|factor| adaptive(factor, 1e-3), "Clip::Adaptive::factor")
        .refuses(adaptive(0.1, 0.0), "Clip::Adaptive::epsilon")
        .refuses(adaptive(0.1, f64::NAN), "Clip::Adaptive::epsilon")
);
clip!(global_l1, norm_of(Norm::L1));
clip!(global_l2, norm_of(Norm::L2));
clip!(global_max, norm_of(Norm::Max));
clip!(
    global_p,
    norm_of(Norm::P(3.0))
        .refuses(Clip::GlobalNormOf { max: 1.0, norm: Norm::P(0.5) }, "Norm::P")
        .refuses(Clip::GlobalNormOf { max: 1.0, norm: Norm::P(f64::NAN) }, "Norm::P")
);
