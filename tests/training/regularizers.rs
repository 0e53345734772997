//! What the laws of regularizers and constraints (`tests/laws/regularizers.rs`) do not say: examples worked out by hand, and the ends of the range.

use crate::shapes::parameters;
use downhill::clip::norm;
use downhill::kernel::parallel::Parallel::Off;
use downhill::params::Parameter;
use downhill::regularize::{
    Constraint, DecoupledDecay, ElasticNet, L1, L2, MaxNorm, NonNegative, Regularizer, UnitNorm,
    Weights, WeightsMut,
};
use downhill::{Error, Scalar};
use proptest::prelude::*;

fn constraints<F: Scalar>() -> Vec<Box<dyn Constraint<F>>> {
    vec![Box::new(MaxNorm::new(1.3)), Box::new(UnitNorm), Box::new(NonNegative)]
}

fn matrix() -> Parameter {
    parameters([[3, 4]]).remove(0)
}

fn penalty(rule: &dyn Regularizer<f64>, values: &[f64]) -> f64 {
    rule.penalty(Weights::new(&matrix(), values))
}

fn gradient<F: Scalar>(rule: &dyn Regularizer<F>, values: &[F]) -> Vec<F> {
    let mut gradient = vec![F::zero(); values.len()];
    rule.add_gradient(Weights::new(&matrix(), values), &mut gradient);
    gradient
}

fn project<F: Scalar>(rule: &dyn Constraint<F>, parameter: &Parameter, values: &[F]) -> Vec<F> {
    let mut values = values.to_vec();
    rule.project(WeightsMut::new(parameter, &mut values));
    values
}

/// Twelve numbers, none so near 0 that a difference would cross the corner of |w|.
fn weights() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec((0.01..3.0_f64, prop::bool::ANY), 12).prop_map(|parts| {
        parts.into_iter().map(|(w, negative)| if negative { -w } else { w }).collect()
    })
}

proptest! {
    #[test]
    fn an_elastic_net_lies_between_its_ends(w in weights(), ratio in 0.0..1.0) {
        let net = penalty(&ElasticNet::new(0.4, ratio), &w);
        let (l1, l2) = (penalty(&L1::new(0.4), &w), penalty(&L2::new(0.4), &w));
        prop_assert!((net - (ratio * l1 + (1.0 - ratio) * l2)).abs() <= 1e-13 * net);
        prop_assert_eq!(penalty(&ElasticNet::new(0.4, 1.0), &w), l1);
        prop_assert_eq!(penalty(&ElasticNet::new(0.4, 0.0), &w), l2);
    }

    /// A norm above the bound ends just below it, and what is not negative is left.
    #[test]
    fn projections_go_no_further_than_they_must(
        w in proptest::collection::vec(-1.0..1.0_f64, 12),
        exponent in -30..30_i32,
    ) {
        let w: Vec<f64> = w.into_iter().map(|w: f64| w * 10_f64.powi(exponent)).collect();
        for (old, new) in w.chunks(4).zip(project(&MaxNorm::new(1.3), &matrix(), &w).chunks(4)) {
            prop_assert!(norm(new, Off) >= norm(old, Off).min(1.3) * (1.0 - 16.0 * f64::EPSILON));
        }
        for (&old, new) in w.iter().zip(project(&NonNegative, &matrix(), &w)) {
            prop_assert_eq!(new, if old < 0.0 { 0.0 } else { old });
        }
    }

    #[test]
    fn max_norm_keeps_the_direction(w in proptest::collection::vec(-9.0..9.0_f64, 12)) {
        let parameter = matrix();
        for (old, new) in w.chunks(4).zip(project(&MaxNorm::new(0.5), &parameter, &w).chunks(4)) {
            let factor = (0.5 / norm(old, Off)).min(1.0);
            for (old, new) in old.iter().zip(new) {
                prop_assert!((old * factor - new).abs() <= 1e-14 * new.abs());
            }
        }
    }
}

