//! The clock of the benches.

use std::time::{Duration, Instant};

/// Seconds that `run` takes: the fastest of many times, which was disturbed least.
pub fn time(mut run: impl FnMut()) -> f64 {
    run();
    let once = Instant::now();
    run();
    // Several at once where one is as short as the clock's step.
    let several = if once.elapsed() < Duration::from_micros(20) { 16 } else { 1 };
    let start = Instant::now();
    let mut best = Duration::MAX;
    let mut runs = 0;
    while runs < 5 || start.elapsed() < Duration::from_millis(150) {
        let start = Instant::now();
        for _ in 0..several {
            run();
        }
        best = best.min(start.elapsed() / several);
        runs += 1;
    }
    best.as_secs_f64()
}
