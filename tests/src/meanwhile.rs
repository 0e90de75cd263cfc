//! What happens in the middle of a collection, on the collecting thread, as a test says; and a
//! watch that fails instead of hanging.

use std::cell::RefCell;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Fails instead of hanging if `run` does not come to an end.
pub fn in_time<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    let thread = thread::spawn(move || done.send(run()));
    match result.recv_timeout(Duration::from_secs(60)) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("deadlock"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(_) => unreachable!("the result was sent"),
        },
    }
}

thread_local! {
    /// What the next `with` function does in the middle of a collection.
    static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// Has the next [`replace`] on this thread run `run` first.
pub fn meanwhile(run: impl FnOnce() + 'static) {
    MEANWHILE.with(|meanwhile| *meanwhile.borrow_mut() = Some(Box::new(run)));
}

/// A `with` function.
pub fn replace(value: &u8) -> u8 {
    if let Some(run) = MEANWHILE.with(|meanwhile| meanwhile.borrow_mut().take()) {
        run();
    }
    *value
}