#[test]
fn values_worked_out_by_hand() {
    let w = [1.0, -2.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0];
    assert_eq!(penalty(&L1::new(2.0), &w), 11.0);
    // The sum of squares is read off the norm, whose square root is rounded.
    let near = |a: f64, b: f64| (a - b).abs() <= 4.0 * f64::EPSILON * b;
    assert!(near(penalty(&L2::new(2.0), &w), 9.25));
    // scikit-learn: alpha · l1_ratio · 5.5 + 0.5 · alpha · (1 − l1_ratio) · 9.25.
    assert!(near(penalty(&ElasticNet::new(2.0, 0.25), &w), 2.75 + 6.9375));
    assert_eq!(gradient(&L1::new(2.0), &w)[..3], [2.0, -2.0, 0.0]);
    assert_eq!(gradient(&L2::new(2.0), &w)[..3], [2.0, -4.0, 0.0]);
    assert_eq!(gradient(&ElasticNet::new(2.0, 0.25), &w)[..3], [2.0, -3.5, 0.0]);
}

#[test]
fn large_weights_do_not_overflow() {
    let w = [1e30_f32; 12];
    let l2: &dyn Regularizer<f32> = &L2::new(1.0);
    let want = 6.0 * f64::from(1e30_f32).powi(2);
    assert!((l2.penalty(Weights::new(&matrix(), &w)) / want - 1.0).abs() < 1e-15);
    // The square of the norm is beyond f64, the penalty is not.
    assert!((penalty(&L2::new(1e-20), &[1e160; 12]) / 6e300 - 1.0).abs() < 1e-14);
    let max: &dyn Constraint<f32> = &MaxNorm::new(1.0);
    for w in project(max, &matrix(), &[1e30_f32; 12]) {
        assert!((w - 0.5).abs() <= 16.0 * f32::EPSILON);
    }
    assert_eq!(project(&UnitNorm, &matrix(), &[1.7e308; 12]), [0.5; 12]);
    assert_eq!(project(&UnitNorm, &matrix(), &[5e-324; 12]), [0.5; 12]);
    assert_eq!(project(&UnitNorm, &matrix(), &[1e-45_f32; 12]), [0.5; 12]);
}

#[test]
fn units_are_places_of_the_first_axis() {
    let [cube, row, vector, number] =
        parameters::<Vec<usize>>([vec![2, 1, 2], vec![1, 4], vec![4], vec![]])
            .try_into()
            .expect("four parameters");
    let projected: Vec<f64> = project(&UnitNorm, &cube, &[3.0, 4.0, 0.0, 2.0]);
    for (got, want) in projected.into_iter().zip([0.6_f64, 0.8, 0.0, 1.0]) {
        assert!((got - want).abs() <= f64::EPSILON);
    }
    for parameter in [row, vector] {
        assert_eq!(project(&UnitNorm, &parameter, &[2.0; 4]), [0.5; 4]);
    }
    assert_eq!(project(&UnitNorm, &number, &[-7.0]), [-1.0]);
}

#[test]
fn a_unit_that_is_not_finite_stays_as_it_is() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut w = [0.5; 12];
        w[5] = bad;
        for rule in constraints() {
            let projected = project(&*rule, &matrix(), &w);
            if bad == f64::NEG_INFINITY && format!("{rule:?}") == "NonNegative" {
                assert_eq!(projected[5], 0.0, "negative, and so 0");
            } else {
                assert_eq!(projected[5].to_bits(), bad.to_bits(), "{rule:?}");
                assert_eq!(projected[4], 0.5, "{rule:?}: the unit stays as it is");
            }
        }
    }
}

#[test]
fn decay_outside_its_range_is_refused_by_name() {
    for bad in [-1.0, -1e-300, f64::NAN, f64::INFINITY] {
        let result = DecoupledDecay(bad).validate();
        let Err(Error::Argument { argument, .. }) = result else { panic!("{bad}") };
        assert_eq!(argument, "DecoupledDecay");
    }
    assert_eq!(DecoupledDecay(0.0).validate(), Ok(()));
}
