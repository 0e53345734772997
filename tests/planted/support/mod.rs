//! The table of planted bugs: for each law at least three broken subjects that it has to catch.

use downhill::check::{Cases, Finding, Generate, Law, Report, Subject, run};

/// Enough cases to meet each bug.
const CASES: u32 = 128;

/// A broken subject, and the law that has to catch it.
pub struct Planted<S> {
    pub law: &'static str,
    pub bug: String,
    pub subject: S,
}

/// Prints law, bug and how it was caught for each bug, and fails if one was not, or if a law has fewer than three.
pub fn table<S: Subject, C: Generate>(laws: &[Law<S, C>], planted: &[Planted<S>]) {
    let mut failures = Vec::new();
    for bug in planted {
        let Some(law) = laws.iter().find(|law| law.name == bug.law) else {
            failures.push(format!("there is no law {}", bug.law));
            continue;
        };
        let outcome = run(law, &bug.subject, &Cases::fixed(CASES));
        let caught = matches!(outcome.finding, Finding::Broken(_));
        println!("| {} | {} | {} |", bug.law, bug.bug, if caught { "caught" } else { "MISSED" });
        if !caught {
            failures.push(format!("{} misses: {}", bug.law, bug.bug));
        }
    }
    for law in laws {
        let count = planted.iter().filter(|bug| bug.law == law.name).count();
        if count < 3 {
            failures.push(format!("{} has {count} planted bugs of 3", law.name));
        }
    }
    println!("planted bugs: {} for {} laws", planted.len(), laws.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The same subject without a bug breaks nothing.
pub fn healthy<S: Subject, C: Generate>(laws: &[Law<S, C>], subject: &S) {
    Report::of(laws, subject, &Cases::fixed(CASES)).assert();
}
