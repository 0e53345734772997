//! Broken observers, and the laws that catch them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::support::{Planted, healthy, table};
use downhill::check::observer::{ObserverUnderTest, laws};
use downhill::error::require;
use downhill::prelude::*;

/// What a broken observer keeps, where a sound one looks at the history.
struct Memory {
    /// How many were made before this one.
    number: u64,
    count: u64,
    best: f64,
    mean: f64,
    running: bool,
    total: Option<u64>,
    losses: Vec<f64>,
}

static MADE: AtomicU64 = AtomicU64::new(0);
static STEPS: AtomicU64 = AtomicU64::new(0);
static SHARED: Mutex<f64> = Mutex::new(1.0);

type Act = fn(&mut Memory, &Event<'_>, &mut Control<'_, f64>);

/// An observer put together from functions.
struct Made {
    memory: Memory,
    act: Act,
}

impl Observer<f64> for Made {
    fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, f64>) {
        (self.act)(&mut self.memory, event, control);
    }
}

/// An observer whose check is broken.
struct Checked {
    factor: f64,
    validate: fn(f64) -> Result<(), Error>,
}

impl Observer<f64> for Checked {
    fn observe(&mut self, _: &Event<'_>, _: &mut Control<'_, f64>) {}

    fn validate(&self) -> Result<(), Error> {
        (self.validate)(self.factor)
    }
}

type Subject = ObserverUnderTest<f64>;
type Bug = Planted<Subject>;

fn made(act: Act) -> Subject {
    ObserverUnderTest::new(move || {
        let number = MADE.fetch_add(1, Relaxed);
        let memory = Memory {
            number,
            count: 0,
            best: f64::INFINITY,
            mean: 0.0,
            running: false,
            total: None,
            losses: Vec::new(),
        };
        Made { memory, act }
    })
}

/// One that scales.
fn scaling(act: Act) -> Subject {
    made(act).scales(0.0, 1.0)
}

fn bug(law: &'static str, bug: &str, subject: Subject) -> Bug {
    Planted { law, bug: bug.to_owned(), subject }
}

/// Lowers the rate by this factor.
fn lower(control: &mut Control<'_, f64>, factor: f64) {
    control.set_learning_rate_scale(control.learning_rate_scale() * factor);
}

/// The losses of all epochs so far.
fn losses(control: &Control<'_, f64>) -> Vec<f64> {
    control.history().epochs.iter().map(|epoch| epoch.deciding().loss).collect()
}

/// Halves the rate at each epoch that is not better than the best one, which the observer remembers.
fn remembers_the_best(memory: &mut Memory, event: &Event<'_>, control: &mut Control<'_, f64>) {
    let Event::Epoch(record) = event else { return };
    let loss = record.deciding().loss;
    if loss < memory.best {
        memory.best = loss;
    } else {
        lower(control, 0.5);
    }
}

/// A rate that falls with the steps that the observer has counted.
fn counts_steps(memory: &mut Memory, event: &Event<'_>, control: &mut Control<'_, f64>) {
    if let Event::Step(_) = event {
        memory.count += 1;
        control.set_learning_rate_scale(1.0 / (1.0 + memory.count as f64));
    }
}

/// Halves the rate at the end of each call.
fn halves_at_the_end(_: &mut Memory, event: &Event<'_>, control: &mut Control<'_, f64>) {
    if let Event::Finished(_) = event {
        lower(control, 0.5);
    }
}

