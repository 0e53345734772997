//! Broken schedules, and the laws that catch them.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{self, ThreadId};

use crate::support::{Planted, healthy, table};
use downhill::Error;
use downhill::check::schedule::{LAWS, ScheduleUnderTest};
use downhill::error::require;
use downhill::schedule::*;

/// The planned length of most schedules here.
const N: u64 = 10;

/// A schedule put together from functions.
struct Made<A, L = fn() -> Option<u64>> {
    at: A,
    length: L,
}

impl<A, L> Schedule for Made<A, L>
where
    A: Fn(u64) -> f64 + Send + Sync,
    L: Fn() -> Option<u64> + Send + Sync,
{
    fn at(&self, step: u64) -> f64 {
        (self.at)(step)
    }

    fn length(&self) -> Option<u64> {
        (self.length)()
    }
}

/// A schedule of length [`N`] with these factors.
fn ten(at: impl Fn(u64) -> f64 + Send + Sync + 'static) -> impl Schedule + 'static {
    Made { at, length: || Some(N) }
}

/// One that is asked for its length in this way.
fn long(length: impl Fn() -> Option<u64> + Send + Sync + 'static) -> impl Schedule + 'static {
    Made { at: |_| 1.0, length }
}

/// A decay whose check is broken.
struct Checked {
    gamma: f64,
    steps: u64,
    validate: fn(f64, u64) -> Result<(), Error>,
}

impl Schedule for Checked {
    fn at(&self, step: u64) -> f64 {
        step_decay(self.steps, self.gamma).at(step)
    }

    fn validate(&self) -> Result<(), Error> {
        (self.validate)(self.gamma, self.steps)
    }
}

fn cosine_at(progress: f64) -> f64 {
    0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
}

type Bug = Planted<ScheduleUnderTest>;

fn bug(law: &'static str, bug: &str, subject: impl Into<ScheduleUnderTest>) -> Bug {
    Planted { law, bug: bug.to_owned(), subject: subject.into() }
}

fn new<S: Schedule + 'static>(schedule: S) -> ScheduleUnderTest {
    ScheduleUnderTest::new(schedule)
}

/// How many times `at` was called.
fn counted(factor: impl Fn(u64, u64) -> f64 + Send + Sync + 'static) -> impl Schedule + 'static {
    let calls = AtomicU64::new(0);
    move |step: u64| factor(step, calls.fetch_add(1, Relaxed))
}

/// The largest step that `at` was asked for.
fn latest(factor: impl Fn(u64, u64) -> f64 + Send + Sync + 'static) -> impl Schedule + 'static {
    let last = AtomicU64::new(0);
    move |step: u64| factor(step, last.fetch_max(step, Relaxed).max(step))
}

/// Like another schedule, but for what happens away from the thread that made it.
fn at_home(factor: impl Fn(bool) -> f64 + Send + Sync + 'static) -> impl Schedule + 'static {
    let home: ThreadId = thread::current().id();
    move |_: u64| factor(thread::current().id() == home)
}

thread_local! {
    static WARM: Cell<bool> = const { Cell::new(false) };
}

fn impure() -> Vec<Bug> {
    const TWICE: &str = "same_step_same_bits";
    const ORDER: &str = "order_of_asking_does_not_matter";
    const THREADS: &str = "threads_agree";
    const LENGTH: &str = "length_is_stable";
    const RUN: &str = "a_run_uses_its_factors";
    let drop_each_call = || counted(|_, calls| 0.99_f64.powf(calls as f64));
    let cursor = || latest(|_, last| 1.0 / (1.0 + last as f64));
    let left = AtomicU64::new(50);
    let asked = AtomicU64::new(0);
    let until_asked = AtomicU64::new(0);
    vec![
        bug(TWICE, "decays at each call", drop_each_call()),
        bug(TWICE, "noise from a counter", counted(|_, calls| 1.0 + 0.01 * (calls as f64).sin())),
        bug(TWICE, "warms up at the first calls", counted(|_, calls| calls.min(5) as f64 / 5.0)),
        bug(ORDER, "a cursor that only moves on", cursor()),
        bug(ORDER, "decays at each call", drop_each_call()),
        bug(ORDER, "goes on from the step before", {
            let last = AtomicU64::new(0);
            move |step: u64| f64::from(u8::from(step >= last.swap(step, Relaxed)))
        }),
        bug(THREADS, "another factor away from home", at_home(|home| if home { 1.0 } else { 0.5 })),
        bug(THREADS, "NaN away from home", at_home(|home| if home { 1.0 } else { f64::NAN })),
        bug(THREADS, "warm after the first call on a thread", |_: u64| {
            if WARM.replace(true) { 1.0 } else { 0.1 }
        }),
        bug(LENGTH, "counts down", long(move || Some(left.fetch_sub(1, Relaxed)))),
        bug(
            LENGTH,
            "known at the second call",
            long(move || (asked.fetch_add(1, Relaxed) > 0).then_some(N)),
        ),
        bug(LENGTH, "0 for none", long(|| Some(0))),
        bug(RUN, "decays at each call", drop_each_call()),
        bug(RUN, "warms up by calls", counted(|_, calls| calls.min(100) as f64)),
        bug(
            RUN,
            "a cursor that any look moves on",
            latest(move |_, last| (until_asked.fetch_add(1, Relaxed) + last) as f64),
        ),
    ]
}

fn out_of_range() -> Vec<Bug> {
    const FINITE: &str = "finite_at_any_step";
    const BOUNDS: &str = "stays_within_its_bounds";
    let share = |step: u64| step as f64 / N as f64;
    vec![
        bug(FINITE, "a root past the end", ten(move |step| (1.0 - share(step)).sqrt())),
        bug(FINITE, "growth without an end", |step: u64| 1.1_f64.powf(step as f64)),
        bug(FINITE, "1 over step", |step: u64| 1.0 / step as f64),
        bug(FINITE, "0 of 0 at the start", |step: u64| step as f64 / step.min(N) as f64),
        bug(BOUNDS, "a line that goes on below 0", ten(move |step| 1.0 - share(step))),
        bug(BOUNDS, "NaN past the end", new(ten(|step| if step > N { f64::NAN } else { 1.0 }))),
        bug(
            BOUNDS,
            "steps that wrap around",
            new(|step: u64| 10_u64.wrapping_sub(step) as f64 / 10.0).bounds(0.0, 1.0),
        ),
        bug(BOUNDS, "a rise without a top", new(move |step: u64| share(step)).bounds(0.0, 1.0)),
    ]
}

fn of_another_shape() -> Vec<Bug> {
    const MONOTONE: &str = "monotone_where_claimed";
    const PERIOD: &str = "periodic_where_claimed";
    const START: &str = "starts_where_claimed";
    const END: &str = "ends_where_claimed";
    const HOLD: &str = "holds_after_its_length";
    const JOINT: &str = "continuous_where_claimed";
    const SAME: &str = "agrees_with_its_reference";
    let share = |step: u64| step as f64 / N as f64;
    let comes_back = move || ten(move |step| cosine_at(share(step)));
    let always = 0..u64::MAX;
    vec![
        bug(MONOTONE, "a cosine that rises again", new(comes_back()).falls(always.clone())),
        bug(
            MONOTONE,
            "a warm-up that falls back",
            new(|step: u64| (step % N) as f64).rises(always.clone()),
        ),
        bug(
            MONOTONE,
            "a counter of 32 bits",
            new(|step: u64| 1.0 / (1.0 + f64::from(step as u32))).falls(always),
        ),
        bug(PERIOD, "one step too long", new(|step: u64| (step % (N + 1)) as f64).period(N)),
        bug(
            PERIOD,
            "the first cycle is longer",
            new(|step: u64| (step.saturating_sub(1) % N) as f64).period(N),
        ),
        bug(
            PERIOD,
            "a cycle that fades",
            new(|step: u64| (step % N) as f64 * 0.999_f64.powf((step / N) as f64)).period(N),
        ),
        bug(
            START,
            "counts from 1",
            new(|step: u64| 0.9_f64.powf(step as f64 + 1.0)).starts_at(1.0),
        ),
        bug(
            START,
            "a first update of 0",
            new(move |step: u64| share(step).min(1.0)).starts_at(0.1),
        ),
        bug(
            START,
            "floor in the place of high",
            new(Cosine { from: 0.0, to: 1.0, ..cosine(N) }).starts_at(1.0),
        ),
        bug(
            END,
            "one step short",
            new(ten(|step| 1.0 - step.min(N) as f64 / (N + 1) as f64)).ends_at(0.0),
        ),
        bug(
            END,
            "a minimum forgotten",
            new(ten(move |step| cosine_at(share(step).min(1.0)))).ends_at(0.1),
        ),
        bug(
            END,
            "a decay that never gets there",
            new(ten(|step| 0.5_f64.powf(step as f64))).ends_at(0.0),
        ),
        bug(HOLD, "a cosine that rises again", new(comes_back()).holds()),
        bug(
            HOLD,
            "back to 1 after the end",
            new(ten(|step| if step > N { 1.0 } else { 0.5 })).holds(),
        ),
        bug(HOLD, "a line that goes on", new(ten(share)).holds()),
        bug(
            JOINT,
            "a decay that starts lower",
            new(warmup(4).then(linear(0.8, 0.0, 6))).continuous_at(4, 0.1),
        ),
        bug(
            JOINT,
            "a rise that does not reach the top",
            new(linear(0.0, 0.5, 4).then(constant(1.0))).continuous_at(4, 0.15),
        ),
        bug(
            JOINT,
            "a second piece that is asked for the step of the whole",
            new(|step: u64| if step < 4 { 1.0 } else { linear(1.0, 0.0, 6).at(step) })
                .continuous_at(4, 0.2),
        ),
        bug(
            SAME,
            "the exponent of another formula",
            new(|step: u64| (1.0 + step as f64).powf(-0.6)).same_as(inverse_sqrt(1)),
        ),
        bug(SAME, "off by one", new(ten(|step| cosine(N).at(step + 1))).same_as(cosine(N))),
        bug(
            SAME,
            "a wrapper that does not pass on the length",
            new(|step: u64| cosine(N).at(step)).same_as(cosine(N)),
        ),
    ]
}

fn badly_combined() -> Vec<Bug> {
    const JOIN: &str = "joins_at_the_stated_step";
    const SCALE: &str = "scaled_multiplies";
    const TIMES: &str = "times_multiplies";
    const CUT: &str = "for_steps_changes_the_length_alone";
    const EVERY: &str = "every_keeps_each_factor";
    const CLAMP: &str = "clamped_changes_what_is_outside_alone";
    let (rise, fall) = (warmup(4), cosine(6));
    let join = move |at: fn(u64) -> f64| new(ten(at)).joins(rise, fall);
    let scale = move |at: fn(u64) -> f64| new(Made { at, length: || Some(6) }).scales(fall, 0.5);
    let times =
        move |at: fn(u64) -> f64| new(Made { at, length: || Some(6) }).multiplies(rise, fall);
    let cut = move |at: fn(u64) -> f64| new(ten(at)).cuts(fall, N);
    let every = move |at: fn(u64) -> f64| new(Made { at, length: || Some(18) }).slows(fall, 3);
    let clamp =
        move |at: fn(u64) -> f64| new(Made { at, length: || Some(6) }).clamps(fall, 0.2, 0.8);
    vec![
        bug(
            JOIN,
            "one step too late",
            new(ten(|t| if t > 4 { cosine(6).at(t - 4) } else { 0.5 }))
                .joins(constant(0.5).for_steps(4), fall),
        ),
        bug(
            JOIN,
            "the second piece starts at its step 1",
            join(|t| if t >= 4 { cosine(6).at(t - 3) } else { warmup(4).at(t) }),
        ),
        bug(
            JOIN,
            "the second piece counts from the start",
            join(|t| if t >= 4 { cosine(6).at(t) } else { warmup(4).at(t) }),
        ),
        bug(
            JOIN,
            "the length of the first piece alone",
            new(Made {
                at: |t: u64| if t >= 4 { cosine(6).at(t - 4) } else { warmup(4).at(t) },
                length: || Some(4),
            })
            .joins(rise, fall),
        ),
        bug(SCALE, "added", scale(|t| cosine(6).at(t) + 0.5)),
        bug(SCALE, "scales the step", scale(|t| cosine(6).at(t / 2))),
        bug(
            SCALE,
            "not the last factor",
            new(Made {
                at: |t: u64| linear(1.0, 0.5, 6).at(t) * if t < 6 { 0.5 } else { 1.0 },
                length: || Some(6),
            })
            .scales(linear(1.0, 0.5, 6), 0.5),
        ),
        bug(
            SCALE,
            "infinite in the place of the largest",
            new(|_: u64| f64::MAX * 2.0).scales(constant(f64::MAX), 2.0),
        ),
        bug(TIMES, "added", times(|t| warmup(4).at(t) + cosine(6).at(t))),
        bug(
            TIMES,
            "the second counts from the end of the first",
            times(|t| warmup(4).at(t) * cosine(6).at(t.saturating_sub(4))),
        ),
        bug(
            TIMES,
            "the length of the shorter one",
            new(Made { at: |t: u64| warmup(4).at(t) * cosine(6).at(t), length: || Some(4) })
                .multiplies(rise, fall),
        ),
        bug(CUT, "stretched to the length", cut(|t| cosine(N).at(t))),
        bug(CUT, "1 after the length", cut(|t| if t > N { 1.0 } else { cosine(6).at(t) })),
        bug(CUT, "the length of what it was", new(fall).cuts(fall, N)),
        bug(EVERY, "rounds up", every(|t| cosine(6).at(t.div_ceil(3)))),
        bug(EVERY, "multiplies", every(|t| cosine(6).at(t.saturating_mul(3)))),
        bug(
            EVERY,
            "divides the factor's place in floating point",
            every(|t| 0.5 * (1.0 + (std::f64::consts::PI * (t as f64 / 3.0).min(6.0) / 6.0).cos())),
        ),
        bug(
            EVERY,
            "the length is not multiplied",
            new(Made { at: |t: u64| cosine(6).at(t / 3), length: || Some(6) }).slows(fall, 3),
        ),
        bug(CLAMP, "no upper bound", clamp(|t| cosine(6).at(t).max(0.2))),
        bug(CLAMP, "no lower bound", clamp(|t| cosine(6).at(t).min(0.8))),
        bug(CLAMP, "squeezed in the place of clamped", clamp(|t| 0.2 + 0.6 * cosine(6).at(t))),
        bug(
            CLAMP,
            "loses the length",
            new(|t: u64| cosine(6).at(t).clamp(0.2, 0.8)).clamps(fall, 0.2, 0.8),
        ),
    ]
}

fn badly_checked() -> Vec<Bug> {
    const ACCEPTS: &str = "accepts_its_settings";
    const REFUSES: &str = "refuses_bad_settings";
    let good = |validate| Checked { gamma: 1.0, steps: N, validate };
    let bad = |gamma, steps, validate: fn(f64, u64) -> Result<(), Error>, field: &str| {
        new(Checked { gamma: 0.5, steps: N, validate })
            .refuses(Checked { gamma, steps, validate }, field)
    };
    vec![
        bug(
            ACCEPTS,
            "a factor of 1 is refused",
            good(|gamma, _| require::below_one("gamma", gamma)),
        ),
        bug(
            ACCEPTS,
            "the comparison the wrong way round",
            good(|_, steps| require::that(steps < 1, "steps", steps, "1 or more")),
        ),
        bug(
            ACCEPTS,
            "a whole number of hundreds",
            good(|_, steps| require::that(steps.is_multiple_of(100), "steps", steps, "hundreds")),
        ),
        bug(REFUSES, "no check", bad(0.5, 0, |_, _| Ok(()), "steps")),
        bug(
            REFUSES,
            "a comparison that NaN passes",
            bad(
                f64::NAN,
                N,
                |gamma, _| {
                    require::that(gamma.is_nan() || gamma >= 0.0, "gamma", gamma, "0 or more")
                },
                "gamma",
            ),
        ),
        bug(
            REFUSES,
            "the name of another setting",
            bad(-1.0, N, |gamma, _| require::non_negative("factor", gamma), "gamma"),
        ),
        bug(
            REFUSES,
            "infinity passes",
            bad(
                f64::INFINITY,
                N,
                |gamma, _| require::that(gamma >= 0.0, "gamma", gamma, "0 or more"),
                "gamma",
            ),
        ),
    ]
}

#[test]
fn every_law_catches_its_bugs() {
    let planted = [impure(), out_of_range(), of_another_shape(), badly_combined(), badly_checked()];
    table(LAWS, &planted.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn without_a_bug_no_law_is_broken() {
    let subject = new(ten(|step| cosine_at(step.min(N) as f64 / N as f64)));
    healthy(LAWS, &subject.same_as(cosine(N)).bounds(0.0, 1.0).falls(0..u64::MAX).holds());
    let joined = Made {
        at: |t: u64| if t >= 4 { cosine(6).at(t - 4) } else { warmup(4).at(t) },
        length: || Some(N),
    };
    healthy(LAWS, &new(joined).joins(warmup(4), cosine(6)).rises(0..4).continuous_at(4, 0.0));
}
