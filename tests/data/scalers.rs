//! Scalers at both ends of the range of numbers.

use downhill::data::{Dataset, MinMax, Scaler, Standardize};
use downhill::{Error, Scalar};
use ndarray::{Array2, array};
use proptest::prelude::*;

fn column<F: Scalar>(values: &[f64]) -> Dataset<F> {
    let values = Array2::from_shape_fn((values.len(), 1), |(row, _)| F::of(values[row]));
    Dataset::new(values.clone(), values).unwrap()
}

fn scaled<F: Scalar>(scaler: &Scaler, data: &Dataset<F>) -> Vec<f64> {
    let inputs = scaler.apply(data).unwrap().inputs(0).unwrap();
    inputs.iter().map(|x| x.as_f64()).collect()
}

fn near(got: &[f64], want: &[f64]) -> bool {
    got.len() == want.len()
        && got.iter().zip(want).all(|(g, w)| (g - w).abs() <= 1e-12 * w.abs().max(1.0))
}

/// Multiples of a number near either end of `f64`, which may span more than the largest number.
fn extreme() -> impl Strategy<Value = Vec<f64>> {
    let shares = prop::collection::vec(-1.0..=1.0_f64, 1..40);
    (shares, prop::sample::select(vec![f64::MAX, 1e308, 1e200, 1.0, 1e-200, 1e-300]))
        .prop_map(|(shares, size)| shares.iter().map(|share| share * size).collect())
}

proptest! {
    #[test]
    fn columns_of_any_magnitude_become_standard(values in extreme()) {
        let data = column::<f64>(&values);
        let z = scaled(&Standardize::fit(&data).unwrap(), &data);
        let n = z.len() as f64;
        let mean = z.iter().sum::<f64>() / n;
        let variance = z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / n;
        let constant = values.iter().all(|x| *x == values[0]);
        prop_assert!(mean.abs() < 1e-10, "mean {mean}");
        prop_assert!((variance - if constant { 0.0 } else { 1.0 }).abs() < 1e-10, "variance {variance}");
    }

    #[test]
    fn a_power_of_two_changes_nothing_but_the_units(values in prop::collection::vec(-1e3..1e3_f64, 1..40), power in -900..900_i32) {
        let unit = 2.0_f64.powi(power);
        let (plain, large) = (column::<f64>(&values), column::<f64>(&values.iter().map(|x| x * unit).collect::<Vec<_>>()));
        let (a, b) = (Standardize::fit(&plain).unwrap(), Standardize::fit(&large).unwrap());
        prop_assert_eq!(scaled(&a, &plain), scaled(&b, &large));
        let (a, b) = (MinMax::fit(&plain).unwrap(), MinMax::fit(&large).unwrap());
        prop_assert_eq!(scaled(&a, &plain), scaled(&b, &large));
    }

    #[test]
    fn min_max_is_right_or_says_that_the_range_is_too_large(values in extreme()) {
        let data = column::<f64>(&values);
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let range = values.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
        match MinMax::fit(&data) {
            Ok(scaler) => {
                let z = scaled(&scaler, &data);
                prop_assert!(z.iter().all(|z| (0.0..=1.0).contains(z)));
                prop_assert!(z.contains(&0.0) && (range == 0.0 || z.contains(&1.0)));
            }
            Err(error) => {
                prop_assert!(range.is_infinite() && error.to_string().starts_with("the range of column 0 = -"), "{error}");
            }
        }
    }

    #[test]
    fn inverse_undoes_transform(values in extreme()) {
        let data = column::<f64>(&values);
        let scaler = Standardize::fit_targets(&data).unwrap();
        let there = scaler.transform(&data.values().unwrap()).unwrap();
        let size = values.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
        if let Ok(back) = scaler.inverse(&there) {
            prop_assert!(back.iter().zip(&values).all(|(b, x)| (b / size - x / size).abs() < 1e-12));
        } else {
            // Rounding has put the last digit of the largest number over the edge.
            prop_assert!(size > 0.99 * f64::MAX);
        }
    }
}

