//! A clock that stands still while other programs have the processor.

use std::time::Duration;

/// How long `run` keeps this thread busy.
pub(crate) fn time(run: impl FnOnce()) -> Duration {
    let start = now();
    run();
    now() - start
}

/// The processor time of this thread.
#[cfg(target_os = "linux")]
pub(crate) fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(now).expect("a thread's time is not negative")
}

/// The time, elsewhere.
#[cfg(not(target_os = "linux"))]
pub(crate) fn now() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
