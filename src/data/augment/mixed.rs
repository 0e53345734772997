//! Samples mixed with others.

use std::fmt::Debug;

use super::pool::Pool;
use crate::data::{Batch, Content, Sampling, Source, Target, TargetKind};
use crate::error::Error;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A way to mix a sample with another one: [`MixUp`](super::MixUp), [`CutMix`](super::CutMix), or your own.
///
/// ```
/// use downhill::data::augment::Mixing;
/// use downhill::{Error, Scalar, Shape, random::Noise};
///
/// /// The mean of both, always.
/// #[derive(Debug)]
/// struct Halves;
///
/// impl<F: Scalar> Mixing<F> for Halves {
///     fn name(&self) -> &'static str {
///         "Halves"
///     }
///     fn validate(&self, _: &[Shape]) -> Result<(), Error> {
///         Ok(())
///     }
///     fn mix(&self, sample: &mut [F], partner: &[F], _: &Shape, _: Noise) -> f64 {
///         sample.iter_mut().zip(partner).for_each(|(a, &b)| *a = F::of(0.5) * (*a + b));
///         0.5
///     }
/// }
///
/// let mut sample = [1.0, 2.0];
/// assert_eq!(Halves.mix(&mut sample, &[3.0, 2.0], &Shape::from(2), Noise::new(7)), 0.5);
/// assert_eq!(sample, [2.0, 2.0]);
/// ```
pub trait Mixing<F: Scalar>: Debug + Send + Sync {
    /// The name in messages.
    fn name(&self) -> &'static str;

    /// Refuses settings out of range, and inputs of shapes that it cannot mix.
    ///
    /// # Errors
    /// [`Error::Argument`] that names the setting, or [`Error::Shape`].
    fn validate(&self, inputs: &[Shape]) -> Result<(), Error>;

    /// Mixes `partner` into `sample`, both of which are one input of this shape, and says which share of the targets is the sample's own. Called for
    /// each input of a sample with the same `noise`; the share has to be the same for all of them.
    fn mix(&self, sample: &mut [F], partner: &[F], shape: &Shape, noise: Noise) -> f64;
}

/// A source each sample of which is mixed with another one, its partner, when it is read for training, and is left as it is otherwise.
///
/// - The **partner** of a row is any row of the whole source, with equal probability, itself included. Both are taken as the source gives them, that
///   is, augmented if the source is an [`Augment`](super::Augment). Partner and share are functions of (seed, epoch, row).
/// - The **targets** become share · own + (1 − share) · partner's, so that probabilities stay probabilities. They have to be numbers; class indices
///   become some by [`OneHot`](super::OneHot). Accuracy cannot be counted on them while training; [`Trainer::evaluate`](crate::Trainer::evaluate)
///   counts it on data with class indices.
/// - **All inputs** of a sample are mixed, with one partner and one share.
/// - The **weight** of a sample is its own, whatever the partner's is.
///
/// ```
/// use downhill::data::augment::{Augment, MixUp, Mixed, OneHot, Shift};
/// use downhill::prelude::*;
/// use ndarray::Array3;
///
/// // The upper half of an image is bright, or the lower one.
/// let images = Array3::from_shape_fn((40, 4, 4), |(i, row, _)| if (row < 2) == (i % 2 == 0) { 1.0_f32 } else { 0.0 });
/// let data = Dataset::new(images, (0..40).map(|i| i % 2).collect::<Vec<_>>())?;
/// let shifted = Augment::new(OneHot::new(&data, 2)?, Shift::new(1))?;
/// let mixed = Mixed::new(shifted, MixUp::default())?;
///
/// let model = Chain::new().then(Flatten).then(Dense::new(2));
/// let mut trainer = Trainer::builder(model, CrossEntropy::default(), Adam { learning_rate: 0.01, ..Adam::default() }).build(&[4, 4])?;
/// trainer.fit(&mixed, Fit::epochs(60).batch(8).validate(&data))?; // judged by the loss of samples that are not mixed
/// assert!(trainer.evaluate(&data)?.metric("accuracy")? > 0.9);
/// assert!(Mixed::new(&data, MixUp::default()).is_err()); // class indices cannot be mixed
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Mixed<F, S> {
    source: S,
    mixing: Box<dyn Mixing<F>>,
    content: Content,
    partners: Pool<Partners<F>>,
}

#[derive(Debug)]
struct Partners<F> {
    rows: Vec<usize>,
    batch: Batch<F>,
}

impl<F: Scalar, S: Source<F>> Mixed<F, S> {
    /// `source` with its samples mixed.
    ///
    /// # Errors
    /// [`Error::TargetKind`] if the targets are class indices, and what [`Mixing::validate`] says of the inputs.
    pub fn new(source: S, mixing: impl Mixing<F> + 'static) -> Result<Self, Error> {
        let content = source.content();
        if let TargetKind::Classes(_) = &content.targets {
            let expected =
                "probabilities or other numbers (OneHot::new(&data, classes) makes them)";
            return Err(Error::target_kind(mixing.name(), expected, content.targets.to_string()));
        }
        mixing.validate(&content.inputs)?;
        Ok(Self { source, mixing: Box::new(mixing), content, partners: Pool::default() })
    }

    /// Mixes sample `i` of the batch with sample `i` of the partners.
    fn mix(&self, batch: &mut Batch<F>, partners: &Batch<F>, i: usize, noise: Noise) {
        let mut share = 1.0;
        for (input, shape) in self.content.inputs.iter().enumerate() {
            let numbers = i * shape.size()..(i + 1) * shape.size();
            let own = batch.input_mut(input).get_mut(numbers);
            if let Some(own) = own {
                share = self.mixing.mix(own, partners.input(input).row(i), shape, noise);
            }
        }
        if let (TargetKind::Values(shape), Target::Values(partners)) =
            (&self.content.targets, partners.target())
        {
            let numbers = i * shape.size()..(i + 1) * shape.size();
            if let Some(own) = batch.values_mut().get_mut(numbers) {
                blend(own, partners.row(i), share);
            }
        }
    }
}

/// Makes `own` share · own + (1 − share) · partner. A share of 1 leaves the bits.
pub(super) fn blend<F: Scalar>(own: &mut [F], partner: &[F], share: f64) {
    let share = F::of(share);
    let rest = F::one() - share;
    if rest.is_zero() {
        return;
    }
    own.iter_mut().zip(partner).for_each(|(own, &partner)| *own = share * *own + rest * partner);
}

impl<F: Scalar, S: Source<F>> Source<F> for Mixed<F, S> {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn content(&self) -> Content {
        self.content.clone()
    }

    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        let inner = sampling.inner();
        self.source.fill(rows, inner, batch)?;
        if !sampling.training {
            return Ok(());
        }
        batch.expect(&self.content, rows.len())?;
        let noise = |row: usize| sampling.noise.step(row as u64);
        let make = || Partners { rows: Vec::new(), batch: Batch::new(&self.content) };
        self.partners.lend(make, |partners| {
            let len = self.len();
            partners.rows.clear();
            partners.rows.extend(rows.iter().map(|&row| noise(row).at("partner").below(0, len)));
            self.source.fill(&partners.rows, inner, &mut partners.batch)?;
            partners.batch.expect(&self.content, rows.len())?;
            for (i, &row) in rows.iter().enumerate() {
                self.mix(batch, &partners.batch, i, noise(row).at("share"));
            }
            Ok(())
        })
    }

    fn row_name(&self, row: usize) -> usize {
        self.source.row_name(row)
    }
}
