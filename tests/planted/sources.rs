//! Broken sources, and the laws that catch them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread::{self, ThreadId};

use crate::support::{Planted, healthy, table};
use downhill::Error;
use downhill::check::source::{SourceUnderTest, laws};
use downhill::data::{Batch, Content, Dataset, Sampling, Source, TargetKind};
use downhill::random::Noise;
use ndarray::{Array1, Array2};

/// How many rows most sources here have.
const ROWS: usize = 19;

/// Nineteen rows of three numbers, some of them 0, with labels 0 to 2 and weights.
fn data() -> Dataset<f64> {
    let x = Array2::from_shape_fn((ROWS, 3), |(i, j)| ((i * 7 + j * 3) % 11) as f64 / 4.0);
    let data = Dataset::new(x, Array1::from_shape_fn(ROWS, |i| i % 3)).unwrap();
    data.with_weights(Array1::from_shape_fn(ROWS, |i| 0.5 + (i % 3) as f64 / 2.0)).unwrap()
}

/// What a broken source keeps, where a sound one keeps nothing.
struct Memory {
    calls: AtomicU64,
    cursor: AtomicUsize,
    cache: Mutex<BTreeMap<usize, Vec<f64>>>,
    last: Mutex<(Vec<usize>, Vec<f64>)>,
    home: ThreadId,
    order: Vec<usize>,
}

static MADE: AtomicUsize = AtomicUsize::new(0);

impl Memory {
    fn new() -> Self {
        Self {
            calls: AtomicU64::new(0),
            cursor: AtomicUsize::new(0),
            cache: Mutex::default(),
            last: Mutex::default(),
            home: thread::current().id(),
            order: HashSet::<usize>::from_iter(0..ROWS).into_iter().collect(),
        }
    }
}

/// A batch that is to be filled.
struct Ask<'a> {
    data: &'a Dataset<f64>,
    rows: &'a [usize],
    sampling: Sampling,
    batch: &'a mut Batch<f64>,
    memory: &'a Memory,
}

impl Ask<'_> {
    /// Fills it as it should be.
    fn fill(&mut self) -> Result<(), Error> {
        self.fill_with(self.rows)
    }

    /// Fills it with other rows.
    fn fill_with(&mut self, rows: &[usize]) -> Result<(), Error> {
        self.data.fill(rows, self.sampling, self.batch)
    }

    /// Fills it, then changes the inputs of each sample by its row and its place.
    fn then(&mut self, change: impl Fn(usize, usize, &mut [f64])) -> Result<(), Error> {
        self.fill()?;
        let samples = self.batch.input_mut(0).chunks_exact_mut(3);
        for (place, (x, &row)) in samples.zip(self.rows).enumerate() {
            change(row, place, x);
        }
        Ok(())
    }

    /// Adds noise that is not that of (seed, epoch, row).
    fn jitter(&mut self, noise: impl Fn(Sampling, usize, usize) -> Noise) -> Result<(), Error> {
        let sampling = self.sampling;
        self.then(|row, place, x| {
            let noise = noise(sampling, row, place);
            (0..).zip(x).for_each(|(i, x)| *x += noise.normal(i));
        })
    }

    /// The number of calls before this one.
    fn calls(&self) -> u64 {
        self.memory.calls.load(Relaxed) - 1
    }
}

/// A source put together from functions.
struct Made {
    data: Dataset<f64>,
    memory: Memory,
    parts: Parts,
}

#[derive(Clone, Copy)]
struct Parts {
    fill: fn(&mut Ask<'_>) -> Result<(), Error>,
    len: fn(&Memory) -> usize,
    empty: fn(&Memory) -> bool,
    content: fn(&Memory, Content) -> Content,
    name: fn(usize) -> usize,
}

const SOUND: Parts = Parts {
    fill: |ask| ask.fill(),
    len: |_| ROWS,
    empty: |_| false,
    content: |_, content| content,
    name: |row| row,
};

impl Source<f64> for Made {
    fn len(&self) -> usize {
        (self.parts.len)(&self.memory)
    }

