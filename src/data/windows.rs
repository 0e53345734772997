//! Windows over a row of tokens.

use std::sync::Arc;

use super::{Batch, Content, Sampling, Source, TargetKind};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// Windows over one long row of tokens, such as the characters of a text: each sample is `length` tokens, and its targets are the tokens that come after
/// each of them. This is what a language model is trained on.
///
/// The tokens of a sample come as numbers of the model's type, as an [`Embedding`](crate::layer::Embedding) takes them; the targets are class indices.
///
/// ```
/// use downhill::data::{Batch, Target, Windows};
/// let text = Windows::new([5, 6, 7, 8, 9, 10, 11], 3)?; // from 0 and 3: the last token is only a target
/// let batch: Batch<f32> = Batch::of(&text)?;
/// assert_eq!(batch.input(0).values(), [5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
/// let Target::Classes(next) = batch.target() else { unreachable!() };
/// assert_eq!(next.labels(), [6, 7, 8, 9, 10, 11]);
///
/// assert_eq!(text.clone().every(1)?.starts(), [0, 1, 2, 3]);
/// assert_eq!(text.at(vec![2, 0, 2])?.starts(), [2, 0, 2]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Windows {
    tokens: Arc<[usize]>,
    length: usize,
    starts: Arc<[usize]>,
}

impl Windows {
    /// Windows of `length` tokens that lie one after the other.
    ///
    /// # Errors
    /// [`Error::Argument`] if `length` is 0, [`Error::Length`] if there are not more tokens than that.
    pub fn new(tokens: impl Into<Arc<[usize]>>, length: usize) -> Result<Self, Error> {
        require::at_least_one("Windows::length", length)?;
        Self { tokens: tokens.into(), length, starts: Arc::new([]) }.every(length)
    }

    /// Windows that begin at every `stride`-th token instead.
    ///
    /// # Errors
    /// [`Error::Argument`] if `stride` is 0, [`Error::Length`] as in [`new`](Windows::new).
    pub fn every(self, stride: usize) -> Result<Self, Error> {
        require::at_least_one("Windows::every", stride)?;
        let Some(last) = self.tokens.len().checked_sub(self.length.saturating_add(1)) else {
            let expected = self.length.saturating_add(1);
            let with = format!("a window of {} and the token after it", self.length);
            return Err(Error::length("the row of tokens", self.tokens.len(), expected, with));
        };
        Ok(Self { starts: (0..=last).step_by(stride).collect(), ..self })
    }

    /// Windows that begin at these tokens instead, in this order.
    ///
    /// # Errors
    /// [`Error::Argument`] for a window that reaches over the end, [`Error::Empty`] for no window.
    pub fn at(self, starts: impl Into<Arc<[usize]>>) -> Result<Self, Error> {
        let starts = starts.into();
        if starts.is_empty() {
            return Err(Error::empty("the list of windows", "give at least one"));
        }
        let ends = |start: usize| start.saturating_add(self.length) < self.tokens.len();
        if let Some(start) = starts.iter().copied().find(|&start| !ends(start)) {
            let most = self.tokens.len() - self.length;
            return Err(Error::argument("a start", start, format!("a token below {most}")));
        }
        Ok(Self { starts, ..self })
    }

    /// Where the windows begin.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }
}

impl<F: Scalar> Source<F> for Windows {
    fn len(&self) -> usize {
        self.starts.len()
    }

    fn content(&self) -> Content {
        Content {
            inputs: vec![self.length.into()],
            targets: TargetKind::Classes(self.length.into()),
            weighted: false,
        }
    }

    fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        batch.resize(rows.len())?;
        batch.expect(&Source::<F>::content(self), rows.len())?;
        for (sample, &row) in rows.iter().enumerate() {
            let Some(&start) = self.starts.get(row) else {
                let expected = format!("a row below {}", self.starts.len());
                return Err(Error::argument("row", row, expected));
            };
            let tokens = &self.tokens[start..=start + self.length];
            let place = sample * self.length..(sample + 1) * self.length;
            for (to, &token) in batch.input_mut(0)[place.clone()].iter_mut().zip(tokens) {
                *to = F::of(token as f64);
            }
            batch.labels_mut()[place].copy_from_slice(&tokens[1..]);
        }
        Ok(())
    }
}
