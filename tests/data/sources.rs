//! Batches, orders and folds whatever a source, or who calls it, does.

use downhill::Error;
use downhill::data::{
    Batch, Batches, Content, Dataset, Order, Sampling, Source, Target, TargetKind, order_into,
};
use downhill::shape::Shape;
use ndarray::{Array2, array};

/// What a source written in haste does to a batch.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Right,
    Forgets,
    /// Resizes to another length than asked.
    Resizes(usize),
    /// Puts a batch of other content in the place of the one it got.
    Replaces,
}

struct Custom {
    len: usize,
    deed: Deed,
}

impl Source<f32> for Custom {
    fn len(&self) -> usize {
        self.len
    }

    fn content(&self) -> Content {
        Content { inputs: vec![2.into()], targets: TargetKind::Classes([].into()), weighted: true }
    }

    fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<f32>) -> Result<(), Error> {
        match self.deed {
            Deed::Right => batch.resize(rows.len())?,
            Deed::Forgets => {}
            Deed::Resizes(len) => batch.resize(len)?,
            Deed::Replaces => {
                let content = Content { inputs: vec![3.into()], ..self.content() };
                *batch = Batch::new(&content);
                batch.resize(rows.len())?;
            }
        }
        batch.input_mut(0).fill(f32::NAN);
        batch.labels_mut().fill(usize::MAX);
        Ok(())
    }
}

/// Every way to read a batch, also where nothing is.
fn read(batch: &Batch<f32>) {
    for position in [0, 1, usize::MAX] {
        let view = batch.input(position);
        assert_eq!(view.matrix().nrows(), if position == 0 { batch.len() } else { 0 });
        for sample in [0, 1, usize::MAX] {
            assert!(view.row(sample).len() <= 2);
        }
        assert_eq!(view.rows().len(), view.batch());
    }
    for (from, to) in [(0, 1), (1, 0), (0, usize::MAX), (usize::MAX, usize::MAX), (usize::MAX, 0)] {
        let part = batch.part(from, to);
        assert_eq!(part.input(0).values().len(), 2 * part.len());
        assert_eq!(part.weights().map(<[f32]>::len), Some(part.len()));
        let Target::Classes(labels) = part.target() else { panic!("the targets are classes") };
        assert_eq!(labels.labels().len(), part.len());
    }
}

#[test]
fn what_a_source_left_otherwise_than_asked_is_an_error() {
    let message = |deed| {
        let source = Custom { len: 5, deed };
        let error = Batch::of_rows(&source, &[0, 3]).map(|_| ()).map_err(|e| e.to_string());
        let mut batches = Batches::new(&source, 2, Order::AsGiven, 7, 0).unwrap();
        let mut batch = Batch::new(&Source::<f32>::content(&source));
        let other = batches.next_into(&mut batch).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(error, other);
        error.err().unwrap_or_default()
    };
    let with = "to go with the rows that were asked for; Source::fill resizes the batch to them";
    assert_eq!(message(Deed::Right), "");
    assert_eq!(message(Deed::Forgets), format!("the batch has length 0, expected 2 {with}"));
    assert_eq!(message(Deed::Resizes(3)), format!("the batch has length 3, expected 2 {with}"));
    assert_eq!(
        message(Deed::Replaces),
        "the batch: is for samples of inputs [3] with one class index per sample and a weight, \
         expected inputs [2] with one class index per sample and a weight; \
         make it with Batch::new(&source.content())"
    );
    let error = message(Deed::Resizes(usize::MAX / 2));
    assert!(error.starts_with("the inputs of a batch: there is no memory for"), "{error}");
}

#[test]
fn a_batch_keeps_its_lengths_whatever_happens() {
    let source = Custom { len: 5, deed: Deed::Right };
    let mut batch = Batch::of_rows(&source, &[0, 3, 4]).unwrap();
    for len in [0, 1, 7, usize::MAX, 3, usize::MAX / 2, 1 << 62, 2] {
        let resized = batch.resize(len);
        assert_eq!(resized.is_ok(), len < 100);
        assert_eq!(batch.len(), if len < 100 { len } else { 0 });
        read(&batch);
    }
    // Content that no batch can be made for.
    let absurd = Content {
        inputs: vec![[usize::MAX, usize::MAX].into(), [0].into(), Shape::default()],
        targets: TargetKind::Values([usize::MAX].into()),
        weighted: true,
    };
    let mut batch = Batch::<f64>::new(&absurd);
    assert!(batch.resize(1).is_err() && batch.resize(0).is_ok());
    assert_eq!(batch.input(0).row(usize::MAX), [0.0; 0]);
    assert_eq!(batch.part(0, 1).input(1).values(), [0.0; 0]);
}

