//! Weights in files of the format safetensors.

use std::collections::BTreeSet;
use std::ops::Range;

use ::safetensors::tensor::{SafeTensors, TensorView};
use ::safetensors::{Dtype, serialize};

use super::Model;
use super::names::{Names, below};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What PyTorch counts in a normalisation, whether it needs the count or not. Ours is a number like others, theirs a whole one without axes.
const COUNT: &str = "num_batches_tracked";

/// A tensor of the model: where it is, and what the file calls it.
struct Place {
    name: String,
    path: String,
    shape: Shape,
    range: Range<usize>,
    state: bool,
}

impl<F: Scalar> Model<F> {
    /// Takes all parameters and layer states from the bytes of a safetensors file, such as PyTorch's `safetensors.torch.save_file(module.state_dict(), path)` writes. The
    /// feature `safetensors` has it.
    ///
    /// Tensors are of type `F32` or `F64` and are rounded if the model is of a smaller type. Nothing is changed unless everything fits: each tensor of the model is in
    /// the file, in the same shape, and each tensor of the file is in the model, but for the counts of batches that only normalisations without momentum read.
    ///
    /// # Errors
    /// [`Error::Read`] for what is no such file, a tensor of another type, or a number that is not finite; [`Error::NoMatch`] for a tensor that is missing on either side, or a rename of nothing;
    /// [`Error::Shape`]; [`Error::Other`] if two tensors have one name.
    ///
    /// ```
    /// use downhill::network::Names;
    /// use downhill::prelude::*;
    /// let build = |seed| Model::<f32>::build(Chain::new().then(Dense::new(3)).then(Tanh).then(Dense::new(1)), &[2.into()], seed);
    /// let names = Names::pytorch().rename("2.dense", "head");
    /// let file = build(7)?.to_safetensors(&names)?; // tensors 0.weight, 0.bias, head.weight and head.bias
    /// let mut other = build(8)?;
    /// other.read_safetensors(&file, &names)?;
    /// assert_eq!(other.values(), build(7)?.values());
    /// let error = other.read_safetensors(&file, &Names::pytorch()).unwrap_err();
    /// assert_eq!(error.to_string(), "`2.weight` matches no tensor of the file; there are: 0.bias, 0.weight, head.bias, head.weight");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn read_safetensors(&mut self, bytes: &[u8], names: &Names) -> Result<(), Error> {
        let unreadable = |problem: String| Error::read("the safetensors file", problem);
        let file =
            SafeTensors::deserialize(bytes).map_err(|error| unreadable(error.to_string()))?;
        let in_file: BTreeSet<&str> = file.names().into_iter().collect();
        let places = self.places(names)?;
        let mut new: Vec<Vec<F>> = Vec::with_capacity(places.len());
        for Place { name, path, shape, .. } in &places {
            let tensor = file
                .tensor(name)
                .map_err(|_| Error::no_match(name, "tensor of the file", &in_file))?;
            let count = path.ends_with(COUNT) && tensor.shape().is_empty() && shape.size() == 1;
            if tensor.shape() != shape.axes() && !count {
                let what = format!("`{path}`, `{name}` in the file");
                let fix = "build the model with the sizes of the one that wrote the file";
                return Err(Error::shape(what, shape.to_string(), tensor.shape(), fix));
            }
            let numbers = numbers(&tensor).ok_or_else(|| {
                let got = tensor.dtype();
                unreadable(format!("`{name}` has numbers of type {got}; write it as F32 or F64"))
            })?;
            if let Some(number) = numbers.iter().position(|number: &F| !number.is_finite()) {
                let message = format!(
                    "number {number} of `{name}` is not finite, or more than {} holds",
                    F::NAME
                );
                return Err(unreadable(message));
            }
            new.push(numbers);
        }
        let known: BTreeSet<&str> = places.iter().map(|place| place.name.as_str()).collect();
        let unused = |name: &&&str| !known.contains(**name) && !name.ends_with(COUNT);
        if let Some(name) = in_file.iter().find(unused) {
            return Err(Error::no_match(*name, "tensor of the model", &known));
        }
        for (place, new) in places.into_iter().zip(new) {
            let all = if place.state { self.state_mut() } else { self.values_mut() };
            all[place.range].copy_from_slice(&new);
        }
        Ok(())
    }

    /// The bytes of a safetensors file with all parameters and layer states, which [`read_safetensors`](Model::read_safetensors) and PyTorch's
    /// `safetensors.torch.load_file` read, of type `F32` or `F64` as the model is. The feature `safetensors` has it.
    ///
    /// PyTorch's `load_state_dict` misses `num_batches_tracked` of normalisations with a momentum, which ours do not count; `strict=False` lets it.
    ///
    /// # Errors
    /// [`Error::NoMatch`] for a rename of nothing; [`Error::Other`] if two tensors have one name.
    ///
    /// ```
    /// use downhill::network::Names;
    /// use downhill::prelude::*;
    /// let model = Model::<f32>::build(Chain::new().named("head", Dense::new(1)), &[2.into()], 7)?;
    /// let file = model.to_safetensors(&Names::pytorch())?; // to write with `std::fs::write`
    /// let head = String::from_utf8_lossy(&file);
    /// assert!(head.contains("head.weight") && head.contains("F32"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn to_safetensors(&self, names: &Names) -> Result<Vec<u8>, Error> {
        let single = F::NAME == "f32";
        let places = self.places(names)?;
        let bytes = |place: &Place| -> Vec<u8> {
            let all = if place.state { self.state() } else { self.values() };
            let numbers = all[place.range.clone()].iter().map(|number| number.as_f64());
            if place.path.ends_with(COUNT) {
                numbers.flat_map(|number| (number as i64).to_le_bytes()).collect()
            } else if single {
                numbers.flat_map(|number| (number as f32).to_le_bytes()).collect()
            } else {
                numbers.flat_map(f64::to_le_bytes).collect()
            }
        };
        let written: Vec<Vec<u8>> = places.iter().map(bytes).collect();
        let problem = |error: ::safetensors::SafeTensorError| {
            Error::other("to_safetensors", error.to_string())
        };
        let views = places.iter().zip(&written).map(|(place, bytes)| {
            let (kind, shape) = match (place.path.ends_with(COUNT), single) {
                (true, _) => (Dtype::I64, Vec::new()),
                (false, true) => (Dtype::F32, place.shape.to_vec()),
                (false, false) => (Dtype::F64, place.shape.to_vec()),
            };
            Ok((place.name.as_str(), TensorView::new(kind, shape, bytes).map_err(problem)?))
        });
        let views = views.collect::<Result<Vec<_>, Error>>()?;
        serialize(views, None).map_err(problem)
    }

    fn places(&self, names: &Names) -> Result<Vec<Place>, Error> {
        let parameters = self.parameters().iter().map(|tensor| {
            (tensor.path().to_owned(), tensor.shape().clone(), tensor.range(), false)
        });
        let states = self
            .states()
            .iter()
            .map(|tensor| (tensor.path().to_owned(), tensor.shape().clone(), tensor.range(), true));
        let place = |(path, shape, range, state): (String, Shape, Range<usize>, bool)| Place {
            name: names.of(&path),
            path,
            shape,
            range,
            state,
        };
        let places: Vec<Place> = parameters.chain(states).map(place).collect();
        let fits = |ours: &&str| !places.iter().any(|place| below(&place.path, ours).is_some());
        if let Some(ours) = names.renamed().find(fits) {
            return Err(Error::no_match(ours, "path", places.iter().map(|place| &place.path)));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = places.iter().find(|place| !seen.insert(place.name.as_str())) {
            let message = format!("two tensors are called `{}`; rename one of them", twice.name);
            return Err(Error::other(&twice.path, message));
        }
        Ok(places)
    }
}

/// The numbers of a tensor; `None` if they are of another type.
fn numbers<F: Scalar>(tensor: &TensorView<'_>) -> Option<Vec<F>> {
    let bytes = tensor.data();
    Some(match tensor.dtype() {
        Dtype::F32 => {
            let (words, _) = bytes.as_chunks::<4>();
            words.iter().map(|&word| F::of(f64::from(f32::from_le_bytes(word)))).collect()
        }
        Dtype::F64 => {
            let (words, _) = bytes.as_chunks::<8>();
            words.iter().map(|&word| F::of(f64::from_le_bytes(word))).collect()
        }
        Dtype::I64 if tensor.shape().is_empty() => {
            let (words, _) = bytes.as_chunks::<8>();
            words.iter().map(|&word| F::of(i64::from_le_bytes(word) as f64)).collect()
        }
        _ => return None,
    })
}
