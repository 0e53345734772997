//! A metric that is chosen at run time.

use std::sync::Arc;

use super::{Metric, MetricPass, Tally};
use crate::data::TargetKind;
use crate::error::Error;
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Hands every method on to what the pointer points to.
macro_rules! forward {
    ($(#[$doc:meta])* $pointer:ident) => {
        $(#[$doc])*
        impl<F: Scalar, M: Metric<F> + ?Sized> Metric<F> for $pointer<M> {
            fn name(&self) -> String {
                (**self).name()
            }

            fn goal(&self) -> Goal {
                (**self).goal()
            }

            fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
                (**self).check(outputs, targets)
            }

            fn start(&self) -> Tally {
                (**self).start()
            }

            fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
                (**self).update(tally, pass)
            }

            fn merge(&self, tally: &mut Tally, other: &Tally) {
                (**self).merge(tally, other);
            }

            fn value(&self, tally: &Tally) -> f64 {
                (**self).value(tally)
            }
        }
    };
}

forward! {
    /// A boxed metric is a metric, so that a program can choose one at run time: `Box<dyn Metric<F>>` or `Arc<dyn Metric<F>>`.
    ///
    /// ```
    /// use downhill::prelude::*;
    /// let chosen: Vec<Box<dyn Metric<f32>>> = vec![Box::new(R2), Box::new(Rmse)];
    /// let builder = Trainer::builder(Dense::new(1), Mse, Adam::default());
    /// let trainer = chosen.into_iter().fold(builder, |builder, metric| builder.metric(metric)).build(&[1])?;
    /// let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[1.0], [0.0]])?;
    /// assert_eq!(trainer.evaluate(&data)?.metrics.len(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    Box
}
forward! {
    /// A shared metric is a metric, as a boxed one is.
    Arc
}