#[test]
fn a_data_set_refuses_a_batch_made_for_other_data() {
    let data = Dataset::new(array![[1.0_f32, 2.0], [3.0, 4.0]], vec![0, 1]).unwrap();
    let other = Dataset::new(array![[1.0_f32], [3.0]], vec![0, 1]).unwrap();
    let mut batch = Batch::new(&other.content());
    let error = data.fill(&[0], Sampling::evaluation(), &mut batch).unwrap_err().to_string();
    assert!(error.starts_with("the batch: is for samples of inputs [1] with"), "{error}");
    let mut batch = Batch::new(&data.content());
    assert!(data.fill(&[0, 2], Sampling::evaluation(), &mut batch).is_err()); // no such row
}

#[test]
fn a_source_that_claims_absurdly_many_samples_is_an_error() {
    let source = Custom { len: usize::MAX, deed: Deed::Right };
    let expected = "the order of the samples: there is no memory for";
    let errors = [
        Batch::of(&source).map(|_| ()),
        Batches::new(&source, 2, Order::AsGiven, 7, 0).map(|_| ()),
        Batches::new(&source, 2, Order::Shuffled, 7, 0).map(|_| ()),
        order_into(usize::MAX / 2, 7, 0, &mut Vec::new()),
    ];
    for error in errors.map(|result| result.unwrap_err().to_string()) {
        assert!(error.starts_with(expected), "{error}");
    }
    // Single rows of it can be had.
    assert_eq!(Batch::of_rows(&source, &[usize::MAX - 1]).unwrap().len(), 1);
}

#[test]
fn a_copy_for_which_there_is_no_memory_is_none() {
    let wide = Dataset::new(Array2::<f64>::zeros((1, 1 << 20)), vec![3]).unwrap();
    let often = wide.select(&vec![0; 1 << 20]).unwrap();
    assert_eq!(often.inputs(0), None); // 2⁴³ bytes
    assert_eq!(often.labels().map(|labels| labels.len()), Some(1 << 20));
}

#[test]
fn folds_share_out_every_sample_once() {
    let labels: Vec<usize> = (0..23).map(|row| row % 3).collect();
    let data = Dataset::new(Array2::<f32>::zeros((23, 1)), labels).unwrap();
    for (k, folds) in
        [(5, data.k_fold(5, 7)), (23, data.k_fold(23, 7)), (7, data.k_fold_stratified(7, 7))]
    {
        let mut seen = Vec::new();
        let folds = folds.unwrap();
        assert_eq!(folds.len(), k);
        for (train, validation) in folds {
            let names =
                |data: &Dataset<f32>| (0..data.len()).map(|row| data.row_name(row)).collect();
            let (train, validation): (Vec<usize>, Vec<usize>) = (names(&train), names(&validation));
            assert_eq!(train.len() + validation.len(), 23);
            assert!(train.iter().all(|row| !validation.contains(row)));
            assert!((23 / k..=23_usize.div_ceil(k)).contains(&validation.len()));
            seen.extend(validation);
        }
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..23));
    }
    for k in [0, 1, 24, usize::MAX] {
        let error = data.k_fold(k, 7).map(|_| ()).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("k = {k} is not allowed: use a number from 2 to 23, the number of samples")
        );
    }
}

#[test]
fn a_fold_lists_its_own_rows_alone() {
    // All at once would be 2·10¹⁰ numbers.
    let data = Dataset::new(Array2::<f32>::zeros((100_000, 1)), ()).unwrap();
    let folds = data.k_fold(100_000, 7).unwrap();
    assert_eq!(folds.take(3).map(|(train, _)| train.len()).sum::<usize>(), 3 * 99_999);
}
