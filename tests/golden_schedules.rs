//! Schedules against the reference data.

mod golden_support;

use golden_support::{Case, load, run};

#[test]
fn schedules() {
    let kinds: Vec<String> = load("schedules").into_iter().map(|case| case.kind).collect();
    let pending: Vec<&str> = kinds.iter().map(String::as_str).collect();
    run("schedules", &pending, Case::unknown);
}
