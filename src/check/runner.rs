//! Tries a law on its cases.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::panics::caught;
use super::{Broken, Cases, Failure, Finding, Generate, Law, Outcome, Subject, Unmet, Verdict};

/// How often a broken case is tried in smaller form.
const SHRINKS: u32 = 2_000;

/// Tries `law` on `subject`.
///
/// ```
/// use downhill::check::{Cases, optimizer, run};
/// use downhill::optim::Adam;
/// let outcome = run(&optimizer::LAWS[0], &Adam::default().into(), &Cases::fixed(8));
/// assert_eq!(outcome.cases, 8);
/// ```
pub fn run<S: Subject + ?Sized, C: Generate>(
    law: &Law<S, C>,
    subject: &S,
    cases: &Cases,
) -> Outcome {
    let (held, finding) = tried(law, subject, cases);
    let exception = subject.exceptions().iter().find(|exception| exception.law == law.name);
    let finding = match (finding, exception) {
        (Finding::Broken(_), Some(known)) => Finding::Known(known.reason.clone()),
        (Finding::Held, Some(known)) => Finding::Broken(Failure {
            title: subject.title(),
            law: law.name,
            says: law.says,
            look: "remove the exception",
            case: format!("all {held} of them"),
            broken: Broken {
                what: "a law that is listed as broken".to_owned(),
                expected: format!("a broken law, because {}", known.reason),
                got: "it holds".to_owned(),
            },
            seed: None,
        }),
        (finding, _) => finding,
    };
    Outcome { law: law.name, says: law.says, cases: held, finding }
}

fn tried<S: Subject + ?Sized, C: Generate>(
    law: &Law<S, C>,
    subject: &S,
    cases: &Cases,
) -> (u32, Finding) {
    let strategy = C::any();
    let (mut held, mut reason) = (0, None);
    for seed in cases.seeds(law.name) {
        let mut tree = match strategy.new_tree(&mut dice(seed)) {
            Ok(tree) => tree,
            Err(why) => {
                reason = Some(format!("no case could be made: {why}"));
                continue;
            }
        };
        let check = |case: &C| caught(|| (law.check)(subject, case));
        match check(&tree.current()) {
            Ok(()) => held += 1,
            Err(Unmet::NotApplicable(why)) => reason = Some(why),
            Err(Unmet::Broken(broken)) => {
                let (case, broken) = smallest(&mut tree, broken, &check);
                let failure = Failure {
                    title: subject.title(),
                    law: law.name,
                    says: law.says,
                    look: law.look,
                    case: format!("{case:?}"),
                    broken,
                    seed: Some(seed),
                };
                return (held, Finding::Broken(failure));
            }
        }
    }
    match reason {
        Some(reason) if held == 0 => (0, Finding::NotApplicable(reason)),
        _ => (held, Finding::Held),
    }
}

/// The smallest case that is still broken, by proptest's protocol: a broken case is simplified, any other one complicated again.
fn smallest<C>(
    tree: &mut impl ValueTree<Value = C>,
    broken: Broken,
    check: &impl Fn(&C) -> Verdict,
) -> (C, Broken) {
    let mut smallest = (tree.current(), broken);
    let mut on = tree.simplify();
    let mut tries = 0;
    while on && tries < SHRINKS {
        tries += 1;
        let case = tree.current();
        on = if let Err(Unmet::Broken(broken)) = check(&case) {
            smallest = (case, broken);
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    smallest
}

/// A source of cases for one seed.
fn dice(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Tries one law and panics with a report if it is broken: the body of the tests that the macros make. `test` is the test's path.
///
/// A law that says nothing about the subject passes, unless `DOWNHILL_CHECK_STRICT` is set to anything but 0: then it fails with the reason, so that one run
/// names every test which is green because nothing was tried.
///
/// # Panics
/// If the law is broken; that is how a test fails.
#[expect(clippy::panic, reason = "a broken law fails the test that it runs in")]
pub fn hold<S: Subject + ?Sized, C: Generate>(law: &Law<S, C>, subject: &S, test: &str) {
    let outcome = run(law, subject, &Cases::from_env());
    println!("{outcome}");
    match &outcome.finding {
        Finding::Broken(failure) => {
            // The path without the crate's name is what `cargo test` takes.
            let test = test.split_once("::").map_or(test, |(_, path)| path);
            panic!("{}", failure.in_test(test));
        }
        Finding::NotApplicable(reason) if strict() => {
            panic!("`{}` was not tried on {}: {reason}", law.name, subject.title());
        }
        _ => {}
    }
}

/// [`hold`] for the law of this name among those of a kit, in a test of the same name in this module.
///
/// # Panics
/// As [`hold`]; also if there is no such law, so that no test is green because nothing was tried.
#[doc(hidden)]
#[expect(clippy::panic, reason = "a test of a law that there is not must fail")]
pub fn hold_one<S: Subject + ?Sized, C: Generate>(
    laws: &[Law<S, C>],
    subject: &S,
    name: &str,
    module: &str,
) {
    let Some(law) = laws.iter().find(|law| law.name == name) else {
        panic!("{module} has no law `{name}`");
    };
    hold(law, subject, &format!("{module}::{name}"));
}

/// Whether laws that were not tried fail their tests.
fn strict() -> bool {
    std::env::var_os("DOWNHILL_CHECK_STRICT").is_some_and(|value| !value.is_empty() && value != "0")
}
