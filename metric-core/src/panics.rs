//! Code of users runs in callbacks, where a panic would end every metric of the process.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs user code. `None` if it panicked.
///
/// The closure may leave what it touched half done: callers only pass what they discard or reset.
#[inline]
pub(crate) fn caught<R>(run: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => Some(result),
        Err(payload) => {
            // A panic's payload is a user's value too, and may panic when it is dropped; what that
            // throws is leaked rather than dropped in turn.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            None
        }
    }
}
