//! The laws of all kits in one list.

use super::{
    Law, augment, clip, constraint, init, layer, loss, metric, observer, optimizer, regularizer,
    schedule, source, trainer,
};

/// A law of any kit, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The trait that it is a law of.
    pub of: &'static str,
    /// Its name.
    pub law: &'static str,
    /// The law in a sentence.
    pub says: &'static str,
}

/// The laws of all kits.
///
/// ```
/// let all = downhill::check::all();
/// assert!(all.iter().any(|entry| entry.of == "Optimizer"));
/// ```
pub fn all() -> Vec<Entry> {
    // One line for each kit.
    [
        entries("Optimizer", optimizer::LAWS),
        entries("Layer", layer::LAWS),
        entries("Loss", loss::LAWS),
        entries("Regularizer", regularizer::LAWS),
        entries("Constraint", constraint::LAWS),
        entries("Clip", clip::LAWS),
        entries("Augmentation", augment::LAWS),
        entries("Schedule", schedule::LAWS),
        entries("Init", init::LAWS),
        entries("Metric", metric::LAWS),
        entries("Trainer", trainer::laws::<f64>()),
        entries("Source", source::laws::<f64>()),
        entries("Observer", observer::laws::<f64>()),
    ]
    .concat()
}

fn entries<S: ?Sized, C>(of: &'static str, laws: &[Law<S, C>]) -> Vec<Entry> {
    laws.iter().map(|law| Entry { of, law: law.name, says: law.says }).collect()
}
