//! The laws of layers, for layers that are wired by hand: the adding up of gradients in the workspace.

use crate::hand_wired::{GivenOutTwice, Graph, ReadAgain, Unused, Wires, Wiring};
use downhill::check::layer;
use downhill::check::layer::LayerUnderTest;

const IDLE: &str = "what nobody reads has no influence";

fn three(wires: impl Wires) -> LayerUnderTest {
    LayerUnderTest::new(Wiring(wires)).takes(|_| vec![3.into()])
}

layer!(read_again, three(ReadAgain));
layer!(given_out_twice, three(GivenOutTwice));
layer!(unused, three(Unused).except("every_parameter_counts", IDLE).except("memory_is_used", IDLE));
layer!(
    any_graph,
    LayerUnderTest::drawn(|pick| Wiring(Graph::drawn(pick)))
        .named("any graph")
        .takes(|_| vec![2.into(), 2.into()])
        .arity(0..)
        .except("every_parameter_counts", IDLE)
        .except("memory_is_used", IDLE)
);
