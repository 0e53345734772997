//! What a trainer asks of a source, and what it does with an answer that nobody can use.

use std::sync::atomic::{AtomicUsize, Ordering};

use downhill::data::{Content, Sampling, TargetKind};
use downhill::prelude::*;

/// The numbers from 0 on, which need no memory; it counts how often it is asked for its content.
struct Counting {
    len: usize,
    asked: AtomicUsize,
}

fn counting(len: usize) -> Counting {
    Counting { len, asked: AtomicUsize::new(0) }
}

impl Source<f64> for Counting {
    fn len(&self) -> usize {
        self.len
    }

    /// A lie about 0 samples.
    fn is_empty(&self) -> bool {
        false
    }

    fn content(&self) -> Content {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Content { inputs: vec![1.into()], targets: TargetKind::Values(1.into()), weighted: false }
    }

    fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<f64>) -> Result<(), Error> {
        batch.resize(rows.len())?;
        batch.input_mut(0).iter_mut().zip(rows).for_each(|(x, &row)| *x = row as f64 / 10.0);
        batch.values_mut().iter_mut().zip(rows).for_each(|(y, &row)| *y = row as f64 / 5.0);
        Ok(())
    }
}

fn trainer() -> Trainer<f64> {
    Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1]).unwrap()
}

#[test]
fn a_source_that_is_too_long_or_empty_after_all_is_an_error() {
    for (len, expected) in [(usize::MAX, "there is no memory for"), (0, "is empty")] {
        let (bad, good) = (counting(len), counting(6));
        let mut trainer = trainer();
        let before = trainer.state();
        let errors = [
            trainer.fit(&bad, Fit::epochs(1)).unwrap_err(),
            trainer.fit(&bad, Fit::epochs(1).hold_out(0.5)).unwrap_err(),
            trainer.fit(&bad, Fit::steps(1).in_order()).unwrap_err(),
            trainer.fit(&good, Fit::epochs(1).validate(&bad)).unwrap_err(),
            trainer.evaluate(&bad).unwrap_err(),
            trainer.predict_on(&bad).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert_eq!(trainer.state(), before);
    }
}

#[test]
fn a_source_is_asked_for_its_content_once_in_a_call() {
    let mut trainer = trainer();
    let (train, test) = (counting(6), counting(4));
    let asked = || (train.asked.swap(0, Ordering::Relaxed), test.asked.swap(0, Ordering::Relaxed));
    trainer.fit(&train, Fit::epochs(2).batch(2).validate(&test)).unwrap();
    assert_eq!(asked(), (1, 1));
    trainer.fit(&train, Fit::epochs(2).batch(2).hold_out(0.5)).unwrap();
    assert_eq!(asked(), (1, 0));
    trainer.evaluate(&test).unwrap();
    assert_eq!(asked(), (0, 1));
    trainer.predict_on(&test).unwrap();
    assert_eq!(asked(), (0, 1));
}

#[test]
fn an_epoch_over_what_is_not_held_out_is_a_permutation_of_it() {
    use std::sync::{Arc, Mutex};

    /// Notes the rows that it is asked for.
    struct Noted(Counting, Arc<Mutex<Vec<usize>>>);

    impl Source<f64> for Noted {
        fn len(&self) -> usize {
            self.0.len
        }

        fn content(&self) -> Content {
            self.0.content()
        }

        fn fill(&self, rows: &[usize], s: Sampling, batch: &mut Batch<f64>) -> Result<(), Error> {
            if s.training {
                self.1.lock().unwrap().extend_from_slice(rows);
            }
            self.0.fill(rows, s, batch)
        }
    }

    let rows = Arc::new(Mutex::new(Vec::new()));
    let data = Noted(counting(40), Arc::clone(&rows));
    let mut trainer = trainer();
    trainer.fit(&data, Fit::epochs(1).batch(7).hold_out(0.25).in_order()).unwrap();
    let kept = std::mem::take(&mut *rows.lock().unwrap());
    assert!(kept.len() == 30 && kept.is_sorted_by(|a, b| a < b));
    trainer.fit(&data, Fit::epochs(1).batch(7).hold_out(0.25)).unwrap();
    let mut order = Vec::new();
    downhill::data::order_into(30, trainer.state().seed, 1, &mut order).unwrap();
    // The order of an epoch is the same function for all and for some of the samples.
    assert_eq!(*rows.lock().unwrap(), order.iter().map(|&at| kept[at]).collect::<Vec<_>>());
}
