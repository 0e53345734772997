//! The clock: what is asked for on the command line, and one line of JSON for each measurement.

use std::time::{Duration, Instant};

/// What to measure, and for how long.
pub struct Clock {
    pub workload: String,
    pub threads: usize,
    seconds: f64,
    warmup: f64,
    filter: String,
    /// Megabytes in memory before anything was made.
    start: f64,
}

/// What one step works on, for rows that say more than the time of a step.
#[derive(Clone, Copy, Default)]
pub struct Size {
    /// Parameters or samples; the row then has the time for each.
    pub per: Option<usize>,
    /// The least traffic, in bytes for each parameter.
    pub bytes: Option<usize>,
    /// How many steps at the most.
    pub most: Option<usize>,
}

impl Clock {
    /// From `WORKLOAD [--threads N] [--seconds S] [--warmup S] [--filter TEXT] [--variant NAME]`.
    pub fn from_arguments() -> Result<Self, String> {
        let mut clock = Self {
            workload: String::new(),
            threads: 1,
            seconds: 3.0,
            warmup: 1.0,
            filter: String::new(),
            start: memory("VmRSS"),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            if !argument.starts_with("--") {
                clock.workload = argument;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{argument} needs a value"))?;
            let number =
                || value.parse::<f64>().map_err(|_| format!("{argument} {value}: no number"));
            match argument.as_str() {
                "--threads" => clock.threads = number()? as usize,
                "--seconds" => clock.seconds = number()?,
                "--warmup" => clock.warmup = number()?,
                "--filter" => clock.filter = value,
                "--variant" => {}
                _ => return Err(format!("no such option: {argument}")),
            }
        }
        if clock.workload.is_empty() {
            // Just to see that it runs.
            (clock.workload, clock.seconds, clock.warmup) = ("w1".to_owned(), 0.2, 0.1);
        }
        Ok(clock)
    }

    /// Whether a case is asked for.
    pub fn wants(&self, case: &str) -> bool {
        case.contains(&self.filter)
    }

    /// Whether a case is asked for by its name.
    pub fn asks_for(&self, case: &str) -> bool {
        !self.filter.is_empty() && self.wants(case)
    }

    /// Measures `step`, which takes the step's number and returns its loss if it has one: three steps and the warm-up, then at least ten steps and the
    /// time that was asked for. Prints the median with quantiles.
    pub fn measure<E>(
        &self,
        case: &str,
        size: Size,
        mut step: impl FnMut(usize) -> Result<Option<f64>, E>,
    ) -> Result<(), E> {
        if !self.wants(case) {
            return Ok(());
        }
        let most = size.most.unwrap_or(20_000);
        let (mut count, mut first_time, mut first_loss) = (0, 0, None);
        let mut end = Instant::now();
        while count < 3 || (Instant::now() < end && count < most / 2) {
            if count == 2 {
                end = Instant::now() + Duration::from_secs_f64(self.warmup);
            }
            let begin = Instant::now();
            let loss = step(count)?;
            if count == 0 {
                (first_time, first_loss) = (begin.elapsed().as_nanos(), loss);
            }
            count += 1;
        }
        let warm = count;
        let (mut times, mut last_loss) = (Vec::new(), None);
        let (machine, process) = busy();
        let start = Instant::now();
        while times.len() < 10
            || (start.elapsed().as_secs_f64() < self.seconds && times.len() < most)
        {
            let begin = Instant::now();
            last_loss = step(count)?;
            times.push(begin.elapsed().as_nanos() as f64);
            count += 1;
        }
        let wall = start.elapsed().as_secs_f64();
        let (machine, process) = (busy().0 - machine, busy().1 - process);
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((share * times.len() as f64) as usize).min(times.len() - 1)];
        let mut row = serde_json::json!({
            "peer": "downhill",
            "version": env!("CARGO_PKG_VERSION"),
            "workload": self.workload,
            "case": case,
            "threads": self.threads,
            "median_ns": at(0.5),
            "p10_ns": at(0.1),
            "p90_ns": at(0.9),
            "min_ns": times[0],
            "n": times.len(),
            "first_step_ns": first_time as u64,
            "warm_steps": warm,
            "cpu_per_wall": process / wall,
            "other_cpu": (machine - process).max(0.0) / wall,
            "base_rss_mb": self.start,
            "peak_rss_mb": memory("VmHWM"),
        });
        let extras = [
            ("bytes_per_param", size.bytes.map(|bytes| bytes as f64)),
            ("ns_per", size.per.map(|per| at(0.5) / per as f64)),
            ("loss_first", first_loss),
            ("loss_last", last_loss),
        ];
        for (name, value) in extras {
            if let Some(value) = value {
                row[name] = value.into();
            }
        }
        println!("{row}");
        Ok(())
    }
}

/// Megabytes, by the system's name for them; 0 where there is no such file.
fn memory(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// Seconds that the cores of the machine, and those of this process, have been at work.
fn busy() -> (f64, f64) {
    let numbers = |text: &str, fields: &[usize]| -> f64 {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |&at: &usize| words.get(at).and_then(|word| word.parse::<f64>().ok());
        fields.iter().filter_map(number).sum::<f64>() / 100.0
    };
    let machine = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let process = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let machine = numbers(machine.lines().next().unwrap_or_default(), &[1, 2, 3, 6, 7, 8]);
    // After the name in parentheses, which may hold spaces.
    (machine, numbers(process.rsplit(')').next().unwrap_or_default(), &[11, 12]))
}
