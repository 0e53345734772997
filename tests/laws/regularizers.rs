//! The laws of regularizers and constraints, for all of the crate.

use downhill::check::constraint::ConstraintUnderTest;
use downhill::check::regularizer::RegularizerUnderTest;
use downhill::check::{constraint, regularizer};
use downhill::regularize::*;
use downhill::{Shape, clip};

const NAN: f64 = f64::NAN;

fn penalty<R: Regularizer<f32> + Regularizer<f64> + 'static>(rule: R) -> RegularizerUnderTest {
    RegularizerUnderTest::new(rule).additive().never_negative().convex().even()
}

regularizer!(
    l1,
    penalty(L1::new(0.3))
        .homogeneous(1.0)
        .refuses(L1::new(-1e-300), "L1::strength")
        .refuses(L1::new(f64::INFINITY), "L1::strength")
        .refuses(L1::new(NAN), "L1::strength")
);
regularizer!(
    l2,
    penalty(L2::new(0.7))
        .homogeneous(2.0)
        .refuses(L2::new(-1e-300), "L2::strength")
        .refuses(L2::new(f64::INFINITY), "L2::strength")
        .refuses(L2::new(NAN), "L2::strength")
);
regularizer!(elastic_net_of_squares, penalty(ElasticNet::new(0.5, 0.0)).homogeneous(2.0));
regularizer!(
    elastic_net,
    penalty(ElasticNet::new(0.5, 0.4))
        .refuses(ElasticNet::new(-1.0, 0.5), "ElasticNet::strength")
        .refuses(ElasticNet::new(NAN, 0.5), "ElasticNet::strength")
        .refuses(ElasticNet::new(1.0, -0.5), "ElasticNet::l1_ratio")
        .refuses(ElasticNet::new(1.0, 1.5), "ElasticNet::l1_ratio")
        .refuses(ElasticNet::new(1.0, NAN), "ElasticNet::l1_ratio")
);
regularizer!(elastic_net_of_magnitudes, penalty(ElasticNet::new(0.5, 1.0)).homogeneous(1.0));

/// A condition on the Euclidean norm of each unit, given with the machine epsilon.
fn units(
    condition: impl Fn(f64, f64) -> bool + Send + Sync + 'static,
) -> impl Fn(&[f64], &Shape, f64) -> bool + Send + Sync + 'static {
    move |values, shape, epsilon| {
        let size = if shape.len() < 2 { values.len() } else { values.len() / shape[0] };
        let norm = |unit| clip::norm(unit, downhill::Parallel::Off);
        values.chunks(size).all(|unit| condition(norm(unit), epsilon))
    }
}

constraint!(
    max_norm,
    ConstraintUnderTest::new(MaxNorm::new(1.3))
        .holds(units(|norm, _| norm <= 1.3))
        .by_units()
        .refuses(MaxNorm::new(0.0), "MaxNorm::max")
        .refuses(MaxNorm::new(-1.0), "MaxNorm::max")
        .refuses(MaxNorm::new(f64::INFINITY), "MaxNorm::max")
        .refuses(MaxNorm::new(NAN), "MaxNorm::max")
);
constraint!(
    unit_norm,
    ConstraintUnderTest::new(UnitNorm)
        .holds(units(|norm, epsilon| (norm - 1.0).abs() <= 8.0 * epsilon))
        .by_units()
);
constraint!(
    non_negative,
    ConstraintUnderTest::new(NonNegative)
        .holds(|values, _, _| values.iter().all(|&w| w >= 0.0))
        .by_units()
);
