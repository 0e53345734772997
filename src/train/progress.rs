//! A progress bar.

use std::fmt::Write;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Control, EpochRecord, Event, Observer};

/// Shows how far a run has come, on the standard error: a bar on a terminal, one plain line for each epoch anywhere else.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).observer(progress()).build(&[1])?;
/// let run = trainer.fit(&data, Fit::epochs(3))?;
/// assert_eq!(run.reason, StopReason::Completed);
/// # Ok::<(), Error>(())
/// ```
pub fn progress() -> Progress {
    Progress { bar: None }
}

/// The observer that [`progress`] makes.
///
/// ```
/// use downhill::{prelude::*, train::Progress};
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
/// let bar: Progress = progress();
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).observer(bar).build(&[1])?;
/// assert_eq!(trainer.fit(&data, Fit::epochs(2))?.epochs, 2); // two lines on the standard error
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }
}

impl<F> Observer<F> for Progress {
    fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, F>) {
        match event {
            Event::Started { last_step, .. } if std::io::stderr().is_terminal() => {
                let done = control.history().steps.len() as u64;
                let bar = ProgressBar::new(last_step.max(&done).to_owned()).with_position(done);
                let template = "{wide_bar} step {pos} of {len}, {eta} left, {msg}";
                bar.set_style(
                    ProgressStyle::with_template(template)
                        .unwrap_or_else(|_| ProgressStyle::default_bar()),
                );
                self.bar = Some(bar);
            }
            Event::Step(record) => {
                if let Some(bar) = &self.bar {
                    bar.set_position(record.step + 1);
                    bar.set_message(format!("loss {:.4}", record.loss));
                }
            }
            Event::Epoch(record) => self.say(&line(record)),
            Event::Warning(text) => self.say(&format!("warning: {text}")),
            Event::Finished(_) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }
}

/// One epoch in one line.
fn line(record: &EpochRecord) -> String {
    let mut line = format!("epoch {}: loss {:.4}", record.epoch, record.training.loss);
    let mut add = |prefix: &str, name: &str, value: f64| {
        // Writing to a string cannot fail.
        let _ = write!(line, ", {prefix}{name} {value:.4}");
    };
    match &record.validation {
        Some(validation) => {
            add("validation ", "loss", validation.loss);
            validation.metrics.iter().for_each(|(name, value)| add("validation ", name, *value));
        }
        None => record.training.metrics.iter().for_each(|(name, value)| add("", name, *value)),
    }
    line
}
