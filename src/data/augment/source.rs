//! Data that are augmented while they are read.

use super::pool::Pool;
use super::{Augmentation, Sample};
use crate::buffer::resize;
use crate::data::{Batch, Content, Sampling, Source};
use crate::error::Error;
use crate::scalar::Scalar;

/// A source whose samples are changed by an [`Augmentation`] when they are read for training, and are left as they are otherwise.
///
/// What a row holds is a function of (seed, epoch, row) and of nothing else: the same in any batch, in any order, on any number of threads. Targets,
/// weights and names of rows are those of the source. Several augmentations: [`Compose`](super::Compose). After the first batch nothing is
/// allocated.
///
/// The source may be lent (`&data`) or given away. One that is itself an `Augment` gets other random numbers than the outer one.
///
/// ```
/// use downhill::data::{Batch, Dataset, Sampling, Source, augment::{Augment, Jitter}};
/// let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 4)), vec![0; 10])?;
/// let noisy = Augment::new(&data, Jitter::new(0.1))?;
///
/// let mut batch = Batch::new(&noisy.content());
/// noisy.fill(&[3, 5], Sampling::new(7, 0), &mut batch)?;
/// let row_5 = batch.input(0).row(1).to_vec();
/// noisy.fill(&[5], Sampling::new(7, 0), &mut batch)?;
/// assert_eq!(batch.input(0).row(0), row_5); // whatever else is in the batch
/// noisy.fill(&[5], Sampling::new(7, 1), &mut batch)?;
/// assert_ne!(batch.input(0).row(0), row_5); // another epoch
/// noisy.fill(&[5], Sampling::evaluation(), &mut batch)?;
/// assert_eq!(batch.input(0).row(0), [0.0; 4]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct Augment<F, S> {
    source: S,
    content: Content,
    input: usize,
    augmentation: Box<dyn Augmentation<F>>,
    scratch: Pool<Vec<F>>,
}

impl<F: Scalar, S: Source<F>> Augment<F, S> {
    /// `source` with its first input augmented.
    ///
    /// # Errors
    /// What [`Augmentation::validate`] says of the shape of the input.
    pub fn new(source: S, augmentation: impl Augmentation<F> + 'static) -> Result<Self, Error> {
        Self::of_input(source, 0, augmentation)
    }

    /// `source` with the input at this position augmented. For several inputs: one `Augment` around another.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such input, and what [`Augmentation::validate`] says of its shape.
    pub fn of_input(
        source: S,
        input: usize,
        augmentation: impl Augmentation<F> + 'static,
    ) -> Result<Self, Error> {
        let content = source.content();
        let Some(shape) = content.inputs.get(input) else {
            let expected = format!("a number below {}, that of the inputs", content.inputs.len());
            return Err(Error::argument("input", input, expected));
        };
        augmentation.validate(shape)?;
        let (augmentation, scratch) = (Box::new(augmentation), Pool::default());
        Ok(Self { source, content, input, augmentation, scratch })
    }
}

impl<F: Scalar, S: Source<F>> Source<F> for Augment<F, S> {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn content(&self) -> Content {
        self.content.clone()
    }

    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        self.source.fill(rows, sampling.inner(), batch)?;
        if !sampling.training {
            return Ok(());
        }
        batch.expect(&self.content, rows.len())?;
        let Some(shape) = self.content.inputs.get(self.input) else { return Ok(()) };
        self.scratch.lend(Vec::new, |scratch| {
            resize(scratch, self.augmentation.scratch(shape), F::zero(), "the scratch")?;
            let samples = batch.input_mut(self.input).chunks_exact_mut(shape.size().max(1));
            for (values, &row) in samples.zip(rows) {
                let noise = sampling.noise.step(row as u64);
                self.augmentation.apply(Sample::new(values, shape, noise, scratch)?);
            }
            Ok(())
        })
    }

    fn row_name(&self, row: usize) -> usize {
        self.source.row_name(row)
    }
}
