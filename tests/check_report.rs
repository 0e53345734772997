//! What a person reads when a law is broken.
#![cfg(feature = "check")]

use downhill::Scalar;
use downhill::check::optimizer::{LAWS, OptimizerUnderTest, report_on};
use downhill::check::{Cases, Finding, run};
use downhill::optim::{Block, Optimizer, Tick};

/// Takes the rate from itself.
#[derive(Debug)]
struct Stubborn;

impl<F: Scalar> Optimizer<F> for Stubborn {
    fn learning_rate(&self) -> f64 {
        0.5
    }

    fn update(&self, _: &Tick, block: Block<'_, F>) {
        assert!(block.weights.len() != 31, "not 31");
        for (w, &g) in block.weights.iter_mut().zip(block.gradient) {
            *w -= F::of(0.5) * g;
        }
    }
}

#[test]
fn a_broken_law_reads_like_a_bug_report() {
    let report = report_on(Stubborn, &Cases::fixed(64));
    let failure = report.failures().find(|f| f.law == "rate_zero_moves_nothing").unwrap();
    let text = failure.in_test("stubborn::rate_zero_moves_nothing");
    println!("{report}\n{text}");
    let seed = failure.seed.unwrap();
    let parts = [
        "Stubborn breaks the law `rate_zero_moves_nothing`",
        "law       A learning rate of zero moves no weight.",
        // The smallest case: one number, one step.
        "shapes: [[1]], seed: 0, steps: 1, pattern: Normal, exponent: 0,",
        "where     f32 weight[0]",
        "expected  ",
        "got       ",
        "look for  a rate from `self`",
        &format!(
            "replay    DOWNHILL_CHECK_SEED={seed:#x} cargo test stubborn::rate_zero_moves_nothing"
        ),
    ];
    parts.iter().for_each(|part| assert!(text.contains(part), "{part:?} is not in\n{text}"));
}

#[test]
fn a_panic_is_a_broken_law_and_its_case_shrinks() {
    let report = report_on(Stubborn, &Cases::fixed(256));
    let failure = report.failures().find(|f| f.law == "same_input_same_bits").unwrap();
    assert!(failure.case.contains("31"), "{failure}");
    assert!(failure.broken.got.contains("not 31"), "{failure}");
    assert!(failure.broken.got.contains("check_report.rs:"), "{failure}");
}

#[test]
fn exceptions_are_strict() {
    let find = |law: &str| LAWS.iter().find(|known| known.name == law).unwrap();
    let subject = OptimizerUnderTest::new(Stubborn)
        .except("rate_zero_moves_nothing", "it is stubborn")
        .except("zero_gradient_moves_nothing", "not true");
    let cases = Cases::fixed(16);
    let known = run(find("rate_zero_moves_nothing"), &subject, &cases).finding;
    assert_eq!(known, Finding::Known("it is stubborn".to_owned()));
    let Finding::Broken(failure) =
        run(find("zero_gradient_moves_nothing"), &subject, &cases).finding
    else {
        panic!("an exception that is none passes")
    };
    assert_eq!(failure.look, "remove the exception");
}

/// The seed of a report leads to the same case, and no other.
#[test]
fn a_seed_replays() {
    let report = report_on(Stubborn, &Cases::fixed(64));
    let failure = report.failures().next().unwrap();
    let law = LAWS.iter().find(|law| law.name == failure.law).unwrap();
    let again = run(law, &Stubborn.into(), &Cases::only(failure.seed.unwrap()));
    let Finding::Broken(again) = again.finding else { panic!("the seed does not replay") };
    assert_eq!(&again, failure);
}
