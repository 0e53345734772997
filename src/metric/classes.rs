//! How well each class is found.

use super::places;
use super::{Metric, MetricPass, Tally};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// How the values of several classes become one.
///
/// ```
/// use downhill::metric::{self, Average, Recall};
/// use ndarray::array;
/// // Three samples of class 0, all found; one of class 1, not found.
/// let scores = array![[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]].into_dyn();
/// let recall = |average| metric::measure(&Recall { average }, &[scores.clone()], vec![0, 0, 0, 1], None);
/// assert_eq!(recall(Average::Macro)?, 0.5);
/// assert_eq!(recall(Average::Micro)?, 0.75);
/// assert_eq!(recall(Average::Weighted)?, 0.75);
/// assert_eq!(recall(Average::Binary { positive: 1 })?, 0.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Average {
    /// The mean over all classes, seen or not.
    #[default]
    Macro,
    /// Of the counts of all classes together.
    Micro,
    /// The mean over classes, each weighted by how often it is the target.
    Weighted,
    /// One class alone.
    Binary {
        /// The class; 1 for the usual meaning with two classes.
        positive: usize,
    },
}

impl Average {
    fn suffix(self) -> String {
        match self {
            Self::Macro => String::new(),
            Self::Micro => "_micro".to_owned(),
            Self::Weighted => "_weighted".to_owned(),
            Self::Binary { positive } => format!("_of_class_{positive}"),
        }
    }

    fn validate(self, classes: usize) -> Result<(), Error> {
        match self {
            Self::Binary { positive } => {
                let expected = format!("a class index below {classes}");
                require::that(positive < classes, "positive", positive, &expected)
            }
            _ => Ok(()),
        }
    }
}

/// Right and wrong answers concerning one class, or several.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// The class was the target and the answer.
    both: f64,
    /// The class was the target.
    target: f64,
    /// The class was the answer.
    answer: f64,
}

impl Counts {
    fn precision(self) -> f64 {
        ratio(self.both, self.answer)
    }

    fn recall(self) -> f64 {
        ratio(self.both, self.target)
    }

    fn f1(self) -> f64 {
        ratio(2.0 * self.both, self.target + self.answer)
    }
}

/// Nothing out of nothing is 0.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// A tally, seen as the counts of each class.
struct Classes<'a> {
    tally: &'a Tally,
    total: f64,
}

/// How many numbers a tally has for each class.
const COUNTS: usize = 3;

impl<'a> Classes<'a> {
    /// `None` if nothing was counted, or if an answer was NaN.
    fn of(tally: &'a Tally) -> Option<Self> {
        let total: f64 = tally.iter().skip(1).step_by(COUNTS).sum();
        (total > 0.0).then_some(Self { tally, total })
    }

    fn each(&self) -> impl Iterator<Item = Counts> {
        self.tally.chunks_exact(COUNTS).map(|numbers| Counts {
            both: numbers[0],
            target: numbers[1],
            answer: numbers[2],
        })
    }

    /// The sum of something over the classes.
    fn sum(&self, of: impl Fn(Counts) -> f64) -> f64 {
        self.each().map(of).sum()
    }

    fn average(&self, average: Average, of: impl Fn(Counts) -> f64) -> f64 {
        match average {
            Average::Macro => self.sum(of) / self.each().count() as f64,
            Average::Weighted => self.sum(|counts| counts.target * of(counts)) / self.total,
            Average::Micro => {
                let both = self.sum(|counts| counts.both);
                of(Counts { both, target: self.total, answer: self.total })
            }
            Average::Binary { positive } => self.each().nth(positive).map_or(f64::NAN, of),
        }
    }
}

fn update<F: Scalar>(
    name: impl Fn() -> String,
    tally: &mut Tally,
    pass: &MetricPass<'_, F>,
) -> Result<(), Error> {
    places::each(name, pass, |place| {
        let len = COUNTS * place.classes();
        let mut count = |class: usize, which: usize, weight: f64| {
            *super::at(tally, len, COUNTS * class + which) += weight;
        };
        // No answer is not a wrong one: no value may come out of it.
        let answer = place.answer();
        count(place.label, 1, if answer.is_some() { place.weight } else { f64::NAN });
        if let Some(answer) = answer {
            count(answer, 2, place.weight);
            if answer == place.label {
                count(answer, 0, place.weight);
            }
        }
    })
}

/// The mean over classes of the share of their samples that is found: [`Recall`] over the classes that are a target at all.
///
/// ```
/// use downhill::metric::{self, BalancedAccuracy};
/// use ndarray::array;
/// let scores = array![[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]].into_dyn();
/// // All three of class 0 are found, and the one of class 1 is not.
/// assert_eq!(metric::measure(&BalancedAccuracy, &[scores], vec![0, 0, 0, 1], None)?, 0.5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BalancedAccuracy;

impl BalancedAccuracy {
    const NAME: &'static str = "balanced_accuracy";

    fn title(&self) -> String {
        Self::NAME.to_owned()
    }

