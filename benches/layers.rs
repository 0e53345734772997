//! The speed of layers by themselves, forward and back, beside the limits of the machine.
//!
//! `cargo bench --bench layers` prints milliseconds for a batch of 64 on one thread, and what they are in GFLOP/s (layers of products) or GB/s (all
//! others, as if each tensor were read or written once). The way back is measured for the parameters alone, and for parameters and input. `cargo bench
//! --bench limits` says what the machine can do. `cargo bench --bench layers -- threads` uses all threads.

mod clock;

use clock::time;
use downhill::Parallel;
use downhill::network::Draw;
use downhill::prelude::*;

const BATCH: usize = 64;

/// What a pass of one sample is measured by.
#[derive(Clone, Copy)]
enum Work {
    /// Multiplications and additions of the way forward; the gradients for the input and for the parameters take as many again.
    Products(usize),
    /// Numbers that are read or written on the way forward, and back, for each number of the input.
    Numbers(f64, f64),
}

fn main() {
    let threads = std::env::args().any(|argument| argument == "threads");
    let parallel = if threads { Parallel::On } else { Parallel::Off };
    println!("{:>24} {:>21} {:>21} {:>21}", "f32", "forward", "back, parameters", "back, both");
    parallel.join(|| table(parallel), || ());
}

fn table(parallel: Parallel) {
    for (inputs, outputs, side) in [(1, 32, 28), (3, 32, 32), (32, 64, 16), (64, 128, 8)] {
        let work = Work::Products(2 * 9 * inputs * outputs * side * side);
        let layer = Conv2d::new(outputs, 3).padding(1);
        let name = format!("Conv2d 3x3, {inputs} to {outputs}");
        row(&name, layer, &[inputs, side, side], work, parallel);
    }
    let products = Work::Products(2 * 784 * 512);
    row("Dense, 784 to 512", Dense::new(512), &[784], products, parallel);
    let image = [32, 32, 32];
    let numbers = Work::Numbers;
    row("MaxPool2d 2x2", MaxPool2d::new(2), &image, numbers(1.5, 1.5), parallel);
    row("MaxPool2d 3x3", MaxPool2d::new(3), &image, numbers(1.1, 2.2), parallel);
    row("AvgPool2d 2x2", AvgPool2d::new(2), &image, numbers(1.25, 1.25), parallel);
    row("BatchNorm", BatchNorm::default(), &image, numbers(3.0, 5.0), parallel);
    row("LayerNorm of 128", LayerNorm::default(), &[64, 128], numbers(3.0, 3.0), parallel);
    row("Relu", Relu, &image, numbers(2.0, 3.0), parallel);
    row("Tanh", Tanh, &image, numbers(2.0, 3.0), parallel);
    row("Sigmoid", Sigmoid, &image, numbers(2.0, 3.0), parallel);
    row("Gelu", Gelu::Exact, &image, numbers(2.0, 3.0), parallel);
    row("Softmax of 1000", Softmax::default(), &[1000], numbers(2.0, 3.0), parallel);
    row("LogSoftmax of 1000", LogSoftmax::default(), &[1000], numbers(2.0, 3.0), parallel);
}

fn row(
    name: &str,
    layer: impl Layer<f32> + 'static,
    sample: &[usize],
    work: Work,
    parallel: Parallel,
) {
    let model: Model<f32> = Model::build(layer, &[sample.to_vec().into()], 7).unwrap();
    let draw = Draw::new(7, 0).parallel(parallel);
    let (forward, parameters) = measure(&model, Workspace::new(&model), draw);
    let (_, both) = measure(&model, Workspace::new(&model).with_input_gradients(), draw);
    let has_parameters = !model.values().is_empty();
    let speed = |seconds: f64, forward: bool, passes: f64| {
        let (each, unit) = match work {
            Work::Products(products) => (passes * products as f64, "GFLOP/s"),
            Work::Numbers(ahead, back) => {
                let size: usize = sample.iter().product();
                (4.0 * size as f64 * if forward { ahead } else { back }, "GB/s")
            }
        };
        format!("{:.3} ms {:>4.0} {unit:<7}", 1e3 * seconds, 1e-9 * BATCH as f64 * each / seconds)
    };
    let parameters = match work {
        Work::Products(_) => speed(parameters, false, 1.0),
        Work::Numbers(..) if has_parameters => format!("{:.3} ms{:13}", 1e3 * parameters, ""),
        Work::Numbers(..) => String::new(),
    };
    let (forward, both) = (speed(forward, true, 1.0), speed(both, false, 2.0));
    println!("{name:>24} {forward:>21} {parameters:>21} {both:>21}");
}

/// Seconds of the way forward and back.
fn measure(model: &Model<f32>, mut space: Workspace<f32>, draw: Draw) -> (f64, f64) {
    let mut model = model.clone();
    let mut gradient = vec![0.0; model.values().len()];
    let input = space.input(0, BATCH).unwrap();
    input.iter_mut().enumerate().for_each(|(i, x)| *x = (i as f32 * 0.7).sin());
    let forward = time(|| space.train(&mut model, BATCH, draw).unwrap());
    let (_, mut gradients) = space.output_gradients().unwrap();
    let dy = gradients.one().into_values().iter_mut();
    dy.enumerate().for_each(|(i, dy)| *dy = (i as f32 * 0.3).cos());
    let back = time(|| space.backward(&model, &mut gradient, draw).unwrap());
    (forward, back)
}
