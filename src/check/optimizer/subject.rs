//! The optimizer under test, and what its author says about it.

use std::sync::Arc;

use super::claims::{Claims, Reference, Solves};
use crate::check::{Exception, Subject, Unmet};
use crate::optim::Optimizer;
use crate::scalar::Scalar;

/// An optimizer in both precisions, or in one of them, with what its author says about it.
///
/// Any rule is one ([`Into`]); the methods add what the kit cannot know. A claim turns on the law that checks it.
///
/// ```
/// use downhill::check::{Cases, optimizer::{OptimizerUnderTest, report_on}};
/// use downhill::optim::Lion;
///
/// let lion = OptimizerUnderTest::new(Lion::default())
///     .named("lion")
///     .step_bounded(1.0)
///     .refuses(Lion { beta1: 1.0, ..Lion::default() }, "beta1");
/// report_on(lion, &Cases::fixed(4)).assert();
/// ```
#[derive(Clone, Debug)]
pub struct OptimizerUnderTest {
    name: Option<String>,
    single: Option<Arc<dyn Optimizer<f32>>>,
    double: Option<Arc<dyn Optimizer<f64>>>,
    pub(super) claims: Claims,
    exceptions: Vec<Exception>,
}

impl OptimizerUnderTest {
    /// This rule, in both precisions.
    pub fn new<O: Optimizer<f32> + Optimizer<f64> + 'static>(rule: O) -> Self {
        let rule = Arc::new(rule);
        Self::of(Some(rule.clone()), Some(rule))
    }

    /// This rule, which is one for single precision alone.
    ///
    /// Laws are then tried in that precision, and those that are about formulas or about both precisions do not apply.
    ///
    /// ```
    /// use downhill::check::{Cases, optimizer::{OptimizerUnderTest, report_on}};
    /// use downhill::optim::{Block, Optimizer, Tick};
    ///
    /// /// Rounds its gradient to sixteen bits, as some hardware does.
    /// #[derive(Debug)]
    /// struct Short;
    ///
    /// impl Optimizer<f32> for Short {
    ///     fn learning_rate(&self) -> f64 {
    ///         0.01
    ///     }
    ///
    ///     fn update(&self, tick: &Tick, block: Block<'_, f32>) {
    ///         for (w, g) in block.weights.iter_mut().zip(block.gradient) {
    ///             *w -= tick.learning_rate as f32 * f32::from_bits(g.to_bits() & 0xffff_0000);
    ///         }
    ///     }
    /// }
    ///
    /// let short = OptimizerUnderTest::single(Short).gradients_up_to(1e30);
    /// report_on(short, &Cases::fixed(4)).assert();
    /// ```
    pub fn single(rule: impl Optimizer<f32> + 'static) -> Self {
        Self::of(Some(Arc::new(rule)), None)
    }

    /// This rule, which is one for double precision alone; as [`single`](Self::single).
    ///
    /// ```
    /// use downhill::check::{Cases, optimizer::{OptimizerUnderTest, report_on}};
    /// use downhill::optim::{Adam, Block, Optimizer, Slot, Tick};
    ///
    /// /// Adam for physics.
    /// #[derive(Debug)]
    /// struct Precise(Adam);
    ///
    /// impl Optimizer<f64> for Precise {
    ///     fn learning_rate(&self) -> f64 {
    ///         self.0.learning_rate
    ///     }
    ///
    ///     fn slots(&self) -> Vec<Slot> {
    ///         Optimizer::<f64>::slots(&self.0)
    ///     }
    ///
    ///     fn update(&self, tick: &Tick, block: Block<'_, f64>) {
    ///         self.0.update(tick, block);
    ///     }
    /// }
    ///
    /// report_on(OptimizerUnderTest::double(Precise(Adam::default())), &Cases::fixed(4)).assert();
    /// ```
    pub fn double(rule: impl Optimizer<f64> + 'static) -> Self {
        Self::of(None, Some(Arc::new(rule)))
    }

    fn of(
        single: Option<Arc<dyn Optimizer<f32>>>,
        double: Option<Arc<dyn Optimizer<f64>>>,
    ) -> Self {
        Self { name: None, single, double, claims: Claims::default(), exceptions: Vec::new() }
    }

    /// The same, called this in messages; the rule's settings if nothing is said.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same, known to break this law for this reason.
    #[must_use]
    pub fn except(mut self, law: &str, reason: &str) -> Self {
        self.exceptions.push(Exception::new(law, reason));
        self
    }

    /// It looks at all parameters at once, as for a norm over the whole model. Then tensors do act on each other, and their order may change
    /// the last bits.
    #[must_use]
    pub fn whole_model(mut self) -> Self {
        self.claims.whole_model = true;
        self
    }

    /// Its numbers are finite for gradients up to this magnitude; 1e38 if nothing is said.
    #[must_use]
    pub fn gradients_up_to(mut self, largest: f64) -> Self {
        self.claims.largest_gradient = largest;
        self
    }

    /// A momentum schedule acts on it.
    #[must_use]
    pub fn follows_momentum(mut self) -> Self {
        self.claims.follows_momentum = true;
        self
    }

    /// In one step no number moves by more than `factor` times the learning rate.
    #[must_use]
    pub fn step_bounded(mut self, factor: f64) -> Self {
        self.claims.step_bound = Some(factor);
        self
    }

    /// A step is in proportion to the learning rate.
    #[must_use]
    pub fn linear_in_rate(mut self) -> Self {
        self.claims.linear_in_rate = true;
        self
    }

    /// Gradients that are all multiplied by one number lead to the same steps.
    #[must_use]
    pub fn scale_invariant(mut self) -> Self {
        self.claims.scale_invariant = true;
        self
    }

    /// Steps depend on the gradients and not on the weights.
    #[must_use]
    pub fn translation_invariant(mut self) -> Self {
        self.claims.translation_invariant = true;
        self
    }

    /// The elements of a tensor are treated alike, wherever they stand. Rules of [`Grain::Element`](crate::optim::Grain::Element) have to, without a claim.
    #[must_use]
    pub fn permutation_invariant(mut self) -> Self {
        self.claims.permutation_invariant = true;
        self
    }

    /// Gradients that are turned in space lead to steps that are turned likewise.
    #[must_use]
    pub fn rotation_invariant(mut self) -> Self {
        self.claims.rotation_invariant = true;
        self
    }

    /// Gradients of the opposite sign lead to the opposite steps.
    #[must_use]
    pub fn mirror_invariant(mut self) -> Self {
        self.claims.mirror_invariant = true;
        self
    }

    /// It agrees with this naive reference: the weights of one tensor, to move along these gradients one after the other at this rate.
    ///
    /// ```
    /// use downhill::check::{Cases, optimizer::{OptimizerUnderTest, report_on}};
    /// use downhill::optim::Sgd;
    ///
    /// let sgd = OptimizerUnderTest::new(Sgd::default()).reference(|weights, gradients, rate| {
    ///     for gradient in gradients {
    ///         for (w, g) in weights.iter_mut().zip(gradient) {
    ///             *w -= rate * g;
    ///         }
    ///     }
    /// });
    /// report_on(sgd.gradients_up_to(1e30), &Cases::fixed(4)).assert();
    /// ```
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.claims.reference = Some(reference);
        self
    }

    /// On the [problem](crate::check::problems) of this name, at this rate, it brings the value to within `gap` of the optimum in this many steps.
    #[must_use]
    pub fn solves(mut self, problem: &str, rate: f64, steps: u64, gap: f64) -> Self {
        self.claims.solves.push(Solves { problem: problem.to_owned(), rate, steps, gap });
        self
    }

    /// Its `validate` refuses the settings of `rule`, with a message that names `field`.
    #[must_use]
    pub fn refuses(mut self, rule: impl Into<Self>, field: &str) -> Self {
        self.claims.refuses.push((rule.into(), field.to_owned()));
        self
    }
}

