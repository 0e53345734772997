//! The laws of sources, for all ways to come by data, and for two sources of a user's own.

use crate::trainer_support::{blobs, table};
use downhill::check::source;
use downhill::check::source::SourceUnderTest;
use downhill::data::*;
use downhill::{Error, Scalar};
use ndarray::{Array, Array1, Array2, Array3, ArrayD, Axis, IxDyn};

/// Numbers that are all different, of this shape.
fn numbers(axes: &[usize]) -> ArrayD<f32> {
    let len: usize = axes.iter().product();
    let values = Array1::from_iter((0..len).map(|i| i as f32 / 8.0));
    values.into_shape_with_order(IxDyn(axes)).unwrap()
}

fn labelled() -> Dataset<f32> {
    blobs(31, 1)
}

fn weighted() -> Dataset<f64> {
    table(29, 2).with_weights(Array1::from_shape_fn(29, |i| (i % 4) as f64 / 2.0)).unwrap()
}

/// A part of a part.
fn nested() -> Dataset<f64> {
    weighted().split(0.7, 3).unwrap().1.select(&[7, 2, 0, 5]).unwrap()
}

/// Every fold's two sides, and all folds' second sides, divide the whole.
fn folds<F: Scalar>(
    subject: SourceUnderTest<F>,
    folds: Vec<(Dataset<F>, Dataset<F>)>,
) -> SourceUnderTest<F> {
    let held: Vec<_> = folds.iter().map(|(_, held)| held.clone()).collect();
    let subject = subject.divides_into(held);
    folds.into_iter().fold(subject, |subject, (train, held)| subject.divides_into([train, held]))
}

fn halves<F: Scalar>(
    subject: SourceUnderTest<F>,
    (first, second): (Dataset<F>, Dataset<F>),
) -> SourceUnderTest<F> {
    subject.divides_into([first, second])
}

