//! Why a run ends.

/// What ended a call of `fit`.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default())
///     .on(|event, control| if let Event::Step(record) = event {
///         if record.step == 4 {
///             control.stop();
///         }
///     })
///     .build(&[1])?;
/// assert_eq!(trainer.fit(&data, Fit::steps(3))?.reason, StopReason::Completed);
/// assert_eq!(trainer.fit(&data, Fit::steps(3))?.reason, StopReason::Observer);
/// assert_eq!(trainer.steps(), 5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// It did all that was asked for.
    Completed,
    /// The epochs no longer improved.
    EarlyStopping,
    /// The stop flag was set.
    Interrupted,
    /// The time budget was used up.
    TimeBudget,
    /// An observer asked for it.
    Observer,
}