#[test]
fn values_worked_out_by_hand() {
    let max = f64::MAX;
    let data = column::<f64>(&[-max, max]);
    let scaler = Standardize::fit(&data).unwrap();
    assert_eq!((scaler.shift(), scaler.scale()), (&[0.0][..], &[max][..]));
    assert_eq!(scaled(&scaler, &data), [-1.0, 1.0]);
    // The largest number is 2 deviations from the mean, which lies at the least: the distance has no number.
    let data = column::<f64>(&[-max, -max, -max, -max, max]);
    assert!(near(
        &scaled(&Standardize::fit(&data).unwrap(), &data),
        &[-0.5, -0.5, -0.5, -0.5, 2.0]
    ));

    // One row, constant columns, and the smallest numbers there are.
    for values in [&[max][..], &[max; 3], &[-1e308; 9], &[5e-324; 2], &[0.0]] {
        for scaler in
            [Standardize::fit(&column::<f64>(values)), MinMax::fit(&column::<f64>(values))]
        {
            let scaler = scaler.unwrap();
            assert_eq!((scaler.shift(), scaler.scale()), (&values[..1], &[1.0][..]));
        }
    }
    let data = column::<f64>(&[1e-310, 3e-310]);
    assert!(near(&scaled(&Standardize::fit(&data).unwrap(), &data), &[-1.0, 1.0]));
    assert_eq!(scaled(&MinMax::fit(&data).unwrap(), &data), [0.0, 1.0]);

    let largest = f64::from(f32::MAX);
    let data = column::<f32>(&[-largest, largest]);
    assert_eq!(scaled(&Standardize::fit(&data).unwrap(), &data), [-1.0, 1.0]);
    assert_eq!(scaled(&MinMax::fit(&data).unwrap(), &data), [0.0, 1.0]);
}

#[test]
fn what_the_type_cannot_hold_is_named() {
    let narrow = Standardize::fit(&column::<f32>(&[0.0, 1e-30])).unwrap();
    let wide = column::<f32>(&[0.0, 1.0, 1e10]).select(&[2, 1]).unwrap();
    let message = |result: Result<String, Error>| result.unwrap_err().to_string();
    let error = message(narrow.apply(&wide).map(|_| String::new()));
    assert_eq!(
        error,
        "scaled input 0, row 2, column 0: inf is not a number that f32 can hold: the scaler was fitted on data of another magnitude"
    );
    let error = message(narrow.transform(&array![[1.0_f32], [1e10]]).map(|_| String::new()));
    assert!(error.starts_with("the array, row 1, column 0: inf is not a number"), "{error}");
    let large = Standardize::fit_targets(&column::<f32>(&[-3e38, 3e38])).unwrap();
    let error = message(large.inverse(&array![[2.0_f32]]).map(|_| String::new()));
    assert!(error.starts_with("the array, row 0, column 0: inf is not a number"), "{error}");
    let error = message(large.transform(&ndarray::arr0(1.0_f32)).map(|_| String::new()));
    assert_eq!(
        error,
        "the scaler: expected [samples, …], got []; give an array whose first axis counts the samples"
    );
    // What is no number before is none afterwards.
    let kept = large.inverse(&array![[f32::NAN], [f32::INFINITY]]).unwrap();
    assert!(kept[[0, 0]].is_nan() && kept[[1, 0]] == f32::INFINITY);
}

#[test]
fn scalings_that_together_leave_the_range_are_refused() {
    let large = column::<f64>(&[-1e200, 1e200]);
    let scaler = Standardize::fit(&large).unwrap();
    let error = scaler.apply(&scaler.apply(&large).unwrap()).map(|_| ()).unwrap_err().to_string();
    assert!(error.starts_with("the scale of column 0 after both scalings = inf"), "{error}");
    // Fitted on what it is applied to, a second scaling is fine.
    let once = scaler.apply(&large).unwrap();
    assert_eq!(scaled(&MinMax::fit(&once).unwrap(), &once), [0.0, 1.0]);
}
