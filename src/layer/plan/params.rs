//! The parameters and the state of a layer.

use std::ops::Range;
use std::sync::Arc;

use super::{Plan, join};
use crate::error::Error;
use crate::layer::graph::{MOST, find};
use crate::params::init::{Constant, Init};
use crate::params::{Parameter, Role, StateTensor};
use crate::scalar::Scalar;
use crate::shape::Shape;

impl<F: Scalar> Plan<'_, F> {
    /// Declares a weight of shape (outputs, inputs, …), whose fans are read off the shape: fan-in is the product of all axes but the first,
    /// fan-out the first axis times all axes after the second. `init` of `None` leaves the choice to the activation that follows.
    ///
    /// # Errors
    /// [`Error::Shape`] if it would hold no number or far too many; [`Error::Argument`] from `init`.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Kernel;
    /// impl<F: Scalar> Layer<F> for Kernel {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         plan.weight("kernel", [8, 1, 3, 3], None)?; // fan-in 1·3·3, fan-out 8·3·3
    ///         plan.output(8)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Kernel, &[[1, 3, 3].into()], 7)?;
    /// let kernel = &model.parameters()[0];
    /// assert_eq!((kernel.path(), kernel.shape().size(), kernel.role()), ("kernel", 72, Role::Weight));
    /// // No activation follows, so the rule is Glorot's: between ±√(6 / (9 + 72)).
    /// assert!(model.values().iter().all(|w| w.abs() <= (6.0_f32 / 81.0).sqrt()));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn weight(
        &mut self,
        name: &str,
        shape: impl Into<Shape>,
        init: Option<Arc<dyn Init>>,
    ) -> Result<(), Error> {
        let shape = shape.into();
        let rest = |from: usize| shape.iter().skip(from).fold(1_usize, |n, &a| n.saturating_mul(a));
        let fans = (rest(1), shape.first().copied().unwrap_or(1).saturating_mul(rest(2)));
        self.param(name, Role::Weight, shape.clone(), fans, init)
    }

    /// Declares a parameter that is added to the output; `None` starts it at zero. It has the fans of the parameter declared before it, the
    /// weight that feeds the same outputs.
    ///
    /// # Errors
    /// As [`weight`](Plan::weight).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Shift;
    /// impl<F: Scalar> Layer<F> for Shift {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.bias("shift", shape.clone(), None)?;
    ///         plan.output(shape)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Shift, &[3.into()], 7)?;
    /// assert_eq!(model.values(), [0.0; 3]);
    /// assert_eq!(model.parameters()[0].role(), Role::Bias); // so it does not decay
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn bias(
        &mut self,
        name: &str,
        shape: impl Into<Shape>,
        init: Option<Arc<dyn Init>>,
    ) -> Result<(), Error> {
        let shape = shape.into();
        let weight = self.leaf.params.last().and_then(|&id| self.graph.params.get(id));
        let fans = weight.map_or((shape.size(), shape.size()), |weight| weight.fans);
        let init = init.unwrap_or_else(|| Arc::new(Constant(0.0)));
        self.param(name, Role::Bias, shape, fans, Some(init))
    }

    /// Declares a parameter of any role with stated fans (inputs per output, outputs per input).
    ///
    /// Parameters are lent to `forward` and `backward` in the order in which they are declared.
    ///
    /// # Errors
    /// As [`weight`](Plan::weight).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use std::sync::Arc;
    /// #[derive(Debug)]
    /// struct Gate;
    /// impl<F: Scalar> Layer<F> for Gate {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.param("gain", Role::Norm, shape.clone(), (1, 1), Some(Arc::new(init::Constant(1.0))))?;
    ///         plan.output(shape)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Gate, &[2.into()], 7)?;
    /// assert_eq!(model.get("gain")?, ndarray::array![1.0, 1.0].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn param(
        &mut self,
        name: &str,
        role: Role,
        shape: impl Into<Shape>,
        fans: (usize, usize),
        init: Option<Arc<dyn Init>>,
    ) -> Result<(), Error> {
        let (path, shape) = (join(&self.leaf.path, name), shape.into());
        if self.graph.again {
            let declared = self.graph.params.iter().map(|param| (param.path(), param.shape()));
            self.leaf.params.push(find(&path, &shape, declared)?);
            return Ok(());
        }
        let range = after(self.graph.params.last().map(Parameter::range), &path, &shape)?;
        if let Some(init) = &init {
            init.validate()?;
        }
        self.leaf.params.push(self.graph.params.len());
        self.graph.params.push(Parameter { path, shape, role, range, fans, init });
        Ok(())
    }

    /// Declares layer state that training changes but no gradient does, such as running statistics; it starts at `start` everywhere.
    ///
    /// # Errors
    /// [`Error::Shape`] if it would hold no number or far too many.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Running;
    /// impl<F: Scalar> Layer<F> for Running {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.state("variance", shape.clone(), 1.0)?;
    ///         plan.output(shape)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Running, &[2.into()], 7)?;
    /// assert_eq!((model.states()[0].path(), model.state()), ("variance", &[1.0, 1.0][..]));
    /// assert!(model.parameters().is_empty()); // no gradient changes it
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn state(&mut self, name: &str, shape: impl Into<Shape>, start: f64) -> Result<(), Error> {
        let (path, shape) = (join(&self.leaf.path, name), shape.into());
        if self.graph.again {
            let declared = self.graph.states.iter().map(|state| (state.path(), state.shape()));
            self.leaf.states.push(find(&path, &shape, declared)?);
            return Ok(());
        }
        let range = after(self.graph.states.last().map(StateTensor::range), &path, &shape)?;
        self.leaf.states.push(self.graph.states.len());
        self.graph.states.push(StateTensor { path, shape, range, start });
        Ok(())
    }
}

/// The place of a tensor in a buffer, after the last one before it.
fn after(last: Option<Range<usize>>, path: &str, shape: &Shape) -> Result<Range<usize>, Error> {
    let start = last.map_or(0, |last| last.end);
    let end = start.saturating_add(shape.size());
    if shape.size() == 0 || end > MOST {
        let fix = "make every axis at least 1 and the layer smaller";
        return Err(Error::shape(path, "between 1 and 2^40 numbers", shape.clone(), fix));
    }
    Ok(start..end)
}
