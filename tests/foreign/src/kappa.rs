use downhill::data::{Target, TargetKind};
use downhill::metric::{Metric, MetricPass, Tally};
use downhill::{Error, Goal, Scalar, Shape};

/// Cohen's kappa: how much better answers and targets agree than by chance, (pₒ − pₑ) / (1 − pₑ); 0 if all are of one class.
///
/// Takes a score for each of `classes` classes, and one class index per sample.
#[derive(Clone, Debug)]
pub struct CohenKappa {
    pub classes: usize,
}

impl<F: Scalar> Metric<F> for CohenKappa {
    fn name(&self) -> String {
        "cohen_kappa".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let place = "cohen_kappa";
        if self.classes < 2 {
            return Err(Error::argument("classes", self.classes, "2 or more"));
        }
        let [output] = outputs else {
            return Err(Error::arity(place, 1, outputs.len()));
        };
        if output.axes() != [self.classes] {
            let expected = format!("[{}]", self.classes);
            return Err(Error::shape(
                place,
                expected,
                output.clone(),
                "set `classes` to the outputs",
            ));
        }
        match targets {
            TargetKind::Classes(shape) if shape.is_empty() => Ok(()),
            other => {
                Err(Error::target_kind(place, "one class index per sample", other.to_string()))
            }
        }
    }

    /// The confusion matrix, a row for each target; and one more number, which becomes NaN with the outputs.
    fn start(&self) -> Tally {
        vec![0.0; self.classes * self.classes + 1]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        let Target::Classes(targets) = pass.targets else {
            let got = pass.targets.kind().to_string();
            return Err(Error::target_kind("cohen_kappa", "class indices", got));
        };
        for (sample, (row, &target)) in pass.outputs.one().rows().zip(targets.labels()).enumerate()
        {
            if target >= self.classes {
                let expected = format!("a class below {}", self.classes);
                return Err(Error::target("cohen_kappa", sample, target, expected));
            }
            let weight = pass.weight(sample);
            if weight == 0.0 {
                continue;
            }
            if row.iter().any(|y| y.is_nan()) {
                tally[self.classes * self.classes] = f64::NAN;
            }
            let mut answer = 0;
            for (class, y) in row.iter().enumerate() {
                if *y > row[answer] {
                    answer = class;
                }
            }
            tally[target * self.classes + answer] += weight;
        }
        Ok(())
    }

    fn value(&self, tally: &Tally) -> f64 {
        let n = self.classes;
        let all: f64 = tally.iter().sum();
        let row = |i: usize| (0..n).map(|j| tally[i * n + j] / all).sum::<f64>();
        let column = |j: usize| (0..n).map(|i| tally[i * n + j] / all).sum::<f64>();
        let observed: f64 = (0..n).map(|i| tally[i * n + i] / all).sum();
        let chance: f64 = (0..n).map(|i| row(i) * column(i)).sum();
        if 1.0 - chance < 1e-15 { 0.0 } else { (observed - chance) / (1.0 - chance) }
    }
}
