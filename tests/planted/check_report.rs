//! What a person reads when a law is broken.

use std::process::Command;

use downhill::Scalar;
use downhill::check::optimizer::{Case, LAWS, OptimizerUnderTest, report_on};
use downhill::check::{Cases, Finding, Law, hold, run};
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

fn find(law: &str) -> &'static Law<OptimizerUnderTest, Case> {
    LAWS.iter().find(|known| known.name == law).unwrap()
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

/// Fails when it is asked to: the next test runs it in a process of its own, as a user runs a test that he has written.
#[test]
fn a_rate_of_zero_moves_nothing() {
    if std::env::var_os("FAIL_ON_PURPOSE").is_some() {
        let law = find("rate_zero_moves_nothing");
        hold(law, &Stubborn.into(), "planted::check_report::a_rate_of_zero_moves_nothing");
    }
}

/// The last line of a report is a command, and what it runs fails in the same case, with the same words.
#[test]
fn the_command_of_a_report_replays_its_case() {
    let report = |seed: Option<&str>, test: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "--nocapture", test]).env("FAIL_ON_PURPOSE", "yes");
        child.env_remove("DOWNHILL_CHECK_SEED").env_remove("PROPTEST_CASES");
        child.envs(seed.map(|seed| ("DOWNHILL_CHECK_SEED", seed)));
        let output = child.output().unwrap();
        assert!(!output.status.success(), "a broken law fails its test");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        let lines = said.lines().skip_while(|line| !line.starts_with("law  "));
        lines.take(7).map(|line| format!("{line}\n")).collect::<String>()
    };
    let first = report(None, "check_report::a_rate_of_zero_moves_nothing");
    let names: Vec<_> = first.lines().map(|line| line[..10].trim_end()).collect();
    assert_eq!(names, ["law", "case", "where", "expected", "got", "look for", "replay"]);
    let command = first.lines().last().unwrap()[10..].split(' ').collect::<Vec<_>>();
    let [setting, "cargo", "test", test, "--", "--exact"] = command[..] else {
        panic!("{command:?}")
    };
    let seed = setting.strip_prefix("DOWNHILL_CHECK_SEED=").unwrap();
    assert_eq!(report(Some(seed), test), first);
}

/// Passes for want of a claim, unless laws that were not tried shall fail: the next test runs it in a process of its own.
#[test]
fn bad_settings_are_refused_if_there_are_any() {
    if std::env::var_os("FAIL_ON_PURPOSE").is_some() {
        let law = find("refuses_bad_settings");
        hold(
            law,
            &Stubborn.into(),
            "planted::check_report::bad_settings_are_refused_if_there_are_any",
        );
    }
}

#[test]
fn laws_that_were_not_tried_fail_on_demand() {
    let run = |strict: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "check_report::bad_settings_are_refused_if_there_are_any"]);
        child.env("FAIL_ON_PURPOSE", "yes").env("DOWNHILL_CHECK_STRICT", strict);
        let output = child.output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    assert!(run("").0 && run("0").0);
    let (passed, said) = run("1");
    assert!(!passed && said.contains("`refuses_bad_settings` was not tried on"), "{said}");
}

/// The seed of a report leads to the same case, and no other.
#[test]
fn a_seed_replays() {
    let report = report_on(Stubborn, &Cases::fixed(64));
    let failure = report.failures().next().unwrap();
    let again = run(find(failure.law), &Stubborn.into(), &Cases::only(failure.seed.unwrap()));
    let Finding::Broken(again) = again.finding else { panic!("the seed does not replay") };
    assert_eq!(&again, failure);
}
