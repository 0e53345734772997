//! A layer's plan becomes a part of the graph.

use std::sync::Arc;

use super::Plan;
use crate::error::Error;
use crate::layer::Layer;
use crate::layer::graph::{Graph, MOST, Op, Tensor};
use crate::scalar::Scalar;

impl<F: Scalar> Graph<F> {
    /// Plans `layer` at `path` on `inputs` and returns its outputs.
    pub fn add(
        &mut self,
        path: String,
        layer: &Arc<dyn Layer<F>>,
        inputs: &[Tensor],
    ) -> Result<Vec<Tensor>, Error> {
        if inputs.iter().any(|tensor| tensor.0 >= self.tensors.len()) {
            return Err(Error::other(path, "an input is a tensor of another model"));
        }
        let mut plan = Plan {
            graph: self,
            inputs,
            leaf: Op {
                path,
                layer: Arc::clone(layer),
                inputs: inputs.iter().map(|tensor| tensor.0).collect(),
                outputs: Vec::new(),
                params: Vec::new(),
                factors: Vec::new(),
                states: Vec::new(),
                saved: Vec::new(),
                scratch: Vec::new(),
                scratch_once: Vec::new(),
                place: 0,
                in_place: false,
                rereads: true,
                mixes_samples: false,
            },
            passed_on: None,
        };
        if let Err(error) = layer.plan(&mut plan) {
            return Err(error.at_layer(&plan.leaf.path));
        }
        let Plan { leaf, passed_on, .. } = plan;
        if let Some(outputs) = passed_on {
            return match outputs.iter().all(|tensor| tensor.0 < self.tensors.len()) {
                _ if outputs.is_empty() => {
                    Err(Error::other(&leaf.path, "the layer's plan passes no output on"))
                }
                true => Ok(outputs),
                false => Err(Error::other(&leaf.path, "an output is a tensor of another model")),
            };
        }
        if leaf.outputs.is_empty() {
            return Err(Error::other(&leaf.path, "the layer's plan declares no output"));
        }
        let memory = leaf.saved.iter().chain(&leaf.scratch).chain(&leaf.scratch_once);
        if let Some(shape) = memory.into_iter().find(|shape| shape.size() > MOST) {
            let fix = "use a smaller layer or a smaller input";
            return Err(Error::shape(
                &leaf.path,
                "memory of 2^40 numbers at most",
                shape.clone(),
                fix,
            ));
        }
        let outputs = leaf.outputs.iter().map(|&id| Tensor(id)).collect();
        let place = self.ops.iter().filter(|op| op.path == leaf.path).count() as u64;
        self.ops.push(Op { place, ..leaf });
        Ok(outputs)
    }

    /// Plans `layer` at `path`, or again where it was planned first: parameters and state are found by their paths.
    pub(super) fn add_shared(
        &mut self,
        path: String,
        layer: &Arc<dyn Layer<F>>,
        inputs: &[Tensor],
    ) -> Result<Vec<Tensor>, Error> {
        let Some(path) = self.place_of(layer).map(str::to_owned) else {
            self.shared.push((Arc::clone(layer), path.clone()));
            return self.add(path, layer, inputs);
        };
        let before = std::mem::replace(&mut self.again, true);
        let outputs = self.add(path, layer, inputs);
        self.again = before;
        outputs
    }
}
