//! Weights that a layer multiplies by.

use super::Plan;
use crate::layer::factors::Factor;
use crate::scalar::Scalar;

impl<F: Scalar> Plan<'_, F> {
    /// Says that the layer multiplies by the weight it declared last as B = Wᵀ, so many of its rows at a time: a [`Predictor`](crate::Predictor) may keep
    /// copies of them as the product reads them.
    pub(crate) fn multiplies_by(&mut self, rows: usize) {
        let Some(&param) = self.leaf.params.last() else { return };
        let shape = &self.graph.params[param].shape;
        let (&all, columns) = match shape.split_first() {
            Some((all, rest)) => (all, rest.iter().product::<usize>()),
            None => return,
        };
        for first in (0..all).step_by(rows.max(1)) {
            let factor = Factor {
                param,
                start: first * columns,
                rows: rows.min(all - first),
                columns,
                place: self.graph.copied,
            };
            // A shared weight is copied once.
            let mut earlier = self.graph.ops.iter().flat_map(|op| &op.factors);
            let same = earlier.find(|old| Factor { place: old.place, ..factor } == **old).copied();
            if same.is_none() {
                self.graph.copied = self.graph.copied.saturating_add(factor.length());
            }
            self.leaf.factors.push(same.unwrap_or(factor));
        }
    }
}
