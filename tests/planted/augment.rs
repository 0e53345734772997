//! Broken augmentations, and the laws that catch them.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::support::{Planted, healthy, table};
use downhill::check::augment::{AugmentationUnderTest, LAWS};
use downhill::data::augment::{Augmentation, Contrast, Jitter, Sample, Shift};
use downhill::error::require;
use downhill::random::Noise;
use downhill::{Error, Scalar, Shape};

type Check = dyn Fn(&Shape) -> Result<(), Error> + Send + Sync;

/// What is done to the numbers of a sample, with random numbers and scratch.
type Change = dyn Fn(&mut [f64], Noise, &mut [f64]) + Send + Sync;

/// An augmentation of `f64` samples that is used for both precisions: put together from functions.
struct Made {
    validate: Box<Check>,
    scratch: fn(usize) -> usize,
    apply: Box<Change>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made")
    }
}

impl<F: Scalar> Augmentation<F> for Made {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        (self.validate)(shape)
    }

    fn scratch(&self, shape: &Shape) -> usize {
        (self.scratch)(shape.size())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let mut values: Vec<f64> = sample.values.iter().map(|x| x.as_f64()).collect();
        let mut scratch: Vec<f64> = sample.scratch.iter().map(|x| x.as_f64()).collect();
        (self.apply)(&mut values, sample.noise, &mut scratch);
        sample.values.iter_mut().zip(values).for_each(|(x, value)| *x = F::of(value));
    }
}

/// One that does this to the sample, with scratch of its size.
fn changes(apply: impl Fn(&mut [f64], Noise, &mut [f64]) + Send + Sync + 'static) -> Made {
    Made { validate: Box::new(|_| Ok(())), scratch: |size| size, apply: Box::new(apply) }
}

/// One that does this to each number.
fn each(change: impl Fn(f64, f64) -> f64 + Send + Sync + 'static) -> Made {
    changes(move |values, noise, _| {
        values.iter_mut().enumerate().for_each(|(i, x)| *x = change(*x, noise.normal(i as u64)));
    })
}

/// One that asks for this much scratch.
fn asks(scratch: fn(usize) -> usize, made: Made) -> Made {
    Made { scratch, ..made }
}

/// One that checks shapes like this.
fn checks(validate: impl Fn(&Shape) -> Result<(), Error> + Send + Sync + 'static) -> Made {
    Made { validate: Box::new(validate), ..each(|x, _| x) }
}

/// What is wrong with each precision alone.
#[derive(Debug)]
struct Single(fn(f64) -> f64);

impl<F: Scalar> Augmentation<F> for Single {
    fn validate(&self, _: &Shape) -> Result<(), Error> {
        Ok(())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let epsilon = F::epsilon().as_f64();
        sample.values.iter_mut().for_each(|x| *x += F::of((self.0)(epsilon)));
    }
}

/// Adds a large number and takes it away again.
#[derive(Debug)]
struct Cancels;

impl<F: Scalar> Augmentation<F> for Cancels {
    fn validate(&self, _: &Shape) -> Result<(), Error> {
        Ok(())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let large = F::of(1e6);
        sample.values.iter_mut().for_each(|x| *x = (*x + large) - large);
    }
}

fn subject(
    augmentation: impl Augmentation<f32> + Augmentation<f64> + 'static,
) -> AugmentationUnderTest {
    AugmentationUnderTest::new(augmentation)
}

