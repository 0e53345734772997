//! Small real data, part of the crate.

use std::io::Read;

use ndarray::{Array1, Array2, Axis};

use super::Dataset;
use super::read::bytes::Bytes;
use crate::error::Error;
use crate::scalar::Scalar;

/// The UCI digits: 1,797 images of handwritten digits. Inputs `[1797, 64]`, the rows of 8×8 grey values in [0, 1]; targets `[1797]`, the digit.
///
/// *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak, 1998, UCI Machine Learning Repository, CC BY 4.0; the test part. No
/// network is needed. For layers that take images, start the model with [`Reshape`](crate::layer::Reshape)`::to([1, 8, 8])`.
///
/// # Errors
/// None, if the crate was compiled from whole files.
///
/// ```
/// let (train, test) = downhill::data::digits()?.split_stratified(0.8, 7)?;
/// assert_eq!(train.len() + test.len(), 1797);
/// assert_eq!(train.classes(), Some(10));
/// # Ok::<(), downhill::Error>(())
/// ```
#[cfg(feature = "digits")]
pub fn digits() -> Result<Dataset<f32>, Error> {
    digits_as()
}

/// The [`digits`] in another number type: `digits_as::<f64>()`.
///
/// # Errors
/// As [`digits`].
///
/// ```
/// let images = downhill::data::digits_as::<f64>()?;
/// assert_eq!(images.inputs(0).map(|array| array.dim()), Some(ndarray::IxDyn(&[1797, 64])));
/// # Ok::<(), downhill::Error>(())
/// ```
#[cfg(feature = "digits")]
pub fn digits_as<F: Scalar>() -> Result<Dataset<F>, Error> {
    let bytes = include_bytes!("../../data/digits.csv.gz");
    let table = table("digits.csv.gz", bytes, 65)?;
    let (images, labels) = table.view().split_at(Axis(1), 64);
    let labels: Array1<usize> = labels.iter().map(|&label| label as usize).collect();
    Dataset::new(images.mapv(|grey| F::of(grey / 16.0)), labels)
}

/// The diabetes data of Efron and others: 442 patients. Inputs `[442, 10]`: age, sex (1 or 2), body mass index, blood pressure and six blood
/// serum measurements; targets `[442, 1]`: the progression of the disease one year later, from 25 to 346.
///
/// All in original units, so that it needs scaling: see [`Standardize`](super::Standardize). B. Efron, T. Hastie, I. Johnstone,
/// R. Tibshirani: *Least Angle Regression*, Annals of Statistics 32 (2004) 407–499.
///
/// # Errors
/// None, if the crate was compiled from whole files.
///
/// ```
/// use downhill::data::{diabetes, Standardize};
/// let (train, test) = diabetes()?.split(0.8, 7)?;
/// let scaler = Standardize::fit(&train)?;
/// let (train, test) = (scaler.apply(&train)?, scaler.apply(&test)?);
/// # assert_eq!(train.len() + test.len(), 442);
/// # Ok::<(), downhill::Error>(())
/// ```
#[cfg(feature = "diabetes")]
pub fn diabetes() -> Result<Dataset<f32>, Error> {
    diabetes_as()
}

/// The [`diabetes`] data in another number type: `diabetes_as::<f64>()`.
///
/// # Errors
/// As [`diabetes`].
///
/// ```
/// let patients = downhill::data::diabetes_as::<f64>()?;
/// let progression = patients.values().ok_or(downhill::Error::other("diabetes", "no values"))?;
/// assert_eq!(progression.shape(), [442, 1]);
/// assert!(progression.iter().all(|&value| (25.0..=346.0).contains(&value)));
/// # Ok::<(), downhill::Error>(())
/// ```
#[cfg(feature = "diabetes")]
pub fn diabetes_as<F: Scalar>() -> Result<Dataset<F>, Error> {
    let bytes = include_bytes!("../../data/diabetes.csv.gz");
    let table = table("diabetes.csv.gz", bytes, 11)?;
    let (inputs, targets) = table.view().split_at(Axis(1), 10);
    Dataset::new(inputs.mapv(F::of), targets.mapv(F::of))
}

/// A table of numbers without a header.
fn table(name: &str, bytes: &[u8], columns: usize) -> Result<Array2<f64>, Error> {
    let mut text = String::new();
    let read = Bytes::new(bytes, name, None)?.reader.read_to_string(&mut text);
    read.map_err(|error| Error::read(name, error))?;
    let cells = text.lines().flat_map(|line| line.split(',')).map(str::parse);
    let values: Vec<f64> =
        cells.collect::<Result<_, _>>().map_err(|error| Error::read(name, error))?;
    Array2::from_shape_vec((values.len() / columns, columns), values)
        .map_err(|error| Error::read(name, error))
}
