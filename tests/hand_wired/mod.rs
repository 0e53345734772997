//! Layers made of layers that are wired by hand: tensors that are read often, once, or never.

use downhill::check::layer::Pick;
use downhill::layer::{
    Backward, Concat, Dense, Forward, Layer, Plan, Product, Shared, Sum, Tanh, Tensor,
};
use downhill::{Error, Scalar};
use std::fmt::Debug;
use std::sync::Arc;

/// Adds layers on some tensors, and gives the tensors that are the outputs.
pub trait Wires: Debug + Send + Sync + 'static {
    fn wire<F: Scalar>(&self, plan: &mut Plan<'_, F>, x: &[Tensor]) -> Result<Vec<Tensor>, Error>;
}

/// The layer of a wiring.
#[derive(Debug)]
pub struct Wiring<W>(pub W);

impl<F: Scalar, W: Wires> Layer<F> for Wiring<W> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.tensors();
        let outputs = self.0.wire(plan, &inputs)?;
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

/// One of the layers that a wiring adds.
fn add<F: Scalar>(
    plan: &mut Plan<'_, F>,
    name: &str,
    layer: impl Layer<F> + 'static,
    inputs: &[Tensor],
) -> Result<Vec<Tensor>, Error> {
    let layer: Arc<dyn Layer<F>> = Arc::new(layer);
    plan.layer(name, &layer, inputs)
}

/// Outputs that are read again by other layers.
#[derive(Debug)]
pub struct ReadAgain;

impl Wires for ReadAgain {
    fn wire<F: Scalar>(&self, plan: &mut Plan<'_, F>, x: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let hidden = add(plan, "a", Dense::new(3), x)?;
        let y = add(plan, "b", Tanh, &hidden)?;
        let z = add(plan, "c", Product, &[y[0], hidden[0], y[0], x[0]])?;
        Ok(vec![hidden[0], z[0], x[0], y[0]])
    }
}

/// Tensors that are given out several times.
#[derive(Debug)]
pub struct GivenOutTwice;

impl Wires for GivenOutTwice {
    fn wire<F: Scalar>(&self, plan: &mut Plan<'_, F>, x: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let y = add(plan, "a", Dense::new(2), x)?;
        Ok(vec![y[0], x[0], y[0], x[0], y[0]])
    }
}

/// Layers whose outputs nobody uses.
#[derive(Debug)]
pub struct Unused;

impl Wires for Unused {
    fn wire<F: Scalar>(&self, plan: &mut Plan<'_, F>, x: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let used = add(plan, "used", Dense::new(2), x)?;
        let unused = add(plan, "unused", Dense::new(2), &used)?;
        add(plan, "further", Product, &[unused[0], unused[0], used[0]])?;
        Ok(used)
    }
}

/// Any graph of layers that take and give two numbers.
#[derive(Debug)]
pub struct Graph {
    /// For each node, what it is and which of the tensors before it reads.
    nodes: Vec<(usize, Vec<usize>)>,
    outputs: Vec<usize>,
}

impl Graph {
    pub fn drawn(pick: &mut Pick<'_>) -> Self {
        let count = pick.size(0..6);
        let outputs = (0..pick.size(1..4)).map(|_| pick.size(0..1_000)).collect();
        let mut node = |_| {
            let kind = pick.size(0..5);
            (kind, (0..pick.size(1..4)).map(|_| pick.size(0..1_000)).collect())
        };
        Self { nodes: (0..count).map(&mut node).collect(), outputs }
    }
}

impl Wires for Graph {
    fn wire<F: Scalar>(&self, plan: &mut Plan<'_, F>, x: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let shared = Shared::new(Dense::new(2));
        let mut tensors = x.to_vec();
        for (i, (kind, reads)) in self.nodes.iter().enumerate() {
            let reads: Vec<Tensor> = reads.iter().map(|&i| tensors[i % tensors.len()]).collect();
            let name = i.to_string();
            let made = match kind {
                0 => add(plan, &name, Sum, &reads)?,
                1 => {
                    let product = add(plan, &name, Product, &reads)?;
                    add(plan, &format!("{name}.tanh"), Tanh, &product)?
                }
                2 => add(plan, &name, Dense::new(2), &reads[..1])?,
                3 => add(plan, &name, shared.clone(), &reads[..1])?,
                _ => {
                    let wide = add(plan, &name, Concat::default(), &reads)?;
                    add(plan, &format!("{name}.dense"), Dense::new(2), &wide)?
                }
            };
            tensors.extend(made);
        }
        Ok(self.outputs.iter().map(|&i| tensors[i % tensors.len()]).collect())
    }
}