source!(no_targets, || Dataset::new(numbers(&[17, 3]), ()).unwrap());
source!(one_row, || Dataset::new(numbers(&[1, 1]), vec![0]).unwrap());
source!(labels, SourceUnderTest::new(labelled).classes(3));
source!(labels_at_each_time_step, {
    let labels = Array2::from_shape_fn((12, 5), |(i, j)| (i + 3 * j) % 4);
    SourceUnderTest::new(move || Dataset::new(numbers(&[12, 5, 2]), labels.clone()).unwrap())
        .classes(4)
});
source!(values, || table(26, 2));
source!(one_value_to_a_row, || Dataset::new(numbers(&[9]), numbers(&[9])).unwrap());
source!(images_to_images, || Dataset::new(numbers(&[7, 2, 3]), numbers(&[7, 3, 2])).unwrap());
source!(
    windows,
    SourceUnderTest::<f32>::new(|| Windows::new([0, 1, 2, 3, 4, 2, 0, 1, 5, 3], 3)
        .unwrap()
        .every(2)
        .unwrap())
);
source!(several_inputs, || {
    Dataset::of_several(vec![numbers(&[11, 2, 2]), numbers(&[11, 1])], numbers(&[11, 2])).unwrap()
});
source!(weights, weighted);
source!(other_layouts, {
    // Column after column, and some columns of a larger array.
    let plain = numbers(&[13, 4]);
    let mut columns_first = Array::zeros(ndarray::ShapeBuilder::f((13, 4)));
    columns_first.assign(&plain);
    let wide = ndarray::concatenate(Axis(1), &[plain.view(), plain.view()]).unwrap();
    let sliced = wide.into_shared().slice_move(ndarray::s![.., 2..6]).into_dyn();
    let reference = Dataset::new(plain, sliced.to_owned()).unwrap();
    let make =
        move || Dataset::new(columns_first.clone(), Targets::Values(sliced.clone())).unwrap();
    SourceUnderTest::new(make).same_as(reference)
});
source!(part_of_a_part, nested);
source!(rows_that_repeat, {
    SourceUnderTest::new(|| labelled().select(&[4, 4, 1, 30, 4]).unwrap())
        .except("row_names_differ", "a row was chosen more than once")
});
source!(
    split,
    halves(SourceUnderTest::new(weighted), weighted().split(0.3, 5).unwrap())
        .divides_into([0..3, 3..29].map(|r| weighted().select(&Vec::from_iter(r)).unwrap()))
);
source!(split_of_a_part, halves(SourceUnderTest::new(nested), nested().split(0.5, 1).unwrap()));
source!(split_in_time, {
    halves(SourceUnderTest::new(weighted), weighted().split_by_time(0.8).unwrap())
});
source!(split_by_class, {
    halves(SourceUnderTest::new(labelled), labelled().split_stratified(0.6, 5).unwrap())
});
source!(split_by_group, {
    let groups: Vec<usize> = (0..31).map(|row| row * row % 7).collect();
    let parts = labelled().split_by_group(&groups, 0.6, 5).unwrap();
    halves(SourceUnderTest::new(labelled), parts)
});
source!(folded, folds(SourceUnderTest::new(weighted), weighted().k_fold(4, 5).unwrap().collect()));
source!(folded_by_class, {
    folds(SourceUnderTest::new(labelled), labelled().k_fold_stratified(3, 5).unwrap().collect())
});
source!(scaled, {
    let scale = |data: Dataset<f64>| {
        let data = Standardize::fit(&data).unwrap().apply(&data).unwrap();
        MinMax::fit_targets(&data).unwrap().apply(&data).unwrap()
    };
    let plain = scale(weighted());
    let (inputs, values) = (plain.inputs(0).unwrap(), plain.values().unwrap());
    let weights = Array1::from(plain.weights().unwrap().to_vec());
    let reference = Dataset::new(inputs, values).unwrap().with_weights(weights).unwrap();
    SourceUnderTest::new(move || scale(weighted())).same_as(reference)
});
source!(csv, {
    let text = "length,width,species\n5.5,3.5,setosa\n7.0,3.25,versicolor\n5.0,4.0,setosa\n";
    let options = CsvOptions { targets: CsvTargets::classes("species"), ..CsvOptions::default() };
    let reference =
        Dataset::new(ndarray::array![[5.5_f32, 3.5], [7.0, 3.25], [5.0, 4.0]], vec![0, 1, 0]);
    SourceUnderTest::new(move || read_csv_from(text.as_bytes(), "iris", &options).unwrap().data)
        .classes(2)
        .same_as(reference.unwrap())
});
source!(idx, {
    let images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4];
    let labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9];
    let plain = Array3::from_shape_vec((2, 2, 1), vec![1.0_f32, 2.0, 3.0, 4.0]).unwrap();
    SourceUnderTest::new(move || {
        let images = read_idx_from::<f32>(&images[..], "images", 1000).unwrap();
        Dataset::new(images, read_idx_from::<usize>(&labels[..], "labels", 1000).unwrap()).unwrap()
    })
    .classes(10)
    .same_as(Dataset::new(plain, vec![7, 9]).unwrap())
});
#[cfg(feature = "digits")]
source!(digits, {
    let (first, second) = digits().unwrap().split(0.8, 7).unwrap();
    SourceUnderTest::new(|| digits().unwrap()).classes(10).divides_into([first, second])
});
#[cfg(feature = "diabetes")]
source!(diabetes, || diabetes().unwrap());

/// The numbers from 0 on, which need no memory.
struct Counting(usize);

impl<F: Scalar> Source<F> for Counting {
    fn len(&self) -> usize {
        self.0
    }

    fn content(&self) -> Content {
        Content { inputs: vec![1.into()], targets: TargetKind::None, weighted: false }
    }

    fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        batch.resize(rows.len())?;
        for (value, &row) in batch.input_mut(0).iter_mut().zip(rows) {
            if row >= self.0 {
                return Err(Error::argument("row", row, format!("a number below {}", self.0)));
            }
            *value = F::of(row as f64);
        }
        Ok(())
    }
}

/// Another source with noise on its inputs.
struct Jitter(Dataset<f32>);

impl Source<f32> for Jitter {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn content(&self) -> Content {
        self.0.content()
    }

    fn fill(
        &self,
        rows: &[usize],
        sampling: Sampling,
        batch: &mut Batch<f32>,
    ) -> Result<(), Error> {
        self.0.fill(rows, sampling, batch)?;
        if sampling.training {
            let width = batch.input(0).size();
            for (sample, &row) in batch.input_mut(0).chunks_exact_mut(width).zip(rows) {
                let noise = sampling.noise.step(row as u64);
                (0..).zip(sample).for_each(|(i, x)| *x += 0.1 * noise.normal(i) as f32);
            }
        }
        Ok(())
    }

    fn row_name(&self, row: usize) -> usize {
        self.0.row_name(row)
    }
}

source!(counting, SourceUnderTest::<f64>::new(|| Counting(1000)));
source!(jitter, SourceUnderTest::new(|| Jitter(labelled())).augments().same_as(labelled()));
source!(no_rows_at_all, SourceUnderTest::<f32>::new(|| Counting(0)));
