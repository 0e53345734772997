//! A model as a table.

use std::fmt;

use super::Model;
use crate::params::Role;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A model as a table: one line for each layer and each of its parameters, with output shapes, roles, and what decays.
///
/// ```
/// use downhill::{Model, layer::{Chain, Dense, Relu}};
/// let model: Model<f32> = Model::build(
///     Chain::new().then(Dense::new(16)).then(Relu).then(Dense::new(10)),
///     &[64.into()],
///     7,
/// )?;
/// let table = model.summary().to_string();
/// assert!(table.contains("0.dense"));
/// assert_eq!(model.summary().parameters(), 64 * 16 + 16 + 16 * 10 + 10);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Summary {
    inputs: Vec<Shape>,
    layers: Vec<LayerLine>,
    frozen: Vec<String>,
    total: usize,
}

#[derive(Clone, Debug)]
struct LayerLine {
    path: String,
    outputs: Vec<Shape>,
    parameters: Vec<ParameterLine>,
}

#[derive(Clone, Debug)]
struct ParameterLine {
    path: String,
    shape: Shape,
    role: Role,
    decays: bool,
}

impl Summary {
    pub(crate) fn of<F: Scalar>(model: &Model<F>) -> Self {
        let parameter = |&id: &usize| {
            let parameter = &model.parameters()[id];
            ParameterLine {
                path: parameter.path.clone(),
                shape: parameter.shape.clone(),
                role: parameter.role,
                decays: parameter.role.decays(),
            }
        };
        let layers = model.layout.ops.iter().map(|op| LayerLine {
            path: op.path.clone(),
            outputs: op.outputs.iter().map(|&id| model.layout.tensors[id].clone()).collect(),
            parameters: op.params.iter().map(parameter).collect(),
        });
        Self {
            inputs: model.input_shapes(),
            layers: layers.collect(),
            frozen: Vec::new(),
            total: model.values().len(),
        }
    }

    /// Says for each parameter, in order, whether it decays and whether it is frozen.
    pub(crate) fn mark(
        mut self,
        decays: impl Fn(&str) -> bool,
        frozen: impl Fn(&str) -> bool,
    ) -> Self {
        for line in self.layers.iter_mut().flat_map(|layer| &mut layer.parameters) {
            line.decays = decays(&line.path);
            if frozen(&line.path) {
                self.frozen.push(line.path.clone());
            }
        }
        self
    }

    /// How many numbers are trained or could be: the sum over all parameters, where those of a shared layer count once.
    pub fn parameters(&self) -> usize {
        self.total
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![["layer", "output", "parameters", "role", "decay"].map(str::to_owned)];
        let shapes =
            |shapes: &[Shape]| shapes.iter().map(Shape::to_string).collect::<Vec<_>>().join(" ");
        rows.push([
            "input".into(),
            shapes(&self.inputs),
            String::new(),
            String::new(),
            String::new(),
        ]);
        for layer in &self.layers {
            let count: usize = layer.parameters.iter().map(|line| line.shape.size()).sum();
            rows.push([
                layer.path.clone(),
                shapes(&layer.outputs),
                count.to_string(),
                String::new(),
                String::new(),
            ]);
            for line in &layer.parameters {
                let name = line.path.strip_prefix(layer.path.as_str()).unwrap_or(&line.path);
                let frozen = if self.frozen.contains(&line.path) { " (frozen)" } else { "" };
                rows.push([
                    format!("  {}{frozen}", name.trim_start_matches('.')),
                    String::new(),
                    format!("{} = {}", line.shape, line.shape.size()),
                    line.role.to_string(),
                    if line.decays { "yes" } else { "no" }.to_owned(),
                ]);
            }
        }
        let widths: Vec<usize> = (0..5)
            .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
            .collect();
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        write!(f, "total: {} parameters", self.parameters())
    }
}