    fn validate(&self, _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn of(&self, classes: &Classes<'_>) -> f64 {
        let seen = classes.each().filter(|counts| counts.target > 0.0).count();
        classes.sum(Counts::recall) / seen as f64
    }
}

/// The correlation of targets and answers (Matthews 1975; Gorodkin 2004 for several classes), from −1 to 1; 0 if all targets or all answers
/// are of one class.
///
/// ```
/// use downhill::metric::{self, Matthews};
/// use ndarray::array;
/// let logits = array![[1.0], [2.0], [-1.0], [-3.0]].into_dyn();
/// assert_eq!(metric::measure(&Matthews, &[logits.clone()], vec![1, 1, 0, 0], None)?, 1.0);
/// assert_eq!(metric::measure(&Matthews, &[logits.clone()], vec![0, 0, 1, 1], None)?, -1.0);
/// assert_eq!(metric::measure(&Matthews, &[logits], vec![1, 1, 1, 1], None)?, 0.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matthews;

impl Matthews {
    const NAME: &'static str = "matthews";

    fn title(&self) -> String {
        Self::NAME.to_owned()
    }

    fn validate(&self, _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn of(&self, classes: &Classes<'_>) -> f64 {
        // In shares of the total, so that large counts do not overflow.
        let share = |x: f64| x / classes.total;
        let by_chance = classes.sum(|counts| share(counts.target) * share(counts.answer));
        let targets = 1.0 - classes.sum(|counts| share(counts.target).powi(2));
        let answers = 1.0 - classes.sum(|counts| share(counts.answer).powi(2));
        let right = share(classes.sum(|counts| counts.both));
        ratio(right - by_chance, (targets * answers).max(0.0).sqrt())
    }
}

macro_rules! averaged {
    ($(#[$doc:meta])* $type:ident, $name:literal, $of:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $type {
            /// How the values of several classes become one. Default: [`Average::Macro`].
            pub average: Average,
        }

        impl $type {
            const NAME: &'static str = $name;

            /// The value of each class; empty if nothing was counted.
            pub fn per_class(&self, tally: &Tally) -> Vec<f64> {
                Classes::of(tally).map_or(Vec::new(), |classes| classes.each().map($of).collect())
            }

            fn title(&self) -> String {
                Self::NAME.to_owned() + &self.average.suffix()
            }

            fn validate(&self, classes: usize) -> Result<(), Error> {
                self.average.validate(classes)
            }

            fn of(&self, classes: &Classes<'_>) -> f64 {
                classes.average(self.average, $of)
            }
        }
    };
}

averaged! {
    /// The share of right ones among the answers of a class; 0 if there are none.
    ///
    /// ```
    /// use downhill::metric::{self, Average, Precision};
    /// use ndarray::array;
    /// let logits = array![[1.0], [2.0], [-1.0], [0.5]].into_dyn();
    /// let precision = Precision { average: Average::Binary { positive: 1 } };
    /// assert_eq!(metric::measure(&precision, &[logits], vec![1, 0, 1, 1], None)?, 2.0 / 3.0);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    Precision, "precision", Counts::precision
}

averaged! {
    /// The share of the samples of a class that is found; 0 if there are none.
    ///
    /// ```
    /// use downhill::metric::{self, Recall};
    /// use ndarray::array;
    /// let scores = array![[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]].into_dyn();
    /// let tally = metric::count(&Recall::default(), &[scores], vec![0, 0, 1, 1], None)?;
    /// assert_eq!(Recall::default().per_class(&tally), [1.0, 0.5]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    Recall, "recall", Counts::recall
}

averaged! {
    /// The harmonic mean of precision and recall; 0 if both are.
    ///
    /// ```
    /// use downhill::metric::{self, Average, F1};
    /// use ndarray::array;
    /// let logits = array![[1.0], [2.0], [-1.0], [0.5]].into_dyn();
    /// let f1 = F1 { average: Average::Binary { positive: 1 } }; // precision 2/3, recall 1
    /// assert!((metric::measure(&f1, &[logits], vec![1, 0, 0, 1], None)? - 0.8).abs() < 1e-15);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    F1, "f1", Counts::f1
}

macro_rules! metric_of_classes {
    ($($type:ty),*) => {$(
        impl<F: Scalar> Metric<F> for $type {
            fn name(&self) -> String {
                self.title()
            }

            fn goal(&self) -> Goal {
                Goal::Maximize
            }

            fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
                let classes = places::check(&self.title(), outputs, targets)?.max(2);
                self.validate(classes)
            }

            /// Nothing yet: the number of classes is known at the first batch.
            fn start(&self) -> Tally {
                Tally::new()
            }

            fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
                update(|| self.title(), tally, &pass)
            }

            fn merge(&self, tally: &mut Tally, other: &Tally) {
                super::add(tally, other);
            }

            fn value(&self, tally: &Tally) -> f64 {
                Classes::of(tally).map_or(f64::NAN, |classes| self.of(&classes))
            }
        }
    )*};
}

metric_of_classes!(BalancedAccuracy, Matthews, Precision, Recall, F1);
