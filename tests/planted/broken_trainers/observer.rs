//! The observer.

use std::sync::Arc;
use std::time::SystemTime;

use downhill::train::{Control, Event};

use super::Count;

/// Sets the rate, if there is a bug to set it by.
pub fn observer(
    bug: &'static str,
    shared: Arc<Count>,
) -> impl FnMut(&Event<'_>, &mut Control<'_, f64>) {
    let mut count = 0;
    move |event, control| {
        let half = control.learning_rate_scale() / 2.0;
        match (bug, event) {
            ("the warm-up begins anew at each start", Event::Started { .. }) => count = 0,
            ("the warm-up begins anew at each start", Event::Step(_)) => {
                count += 1;
                control.set_learning_rate_scale(f64::from(count) / 100.0);
            }
            ("the rate is halved at each start", Event::Started { .. })
            | ("the rate is halved at each end", Event::Finished(_)) => {
                control.set_learning_rate_scale(half);
            }
            ("the rate is halved by each event", _) => control.set_learning_rate_scale(half),
            ("the observer counts epochs", Event::Epoch(_)) => {
                count += 1;
                if count % 2 == 0 {
                    control.set_learning_rate_scale(half);
                }
            }
            ("the rate follows the clock", Event::Step(_)) => {
                let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
                control.set_learning_rate_scale(1e-9 * f64::from(since.subsec_nanos()));
            }
            ("all trainers share a count", Event::Step(_)) => {
                control.set_learning_rate_scale(1.0 / (1.0 + shared.next()));
            }
            _ => {}
        }
    }
}
