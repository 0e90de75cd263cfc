//! Locks of files, and file systems that have none.

use std::fs::{File, TryLockError};
use std::io;

/// What came of trying to lock a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locking {
    /// It is locked until the file is closed.
    Locked,
    /// Another has it.
    Taken,
    /// The file system has no locks.
    Unsupported,
}

/// What NFS says without the service of its locks. It has no [`io::ErrorKind`] of its own.
const ENOLCK: Option<i32> = if cfg!(any(target_os = "linux", target_os = "android")) {
    Some(37)
} else if cfg!(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)) {
    Some(77)
} else {
    None
};

/// Locks the file, unless another has done that.
///
/// # Errors
///
/// If it cannot be told.
pub(crate) fn try_lock(file: &File) -> io::Result<Locking> {
    #[cfg(test)]
    if let Some(code) = REFUSAL.get() {
        return judged(Err(TryLockError::Error(io::Error::from_raw_os_error(code))));
    }
    judged(file.try_lock())
}

fn judged(result: Result<(), TryLockError>) -> io::Result<Locking> {
    match result {
        Ok(()) => Ok(Locking::Locked),
        Err(TryLockError::WouldBlock) => Ok(Locking::Taken),
        Err(TryLockError::Error(error)) if is_unsupported(&error) => Ok(Locking::Unsupported),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    error.kind() == io::ErrorKind::Unsupported || (code.is_some() && code == ENOLCK)
}

#[cfg(test)]
thread_local! {
    /// What the system says of every lock that this thread wants.
    pub(crate) static REFUSAL: std::cell::Cell<Option<i32>> = const { std::cell::Cell::new(None) };
}

/// How Linux says that there are no locks: ENOLCK, ENOSYS and EOPNOTSUPP.
#[cfg(all(test, target_os = "linux"))]
pub(crate) const NO_LOCKS: [i32; 3] = [37, 38, 95];

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_locks_is_told_from_a_failure() {
        let said = |code| judged(Err(TryLockError::Error(io::Error::from_raw_os_error(code))));
        for code in NO_LOCKS {
            assert_eq!(said(code).ok(), Some(Locking::Unsupported), "{code}");
        }
        // EIO, EBADF, EINTR.
        for code in [5, 9, 4] {
            assert!(said(code).is_err(), "{code}");
        }
    }
}