impl<O: Optimizer<f32> + Optimizer<f64> + 'static> From<O> for OptimizerUnderTest {
    fn from(rule: O) -> Self {
        Self::new(rule)
    }
}

impl Subject for OptimizerUnderTest {
    fn title(&self) -> String {
        let settings = match (&self.double, &self.single) {
            (Some(rule), _) => format!("{rule:?}"),
            (None, rule) => rule.as_ref().map_or_else(String::new, |rule| format!("{rule:?}")),
        };
        self.name.clone().unwrap_or(settings)
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// A precision of the subject: laws are written once, for any `F`, and tried in both.
pub(super) trait Precision: Scalar {
    /// The subject's rule in this precision; no law applies where there is none.
    fn rule(subject: &OptimizerUnderTest) -> Result<&dyn Optimizer<Self>, Unmet>;
}

impl Precision for f32 {
    fn rule(subject: &OptimizerUnderTest) -> Result<&dyn Optimizer<Self>, Unmet> {
        subject.single.as_deref().ok_or_else(none::<Self>)
    }
}

impl Precision for f64 {
    fn rule(subject: &OptimizerUnderTest) -> Result<&dyn Optimizer<Self>, Unmet> {
        subject.double.as_deref().ok_or_else(none::<Self>)
    }
}

fn none<F: Scalar>() -> Unmet {
    Unmet::NotApplicable(format!("it is no rule for {}", F::NAME))
}