    fn is_empty(&self) -> bool {
        (self.parts.empty)(&self.memory)
    }

    fn content(&self) -> Content {
        (self.parts.content)(&self.memory, self.data.content())
    }

    fn fill(
        &self,
        rows: &[usize],
        sampling: Sampling,
        batch: &mut Batch<f64>,
    ) -> Result<(), Error> {
        let (data, memory) = (&self.data, &self.memory);
        memory.calls.fetch_add(1, Relaxed);
        (self.parts.fill)(&mut Ask { data, rows, sampling, batch, memory })
    }

    fn row_name(&self, row: usize) -> usize {
        (self.parts.name)(row)
    }
}

type Subject = SourceUnderTest<f64>;
type Bug = Planted<Subject>;

fn made(parts: Parts) -> Subject {
    SourceUnderTest::new(move || Made { data: data(), memory: Memory::new(), parts })
}

fn filling(fill: fn(&mut Ask<'_>) -> Result<(), Error>) -> Subject {
    made(Parts { fill, ..SOUND })
}

fn bug(law: &'static str, bug: &str, subject: Subject) -> Bug {
    Planted { law, bug: bug.to_owned(), subject }
}

/// The noise of a sample, as it should be.
fn own(sampling: Sampling, row: usize) -> Noise {
    sampling.noise.step(row as u64)
}

thread_local! {
    static WARM: Cell<bool> = const { Cell::new(false) };
}

fn impure() -> Vec<Bug> {
    const SAME: &str = "same_rows_same_bits";
    const BEFORE: &str = "what_was_asked_before_does_not_matter";
    const AGAIN: &str = "made_again_it_is_the_same";
    const THREADS: &str = "threads_agree";
    vec![
        bug(
            SAME,
            "noise from a counter",
            filling(|ask| {
                let calls = ask.calls();
                ask.jitter(|_, _, _| Noise::new(calls))
            }),
        ),
        bug(
            SAME,
            "every second batch is mirrored",
            filling(|ask| {
                let odd = ask.calls() % 2 == 1;
                ask.then(|_, _, x| {
                    if odd {
                        x.reverse();
                    }
                })
            }),
        ),
        bug(
            SAME,
            "fades with each call",
            filling(|ask| {
                let fade = 0.999_f64.powf(ask.calls() as f64);
                ask.then(|_, _, x| x.iter_mut().for_each(|x| *x *= fade))
            }),
        ),
        bug(
            BEFORE,
            "a cache that forgets the epoch",
            filling(|ask| {
                ask.jitter(|sampling, row, _| own(sampling, row))?;
                let mut cache = ask.memory.cache.lock().unwrap();
                for (x, &row) in ask.batch.input_mut(0).chunks_exact_mut(3).zip(ask.rows) {
                    x.copy_from_slice(cache.entry(row).or_insert_with(|| x.to_vec()));
                }
                Ok(())
            }),
        ),
        bug(
            BEFORE,
            "a cursor into a file that is not set back",
            filling(|ask| {
                let read = |&row: &usize| ask.memory.cursor.fetch_max(row, Relaxed).max(row);
                let rows: Vec<usize> = ask.rows.iter().map(read).collect();
                ask.fill_with(&rows)
            }),
        ),
        bug(
            BEFORE,
            "the last batch is given again for the same rows",
            filling(|ask| {
                ask.jitter(|sampling, row, _| own(sampling, row))?;
                let mut last = ask.memory.last.lock().unwrap();
                if last.0 == ask.rows {
                    ask.batch.input_mut(0).copy_from_slice(&last.1);
                } else {
                    *last = (ask.rows.to_vec(), ask.batch.input(0).values().to_vec());
                }
                Ok(())
            }),
        ),
        bug(
            AGAIN,
            "the order of a hash map",
            filling(|ask| {
                let order = |&row: &usize| ask.memory.order.get(row).copied().unwrap_or(row);
                let rows: Vec<usize> = ask.rows.iter().map(order).collect();
                ask.fill_with(&rows)
            }),
        ),
        bug(
            AGAIN,
            "a shuffle with another seed each time",
            SourceUnderTest::new(|| {
                let mut rows = Vec::from_iter(0..ROWS);
                Noise::new(MADE.fetch_add(1, Relaxed) as u64).shuffle(&mut rows);
                data().select(&rows).unwrap()
            }),
        ),
        bug(
            AGAIN,
            "a folder that is still being written",
            SourceUnderTest::new(|| {
                let rows = Vec::from_iter(0..1 + MADE.fetch_add(1, Relaxed) % ROWS);
                data().select(&rows).unwrap()
            }),
        ),
        bug(
            THREADS,
            "another factor away from home",
            filling(|ask| {
                let home = thread::current().id() == ask.memory.home;
                ask.then(|_, _, x| x[0] *= if home { 1.0 } else { 0.5 })
            }),
        ),
        bug(
            THREADS,
            "a position that all calls share",
            filling(|ask| {
                let mut rows = Vec::new();
                for &row in ask.rows {
                    ask.memory.cursor.store(row, Relaxed);
                    thread::yield_now();
                    rows.push(ask.memory.cursor.load(Relaxed));
                }
                ask.fill_with(&rows)
            }),
        ),
        bug(
            THREADS,
            "warm after the first call on a thread",
            filling(|ask| {
                let warm = WARM.replace(true);
                ask.then(|_, _, x| x[0] += if warm { 0.0 } else { 1.0 })
            }),
        ),
    ]
}

fn not_row_by_row() -> Vec<Bug> {
    const ALONE: &str = "a_row_stands_for_itself";
    const ORDER: &str = "rows_come_in_the_order_asked_for";
    const TWICE: &str = "a_row_may_come_twice";
    const PARTS: &str = "parts_of_a_batch_are_the_batch";
    vec![
        bug(
            ALONE,
            "centred by the mean of the batch",
            filling(|ask| {
                ask.fill()?;
                let x = ask.batch.input_mut(0);
                let mean = x.iter().sum::<f64>() / x.len().max(1) as f64;
                x.iter_mut().for_each(|x| *x -= mean);
                Ok(())
            }),
        ),
        bug(
            ALONE,
            "noise by the place in the batch",
            filling(|ask| ask.jitter(|sampling, _, place| own(sampling, place))),
        ),
        bug(
            ALONE,
            "scaled by the largest of the batch",
            filling(|ask| {
                ask.fill()?;
                let x = ask.batch.input_mut(0);
                let most = x.iter().fold(1.0, |most: f64, x| most.max(*x));
                x.iter_mut().for_each(|x| *x /= most);
                Ok(())
            }),
        ),
        bug(
            ORDER,
            "sorted for reading and not put back",
            filling(|ask| {
                let mut rows = ask.rows.to_vec();
                rows.sort_unstable();
                ask.fill_with(&rows)
            }),
        ),
        bug(
            ORDER,
            "labels in the order of the file",
            filling(|ask| {
                ask.fill()?;
                ask.batch.labels_mut().sort_unstable();
                Ok(())
            }),
        ),
        bug(
            ORDER,
            "taken as a range from the first row",
            filling(|ask| {
                let first = ask.rows.first().copied().unwrap_or(0);
                let rows: Vec<usize> = (0..ask.rows.len()).map(|i| (first + i) % ROWS).collect();
                ask.fill_with(&rows)
            }),
        ),
        bug(
            TWICE,
            "a set in the place of a list",
            filling(|ask| {
                let rows: BTreeSet<usize> = ask.rows.iter().copied().collect();
                ask.fill_with(&Vec::from_iter(rows))
            }),
        ),
        bug(
            TWICE,
            "moved out when it is read",
            filling(|ask| {
                let rows = ask.rows;
                ask.then(|row, place, x| {
                    if rows[..place].contains(&row) {
                        x.fill(0.0);
                    }
                })
            }),
        ),
        bug(
            TWICE,
            "a second copy is mirrored",
            filling(|ask| {
                let rows = ask.rows;
                ask.then(|row, place, x| {
                    if rows[..place].iter().filter(|&&before| before == row).count() % 2 == 1 {
                        x.reverse();
                    }
                })
            }),
        ),
        bug(
            PARTS,
            "differences to the sample before",
            filling(|ask| {
                ask.fill()?;
                let x = ask.batch.input_mut(0);
                (3..x.len()).rev().for_each(|i| x[i] -= x[i - 3]);
                Ok(())
            }),
        ),
        bug(
            PARTS,
            "large batches in single precision",
            filling(|ask| {
                let large = ask.rows.len() > 4;
                ask.then(|_, _, x| {
                    x[0] /= 3.0;
                    if large {
                        x[0] = f64::from(x[0] as f32);
                    }
                })
            }),
        ),
        bug(
            PARTS,
            "one random shift for the batch, by its first row",
            filling(|ask| {
                let shift = ask.rows.first().map_or(0.0, |&row| own(ask.sampling, row).normal(0));
                ask.then(|_, _, x| x[0] += shift)
            }),
        ),
    ]
}

fn at_the_edges() -> Vec<Bug> {
    const NONE: &str = "no_rows_make_an_empty_batch";
    const RANGE: &str = "a_row_out_of_range_is_an_error_that_names_it";
    const PLACE: &str = "every_place_is_written";
    const SIZES: &str = "one_batch_serves_all_sizes";
    /// Fills with rows that may be out of range, each made one that is not.
    fn forced(ask: &mut Ask<'_>, force: fn(usize) -> usize) -> Result<(), Error> {
        let rows: Vec<usize> = ask.rows.iter().map(|&row| force(row)).collect();
        ask.fill_with(&rows)
    }
    vec![
        bug(
            NONE,
            "an early return",
            filling(|ask| if ask.rows.is_empty() { Ok(()) } else { ask.fill() }),
        ),
        bug(
            NONE,
            "the first of no rows",
            filling(|ask| {
                let _first = ask.rows[0];
                ask.fill()
            }),
        ),
        bug(
            NONE,
            "no rows stand for all",
            filling(|ask| match ask.rows {
                [] => ask.fill_with(&Vec::from_iter(0..ROWS)),
                _ => ask.fill(),
            }),
        ),
        bug(
            RANGE,
            "an index that panics",
            filling(|ask| {
                let labels = ask.data.labels().unwrap();
                let _read: usize = ask.rows.iter().map(|&row| labels[row]).sum();
                ask.fill()
            }),
        ),
        bug(RANGE, "wraps around", filling(|ask| forced(ask, |row| row % ROWS))),
        bug(RANGE, "clipped", filling(|ask| forced(ask, |row| row.min(ROWS - 1)))),
        bug(
            RANGE,
            "only the first row is checked",
            filling(|ask| match ask.rows {
                [first, ..] if *first >= ROWS => ask.fill(),
                _ => forced(ask, |row| row.min(ROWS - 1)),
            }),
        ),
        bug(
            RANGE,
            "an error that does not say which",
            filling(|ask| {
                ask.fill().map_err(|_| Error::argument("row", "too large", "a row of the data"))
            }),
        ),
        bug(
            PLACE,
            "added in the place of assigned",
            filling(|ask| {
                let before = ask.batch.input(0).values().to_vec();
                ask.fill()?;
                ask.batch.input_mut(0).iter_mut().zip(before).for_each(|(x, old)| *x += old);
                Ok(())
            }),
        ),
        bug(
            PLACE,
            "zeros are left out",
            filling(|ask| {
                let before = ask.batch.input(0).values().to_vec();
                ask.fill()?;
                for (x, old) in ask.batch.input_mut(0).iter_mut().zip(before) {
                    if *x == 0.0 {
                        *x = old;
                    }
                }
                Ok(())
            }),
        ),
        bug(
            PLACE,
            "weights of 1 are left out",
            filling(|ask| {
                let before = ask.batch.weights().unwrap_or_default().to_vec();
                ask.fill()?;
                for (weight, old) in ask.batch.weights_mut().iter_mut().zip(before) {
                    if *weight == 1.0 {
                        *weight = old;
                    }
                }
                Ok(())
            }),
        ),
        bug(
            SIZES,
            "made larger, never smaller",
            filling(|ask| {
                let before = ask.batch.len();
                ask.fill()?;
                ask.batch.resize(before.max(ask.rows.len()))
            }),
        ),
        bug(
            SIZES,
            "no more rows than there were",
            filling(|ask| {
                let before = ask.batch.len();
                ask.then(|_, place, x| {
                    if before > 0 && place >= before {
                        x.fill(0.0);
                    }
                })
            }),
        ),
        bug(
            SIZES,
            "what is there is taken to be right",
            filling(|ask| {
                let before = ask.batch.input(0).values().to_vec();
                ask.fill()?;
                ask.batch.input_mut(0).iter_mut().zip(before).for_each(|(x, old)| *x = old);
                Ok(())
            }),
        ),
    ]
}

fn not_as_said() -> Vec<Bug> {
    const CONSTANT: &str = "length_and_content_are_constant";
    const CONTENT: &str = "a_batch_has_the_content";
    const FINITE: &str = "values_are_finite";
    const WEIGHTS: &str = "weights_are_weights";
    const LABELS: &str = "labels_are_below_the_classes";
    const NAMES: &str = "row_names_differ";
    const SAME: &str = "agrees_with_its_reference";
    /// The batch is another one, of this content.
    fn replaced(ask: &mut Ask<'_>, content: Content) -> Result<(), Error> {
        *ask.batch = Batch::new(&content);
        ask.batch.resize(ask.rows.len())
    }
    fn weighing(ask: &mut Ask<'_>, weigh: fn(f64) -> f64) -> Result<(), Error> {
        ask.fill()?;
        ask.batch.weights_mut().iter_mut().for_each(|weight| *weight = weigh(*weight));
        Ok(())
    }
    fn labelling(ask: &mut Ask<'_>, label: fn(usize) -> usize) -> Result<(), Error> {
        ask.fill()?;
        ask.batch.labels_mut().iter_mut().for_each(|old| *old = label(*old));
        Ok(())
    }
    vec![
        bug(
            CONSTANT,
            "a length that counts what is left",
            made(Parts {
                len: |memory| ROWS - memory.calls.load(Relaxed).min(9) as usize,
                ..SOUND
            }),
        ),
        bug(
            CONSTANT,
            "whether there are weights is known after the first read",
            made(Parts {
                content: |memory, content| Content {
                    weighted: memory.calls.load(Relaxed) > 0,
                    ..content
                },
                ..SOUND
            }),
        ),
        bug(
            CONSTANT,
            "empty until it has read something",
            made(Parts { empty: |memory| memory.calls.load(Relaxed) == 0, ..SOUND }),
        ),
        bug(
            CONTENT,
            "no weights in spite of the content",
            filling(|ask| {
                let content = Content { weighted: false, ..ask.data.content() };
                replaced(ask, content)
            }),
        ),
        bug(
            CONTENT,
            "labels as numbers",
            filling(|ask| {
                let targets = TargetKind::Values(1.into());
                let content = Content { targets, ..ask.data.content() };
                replaced(ask, content)
            }),
        ),
        bug(
            CONTENT,
            "samples with an axis too many",
            filling(|ask| {
                let content = Content { inputs: vec![[3, 1].into()], ..ask.data.content() };
                replaced(ask, content)
            }),
        ),
        bug(
            FINITE,
            "a missing value",
            filling(|ask| {
                ask.then(|row, _, x| {
                    if row == 4 {
                        x[1] = f64::NAN;
                    }
                })
            }),
        ),
        bug(FINITE, "the logarithm of 0", filling(|ask| ask.then(|_, _, x| x[0] = x[0].ln()))),
        bug(
            FINITE,
            "a spread of 0",
            filling(|ask| ask.then(|_, _, x| x[2] = 0.0 / (x[2] - x[2].round()))),
        ),
        bug(
            FINITE,
            "augmentation that overflows",
            filling(|ask| {
                let factor = if ask.sampling.training { 1e308 } else { 1.0 };
                ask.then(|_, _, x| x[0] *= factor * 1e3)
            })
            .augments(),
        ),
        bug(WEIGHTS, "1 over a count of 0", filling(|ask| weighing(ask, |w| 1.0 / (w - 1.0)))),
        bug(WEIGHTS, "a difference", filling(|ask| weighing(ask, |w| w - 1.0))),
        bug(WEIGHTS, "0 everywhere", filling(|ask| weighing(ask, |_| 0.0))),
        bug(WEIGHTS, "0 over 0", filling(|ask| weighing(ask, |w| (w - 1.0).max(0.0) / (w - 1.0)))),
        bug(
            LABELS,
            "labels that count from 1",
            filling(|ask| labelling(ask, |label| label + 1)).classes(3),
        ),
        bug(
            LABELS,
            "a label for unknown",
            filling(|ask| labelling(ask, |label| if label == 2 { usize::MAX } else { label }))
                .classes(3),
        ),
        bug(LABELS, "one class too few", made(SOUND).classes(2)),
        bug(NAMES, "no names", made(Parts { name: |_| 0, ..SOUND })),
        bug(NAMES, "the number within a file", made(Parts { name: |row| row % 10, ..SOUND })),
        bug(
            NAMES,
            "names that count the questions",
            made(Parts { name: |_| MADE.fetch_add(1, Relaxed), ..SOUND }),
        ),
        bug(
            SAME,
            "off by one row",
            filling(|ask| {
                let rows: Vec<usize> = ask.rows.iter().map(|row| (row + 1) % ROWS).collect();
                ask.fill_with(&rows)
            })
            .same_as(data()),
        ),
        bug(
            SAME,
            "columns backwards",
            filling(|ask| ask.then(|_, _, x| x.reverse())).same_as(data()),
        ),
        bug(
            SAME,
            "labels of another order",
            filling(|ask| labelling(ask, |label| (label + 1) % 3)).same_as(data()),
        ),
    ]
}

fn badly_augmented() -> Vec<Bug> {
    const EVALUATION: &str = "evaluation_ignores_seed_and_epoch";
    const PLAIN: &str = "training_sees_the_rows_as_they_are";
    const ANEW: &str = "each_epoch_is_augmented_anew";
    const KEEPS: &str = "augmentation_keeps_targets_and_weights";
    /// Noise in training alone.
    fn trained(ask: &mut Ask<'_>, noise: fn(Sampling, usize, usize) -> Noise) -> Result<(), Error> {
        if ask.sampling.training { ask.jitter(noise) } else { ask.fill() }
    }
    vec![
        bug(
            EVALUATION,
            "augments in evaluation too",
            filling(|ask| ask.jitter(|sampling, row, _| own(sampling, row))).augments(),
        ),
        bug(
            EVALUATION,
            "a curriculum that goes by the epoch",
            filling(|ask| {
                let share = 1.0 / (1.0 + ask.sampling.epoch as f64);
                ask.then(|_, _, x| x[0] *= share)
            })
            .augments(),
        ),
        bug(
            EVALUATION,
            "a crop that goes by the seed",
            filling(|ask| {
                let turn = ask.sampling.noise.below(0, 3);
                ask.then(|_, _, x| x.rotate_left(turn))
            })
            .augments(),
        ),
        bug(
            PLAIN,
            "noise that is not declared",
            filling(|ask| trained(ask, |sampling, row, _| own(sampling, row))),
        ),
        bug(
            PLAIN,
            "inputs dropped in training",
            filling(|ask| {
                let training = ask.sampling.training;
                ask.then(|row, _, x| {
                    if training {
                        x[row % 3] = 0.0;
                    }
                })
            }),
        ),
        bug(
            PLAIN,
            "mirrored in every second epoch",
            filling(|ask| {
                let odd = ask.sampling.training && ask.sampling.epoch % 2 == 1;
                ask.then(|_, _, x| {
                    if odd {
                        x.reverse();
                    }
                })
            }),
        ),
        bug(
            ANEW,
            "noise without the epoch",
            filling(|ask| trained(ask, |_, row, _| Noise::new(1).step(row as u64))).augments(),
        ),
        bug(
            ANEW,
            "noise without the seed",
            filling(|ask| {
                trained(ask, |sampling, row, _| Noise::new(sampling.epoch).step(row as u64))
            })
            .augments(),
        ),
        bug(ANEW, "never applied", made(SOUND).augments()),
        bug(
            ANEW,
            "applied in evaluation alone",
            filling(|ask| {
                if ask.sampling.training { ask.fill() } else { ask.jitter(|s, row, _| own(s, row)) }
            })
            .augments(),
        ),
        bug(
            KEEPS,
            "noise on the weights too",
            filling(|ask| {
                trained(ask, |sampling, row, _| own(sampling, row))?;
                let by = if ask.sampling.training { 1.1 } else { 1.0 };
                ask.batch.weights_mut().iter_mut().for_each(|weight| *weight *= by);
                Ok(())
            })
            .augments(),
        ),
        bug(
            KEEPS,
            "labels are shuffled apart from the inputs",
            filling(|ask| {
                ask.fill()?;
                if ask.sampling.training {
                    ask.batch.labels_mut().rotate_left(usize::from(ask.rows.len() > 1));
                }
                Ok(())
            })
            .augments(),
        ),
        bug(
            KEEPS,
            "the label of a mirrored sample is another",
            filling(|ask| {
                ask.fill()?;
                let (sampling, rows) = (ask.sampling, ask.rows);
                for (label, &row) in ask.batch.labels_mut().iter_mut().zip(rows) {
                    if sampling.training && own(sampling, row).below(0, 2) == 1 {
                        *label = 2 - *label;
                    }
                }
                Ok(())
            })
            .augments(),
        ),
    ]
}

fn badly_divided() -> Vec<Bug> {
    const DIVISION: &str = "divisions_hold_each_row_once";
    let part = |rows: std::ops::Range<usize>| data().select(&Vec::from_iter(rows)).unwrap();
    let renamed = |part: &Dataset<f64>| {
        let (x, y) = (part.inputs(0).unwrap(), part.labels().unwrap());
        let weights = Array1::from(part.weights().unwrap().to_vec());
        Dataset::new(x, y).unwrap().with_weights(weights).unwrap()
    };
    let off = Parts {
        fill: |ask| {
            let rows: Vec<usize> = ask.rows.iter().map(|row| (row + 1) % ROWS).collect();
            ask.fill_with(&rows)
        },
        ..SOUND
    };
    let off_by_one = Made { data: data(), memory: Memory::new(), parts: off };
    vec![
        bug(
            DIVISION,
            "the last, smaller part is left out",
            made(SOUND).divides_into([part(0..6), part(6..12), part(12..18)]),
        ),
        bug(
            DIVISION,
            "the row at the border is in both",
            made(SOUND).divides_into([part(0..10), part(9..19)]),
        ),
        bug(
            DIVISION,
            "names by the number within the part",
            made(SOUND).divides_into([part(0..10), renamed(&part(10..19))]),
        ),
        bug(DIVISION, "off by one row", made(SOUND).divides_into([off_by_one])),
    ]
}

#[test]
fn every_law_catches_its_bugs() {
    let planted = [
        impure(),
        not_row_by_row(),
        at_the_edges(),
        not_as_said(),
        badly_augmented(),
        badly_divided(),
    ];
    table(laws(), &planted.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn without_a_bug_no_law_is_broken() {
    let (first, second) = data().split(0.4, 3).unwrap();
    let subject = made(SOUND).classes(3).same_as(data()).divides_into([first, second]);
    healthy(laws(), &subject);
    let augmented = filling(|ask| {
        if ask.sampling.training { ask.jitter(|s, row, _| own(s, row)) } else { ask.fill() }
    });
    healthy(laws(), &augmented.augments());
}
