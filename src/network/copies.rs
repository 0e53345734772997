//! Copies of a model's weights as the product reads them, for a model in use.

use super::Model;
use super::layout::Layout;
use crate::buffer::reserve;
use crate::scalar::Scalar;

/// The copies of the weights that came last, if they came twice.
///
/// To copy weights takes a little longer than to multiply one sample by them, and a product with the copies takes half as long; so weights that change
/// after each batch are not copied.
#[derive(Debug)]
pub(super) struct WeightCopies<F> {
    values: Vec<F>,
    /// The edition of the weights that came last.
    seen: Option<usize>,
    /// The edition that was copied.
    copied: Option<usize>,
}

impl<F: Scalar> WeightCopies<F> {
    pub fn new() -> Self {
        Self { values: Vec::new(), seen: None, copied: None }
    }

    /// The copies of the weights of `model`; nothing if they come for the first time and are used only `once` now, if there is no memory for copies, or if
    /// products of these numbers read none.
    pub fn of(&mut self, model: &Model<F>, once: bool) -> &[F] {
        let edition = Some(model.edition());
        let again = std::mem::replace(&mut self.seen, edition) == edition;
        if self.copied == edition {
            return &self.values;
        }
        // Room comes with the first batch, so that no later one allocates; it costs nothing until it is used.
        let room = reserve(&mut self.values, model.layout.copied, "the copies of weights");
        if room.is_ok() && (again || !once) && self.copy(model) {
            self.copied = edition;
            return &self.values;
        }
        &[]
    }

    /// Copies the weights; false if products read no copies.
    fn copy(&mut self, model: &Model<F>) -> bool {
        self.copied = None;
        let Layout { ops, parameters, copied, .. } = &*model.layout;
        // There is room for them.
        self.values.resize(*copied, F::zero());
        ops.iter().flat_map(|op| &op.factors).all(|factor| {
            let parameter = &parameters[factor.param];
            factor.copy(&model.values()[parameter.range()], &mut self.values)
        })
    }
}
