//! The threads that a trainer works on.

use crate::error::Error;
use crate::kernel::parallel::Parallel;

/// A pool of its own, or the caller's thread alone. The numbers are the same either way.
#[derive(Clone, Debug, Default)]
pub(super) struct Threads {
    #[cfg(feature = "threads")]
    pool: Option<std::sync::Arc<rayon::ThreadPool>>,
}

impl Threads {
    /// `count` threads; `None` takes as many as the machine has, up to what a trainer may ask for.
    pub fn new(count: Option<usize>) -> Result<Self, Error> {
        let of_machine = || std::thread::available_parallelism().map_or(1, |count| count.get());
        let count = count.unwrap_or_else(|| of_machine().min(256));
        crate::error::require::that((1..=256).contains(&count), "threads", count, "1 to 256")?;
        #[cfg(feature = "threads")]
        if count > 1 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
            let pool = pool.map_err(|error| Error::other("threads", error.to_string()))?;
            // Memory that belongs to a thread is allocated now, not when a thread first gets work in the middle of a run.
            pool.broadcast(|_| crate::kernel::gemm::warm_up());
            return Ok(Self { pool: Some(std::sync::Arc::new(pool)) });
        }
        Ok(Self::default())
    }

    /// Whether kernels may use several threads.
    pub fn parallel(&self) -> Parallel {
        #[cfg(feature = "threads")]
        if self.pool.is_some() {
            return Parallel::On;
        }
        Parallel::Off
    }

    /// Does `work` on these threads.
    pub fn enter<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        #[cfg(feature = "threads")]
        if let Some(pool) = &self.pool {
            return pool.install(work);
        }
        work()
    }
}
