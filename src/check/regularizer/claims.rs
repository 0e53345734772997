//! What holds for a penalty whose author says so.

use super::{Case, Precision, RegularizerUnderTest, gradient, penalty};
use crate::check::optimizer::parameters;
use crate::check::{Verdict, close, ensure, not_applicable};
use crate::regularize::Weights;

/// How far a comparison may be off by rounding.
const ROUNDING: f64 = 1e-12;

/// The penalty of a tensor is the sum of those of its parts, and the gradient of a part is not changed by the rest.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn parts_add_up(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    if !subject.additive {
        return not_applicable("it is not said to be additive");
    }
    let (rule, weights) = (f64::rule(subject), case.weights(0));
    let cut = case.pick % (weights.len() + 1);
    let (first, second) = weights.split_at(cut);
    let mut sum = 0.0;
    let mut slopes = Vec::new();
    for part in [first, second].into_iter().filter(|part| !part.is_empty()) {
        let parameter = parameters(&[vec![part.len()]]).swap_remove(0);
        let tensor = Weights::new(&parameter, part);
        let mut slope = vec![0.0; part.len()];
        sum += rule.penalty(tensor);
        rule.add_gradient(tensor, &mut slope);
        slopes.extend(slope);
    }
    let whole = penalty(rule, case, &weights);
    close("f64 penalty of the parts", &[sum], &[whole], ROUNDING, ROUNDING)?;
    let whole = gradient(rule, case, &weights);
    close("f64 gradient of the parts", &slopes, &whole, ROUNDING, ROUNDING)
}

/// No penalty is below zero.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn never_negative(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    if !subject.never_negative {
        return not_applicable("it is not said never to be negative");
    }
    let cost = penalty(f64::rule(subject), case, &case.scaled(0));
    ensure(cost >= 0.0, "f64 penalty", "0 or more", cost)
}

/// Between two points the penalty is not above the straight line between its values there.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn convex(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    if !subject.convex {
        return not_applicable("it is not said to be convex");
    }
    let (rule, one, other, t) = (f64::rule(subject), case.weights(0), case.weights(1), case.share);
    let between: Vec<f64> = one.iter().zip(&other).map(|(a, b)| (1.0 - t) * a + t * b).collect();
    let [first, second] = [&one, &other].map(|weights| penalty(rule, case, weights));
    let chord = (1.0 - t) * first + t * second;
    let cost = penalty(rule, case, &between);
    let fine = cost <= chord + ROUNDING * (first.abs() + second.abs());
    ensure(fine, format!("f64 penalty at {t} of the way"), format!("at most {chord:?}"), cost)
}

/// The signs of the weights make no difference to the penalty.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn even(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    if !subject.even {
        return not_applicable("it is not said to be even");
    }
    let (rule, weights) = (f64::rule(subject), case.weights(0));
    let mut turned = weights.clone();
    let pick = case.pick % weights.len();
    turned[pick] = -turned[pick];
    let (got, want) = (penalty(rule, case, &turned), penalty(rule, case, &weights));
    close(format!("f64 penalty with weight[{pick}] negated"), &[got], &[want], ROUNDING, 0.0)
}

/// Weights k times as large cost kᵈ times as much, for the degree d that is claimed.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn grows_by_its_degree(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    let Some(degree) = subject.degree else {
        return not_applicable("no degree is claimed");
    };
    let (rule, weights) = (f64::rule(subject), case.weights(0));
    let k = 10.0 * case.share;
    let scaled: Vec<f64> = weights.iter().map(|w| k * w).collect();
    let want = k.powf(degree) * penalty(rule, case, &weights);
    let got = penalty(rule, case, &scaled);
    close(format!("f64 penalty of weights times {k}"), &[got], &[want], ROUNDING, 0.0)
}