fn not_by_the_history() -> Vec<Bug> {
    const SAME: &str = "same_run_same_bits";
    const TURNS: &str = "runs_do_not_disturb_each_other";
    const SECOND: &str = "a_second_run_is_like_the_first";
    const CUT: &str = "a_cut_run_is_the_whole_run";
    vec![
        bug(
            SAME,
            "a rate by the number of runs so far",
            scaling(|memory, event, control| {
                if let Event::Step(_) = event {
                    control.set_learning_rate_scale(1.0 / (1.0 + memory.number as f64));
                }
            }),
        ),
        bug(
            SAME,
            "only every second one is awake",
            made(|memory, event, control| {
                if let (Event::Step(_), 1) = (event, memory.number % 2) {
                    control.stop();
                }
            })
            .stops(),
        ),
        bug(
            SAME,
            "a count of steps that outlives the run",
            scaling(|_, event, control| {
                if let Event::Step(_) = event {
                    control
                        .set_learning_rate_scale(1.0 / (1.0 + STEPS.fetch_add(1, Relaxed) as f64));
                }
            }),
        ),
        bug(
            TURNS,
            "a static count that the start of a run sets back",
            scaling(|_, event, control| match event {
                Event::EpochStarted { epoch: 0, .. } => STEPS.store(0, Relaxed),
                Event::Step(_) => {
                    control
                        .set_learning_rate_scale(1.0 / (1.0 + STEPS.fetch_add(1, Relaxed) as f64));
                }
                _ => {}
            }),
        ),
        bug(
            TURNS,
            "a best loss that all runs share",
            scaling(|_, event, control| match event {
                Event::EpochStarted { epoch: 0, .. } => *SHARED.lock().unwrap() = f64::INFINITY,
                Event::Step(record) => {
                    let mut best = SHARED.lock().unwrap();
                    if record.loss < *best {
                        *best = record.loss;
                    } else {
                        lower(control, 0.5);
                    }
                }
                _ => {}
            }),
        ),
        bug(
            TURNS,
            "one scale for all runs",
            scaling(|_, event, control| match event {
                Event::EpochStarted { epoch: 0, .. } => *SHARED.lock().unwrap() = 1.0,
                Event::Step(_) => {
                    let mut scale = SHARED.lock().unwrap();
                    *scale *= 0.9;
                    control.set_learning_rate_scale(*scale);
                }
                _ => {}
            }),
        ),
        bug(SECOND, "a best loss of its own", scaling(remembers_the_best)),
        bug(SECOND, "a count of its own", scaling(counts_steps)),
        bug(
            SECOND,
            "warm-up in the first run alone",
            scaling(|memory, event, control| {
                if let Event::Step(_) = event {
                    control.set_learning_rate_scale(if memory.running { 1.0 } else { 0.1 });
                    memory.running = true;
                }
            }),
        ),
        bug(CUT, "a best loss of its own", scaling(remembers_the_best)),
        bug(CUT, "a count of its own", scaling(counts_steps)),
        bug(
            CUT,
            "a moving average of its own",
            scaling(|memory, event, control| {
                let Event::Step(record) = event else { return };
                if !record.skipped {
                    memory.mean = 0.9 * memory.mean + 0.1 * record.loss;
                    control.set_learning_rate_scale(1.0 / (1.0 + memory.mean));
                }
            }),
        ),
        bug(
            CUT,
            "stops after so many steps that it has seen",
            made(|memory, event, control| {
                memory.count += u64::from(matches!(event, Event::Step(_)));
                if memory.count == 5 {
                    control.stop();
                }
            })
            .stops(),
        ),
    ]
}

