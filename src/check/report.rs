//! What came of trying the laws.

use std::fmt;

use super::{Broken, Cases, Generate, Law, Subject, run};

/// What came of one law.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The law's name.
    pub law: &'static str,
    /// The law in a sentence.
    pub says: &'static str,
    /// In how many cases it was found to hold.
    pub cases: u32,
    /// What was found.
    pub finding: Finding,
}

/// What was found about one law.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It holds in all cases that it speaks of.
    Held,
    /// It is broken.
    Broken(Failure),
    /// It is broken, and the subject lists it as such, for this reason.
    Known(String),
    /// It says nothing about this subject, for this reason.
    NotApplicable(String),
}

/// A broken law, as a bug report.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The subject.
    pub title: String,
    /// The law's name.
    pub law: &'static str,
    /// The law in a sentence.
    pub says: &'static str,
    /// What to look for.
    pub look: &'static str,
    /// The smallest case that breaks it.
    pub case: String,
    /// What was expected in that case, and what came.
    pub broken: Broken,
    /// The seed that leads to this case.
    pub seed: Option<u64>,
}

impl Failure {
    /// The report with the command that runs the broken case again, in the test of this path.
    pub fn in_test(&self, test: &str) -> String {
        let command = format!("cargo test {test} -- --exact");
        match self.seed {
            Some(seed) => self.text(&format!("DOWNHILL_CHECK_SEED={seed:#x} {command}")),
            None => self.text(&command),
        }
    }

    fn text(&self, replay: &str) -> String {
        let Self { title, law, says, look, case, broken: Broken { what, expected, got }, .. } =
            self;
        format!(
            "{title} breaks the law `{law}`\n\n\
             law       {says}\n\
             case      {case}\n\
             where     {what}\n\
             expected  {expected}\n\
             got       {got}\n\
             look for  {look}\n\
             replay    {replay}\n"
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seed {
            Some(seed) => f.write_str(&self.text(&format!(
                "on Cases::only({seed:#x}), or DOWNHILL_CHECK_SEED={seed:#x} for Cases::from_env()"
            ))),
            None => f.write_str(&self.text("on the same cases")),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<44} {:>6} ", self.law, self.cases)?;
        match &self.finding {
            Finding::Held => f.write_str("held"),
            Finding::Broken(_) => f.write_str("BROKEN"),
            Finding::Known(reason) => write!(f, "known to be broken: {reason}"),
            Finding::NotApplicable(reason) => write!(f, "not applicable: {reason}"),
        }
    }
}

/// What came of all laws for one subject.
///
/// ```
/// use downhill::check::optimizer;
/// use downhill::optim::Sgd;
/// let report = optimizer::report(Sgd::default());
/// report.assert();
/// assert!(report.to_string().contains(" 0 broken"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The subject.
    pub title: String,
    /// One for each law, in the order of the list.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Tries these laws on `subject`.
    pub fn of<S: Subject + ?Sized, C: Generate>(
        laws: &[Law<S, C>],
        subject: &S,
        cases: &Cases,
    ) -> Self {
        let outcomes = laws.iter().map(|law| run(law, subject, cases)).collect();
        Self { title: subject.title(), outcomes }
    }

    /// The names of the broken laws.
    pub fn broken(&self) -> Vec<&'static str> {
        self.failures().map(|failure| failure.law).collect()
    }

    /// The broken laws, as bug reports.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.outcomes.iter().filter_map(|outcome| match &outcome.finding {
            Finding::Broken(failure) => Some(failure),
            _ => None,
        })
    }

    /// Fails a test if a law is broken, with the table and a report on each broken law.
    ///
    /// # Panics
    /// If a law is broken; that is how a test fails.
    pub fn assert(&self) {
        let failures: Vec<String> = self.failures().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "{self}\n{}", failures.join("\n"));
    }

    fn count(&self, which: impl Fn(&Finding) -> bool) -> usize {
        self.outcomes.iter().filter(|outcome| which(&outcome.finding)).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{:<44} {:>6} verdict", self.title, "law", "cases")?;
        for outcome in &self.outcomes {
            writeln!(f, "{outcome}")?;
        }
        let passed = self.count(|finding| matches!(finding, Finding::Held));
        let broken = self.count(|finding| matches!(finding, Finding::Broken(_)));
        let known = self.count(|finding| matches!(finding, Finding::Known(_)));
        let other = self.count(|finding| matches!(finding, Finding::NotApplicable(_)));
        let cases: u64 = self.outcomes.iter().map(|outcome| u64::from(outcome.cases)).sum();
        write!(f, "laws: {passed} passed, {broken} broken, {other} not applicable")?;
        if known > 0 {
            write!(f, ", {known} known to be broken")?;
        }
        writeln!(f, "; {cases} cases")
    }
}
