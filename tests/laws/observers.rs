//! The laws of observers, for those of the crate and for some of a user's own.

use downhill::check::observer;
use downhill::check::observer::ObserverUnderTest;
use downhill::prelude::*;

fn plateau(rule: Plateau) -> ObserverUnderTest<f64> {
    let bad = ReduceOnPlateau::new(Plateau { factor: 1.5, ..rule });
    ObserverUnderTest::new(move || ReduceOnPlateau::new(rule))
        .scales(rule.min_scale, 1.0)
        .refuses(bad, "factor")
}

/// Ends the run when a metric is small enough.
struct GoodEnough {
    metric: &'static str,
    limit: f64,
}

impl<F> Observer<F> for GoodEnough {
    fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, F>) {
        if let Event::Epoch(record) = event
            && record.deciding().metric(self.metric).is_ok_and(|value| value < self.limit)
        {
            control.stop();
        }
    }
}

/// Ends the run when the last three losses are no better than what came before them.
fn no_better(event: &Event<'_>, control: &mut Control<'_, f32>) {
    let Event::Epoch(_) = event else { return };
    let losses: Vec<f64> =
        control.history().epochs.iter().map(|epoch| epoch.deciding().loss).collect();
    let (before, last) = losses.split_at(losses.len().saturating_sub(3));
    let best = |losses: &[f64]| losses.iter().copied().fold(f64::INFINITY, f64::min);
    if best(last) >= best(before) {
        control.stop();
    }
}

observer!(impatient, plateau(Plateau { patience: 0, factor: 0.5, ..Plateau::default() }));
observer!(
    patient,
    plateau(Plateau { patience: 2, cooldown: 1, min_scale: 0.05, ..Plateau::default() })
);
observer!(plateau_of_a_metric, {
    let rule = Plateau { patience: 1, factor: 0.3, ..Plateau::default() };
    ObserverUnderTest::<f32>::new(move || ReduceOnPlateau::new(rule).watching("rmse"))
        .scales(0.0, 1.0)
});
#[cfg(feature = "progress")]
observer!(progress_bar, ObserverUnderTest::<f32>::new(progress));
observer!(closure_that_collects, || {
    let mut losses = Vec::new();
    move |event: &Event<'_>, _: &mut Control<'_, f64>| {
        if let Event::Step(record) = event {
            losses.push(record.loss);
        }
    }
});
observer!(closure_that_stops, ObserverUnderTest::new(|| no_better).stops());
observer!(good_enough, {
    ObserverUnderTest::<f64>::new(|| GoodEnough { metric: "loss", limit: 0.7 }).stops()
});
observer!(good_enough_by_a_metric, {
    ObserverUnderTest::<f32>::new(|| GoodEnough { metric: "rmse", limit: 0.8 }).stops()
});