fn not_when_it_should() -> Vec<Bug> {
    const CALLS: &str = "two_calls_are_one";
    const NOTHING: &str = "no_epochs_change_nothing";
    const ERROR: &str = "an_error_leaves_no_trace";
    vec![
        bug(
            CALLS,
            "the best is forgotten at the start",
            scaling(|memory, event, control| {
                if let Event::Started { .. } = event {
                    memory.best = f64::INFINITY;
                }
                remembers_the_best(memory, event, control);
            }),
        ),
        bug(CALLS, "halves at the end of each call", scaling(halves_at_the_end)),
        bug(
            CALLS,
            "warms up at the start of each call",
            scaling(|memory, event, control| match event {
                Event::Started { .. } => memory.running = false,
                Event::Step(_) => {
                    control.set_learning_rate_scale(if memory.running { 1.0 } else { 0.1 });
                    memory.running = true;
                }
                _ => {}
            }),
        ),
        bug(NOTHING, "halves at the end of each call", scaling(halves_at_the_end)),
        bug(
            NOTHING,
            "begins with half the rate at each call",
            scaling(|_, event, control| {
                if let Event::Started { .. } = event {
                    lower(control, 0.5);
                }
            }),
        ),
        bug(
            NOTHING,
            "a decay that begins anew at each call",
            scaling(|_, event, control| match event {
                Event::Started { .. } => control.set_learning_rate_scale(1.0),
                Event::Step(_) => lower(control, 0.9),
                _ => {}
            }),
        ),
        bug(
            ERROR,
            "a flag that only the end takes down",
            scaling(|memory, event, control| match event {
                Event::Started { .. } if memory.running => lower(control, 0.5),
                Event::Started { .. } => memory.running = true,
                Event::Finished(_) => memory.running = false,
                _ => {}
            }),
        ),
        bug(
            ERROR,
            "stops what it takes for a run within a run",
            made(|memory, event, control| match event {
                Event::Started { .. } => {
                    memory.count += 1;
                    if memory.count > 1 {
                        control.stop();
                    }
                }
                Event::Finished(_) => memory.count -= 1,
                _ => {}
            })
            .stops(),
        ),
        bug(
            ERROR,
            "counts the starts of epochs",
            scaling(|_, event, control| {
                if let Event::EpochStarted { .. } = event {
                    lower(control, 0.9);
                }
            }),
        ),
    ]
}

fn not_what_it_says() -> Vec<Bug> {
    const STOPS: &str = "stops_only_if_it_says_so";
    const SCALES: &str = "scales_only_if_it_says_so";
    const BOUNDS: &str = "the_scale_stays_within_its_bounds";
    vec![
        bug(
            STOPS,
            "a limit that was left in",
            made(|_, event, control| {
                if let Event::Step(record) = event
                    && record.step >= 10
                {
                    control.stop();
                }
            }),
        ),
        bug(
            STOPS,
            "ends at a skipped step",
            made(|_, event, control| {
                if let Event::Step(record) = event
                    && record.skipped
                {
                    control.stop();
                }
            }),
        ),
        bug(
            STOPS,
            "the comparison the wrong way round",
            made(|_, event, control| {
                if let Event::Epoch(record) = event
                    && 1e-3 < record.deciding().loss
                {
                    control.stop();
                }
            }),
        ),
        bug(
            SCALES,
            "a warm-up that nobody asked for",
            made(|_, event, control| {
                if let Event::Step(record) = event {
                    control.set_learning_rate_scale(f64::min(1.0, (record.step + 1) as f64 / 5.0));
                }
            }),
        ),
        bug(
            SCALES,
            "a rate of 0 after a skipped step",
            made(|_, event, control| {
                if let Event::Step(record) = event
                    && record.skipped
                {
                    control.set_learning_rate_scale(0.0);
                }
            }),
        ),
        bug(
            SCALES,
            "half the rate for the second epoch",
            made(|_, event, control| {
                if let Event::EpochStarted { epoch, .. } = event {
                    control.set_learning_rate_scale(if *epoch == 1 { 0.5 } else { 1.0 });
                }
            }),
        ),
        bug(
            BOUNDS,
            "factors above 1 after good steps",
            scaling(|_, event, control| {
                if let Event::Step(_) = event {
                    lower(control, 1.05);
                }
            }),
        ),
        bug(
            BOUNDS,
            "added in the place of multiplied",
            scaling(|_, event, control| {
                if let Event::Epoch(_) = event {
                    control.set_learning_rate_scale(control.learning_rate_scale() + 0.1);
                }
            }),
        ),
        bug(
            BOUNDS,
            "below the least scale",
            made(|_, event, control| {
                if let Event::Epoch(_) = event {
                    lower(control, 0.5);
                }
            })
            .scales(0.25, 1.0),
        ),
    ]
}

