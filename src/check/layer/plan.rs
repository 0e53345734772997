//! What a plan declares, and what it refuses.

use std::collections::HashSet;
use std::ops::RangeBounds;
use std::sync::Arc;

use super::{Case, LayerUnderTest, Precision, Trial};
use crate::check::{Verdict, broken, ensure, equal, in_both, not_applicable, refused};
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::network::Model;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A layer inside another one, on the first of its inputs, or on some of them more than once.
#[derive(Debug)]
struct Place<F> {
    layer: Arc<dyn Layer<F>>,
    count: usize,
}

/// Where a [`Place`] puts its layer.
const PATH: &str = "outer.inner";

impl<F: Scalar> Layer<F> for Place<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let tensors = plan.tensors();
        let inputs: Vec<_> = tensors.iter().cycle().take(self.count).copied().collect();
        let outputs = plan.layer(PATH, &self.layer, &inputs)?;
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

/// The layer, planned inside another one on this many inputs.
fn placed<F: Precision>(
    subject: &LayerUnderTest,
    case: &Case,
    shapes: &[Shape],
    count: usize,
) -> Result<Model<F>, Error> {
    let missing = || Error::other("the subject", format!("there is no layer in {}", F::NAME));
    let layer = F::layer(subject, case).ok_or_else(missing)?;
    Model::build(Place { layer, count }, shapes, case.seed)
}

/// Inputs of shapes that are listed as impossible are an error of the plan that names the layer's path.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn impossible_inputs_are_refused(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        subject.refused_inputs.iter().try_for_each(|shapes| {
            let what = format!("{} plan for {shapes:?}", F::NAME);
            refused(what, &placed::<F>(subject, case, shapes, shapes.len()), PATH)
        })
    }
    if subject.refused_inputs.is_empty() {
        return not_applicable("no inputs are said to be refused");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Another number of inputs, also none, is an error of the plan that names the layer's path.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn another_number_of_inputs_is_an_error(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let shapes = subject.shapes(case);
        let own = shapes.len();
        let allowed = |count: &usize| match &subject.arity {
            Some(counts) => counts.contains(count),
            None => *count == own,
        };
        for count in (0..=own + 2).filter(|count| !allowed(count)) {
            let what = format!("{} plan for {count} inputs like {shapes:?}", F::NAME);
            refused(what, &placed::<F>(subject, case, &shapes, count), PATH)?;
        }
        Ok(())
    }
    if subject.arity.as_ref().is_some_and(|counts| counts.contains(&0)) {
        return not_applicable("it takes any number of inputs");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Bad settings are refused by the plan, by the name of the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn bad_settings_are_refused(subject: &LayerUnderTest, case: &Case) -> Verdict {
    if subject.refused_settings.is_empty() {
        return not_applicable("no settings are said to be refused");
    }
    let shapes = subject.shapes(case);
    subject.refused_settings.iter().try_for_each(|(layer, field)| {
        let what = format!("f64 plan of {layer:?} for {shapes:?}");
        refused(what, &Model::build(Arc::clone(layer), &shapes, case.seed), field)
    })
}

/// Parameters and state have names, no two the same, which are the same in both precisions and whenever the layer is planned, behind the layer's path.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn paths_are_unique_and_stay(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn paths<F: Precision>(model: &Model<F>) -> Vec<String> {
        let parameters = model.parameters().iter().map(|parameter| parameter.path().to_owned());
        parameters.chain(model.states().iter().map(|state| state.path().to_owned())).collect()
    }
    let first = paths(&Trial::<f64>::new(subject, case)?.model);
    if first.is_empty() {
        return not_applicable("it has neither parameters nor state");
    }
    equal(
        "the paths, planned again",
        paths(&Trial::<f64>::new(subject, case)?.model),
        first.clone(),
    )?;
    equal("the paths in f32", paths(&Trial::<f32>::new(subject, case)?.model), first.clone())?;
    let shapes = subject.shapes(case);
    let inside = match placed::<f64>(subject, case, &shapes, shapes.len()) {
        Ok(model) => paths(&model),
        Err(error) => return broken("the plan inside another layer", "no error", error),
    };
    let want: Vec<String> = first.iter().map(|path| format!("{PATH}.{path}")).collect();
    equal("the paths inside another layer", inside, want)?;
    let named = first.iter().all(|path| path.split('.').all(|name| !name.is_empty()));
    let unique = first.iter().collect::<HashSet<_>>().len() == first.len();
    ensure(named && unique, "the paths", "names, no two the same", format_args!("{first:?}"))
}

/// The outputs have the shapes that the layer claims.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn outputs_have_the_claimed_shapes(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let Some(gives) = &subject.gives else {
        return not_applicable("the shapes of its outputs are not claimed");
    };
    let shapes = subject.shapes(case);
    let want = gives(&mut super::Pick::new(&case.choices), &shapes);
    let (single, double) = (Trial::<f32>::new(subject, case)?, Trial::<f64>::new(subject, case)?);
    equal("the f32 shapes of the outputs", single.model.output_shapes(), want.clone())?;
    equal("the f64 shapes of the outputs", double.model.output_shapes(), want)
}
