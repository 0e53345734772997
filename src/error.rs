//! Everything that can go wrong, as values with fields.

pub mod require;
mod short;

use self::short::short;
use crate::shape::Shape;

/// Everything that can go wrong. Each message says what was expected, what came, and what to change.
///
/// ```
/// use downhill::Error;
/// let error = Error::argument("beta1", 1.0, "a number in [0, 1)");
/// assert_eq!(error.to_string(), "beta1 = 1 is not allowed: use a number in [0, 1)");
/// ```
///
/// `Debug` gives the message too, so that a `main` that returns an error prints it for people.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range.
    #[error("{}{argument} = {value} is not allowed: use {expected}", prefix(place))]
    #[non_exhaustive]
    Argument {
        /// The path of the layer whose setting it is; empty for all else, and for a layer that is the whole model.
        place: String,
        /// The name of the setting, as the documentation spells it.
        argument: String,
        /// What it was set to.
        value: String,
        /// What it may be.
        expected: String,
    },

    /// A layer, loss or metric cannot take a tensor of this shape.
    #[error("{place}: expected {expected}, got {got}; {fix}")]
    #[non_exhaustive]
    Shape {
        /// The path of the layer (`"2.dense"`), or the name of the loss or metric.
        place: String,
        /// The shape it can take.
        expected: String,
        /// The shape that came, without the batch axis.
        got: Shape,
        /// What to change.
        fix: String,
    },

    /// A layer, loss or metric was given another number of tensors than it takes.
    #[error("{place}: expected {expected} tensors, got {got}")]
    #[non_exhaustive]
    Arity {
        /// The path of the layer, or the name of the loss or metric.
        place: String,
        /// How many tensors it takes.
        expected: String,
        /// How many came.
        got: usize,
    },

    /// Two things that go together differ in length.
    #[error("{what} has length {got}, expected {expected} to go with {with}")]
    #[non_exhaustive]
    Length {
        /// The thing of the wrong length.
        what: String,
        /// Its length.
        got: usize,
        /// The length that was expected.
        expected: usize,
        /// The thing it has to go with.
        with: String,
    },

    /// Something that must hold at least one element holds none.
    #[error("{what} is empty; {fix}")]
    #[non_exhaustive]
    Empty {
        /// The thing that is empty.
        what: String,
        /// What to change.
        fix: String,
    },

    /// The loss or metric needs another kind of target.
    #[error("{place} takes {expected} as targets, got {got}")]
    #[non_exhaustive]
    TargetKind {
        /// The name of the loss or metric.
        place: String,
        /// The kind of target it takes.
        expected: String,
        /// The kind that came.
        got: String,
    },

    /// A target value is outside what the loss or metric allows.
    #[error("{place}: the target in row {row} is {value}; use {expected}")]
    #[non_exhaustive]
    Target {
        /// The name of the loss or metric.
        place: String,
        /// The row in the batch, or in the data set where that is known.
        row: usize,
        /// The value that came.
        value: String,
        /// What it may be.
        expected: String,
    },

    /// A cell of the input data is NaN, infinite, or outside what the model's first layer can take.
    #[error("{what}, row {row}, column {column}: {value} is not {expected}")]
    #[non_exhaustive]
    Cell {
        /// The array, such as `"inputs"`.
        what: String,
        /// The row in the data set.
        row: usize,
        /// The position in the row, counted over the flattened sample.
        column: usize,
        /// The value that came.
        value: String,
        /// What it may be.
        expected: String,
    },

    /// An activation or the loss is not finite any more. The parameters are those before the step.
    #[error(
        "step {step}: {place} gave {value}{}{}; {fix}",
        sample.map_or_else(String::new, |sample| format!(" for sample {sample} of the batch")),
        row.map_or_else(String::new, |row| format!(" (row {row} of the data)"))
    )]
    #[non_exhaustive]
    Diverged {
        /// The optimizer step, counted from 0.
        step: u64,
        /// The path of the first layer with such an output, or `"loss"`.
        place: String,
        /// The sample's position in the batch, where one can be blamed.
        sample: Option<usize>,
        /// Its row in the data, where that is known.
        row: Option<usize>,
        /// The value.
        value: f64,
        /// What to change.
        fix: String,
    },

    /// A gradient is not finite. The parameters are those before the step.
    #[error(
        "step {step}: the gradient of {tensor}[{index}] is {value}; lower the learning rate, or choose NonFinite::Skip or NonFinite::Zero"
    )]
    #[non_exhaustive]
    NonFiniteGradient {
        /// The optimizer step, counted from 0.
        step: u64,
        /// The path of the parameter.
        tensor: String,
        /// The position in the flattened tensor.
        index: usize,
        /// The value.
        value: f64,
    },

    /// A name or pattern matches nothing.
    #[error("`{pattern}` matches no {kind}; there are: {names}")]
    #[non_exhaustive]
    NoMatch {
        /// The name or pattern.
        pattern: String,
        /// What was searched.
        kind: String,
        /// The names there are, separated by commas.
        names: String,
    },

    /// A saved state does not fit this model. Every difference is listed.
    #[error("the state does not fit the model: {}", problems.join("; "))]
    #[non_exhaustive]
    State {
        /// One sentence for each difference.
        problems: Vec<String>,
    },

    /// A file cannot be read as what it should be.
    #[error("{path}: {problem}")]
    #[non_exhaustive]
    Read {
        /// The file.
        path: String,
        /// What is wrong, with the line or byte where it is known.
        problem: String,
    },

    /// An error of a component that this crate does not know, such as a user's own loss.
    #[error("{place}: {message}")]
    #[non_exhaustive]
    Other {
        /// Where it happened.
        place: String,
        /// What happened and what to change.
        message: String,
    },
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Error {
    /// A setting outside its range.
    pub fn argument(
        argument: impl Into<String>,
        value: impl ToString,
        expected: impl Into<String>,
    ) -> Self {
        Self::Argument {
            place: String::new(),
            argument: argument.into(),
            value: short(value.to_string()),
            expected: expected.into(),
        }
    }

    /// Names the layer whose setting is wrong, unless it is named already.
    pub(crate) fn at_layer(self, path: &str) -> Self {
        match self {
            Self::Argument { place, argument, value, expected } if place.is_empty() => {
                Self::Argument { place: path.to_owned(), argument, value, expected }
            }
            other => other,
        }
    }

    /// A tensor of a shape that `place` cannot take.
    pub fn shape(
        place: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<Shape>,
        fix: impl Into<String>,
    ) -> Self {
        Self::Shape {
            place: place.into(),
            expected: expected.into(),
            got: got.into(),
            fix: fix.into(),
        }
    }

    /// Another number of tensors than `place` takes.
    pub fn arity(place: impl Into<String>, expected: impl ToString, got: usize) -> Self {
        Self::Arity { place: place.into(), expected: expected.to_string(), got }
    }

    /// Two things that go together differ in length.
    pub fn length(
        what: impl Into<String>,
        got: usize,
        expected: usize,
        with: impl Into<String>,
    ) -> Self {
        Self::Length { what: what.into(), got, expected, with: with.into() }
    }

    /// Something that must not be empty is.
    pub fn empty(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Empty { what: what.into(), fix: fix.into() }
    }

    /// A kind of target that `place` cannot take.
    pub fn target_kind(
        place: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self::TargetKind { place: place.into(), expected: expected.into(), got: got.into() }
    }

    /// A target value that `place` does not allow.
    pub fn target(
        place: impl Into<String>,
        row: usize,
        value: impl ToString,
        expected: impl Into<String>,
    ) -> Self {
        Self::Target {
            place: place.into(),
            row,
            value: value.to_string(),
            expected: expected.into(),
        }
    }

    /// A cell of the data that cannot be used.
    pub fn cell(
        what: impl Into<String>,
        row: usize,
        column: usize,
        value: impl ToString,
        expected: impl Into<String>,
    ) -> Self {
        Self::Cell {
            what: what.into(),
            row,
            column,
            value: value.to_string(),
            expected: expected.into(),
        }
    }

    /// A name or pattern that matches none of `names`.
    pub fn no_match<N: AsRef<str>>(
        pattern: impl Into<String>,
        kind: impl Into<String>,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        Self::NoMatch { pattern: pattern.into(), kind: kind.into(), names: names.join(", ") }
    }

    /// A file that cannot be read as what it should be.
    pub fn read(path: impl ToString, problem: impl ToString) -> Self {
        Self::Read { path: path.to_string(), problem: problem.to_string() }
    }

    /// Any other problem of a component, for components outside this crate.
    pub fn other(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Other { place: place.into(), message: message.into() }
    }
}

/// A place in front of what is wrong there.
fn prefix(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!("{place}: ") }
}