fn in_trouble() -> Vec<Bug> {
    const NAN: &str = "a_nan_loss_is_the_worst";
    const PANIC: &str = "no_order_of_events_makes_it_panic";
    const REFUSES: &str = "refuses_bad_settings";
    let checked = |factor, validate| {
        ObserverUnderTest::new(move || Checked { factor: 0.5, validate })
            .refuses(Checked { factor, validate }, "factor")
    };
    vec![
        bug(
            NAN,
            "no worse is taken for better",
            scaling(|_, event, control| {
                let Event::Epoch(_) = event else { return };
                let (mut best, mut scale) = (f64::INFINITY, 1.0);
                for loss in losses(control) {
                    if loss >= best {
                        scale *= 0.5;
                    } else {
                        best = loss;
                    }
                }
                control.set_learning_rate_scale(scale);
            }),
        ),
        bug(
            NAN,
            "ends at NaN but not at infinity",
            made(|_, event, control| {
                if let Event::Epoch(record) = event
                    && record.deciding().loss.is_nan()
                {
                    control.stop();
                }
            })
            .stops(),
        ),
        bug(
            NAN,
            "a step is good unless it is worse",
            scaling(|_, event, control| {
                if let Event::Step(record) = event
                    && record.loss > 10.0
                {
                    lower(control, 0.5);
                }
            }),
        ),
        bug(
            NAN,
            "a NaN that stays in the mean",
            made(|_, event, control| {
                let Event::Epoch(record) = event else { return };
                let losses = losses(control);
                let mean = losses.iter().sum::<f64>() / losses.len() as f64;
                if record.deciding().loss < 0.9 * mean {
                    control.stop();
                }
            })
            .stops(),
        ),
        bug(
            PANIC,
            "the last epoch of the history, which may have none",
            made(|_, event, control| {
                if let Event::Epoch(_) = event {
                    let _last = control.history().epochs.last().unwrap();
                }
            }),
        ),
        bug(
            PANIC,
            "what the start should have made",
            made(|memory, event, _| match event {
                Event::Started { last_step, .. } => memory.total = Some(*last_step),
                Event::Step(_) => memory.count = memory.total.unwrap(),
                _ => {}
            }),
        ),
        bug(
            PANIC,
            "the history by the number of the step",
            made(|memory, event, control| {
                if let Event::Step(record) = event {
                    memory.mean = control.history().steps[record.step as usize].loss;
                }
            }),
        ),
        bug(
            PANIC,
            "losses that have to be in order",
            made(|memory, event, _| {
                if let Event::Epoch(record) = event {
                    memory.losses.push(record.training.loss);
                    memory.losses.sort_by(|a, b| a.partial_cmp(b).unwrap());
                }
            }),
        ),
        bug(REFUSES, "no check", checked(-1.0, |_| Ok(()))),
        bug(
            REFUSES,
            "a comparison that NaN passes",
            checked(f64::NAN, |factor| {
                require::that(factor.is_nan() || factor < 1.0, "factor", factor, "below 1")
            }),
        ),
        bug(
            REFUSES,
            "the name of another setting",
            checked(2.0, |factor| require::below_one("patience", factor)),
        ),
    ]
}

#[test]
fn every_law_catches_its_bugs() {
    let planted = [not_by_the_history(), not_when_it_should(), not_what_it_says(), in_trouble()];
    table(laws(), &planted.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn without_a_bug_no_law_is_broken() {
    let by_the_history: Act = |_, event, control| {
        let Event::Epoch(_) = event else { return };
        let (mut best, mut scale) = (f64::INFINITY, 1.0);
        for loss in losses(control) {
            if loss < best {
                best = loss;
            } else {
                scale *= 0.5;
            }
        }
        control.set_learning_rate_scale(scale);
    };
    let validate = |factor: f64| require::below_one("factor", factor);
    healthy(laws(), &scaling(by_the_history).refuses(Checked { factor: 2.0, validate }, "factor"));
    healthy(laws(), &made(|memory, _, _| memory.count += 1));
}
