//! Class indices as probabilities.

use super::pool::Pool;
use crate::data::{Batch, Content, Sampling, Source, Target, TargetKind};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A source whose class indices become probabilities: 1 for the class and 0 for all others, of shape `[…, classes]` where the indices have shape
/// `[…]`.
///
/// That is the form in which targets can be [`Mixed`](super::Mixed). Losses and metrics that take probabilities take it; inputs, weights and names
/// of rows are those of the source.
///
/// ```
/// use downhill::data::{Batch, Dataset, Source, Target, TargetKind, augment::OneHot};
/// use ndarray::array;
/// let data = Dataset::new(array![[1.0], [2.0]], vec![2, 0])?;
/// let probabilities = OneHot::new(&data, 3)?;
/// let batch = Batch::of(&probabilities)?;
/// let Target::Values(targets) = batch.target() else { panic!("the targets are numbers") };
/// assert_eq!(targets.matrix(), array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
///
/// let error = Batch::of(&OneHot::new(&data, 2)?).map(|_| ()).map_err(|error| error.to_string());
/// assert_eq!(error, Err("OneHot: the target in row 0 is 2; use a class index below 2".to_owned()));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct OneHot<F, S> {
    source: S,
    content: Content,
    classes: usize,
    indices: Pool<Batch<F>>,
}

impl<F: Scalar, S: Source<F>> OneHot<F, S> {
    /// `source` with probabilities of this many classes.
    ///
    /// # Errors
    /// [`Error::Argument`] if `classes` is 0, [`Error::TargetKind`] if the source's targets are not class indices. A class index that is not below
    /// `classes` is found when it is read, as an [`Error::Target`].
    pub fn new(source: S, classes: usize) -> Result<Self, Error> {
        require::at_least_one("OneHot::classes", classes)?;
        let content = source.content();
        if !matches!(content.targets, TargetKind::Classes(_)) {
            return Err(Error::target_kind("OneHot", "class indices", content.targets.to_string()));
        }
        Ok(Self { source, content, classes, indices: Pool::default() })
    }
}

impl<F: Scalar, S: Source<F>> Source<F> for OneHot<F, S> {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn content(&self) -> Content {
        let mut content = self.content.clone();
        if let TargetKind::Classes(shape) = &content.targets {
            let axes: Vec<usize> = shape.iter().copied().chain([self.classes]).collect();
            content.targets = TargetKind::Values(Shape::from(axes));
        }
        content
    }

    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        self.indices.lend(
            || Batch::new(&self.content),
            |indices| {
                self.source.fill(rows, sampling, indices)?;
                indices.expect(&self.content, rows.len())?;
                batch.resize(rows.len())?;
                batch.take_inputs_and_weights(indices);
                let Target::Classes(classes) = indices.target() else { return Ok(()) };
                let values = batch.values_mut();
                values.fill(F::zero());
                for (place, (&label, values)) in
                    classes.labels().iter().zip(values.chunks_exact_mut(self.classes)).enumerate()
                {
                    let Some(value) = values.get_mut(label) else {
                        let row = rows.get(place / classes.shape().size().max(1));
                        let row = row.map_or(place, |&row| self.row_name(row));
                        let expected = format!("a class index below {}", self.classes);
                        return Err(Error::target("OneHot", row, label, expected));
                    };
                    *value = F::one();
                }
                Ok(())
            },
        )
    }

    fn row_name(&self, row: usize) -> usize {
        self.source.row_name(row)
    }
}