fn planted() -> Vec<Planted<AugmentationUnderTest>> {
    let mut all = Vec::new();
    let mut plant = |law: &'static str, bug: &str, subject: AugmentationUnderTest| {
        all.push(Planted { law, bug: bug.to_owned(), subject });
    };

    let law = "same_noise_same_bits";
    let calls = AtomicU64::new(0);
    let counting = each(move |x, _| x + calls.fetch_add(1, Relaxed) as f64);
    plant(law, "noise is the number of the call", subject(counting));
    let from_system = || RandomState::new().build_hasher().finish();
    let unseeded = changes(move |values, _, _| values[0] += Noise::new(from_system()).uniform(0));
    plant(law, "a generator seeded by the system", subject(unseeded));
    let turn = AtomicU64::new(0);
    let alternates = changes(move |values, _, _| {
        if turn.fetch_add(1, Relaxed).is_multiple_of(2) {
            values.iter_mut().for_each(|x| *x = -*x);
        }
    });
    plant(law, "every second sample is changed", subject(alternates));

    let law = "what_was_changed_before_does_not_matter";
    let last = Mutex::new(0.0);
    let follows = changes(move |values, _, _| {
        let mut last = last.lock().unwrap();
        let now = values[0];
        values[0] += *last;
        *last = now;
    });
    plant(law, "the last sample is added", subject(follows));
    let (sum, count) = (Mutex::new(0.0), AtomicU64::new(0));
    let centred = changes(move |values, _, _| {
        let mut sum = sum.lock().unwrap();
        *sum += values[0];
        values[0] -= *sum / (count.fetch_add(1, Relaxed) + 1) as f64;
    });
    plant(law, "a running mean is taken away", subject(centred));
    let kept = Mutex::new(None);
    let cached = changes(move |values, noise, _| {
        let mut kept = kept.lock().unwrap();
        let (key, factor) = *kept.get_or_insert((noise, noise.uniform(0)));
        *kept = Some((noise, noise.uniform(0)));
        values[0] *= if key == noise { factor } else { 0.5 };
    });
    plant(law, "a draw that is kept is used for the next sample", subject(cached));

    let law = "the_batch_does_not_matter";
    let place = AtomicU64::new(0);
    let by_place = changes(move |values, _, _| {
        values[0] += Noise::new(1).normal(place.fetch_add(1, Relaxed));
    });
    plant(law, "noise by the place in the batch", subject(by_place));
    let largest = Mutex::new(0.0_f64);
    let scaled = changes(move |values, _, _| {
        let mut largest = largest.lock().unwrap();
        values.iter().for_each(|x| *largest = largest.max(x.abs()));
        values.iter_mut().for_each(|x| *x /= *largest);
    });
    plant(law, "divided by the largest number so far", subject(scaled));
    let previous = Mutex::new(0.0);
    let mixes = changes(move |values, _, _| {
        let mut previous = previous.lock().unwrap();
        let now = values[0];
        values[0] = 0.9 * now + 0.1 * *previous;
        *previous = now;
    });
    plant(law, "mixed with the sample before", subject(mixes));

    let law = "noise_makes_a_difference";
    let draws = |made: Made| subject(made).draws([4, 4]);
    let fixed = changes(|values, _, _| values[0] += Noise::new(7).normal(0));
    plant(law, "a stream that is made anew", draws(fixed));
    let never = changes(|values, noise, _| {
        if noise.uniform(0) < 0.0 {
            values.reverse();
        }
    });
    plant(law, "a probability that is never met", draws(never));
    let always = changes(|values, noise, _| {
        if noise.uniform(0) >= 0.0 {
            values.reverse();
        }
    });
    plant(law, "a probability that is always met", draws(always));

    let law = "what_scratch_held_does_not_matter";
    let adds = changes(|values, _, scratch| {
        scratch.iter_mut().zip(&*values).for_each(|(s, x)| *s += x);
        values.copy_from_slice(scratch);
    });
    plant(law, "scratch is added to", subject(adds));
    let first = changes(|values, _, scratch| {
        scratch[1..].copy_from_slice(&values[1..]);
        values.copy_from_slice(scratch);
    });
    plant(law, "the first number of scratch is not written", subject(first));
    let counts = asks(
        |_| 1,
        changes(|values, _, scratch| {
            scratch[0] += values.len() as f64;
            values[0] += scratch[0];
        }),
    );
    plant(law, "a counter that is not set to 0", subject(counts));

    let law = "the_scratch_it_asks_for_is_enough";
    let none = asks(
        |_| 0,
        changes(|values, _, scratch| {
            if let Some(copy) = scratch.get_mut(..values.len()) {
                copy.copy_from_slice(values);
                values.iter_mut().zip(copy.iter().rev()).for_each(|(x, y)| *x = *y + 1.0);
            }
        }),
    );
    plant(law, "it asks for none and does nothing without", subject(none));
    let short = asks(
        |size| size - 1,
        changes(|values, _, scratch| {
            scratch[..values.len()].copy_from_slice(values);
        }),
    );
    plant(law, "it asks for one number too few, and panics", subject(short));
    let length = changes(|values, _, scratch| values[0] += scratch.len() as f64);
    plant(law, "it takes the length of scratch for that of the sample", subject(length));

    let law = "finite_stays_finite";
    let standardized = changes(|values, _, _| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let spread = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>().sqrt();
        values.iter_mut().for_each(|x| *x = (*x - mean) / spread);
    });
    plant(law, "a division by a spread of 0", subject(standardized));
    plant(law, "a logarithm", subject(each(|x, _| x.abs().ln())));
    plant(law, "exponents that overflow", subject(each(|x, z| x * (1000.0 * z).exp())));

    let law = "nan_reaches_what_a_number_reaches";
    plant(law, "max hides NaN", subject(each(|x, _| x.max(0.0))));
    plant(law, "a comparison that NaN fails", subject(each(|x, _| if x > 0.0 { x } else { 0.0 })));
    let skips = changes(|values, _, _| {
        let fine = values.iter().filter(|x| !x.is_nan());
        let mean = fine.clone().sum::<f64>() / (fine.count() as f64 + 1.0);
        values[0] = mean;
    });
    plant(law, "a mean that leaves NaN out", subject(skips));

    let law = "f32_follows_f64";
    plant(law, "an epsilon of the type", subject(Single(|epsilon| 1e3 * epsilon)));
    plant(law, "a square root of an epsilon", subject(Single(f64::sqrt)));
    plant(law, "cancellation", subject(Cancels));

    let law = "still_settings_leave_the_bits";
    let still = |made: Made| subject(Jitter::new(0.1)).unchanged(made);
    plant(law, "-0 + 0", still(each(|x, z| x + 0.0 * z.abs())));
    plant(law, "m + (x - m)", still(each(|x, _| 0.3 + (x - 0.3))));
    plant(law, "a factor and its inverse", still(each(|x, _| x * 3.1 * (1.0 / 3.1))));

    let law = "bad_settings_are_refused";
    let refuses = |bad: Made| subject(Jitter::new(0.1)).refuses(bad, "Made::std");
    let nan =
        |std: f64| {
            checks(move |_| {
                if std < 0.0 { Err(Error::argument("Made::std", std, "0 or more")) } else { Ok(()) }
            })
        };
    plant(law, "NaN, which no comparison finds", refuses(nan(f64::NAN)));
    plant(law, "the wrong field", refuses(checks(|_| require::positive("Made::mean", -1.0))));
    plant(law, "its own settings", subject(checks(|_| require::positive("Made::std", 0.0))));

    let law = "shapes_that_do_not_fit_are_refused";
    let flat = |made: Made| subject(made).refuses_shape([64]);
    plant(law, "no look at the shape", flat(checks(|_| Ok(()))));
    plant(
        law,
        "an axis that is not there",
        flat(checks(|shape| require::at_least_one("Made", shape[1]))),
    );
    plant(
        law,
        "a message without the shape",
        flat(checks(|shape| require::that(shape.len() == 2, "Made", "the shape", "images"))),
    );
    all
}

#[test]
fn each_law_catches_its_bugs() {
    table(LAWS, &planted());
}

#[test]
fn without_a_bug_all_laws_hold() {
    let shift = subject(Shift::new(1)).takes([4, 4]).draws([4, 4]).unchanged(Shift::new(0));
    let shift = shift.refuses(Shift::new(9), "Shift::rows").refuses_shape([64]);
    healthy(LAWS, &shift);
    healthy(LAWS, &subject(Contrast::default()).draws([4, 4]).refuses_shape([64]));
    healthy(LAWS, &subject(each(|x, z| x + 0.1 * z)).draws([1]));
}
